package ifmib

import (
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/outbox"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/catalog"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

// Config is what all devices of one poller have in common. Every field has to be set but Filter and AllPackets.
type Config struct {
	Interval      time.Duration // between rounds; a whole number of seconds
	Relearn       time.Duration // a device is learned again this often, whether or not anything changed
	Retries       int           // repeated transmissions of a request
	MaxPDU        int           // octets that an answer should not exceed
	MaxInterfaces int           // of one device
	Filter        Filter
	AllPackets    bool                                               // also what was sent to many and to all: two more columns
	Key           func(measurement string, tags ...point.Tag) []byte // with the agent's tag
	Box           *outbox.Box
	Log           *slog.Logger
}

// settle is how many intervals lie between two walks of a device whose rows come and go.
const settle = 5

// Poller makes the devices of one input.
type Poller struct {
	cfg     Config
	columns [columns]info
	scalars scalars
	catalog catalog.Catalog[layout]
	metrics *metrics
}

// New returns a poller without devices.
func New(cfg Config, reg prometheus.Registerer) *Poller {
	return &Poller{cfg: cfg, columns: allColumns(), scalars: allScalars(), metrics: newMetrics(reg)}
}

// Device returns the dialog with one device. The community is that of v2c.
func (p *Poller) Device(name, community string) *Device {
	return &Device{Device: poll.NewDevice(name, community, p.cfg.Key), poller: p}
}

// learns are the columns that are looked for.
func (p *Poller) learns() []info {
	if p.cfg.AllPackets {
		return p.columns[:]
	}
	return p.columns[:ifHCOutMulticastPkts]
}

// probe asks for as little as can be asked.
func (p *Poller) probe(community string) *ber.Request {
	return ber.NewRequest(community, ber.PDU{Op: ber.GetRequest, Names: [][]byte{p.scalars.upTime}})
}

func (p *Poller) identify(community string) *ber.Request {
	s := p.scalars
	return ber.NewRequest(community, ber.PDU{Op: ber.GetRequest,
		Names: [][]byte{s.upTime, s.ifNumber, s.tableLastChange, s.name, s.objectID, s.descr}})
}

type metrics struct {
	up         prometheus.Counter
	down       prometheus.Counter
	incomplete prometheus.Counter
	learned    prometheus.Counter
	failed     prometheus.Counter
	mismatches prometheus.Counter
	duplicates prometheus.Counter
	shrinks    prometheus.Counter
	reboots    prometheus.Counter
	backwards  prometheus.Counter
	strings    prometheus.Counter
	givenUp    prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	rounds := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "haidang_snmp_rounds_total",
		Help: "Rounds of devices, by result: up, down.",
	}, []string{"result"})
	m := &metrics{
		up:         rounds.WithLabelValues("up"),
		down:       rounds.WithLabelValues("down"),
		incomplete: counter("haidang_snmp_rounds_incomplete_total", "Rounds of reachable devices that ended without all their interfaces."),
		learned:    counter("haidang_snmp_walks_total", "Walks that learned the interfaces of a device."),
		failed:     counter("haidang_snmp_walks_failed_total", "Walks given up: too many interfaces, or answers that lead nowhere."),
		mismatches: counter("haidang_snmp_rows_mismatched_total", "Rows not written because they were missing or no longer had the name learned."),
		duplicates: counter("haidang_snmp_interfaces_same_name_total", "Interfaces learned that share their name with another of the device."),
		shrinks:    counter("haidang_snmp_requests_halved_total", "Times that a device was found unable to answer a request of the size asked."),
		reboots:    counter("haidang_snmp_restarts_total", "Times that a device's sysUpTime went backwards."),
		backwards:  counter("haidang_snmp_walks_backwards_total", "Columns cut short because the agent answered with an earlier row."),
		strings:    counter("haidang_snmp_counters_as_strings_total", "Counters of 64 bits read that the agent sent as a string of eight octets."),
		givenUp: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "haidang_snmp_devices_given_up", Help: "Devices that have not answered for three rounds and are sent one packet a round."}),
	}
	reg.MustRegister(rounds, m.incomplete, m.learned, m.failed, m.mismatches, m.duplicates, m.shrinks, m.reboots, m.backwards,
		m.strings, m.givenUp)
	return m
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
}

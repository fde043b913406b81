package tables

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/catalog"
)

// Poller makes the dialogs of one input.
type Poller struct {
	cfg      Config
	objectID []byte
	began    time.Time
	catalog  catalog.Catalog[layout]
	metrics  metrics
	later    func(work func()) // does what takes long, beside whoever polls
}

type metrics struct {
	walks, polls, failed, missing, leftOut prometheus.Counter
}

// New returns a poller without devices.
func New(cfg Config, reg prometheus.Registerer) *Poller {
	m := metrics{
		walks:   counter("haidang_snmp_tables_walks_total", "Walks that learned which rows the tables of a device's profile have."),
		polls:   counter("haidang_snmp_tables_polls_total", "Polls of the tables of a device's profile that came to their end."),
		failed:  counter("haidang_snmp_tables_failures_total", "Such walks and polls given up: no answer, or one that leads nowhere."),
		missing: counter("haidang_snmp_tables_rows_missing_total", "Rows that were asked for and are gone: their table is walked again."),
		leftOut: counter("haidang_snmp_tables_rows_left_out_total", "Rows left out because their table has more than max_rows of them."),
	}
	reg.MustRegister(m.walks, m.polls, m.failed, m.missing, m.leftOut)
	return &Poller{cfg: cfg, later: oneByOne(), objectID: ber.OID(1, 3, 6, 1, 2, 1, 1, 2, 0), began: time.Now(), metrics: m}
}

// oneByOne does work one after the other, so that polling always goes on beside it.
func oneByOne() func(work func()) {
	alone := make(chan struct{}, 1)
	return func(work func()) {
		go func() {
			alone <- struct{}{}
			defer func() { <-alone }()
			work()
		}()
	}
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
}

// Device returns the dialog with one device around that with its interfaces. With the name of a profile the device has that
// one, without it the one that its sysObjectID matches.
func (p *Poller) Device(profileName string, interfaces Interfaces) *Dialog {
	d := &Dialog{Device: interfaces.Who(), poller: p, interfaces: interfaces}
	d.named, _ = p.cfg.Profiles.Named(profileName)
	return d
}

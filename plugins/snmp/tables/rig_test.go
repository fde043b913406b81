package tables_test

import (
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/outbox"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
	"github.com/haidang-noc/haidang/plugins/snmp/profile"
	"github.com/haidang-noc/haidang/plugins/snmp/snmptest"
	"github.com/haidang-noc/haidang/plugins/snmp/tables"
)

const interval = time.Minute

// interfaces stands for the dialog that comes first: one request in a round.
type interfaces struct {
	walked time.Time
	names  map[uint32]string
}

func (i *interfaces) Who() *poll.Device {
	return poll.NewDevice("d", "public", sdk.Config{Agent: "a"}.Key)
}

func (i *interfaces) Walked() time.Time { return i.walked }

func (i *interfaces) Names() func(uint32) (string, bool) {
	names := i.names
	return func(index uint32) (string, bool) {
		name, ok := names[index]
		return name, ok
	}
}

func (i *interfaces) Begin(time.Time) *ber.Request {
	return ber.NewRequest("public", ber.PDU{Op: ber.GetRequest, Names: [][]byte{ber.OID(1, 3, 6, 1, 2, 1, 1, 3, 0)}})
}

func (i *interfaces) Answer(poll.Answer) *ber.Request { return nil }

func (i *interfaces) Silent(time.Time) *ber.Request { return nil }

// fataler is what *testing.T and *rapid.T have in common.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// rig is one device and its dialog, without a network and with time of its own.
type rig struct {
	t          fataler
	now        time.Time
	agent      *snmptest.Device
	interfaces *interfaces
	dialog     *tables.Dialog
	box        *outbox.Box
	reg        *prometheus.Registry
	requests   int // of the last round, the interfaces' one included
}

// newRig is a device that the profile of testdata matches by its sysObjectID.
func newRig(t fataler) *rig {
	t.Helper()
	set, err := loaded()
	if err != nil {
		t.Fatalf("%v", err)
	}
	return newRigWith(t, set, "")
}

// loaded are the shipped profiles and those of testdata, read once.
var loaded = sync.OnceValues(func() (*profile.Set, error) { return profile.Load("testdata/profiles") })

func newRigWith(t fataler, set *profile.Set, name string) *rig {
	r := &rig{t: t, now: time.Unix(1_800_000_000, 0), box: outbox.New(), reg: prometheus.NewRegistry()}
	r.agent = snmptest.NewDevice(func() time.Time { return r.now })
	r.interfaces = &interfaces{walked: r.now}
	r.dialog = tables.New(tables.Config{
		Profiles: set, Round: interval, Retries: 1, MaxPDU: 1472,
		Box: r.box, Log: slog.New(slog.DiscardHandler),
	}, r.reg).Device(name, r.interfaces)
	return r
}

// round runs one round to its end and returns the lines of system, without their times.
func (r *rig) round() string {
	r.t.Helper()
	return r.all("system,")
}

// all runs one round to its end and returns the lines that begin so, without their times.
func (r *rig) all(prefix string) string {
	r.t.Helper()
	start := r.now
	r.requests = 0
	for request := r.dialog.Begin(r.now); request != nil; r.requests++ {
		if r.requests > 20000 {
			r.t.Fatalf("the round does not end")
		}
		request = r.exchange(request)
	}
	r.now = start.Add(interval)
	return r.lines(prefix)
}

func (r *rig) exchange(request *ber.Request) *ber.Request {
	replies := r.agent.Handle(request.Append(nil, 1<<30))
	if len(replies) == 0 {
		r.now = r.now.Add(2 * time.Second)
		return r.dialog.Silent(r.now)
	}
	r.now = r.now.Add(time.Millisecond)
	response, err := ber.ParseResponse(replies[0])
	if err != nil {
		r.t.Fatalf("%v", err)
	}
	return r.dialog.Answer(poll.Answer{Response: response, At: r.now, RTT: time.Millisecond})
}

func (r *rig) lines(prefix string) string {
	e := r.box.Open()
	defer r.box.Close()
	var out []string
	for line := range strings.Lines(string(e.Bytes())) {
		if strings.HasPrefix(line, prefix) {
			out = append(out, line[:strings.LastIndexByte(line, ' ')])
		}
	}
	e.Reset()
	return strings.Join(out, "\n")
}

func (r *rig) metric(name string) float64 {
	r.t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		r.t.Fatalf("%v", err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	r.t.Fatalf("there is no metric %s", name)
	return 0
}

// processor, memory and sensor make what a device has.
func (r *rig) processor(index uint32, load uint64) {
	r.agent.SetNumber(ber.Integer, load, 1, 3, 6, 1, 2, 1, 25, 3, 3, 1, 2, index)
}

func (r *rig) memory(index uint32, descr string, used, size uint64) {
	storage := func(arc uint32) []uint32 { return []uint32{1, 3, 6, 1, 2, 1, 25, 2, 3, 1, arc, index} }
	r.agent.Set(ber.ObjectID, ber.OID(1, 3, 6, 1, 2, 1, 25, 2, 1, 2), storage(2)...)
	r.agent.Set(ber.OctetString, []byte(descr), storage(3)...)
	r.agent.SetNumber(ber.Integer, size, storage(5)...)
	r.agent.SetNumber(ber.Integer, used, storage(6)...)
}

func (r *rig) sensor(index uint32, kind, scale, precision uint64, value int64) {
	of := func(arc uint32) []uint32 { return []uint32{1, 3, 6, 1, 2, 1, 99, 1, 1, 1, arc, index} }
	r.agent.SetNumber(ber.Integer, kind, of(1)...)
	r.agent.SetNumber(ber.Integer, scale, of(2)...)
	r.agent.SetNumber(ber.Integer, precision, of(3)...)
	r.agent.Set(ber.Integer, ber.AppendInt(nil, value)[2:], of(4)...)
	r.status(index, working)
}

func (r *rig) status(index uint32, status uint64) {
	r.agent.SetNumber(ber.Integer, status, 1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 5, index)
}

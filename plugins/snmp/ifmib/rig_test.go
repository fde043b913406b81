package ifmib_test

import (
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/outbox"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/ifmib"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
	"github.com/haidang-noc/haidang/plugins/snmp/snmptest"
)

const (
	interval  = time.Minute
	timeout   = 2 * time.Second
	roundTrip = 3 * time.Millisecond
)

// fataler is what *testing.T and *rapid.T have in common.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// rig is one device and its dialog, without a network and with time of its own.
type rig struct {
	t      fataler
	now    time.Time
	agent  *snmptest.Device
	dialog *ifmib.Device
	box    *outbox.Box
	reg    *prometheus.Registry
	before func() // runs before each request is answered; may be nil
	asked  []*ber.Request
}

func newRig(t fataler, change func(*ifmib.Config)) *rig { return newNamedRig(t, "d", change) }

func newNamedRig(t fataler, name string, change func(*ifmib.Config)) *rig {
	r := &rig{t: t, now: time.Unix(1_800_000_000, 0), box: outbox.New(), reg: prometheus.NewRegistry()}
	r.agent = snmptest.NewDevice(func() time.Time { return r.now })
	c := ifmib.Config{
		Interval: interval, Relearn: time.Hour, Retries: 1, MaxPDU: 1472, MaxInterfaces: 1000,
		Key: sdk.Config{Agent: "a"}.Key, Box: r.box, Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&c)
	}
	r.dialog = ifmib.New(c, r.reg).Device(name, "public")
	return r
}

// round runs one round to its end and returns its lines.
func (r *rig) round() []string {
	r.t.Helper()
	start := r.now
	r.asked = nil
	for request := r.dialog.Begin(r.now); request != nil; {
		if len(r.asked) == 2000 {
			r.t.Fatalf("the round does not end")
		}
		request = r.exchange(request)
	}
	if r.now.Sub(start) < interval {
		r.now = start.Add(interval)
	}
	return r.lines()
}

func (r *rig) exchange(request *ber.Request) *ber.Request {
	r.asked = append(r.asked, request)
	if r.before != nil {
		r.before()
	}
	replies := r.agent.Handle(request.Append(nil, 1<<30))
	if len(replies) == 0 {
		r.now = r.now.Add(timeout)
		return r.dialog.Silent(r.now)
	}
	r.now = r.now.Add(roundTrip)
	response, err := ber.ParseResponse(replies[0])
	if err != nil {
		r.t.Fatalf("%v", err)
	}
	return r.dialog.Answer(poll.Answer{Response: response, At: r.now, RTT: roundTrip})
}

// lines takes what was written out of the box.
func (r *rig) lines() []string {
	e := r.box.Open()
	defer r.box.Close()
	text := strings.TrimSuffix(string(e.Bytes()), "\n")
	e.Reset()
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func (r *rig) metric(name string) (sum float64) {
	r.t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		r.t.Fatalf("%v", err)
	}
	for _, f := range families {
		if f.GetName() == name {
			for _, m := range f.GetMetric() {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
			return sum
		}
	}
	r.t.Fatalf("there is no metric %s", name)
	return 0
}

// of returns the lines of one measurement.
func of(lines []string, measurement string) (out []string) {
	for _, l := range lines {
		if strings.HasPrefix(l, measurement+",") {
			out = append(out, l)
		}
	}
	return out
}

// names returns the interfaces that have a line, sorted and each once, as they are escaped.
func names(lines []string) []string {
	set := map[string]bool{}
	name := regexp.MustCompile(`,ifname=((?:\\.|[^ ])*) `)
	for _, l := range of(lines, "interface") {
		set[name.FindStringSubmatch(l)[1]] = true
	}
	return slices.Sorted(maps.Keys(set))
}

// field returns a field of a line as it is written.
func field(line, key string) string {
	_, rest, found := strings.Cut(line, key+"=")
	if !found {
		return ""
	}
	end := strings.IndexAny(rest, ", ")
	return rest[:end]
}

// ports returns n healthy interfaces Gi0/1 … with ifIndex 1 ….
func ports(n int) []snmptest.Interface {
	out := make([]snmptest.Interface, n)
	for i := range out {
		out[i] = snmptest.Interface{Index: uint32(i + 1), Name: fmt.Sprintf("Gi0/%d", i+1), Descr: "port",
			Type: 6, Admin: 1, Oper: 1, Mbps: 1000, N: uint64(i+1) * 1e10}
	}
	return out
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

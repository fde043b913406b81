package decode_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/outbox"
	"github.com/haidang-noc/haidang/plugins/gnmi/decode"
	"github.com/haidang-noc/haidang/plugins/gnmi/pathset"
	"github.com/haidang-noc/haidang/plugins/gnmi/xpath"
)

// rig is a target in the middle of a session, at a time of its own.
type rig struct {
	t      testing.TB
	box    *outbox.Box
	cfg    *decode.Config
	who    decode.Identity
	target *decode.Target
	reg    *prometheus.Registry
	now    time.Time
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{t: t, box: outbox.New(), reg: prometheus.NewRegistry(), now: time.Unix(1_790_000_000, 0)}
	r.cfg = newConfig(r.box)
	r.cfg.Metrics = decode.NewMetrics(r.reg)
	r.connect()
	return r
}

// connect begins a session with the OpenConfig sets.
func (r *rig) connect() {
	sets, err := pathset.Load("")
	must(r.t, err)
	chosen, _ := pathset.Choose(sets, []string{"openconfig-interfaces", "openconfig-system"})
	r.target = decode.New(r.cfg, pathset.NewPlan(chosen), false, &r.who)
}

// update is a value at a path: "/interfaces/interface[name=e1]/state/oper-status", "UP".
func update(t testing.TB, path string, value any) *gpb.Update {
	t.Helper()
	elems, err := xpath.Parse(path)
	must(t, err)
	return &gpb.Update{Path: xpath.Proto("", elems), Val: typed(value)}
}

func typed(value any) *gpb.TypedValue {
	switch v := value.(type) {
	case string:
		return &gpb.TypedValue{Value: &gpb.TypedValue_StringVal{StringVal: v}}
	case int:
		return &gpb.TypedValue{Value: &gpb.TypedValue_UintVal{UintVal: uint64(v)}}
	case []byte:
		return &gpb.TypedValue{Value: &gpb.TypedValue_JsonIetfVal{JsonIetfVal: v}}
	}
	panic(fmt.Sprintf("no value of %T", value))
}

// tell sends updates, paths and values by turns, in one message, and returns what was written at once.
func (r *rig) tell(pairs ...any) []string {
	r.t.Helper()
	n := &gpb.Notification{Timestamp: r.now.UnixNano()}
	for i := 0; i < len(pairs); i += 2 {
		n.Update = append(n.Update, update(r.t, pairs[i].(string), pairs[i+1]))
	}
	return r.send(n)
}

func (r *rig) send(n *gpb.Notification) []string {
	r.t.Helper()
	if _, err := r.target.Take(encode(r.t, n), r.now); err != nil {
		r.t.Fatal(err)
	}
	return r.lines()
}

// lines are what was written since, without agent, device and time.
func (r *rig) lines() (all []string) {
	for _, l := range written(r.t, r.box) {
		text := strings.Replace(l.Text, ",agent=a1,device=r1", "", 1)
		all = append(all, text[:strings.LastIndexByte(text, ' ')])
	}
	return all
}

// later lets time pass and writes what waits.
func (r *rig) later(d time.Duration) []string {
	r.now = r.now.Add(d)
	r.target.Sweep(r.now)
	return r.lines()
}

func (r *rig) expect(got []string, want ...string) {
	r.t.Helper()
	if !slices.Equal(got, want) {
		r.t.Errorf("lines\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func (r *rig) count(name string, want float64, labels ...string) {
	r.t.Helper()
	text := fmt.Sprintf("%s%s %g\n", name, strings.Join(labels, ""), want)
	families, err := r.reg.Gather()
	must(r.t, err)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() != name || len(labels) > 0 && (len(m.GetLabel()) == 0 || m.GetLabel()[0].GetValue() != labels[0]) {
				continue
			}
			if got := m.GetCounter().GetValue(); got != want {
				r.t.Errorf("%s is %g, want %g", text, got, want)
			}
			return
		}
	}
	if want != 0 {
		r.t.Errorf("%s is not there, want %g", name, want)
	}
}

const e1 = "/interfaces/interface[name=e1]"

func (r *rig) up() {
	r.t.Helper()
	r.tell(e1+"/state/oper-status", "UP", e1+"/state/admin-status", "UP")
	r.expect(r.later(time.Second), "interface,ifname=e1 admin=1i,oper=1i,interval_s=300i")
}

func TestStatesStandBesideEverySample(t *testing.T) {
	r := newRig(t)
	r.up()
	r.expect(r.tell(e1+"/state/counters/in-octets", 7, e1+"/state/counters/out-octets", 8))
	r.expect(r.later(time.Second), "interface,ifname=e1 admin=1i,in_octets=7u,oper=1i,out_octets=8u,interval_s=60i")
}

// Some targets send each value in a message of its own.
func TestValuesWaitForEachOther(t *testing.T) {
	r := newRig(t)
	r.up()
	r.expect(r.tell(e1+"/state/counters/in-octets", 7))
	r.expect(r.later(100 * time.Millisecond))
	r.expect(r.tell(e1+"/state/counters/out-octets", 8))
	r.expect(r.later(time.Second), "interface,ifname=e1 admin=1i,in_octets=7u,oper=1i,out_octets=8u,interval_s=60i")
	r.tell(e1+"/state/counters/in-octets", 9)
	r.expect(r.tell(e1+"/state/counters/in-octets", 10), "interface,ifname=e1 admin=1i,in_octets=9u,oper=1i,interval_s=60i")
}

func TestAChangeIsWrittenAtOnce(t *testing.T) {
	r := newRig(t)
	r.up()
	r.expect(r.tell(e1+"/state/oper-status", "DOWN"), "interface,ifname=e1 admin=1i,oper=2i,interval_s=300i", "state,ifname=e1,source=gnmi up=false")
	r.expect(r.later(time.Second))
	r.expect(r.tell(e1+"/state/oper-status", "openconfig-interfaces:UP"), "interface,ifname=e1 admin=1i,oper=1i,interval_s=300i",
		"state,ifname=e1,source=gnmi up=true")
	r.count("haidang_gnmi_events_total", 2)
}

func TestSwitchingOffIsNoEvent(t *testing.T) {
	r := newRig(t)
	r.up()
	r.expect(r.tell(e1+"/state/oper-status", "DOWN", e1+"/state/admin-status", "DOWN"), "interface,ifname=e1 admin=2i,oper=2i,interval_s=300i")
	r.expect(r.tell(e1+"/state/admin-status", "UP"), "interface,ifname=e1 admin=1i,oper=2i,interval_s=300i")
	r.expect(r.tell(e1+"/state/oper-status", "UP"), "interface,ifname=e1 admin=1i,oper=1i,interval_s=300i", "state,ifname=e1,source=gnmi up=true")
}

// A heartbeat says again what is known; without one for 2.5 times as long nothing is.
func TestAMissedHeartbeatMakesAStateUnknown(t *testing.T) {
	r := newRig(t)
	r.up()
	r.later(5 * time.Minute)
	r.tell(e1+"/state/oper-status", "UP")
	r.expect(r.later(time.Second), "interface,ifname=e1 admin=1i,oper=1i,interval_s=300i")
	r.later(12 * time.Minute)
	r.tell(e1+"/state/counters/in-octets", 7)
	r.expect(r.later(time.Second), "interface,ifname=e1 in_octets=7u,oper=1i,interval_s=60i")
	r.later(time.Minute)
	r.tell(e1+"/state/counters/in-octets", 8)
	r.expect(r.later(time.Second), "interface,ifname=e1 in_octets=8u,interval_s=60i")
	r.count("haidang_gnmi_heartbeats_missed_total", 2)
}

func TestWhatIsDeletedIsUnknown(t *testing.T) {
	r := newRig(t)
	r.up()
	elems, err := xpath.Parse("/interfaces/interface[name=e1]")
	must(t, err)
	gone := &gpb.Notification{Timestamp: r.now.UnixNano(), Prefix: &gpb.Path{Elem: xpath.Proto("", elems[:1]).Elem}, Delete: []*gpb.Path{xpath.Proto("", elems[1:])}}
	r.expect(r.send(gone), "interface,ifname=e1 admin=1i,oper=4i,interval_s=300i")
	r.expect(r.later(time.Second))
	r.count("haidang_gnmi_deletes_total", 1)
	r.up() // it is back, and known as a new one
}

// Huawei sends an empty update beside deletes, and an empty delete beside updates.
func TestEmptyPathsMeanNothing(t *testing.T) {
	r := newRig(t)
	r.up()
	n := &gpb.Notification{Timestamp: r.now.UnixNano(), Update: []*gpb.Update{{}, update(t, e1+"/state/oper-status", "UP")}, Delete: []*gpb.Path{{}}}
	r.send(n)
	r.expect(r.later(time.Second), "interface,ifname=e1 admin=1i,oper=1i,interval_s=300i")
	r.count("haidang_gnmi_deletes_total", 0)
}

// A clock that is far off is not believed; one that is a little off is.
func TestClocks(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct{ off, want time.Duration }{
		{0, 0}, {-299 * time.Second, -299 * time.Second}, {299 * time.Second, 299 * time.Second},
		{301 * time.Second, 0}, {-301 * time.Second, 0}, {-50 * 365 * 24 * time.Hour, 0}, {200 * 365 * 24 * time.Hour, 0},
	} {
		n := &gpb.Notification{Timestamp: r.now.Add(c.off).UnixNano(), Update: []*gpb.Update{update(t, e1+"/state/counters/in-octets", 7)}}
		if _, err := r.target.Take(encode(t, n), r.now); err != nil {
			t.Fatal(err)
		}
		r.target.Flush(r.now)
		if got := written(t, r.box)[0].Time; got != r.now.Add(c.want).UnixNano() {
			t.Errorf("off by %v: the line is %v off", c.off, time.Duration(got-r.now.UnixNano()))
		}
	}
	r.count("haidang_gnmi_own_clock_total", 4)
}

func TestAnotherDeviceBeginsAnew(t *testing.T) {
	r := newRig(t)
	r.tell("/system/state/hostname", "core-1")
	r.up()
	r.tell("/system/state/hostname", "core-1")
	r.count("haidang_gnmi_device_swaps_total", 0)
	r.connect()
	r.tell("/system/state/hostname", "core-1")
	r.up()
	r.tell("/system/state/hostname", "edge-9")
	r.count("haidang_gnmi_device_swaps_total", 1)
	r.expect(r.tell(e1+"/state/oper-status", "DOWN")) // the other's interface was never up
	r.expect(r.later(time.Second), "interface,ifname=e1 oper=2i,interval_s=300i")
}

func TestRowsAreBounded(t *testing.T) {
	r := newRig(t)
	r.cfg.MaxRows = 3
	for i := range 5 {
		r.tell(fmt.Sprintf("/interfaces/interface[name=e%d]/state/oper-status", i), "UP")
	}
	if got := r.later(time.Second); len(got) != 3 {
		t.Errorf("%d rows are kept, want 3: %v", len(got), got)
	}
	r.count("haidang_gnmi_dropped_total", 2, "rows")
}

func TestAnotherTargetsValuesAreNotTaken(t *testing.T) {
	r := newRig(t)
	r.cfg.Target = "r1"
	for target, lines := range map[string]int{"r2": 0, "r1": 1, "": 1} {
		n := &gpb.Notification{Timestamp: r.now.UnixNano(), Prefix: &gpb.Path{Target: target}, Update: []*gpb.Update{update(t, e1+"/state/counters/in-octets", 7)}}
		r.send(n)
		if got := r.later(time.Second); len(got) != lines {
			t.Errorf("target %q: %v", target, got)
		}
	}
	r.count("haidang_gnmi_dropped_total", 1, "wrong_target")
}

// Where a path begins, and what it is called, makes no difference.
func TestWaysToNameAPath(t *testing.T) {
	elem := func(names ...string) (all []*gpb.PathElem) {
		for _, n := range names {
			e := &gpb.PathElem{Name: n}
			if strings.HasSuffix(n, "interface") {
				e.Key = map[string]string{"name": "e1"}
			}
			all = append(all, e)
		}
		return all
	}
	whole := elem("interfaces", "interface", "state", "counters", "in-octets")
	for name, n := range map[string]*gpb.Notification{
		"all in the path":         {Update: []*gpb.Update{{Path: &gpb.Path{Elem: whole}}}},
		"all in the prefix":       {Prefix: &gpb.Path{Elem: whole}, Update: []*gpb.Update{{}}},
		"divided":                 {Prefix: &gpb.Path{Elem: whole[:2]}, Update: []*gpb.Update{{Path: &gpb.Path{Elem: whole[2:]}}}},
		"origin in the path":      {Update: []*gpb.Update{{Path: &gpb.Path{Origin: "openconfig", Elem: whole}}}},
		"origin in the prefix":    {Prefix: &gpb.Path{Origin: "openconfig-interfaces"}, Update: []*gpb.Update{{Path: &gpb.Path{Elem: whole}}}},
		"module at the beginning": {Update: []*gpb.Update{{Path: &gpb.Path{Elem: elem("openconfig-interfaces:interfaces", "interface", "state", "counters", "in-octets")}}}},
		"openconfig:":             {Update: []*gpb.Update{{Path: &gpb.Path{Elem: elem("openconfig:interfaces", "interface", "state", "counters", "in-octets")}}}},
		"prefixes of the modules": {Update: []*gpb.Update{{Path: &gpb.Path{Elem: elem("oc-if:interfaces", "oc-if:interface", "oc-if:state", "oc-if:counters", "oc-if:in-octets")}}}},
		"deprecated elements":     {Update: []*gpb.Update{{Path: &gpb.Path{Element: []string{"interfaces", "interface[name=e1]", "state", "counters", "in-octets"}}}}}, //nolint:staticcheck // is meant
		"deprecated, bare keys":   {Update: []*gpb.Update{{Path: &gpb.Path{Element: []string{"interfaces", "interface", "e1", "state", "counters", "in-octets"}}}}},    //nolint:staticcheck // is meant
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			n.Timestamp = r.now.UnixNano()
			n.Update[0].Val = typed(7)
			r.send(n)
			r.expect(r.later(time.Second), "interface,ifname=e1 in_octets=7u,interval_s=60i")
		})
	}
	r := newRig(t)
	r.send(&gpb.Notification{Update: []*gpb.Update{{Path: &gpb.Path{Origin: "acme", Elem: whole}, Val: typed(7)}}})
	r.expect(r.later(time.Second))
	r.count("haidang_gnmi_unmapped_total", 1)
}

// Every way to write a number, and the deprecated Value.
func TestWaysToWriteAValue(t *testing.T) {
	for name, u := range map[string]*gpb.Update{
		"uint":           {Val: typed(7)},
		"int":            {Val: &gpb.TypedValue{Value: &gpb.TypedValue_IntVal{IntVal: 7}}},
		"string":         {Val: typed("7")},
		"ascii":          {Val: &gpb.TypedValue{Value: &gpb.TypedValue_AsciiVal{AsciiVal: "7"}}},
		"double":         {Val: &gpb.TypedValue{Value: &gpb.TypedValue_DoubleVal{DoubleVal: 7}}},
		"float":          {Val: &gpb.TypedValue{Value: &gpb.TypedValue_FloatVal{FloatVal: 7}}},                                             //nolint:staticcheck // is meant
		"decimal":        {Val: &gpb.TypedValue{Value: &gpb.TypedValue_DecimalVal{DecimalVal: &gpb.Decimal64{Digits: 700, Precision: 2}}}}, //nolint:staticcheck // is meant
		"json":           {Val: &gpb.TypedValue{Value: &gpb.TypedValue_JsonVal{JsonVal: []byte("7")}}},
		"json_ietf":      {Val: typed([]byte(`"7"`))},
		"old json":       {Value: &gpb.Value{Value: []byte("7"), Type: gpb.Encoding_JSON}},        //nolint:staticcheck // is meant
		"old json_ietf":  {Value: &gpb.Value{Value: []byte(`"7"`), Type: gpb.Encoding_JSON_IETF}}, //nolint:staticcheck // is meant
		"old ascii":      {Value: &gpb.Value{Value: []byte("7"), Type: gpb.Encoding_ASCII}},       //nolint:staticcheck // is meant
		"a leaf in json": {Val: typed([]byte(` { "openconfig-x:in-octets" : "7" } `)), Path: &gpb.Path{}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			leaf := update(t, e1+"/state/counters/in-octets", 1).Path
			if u.Path != nil {
				leaf.Elem = leaf.Elem[:4]
			}
			u.Path = leaf
			r.send(&gpb.Notification{Timestamp: r.now.UnixNano(), Update: []*gpb.Update{u}})
			r.expect(r.later(time.Second), "interface,ifname=e1 in_octets=7u,interval_s=60i")
		})
	}
}

func TestCountersAreExact(t *testing.T) {
	r := newRig(t)
	r.tell("/interfaces", []byte(`{"interface":[{"name":"e1","state":{"counters":{"in-octets":"18446744073709551615","out-octets":18446744073709551614}}}]}`))
	r.expect(r.later(time.Second), "interface,ifname=e1 in_octets=18446744073709551615u,out_octets=18446744073709551614u,interval_s=60i")
}

// What a target says where it has no value is no mistake; a speed that was known is not any more.
func TestNoValue(t *testing.T) {
	r := newRig(t)
	speed := e1 + "/ethernet/state/port-speed"
	r.tell(speed, "openconfig-if-ethernet:SPEED_10GB")
	r.expect(r.later(time.Second), "interface,ifname=e1 speed_mbps=10000i,interval_s=300i")
	r.tell(speed, "openconfig-if-ethernet:SPEED_UNKNOWN", e1+"/state/counters/in-octets", 7)
	r.expect(r.later(time.Second), "interface,ifname=e1 in_octets=7u,interval_s=60i")
	r.count("haidang_gnmi_dropped_total", 0, "value")
}

// However long what a target sends is, a line fits a batch.
func TestLinesAreShort(t *testing.T) {
	r := newRig(t)
	long := strings.Repeat("x", 1<<20)
	r.tell("/interfaces/interface[name="+long+"]/state/oper-status", "UP", "/system/state/hostname", long, "/system/cpus/cpu[index="+long+"]/state/total/instant", 7)
	r.expect(r.later(time.Second))
	r.count("haidang_gnmi_unmapped_total", 2)
}

func TestWhatIsNoValueIsCounted(t *testing.T) {
	r := newRig(t)
	in := e1 + "/state/counters/in-octets"
	r.tell(in, "many", in, []byte(`{`), in, []byte(`null`), in, []byte(`[1,2]`), e1+"/state/oper-status", "BROKEN", e1+"/state/mtu", 1500)
	r.expect(r.later(time.Second))
	r.count("haidang_gnmi_dropped_total", 3, "value") // many, a list, BROKEN
	r.count("haidang_gnmi_dropped_total", 1, "malformed")
	r.count("haidang_gnmi_unmapped_total", 1)
	r.count("haidang_gnmi_notifications_total", 1)
}

package month_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/month"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

const october = 31 * 86400

// instant is a time in October 2026, local.
func instant(day, hour, minute int) fault.Time {
	return fault.Time{Time: time.Date(2026, 10, day, hour, minute, 0, 0, nation.Local)}
}

func deviceTruth(t *testing.T, p *month.Plan, name string) month.StateTime {
	t.Helper()
	for _, d := range month.TruthOf(p).Devices {
		if d.Device == name {
			return d.StateTime
		}
	}
	t.Fatalf("no truth about %s", name)
	return month.StateTime{}
}

func linkTruth(t *testing.T, p *month.Plan, name string) month.LinkTruth {
	t.Helper()
	for _, l := range month.TruthOf(p).Links {
		if l.Link == name {
			return l
		}
	}
	t.Fatalf("no truth about %s", name)
	return month.LinkTruth{}
}

// second is the first second of the month in which the device is polled every minute.
func second(t *testing.T, o *nation.Overlay, name string) int64 {
	t.Helper()
	d, err := o.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return int64(o.PollPhase(d, fault.Minute) / fault.Second)
}

const enb = "ha-noi-enb-0001"

// hanoi is a network of one province, with one agent.
func hanoi(c *nation.Config) { c.Agents, c.Devices, c.Only = 1, 15, []string{"01"} }

func TestTruthOfDevices(t *testing.T) {
	t.Parallel()
	at := func(d time.Duration) fault.Time { return fault.Time{Time: instant(5, 12, 0).Add(d)} }
	device := func(k fault.Kind, from, to time.Duration) fault.Fault {
		return fault.Fault{ID: "x", Kind: k, Device: enb, From: at(from), To: at(to)}
	}
	cases := map[string]struct {
		faults []fault.Fault
		want   func(first int64) month.StateTime
	}{
		"nothing happens": {nil, func(first int64) month.StateTime {
			return month.StateTime{Up: october - first, Unknown: first}
		}},
		"dead for 10 polls": {[]fault.Fault{device(fault.Dead, 0, 10*time.Minute)}, func(first int64) month.StateTime {
			return month.StateTime{Up: october - first - 600, Unknown: first, Down: 600, Outages: 1}
		}},
		"dead for one poll: not believed": {[]fault.Fault{device(fault.Dead, 0, time.Minute)}, func(first int64) month.StateTime {
			return month.StateTime{Up: october - first, Unknown: first}
		}},
		"dead for two polls": {[]fault.Fault{device(fault.Dead, 0, 2*time.Minute)}, func(first int64) month.StateTime {
			return month.StateTime{Up: october - first - 120, Unknown: first, Down: 120, Outages: 1}
		}},
		"reboot over three polls": {[]fault.Fault{device(fault.Reboot, 0, 3*time.Minute)}, func(first int64) month.StateTime {
			return month.StateTime{Up: october - first - 180, Unknown: first, Down: 180, Outages: 1}
		}},
		"wrong source address for an hour": {[]fault.Fault{device(fault.WrongSource, 0, time.Hour)}, func(first int64) month.StateTime {
			return month.StateTime{Up: october - first - 3600, Unknown: first, Down: 3600, Outages: 1}
		}},
		"two outages": {[]fault.Fault{device(fault.Dead, 0, time.Hour), device(fault.Dead, 2*time.Hour, 3*time.Hour)}, func(first int64) month.StateTime {
			return month.StateTime{Up: october - first - 7200, Unknown: first, Down: 7200, Outages: 2}
		}},
		// The last good poll holds 150 s; then nothing is known until the agent polls again.
		"agent stopped for an hour": {[]fault.Fault{{ID: "x", Kind: fault.AgentStop, Agent: "agent-01", From: at(0), To: at(time.Hour)}}, func(first int64) month.StateTime {
			return month.StateTime{Up: october - first - 3600 + 90, Unknown: first + 3600 - 90}
		}},
		// The gateway is down as long: the device behind it is unknown, not down.
		"gateway dead": {[]fault.Fault{{ID: "x", Kind: fault.Dead, Device: "ha-noi-agg-001", From: at(0), To: at(time.Hour)}}, func(first int64) month.StateTime {
			return month.StateTime{Up: october - first - 3600, Unknown: first + 3600}
		}},
		// The device stays dead when its gateway is back: all of that is its own outage.
		"gateway dead, device longer": {[]fault.Fault{{ID: "x", Kind: fault.Dead, Device: "ha-noi-agg-001", From: at(0), To: at(time.Hour)}, device(fault.Dead, 0, 2*time.Hour)}, func(first int64) month.StateTime {
			return month.StateTime{Up: october - first - 7200, Unknown: first, Down: 7200, Outages: 1}
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := network(t, hanoi, c.faults...)
			want := c.want(second(t, o, enb))
			if d := cmp.Diff(want, deviceTruth(t, plan(t, o, time.Minute), enb)); d != "" {
				t.Error("want -, got +\n" + d)
			}
		})
	}
}

func TestTruthOfWindows(t *testing.T) {
	t.Parallel()
	window := func(w nation.Window) func(*nation.Config) {
		w.ID, w.Start, w.End = "MW", instant(5, 12, 0), instant(5, 13, 0)
		return func(c *nation.Config) { c.Windows = []nation.Window{w} }
	}
	dead := fault.Fault{ID: "x", Kind: fault.Dead, Device: enb, From: instant(5, 12, 30), To: instant(5, 14, 0)}
	for scope, planned := range map[string]bool{"device:" + enb: true, "province:01": true, "system:ran-4g": true, "site:ha-noi-site-0001": true, "province:48": false} {
		o := network(t, window(nation.Window{Scope: scope, ApprovedAt: instant(4, 9, 0)}), dead)
		first := second(t, o, enb)
		begin := 30*60 + first%60 // the first failed poll, seconds into the window
		want := month.StateTime{Up: october - first - 5400, Unknown: first, Down: 5400, Outages: 1}
		if planned {
			want.Down, want.MaintDown = 5400-(3600-begin), 3600-begin
		}
		if d := cmp.Diff(want, deviceTruth(t, plan(t, o, time.Minute), enb)); d != "" {
			t.Errorf("%s: want -, got +\n%s", scope, d)
		}
	}
	late := network(t, window(nation.Window{Scope: "device:" + enb, ApprovedAt: instant(5, 12, 10)}), dead)
	if got := deviceTruth(t, plan(t, late, time.Minute), enb); got.MaintDown != 0 {
		t.Errorf("a window approved after it began counts: %+v", got)
	}
}

func TestTruthOfLinks(t *testing.T) {
	const link = enb + "--ha-noi-agg-001"
	down := fault.Fault{ID: "x", Kind: fault.LinkDown, Link: link, From: instant(5, 12, 0), To: instant(5, 13, 0)}
	o := network(t, nil, down)
	a, b := second(t, o, enb), second(t, o, "ha-noi-agg-001")
	got := linkTruth(t, plan(t, o, time.Minute), link)
	// Both ends see it for an hour, from their own polls on; the first of them to be polled ends the unknown time.
	if want := 3600 + max(a, b) - min(a, b); got.Down != want || got.Outages != 1 || got.Unknown != min(a, b) {
		t.Errorf("link down for an hour: %+v, want %d s down, %d s unknown", got, want, min(a, b))
	}
	if got.Expected != 31*288 || got.Reported != 31*288-1 || !got.Evaluated || got.Congested {
		t.Errorf("a link that was down keeps its samples: %+v", got)
	}
	shut := fault.Fault{ID: "x", Kind: fault.AdminDown, Device: enb, IfName: "GigabitEthernet0/1/1", From: instant(5, 12, 0), To: instant(6, 12, 0)}
	got = linkTruth(t, plan(t, network(t, nil, shut), time.Minute), link)
	if got.Excluded != 86400 || got.Expected != 31*288-288 {
		t.Errorf("shut down for a day: %+v", got)
	}
}

// An aggregate of four with two that have to be active: of three that fail one after another, the third takes it down,
// though its own port is up. While two are away, the others have half of the capacity.
func TestTruthOfAggregates(t *testing.T) {
	t.Parallel()
	const agg = "ha-noi-agg-001"
	bundled := func(c *nation.Config) {
		hanoi(c)
		c.Aggregates = nation.Aggregates{Members: 4, MinLinks: 2}
	}
	calm := network(t, bundled)
	link, err := calm.FindLink(agg + "--ha-noi-core-01")
	if err != nil {
		t.Fatal(err)
	}
	name := calm.Links[link].Name
	members := calm.Members(link)
	fail := func(member int, from, to fault.Time) fault.Fault {
		return fault.Fault{ID: "x", Kind: fault.PortDown, Device: agg, IfName: string(calm.IfName(members[member])), From: from, To: to}
	}
	before := linkTruth(t, days(plan(t, calm, 5*time.Minute), 11), name)
	two := []fault.Fault{fail(0, instant(5, 10, 0), instant(5, 14, 0)), fail(1, instant(5, 11, 0), instant(5, 12, 0))}
	for down, faults := range map[int64][]fault.Fault{0: two, 1800: append(two, fail(3, instant(5, 11, 15), instant(5, 11, 45)))} {
		got := linkTruth(t, days(plan(t, network(t, bundled, faults...), 5*time.Minute), 11), name)
		if got.Down != down || got.Outages != min(down, 1) || got.Unknown != before.Unknown || got.Reported < before.Reported-1 { // what came before the third failure may be more than one can carry
			t.Errorf("%d s down, %d outages, want %d: %+v", got.Down, got.Outages, down, got)
		}
	}
	half := network(t, bundled, fail(0, instant(1, 0, 0), instant(12, 0, 0)), fail(2, instant(1, 0, 0), instant(12, 0, 0)))
	if got := linkTruth(t, days(plan(t, half, 5*time.Minute), 11), name); got.P95Out/2 != before.P95Out || got.Down != 0 || got.Capacity != 100_000 {
		t.Errorf("with half of its members: %+v, with all %+v", got, before)
	}
}

func TestTruthOfCongestion(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		f    fault.Fault
		want bool
	}{
		"every evening":  {fault.Fault{Factor: 100, From: instant(1, 0, 0), To: instant(31, 23, 0), Daily: &fault.Hours{From: 18, To: 23}}, true},
		"one evening":    {fault.Fault{Factor: 100, From: instant(7, 18, 0), To: instant(7, 23, 0)}, false},
		"a little more":  {fault.Fault{Factor: 1.05, From: instant(1, 0, 0), To: instant(31, 0, 0)}, false},
		"half the month": {fault.Fault{Factor: 100, From: instant(1, 0, 0), To: instant(16, 0, 0)}, true},
	} {
		c.f.ID, c.f.Kind, c.f.Link = "x", fault.Congestion, "ring-north-arm-1"
		got := linkTruth(t, plan(t, network(t, nil, c.f), 5*time.Minute), "ring-north-arm-1")
		if got.Congested != c.want || got.P95In > 1000 || got.P95Out > 1000 {
			t.Errorf("%s: %+v, want congested %v", name, got, c.want)
		}
	}
}

func TestTruthWithoutHistoryOrFuture(t *testing.T) {
	o := network(t, func(c *nation.Config) { c.Agents = 2 })
	p, err := month.NewPlan(o, "2026-10", time.Minute, "agent-02")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range month.TruthOf(p).Devices {
		id, err := o.Find(d.Device)
		if err != nil || o.Agents[o.Devices[id].Agent] != "agent-02" {
			t.Errorf("%s is not polled by agent-02: %v", d.Device, err)
		}
	}
	for _, bad := range []func() error{
		func() error { _, err := month.NewPlan(o, "October", time.Minute, ""); return err },
		func() error { _, err := month.NewPlan(o, "2026-10", 7*time.Minute, ""); return err },
		func() error { _, err := month.NewPlan(o, "2026-10", time.Second, ""); return err },
		func() error { _, err := month.NewPlan(o, "2026-10", time.Minute, "agent-09"); return err },
		func() error { return p.Probe(90 * time.Second) },
		func() error { return p.Cut(instant(1, 0, 0).AddDate(0, 1, 1)) },
		func() error { return p.Cut(instant(1, 0, 0).Add(-time.Second)) },
	} {
		if bad() == nil {
			t.Error("a bad plan was accepted")
		}
	}
}

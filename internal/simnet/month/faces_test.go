package month_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/month"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// What an optical channel counts is placed where it was, to the second: errors are within an interval of polling or last
// over several, and the ports are up all the time. Less than ten seconds are not unavailable.
func TestTruthOfChannels(t *testing.T) {
	t.Parallel()
	errors := func(from, to fault.Time) fault.Fault {
		return fault.Fault{ID: "x", Kind: fault.Errors, Link: "ring-north-arm-1", From: from, To: to}
	}
	after := func(t fault.Time, d time.Duration) fault.Time { return fault.Time{Time: t.Add(d)} }
	begin := instant(5, 12, 0)
	for name, c := range map[string]struct {
		faults  []fault.Fault
		otn     bool
		down    int64
		outages int64
	}{
		"over several polls": {[]fault.Fault{errors(begin, instant(5, 12, 40))}, true, 2400, 1},
		"nobody counts":      {[]fault.Fault{errors(begin, instant(5, 12, 40))}, false, 0, 0},
		"too short":          {[]fault.Fault{errors(begin, after(begin, 9*time.Second))}, true, 0, 0},
		"twice":              {[]fault.Fault{errors(begin, instant(5, 12, 40)), errors(instant(6, 12, 0), instant(6, 13, 0))}, true, 6000, 2},
	} {
		o := network(t, hanoi, c.faults...)
		if c.otn {
			o = network(t, func(c *nation.Config) { hanoi(c); c.OTN = true }, c.faults...)
		}
		if got := linkTruth(t, days(plan(t, o, 5*time.Minute), 11), "ring-north-arm-1"); got.Down != c.down || got.Outages != c.outages || got.Excluded != 0 {
			t.Errorf("%s: %+v, want %d s down, %d outages", name, got, c.down, c.outages)
		}
	}
}

// A PON whose last ONT is gone is down, whatever its port says; half of them are no failure.
func TestTruthOfONTs(t *testing.T) {
	t.Parallel()
	const pon = "ha-noi-olt-0001:gpon-0/1/2"
	for ratio, down := range map[float64]int64{0: 7200, 0.5: 0} {
		o := network(t, func(c *nation.Config) { hanoi(c); c.Devices, c.Interfaces, c.ONTs = 17, 3, 16 },
			fault.Fault{ID: "x", Kind: fault.ONTsOff, Link: pon, Ratio: ratio, From: instant(5, 12, 0), To: instant(5, 14, 0)})
		if got := linkTruth(t, days(plan(t, o, 5*time.Minute), 11), pon); got.Down != down {
			t.Errorf("%v of the ONTs gone: %+v, want %d s down", ratio, got, down)
		}
	}
}

// A freeze takes its time from a window, if it covers the device and the window does not override it; the rest stands.
func TestTruthOfFreezes(t *testing.T) {
	t.Parallel()
	dead := fault.Fault{ID: "x", Kind: fault.Dead, Device: enb, From: instant(5, 11, 0), To: instant(5, 15, 0)}
	for name, c := range map[string]struct {
		scope, override string
		open            bool
		planned         int64
	}{
		"of the nation": {"nation", "", false, 3600}, "of its system": {"system:ran-4g", "", false, 3600}, "of its site": {"site:ha-noi-site-0001", "", false, 3600},
		"of another province": {"province:48", "", false, 7200}, "overridden": {"nation", "khẩn cấp", false, 7200}, "open": {"nation", "", true, 7200},
	} {
		p := plan(t, network(t, func(cfg *nation.Config) {
			hanoi(cfg)
			cfg.Windows = []nation.Window{{ID: "MW", Scope: "device:" + enb, Start: instant(5, 12, 0), End: instant(5, 14, 0), ApprovedAt: instant(4, 9, 0), Override: c.override}}
			cfg.Freezes = []nation.Freeze{{ID: "F", Name: "F", Scopes: []string{c.scope}, Start: instant(5, 12, 30), End: instant(5, 13, 30), Open: c.open}}
		}, dead), 5*time.Minute)
		truth := month.TruthOf(days(p, 7))
		i := slices.IndexFunc(truth.Devices, func(d month.DeviceTime) bool { return d.Device == enb })
		got := truth.Devices[i].StateTime
		if got.MaintDown != c.planned || got.Down != 4*3600-c.planned {
			t.Errorf("a freeze %s: %+v, want %d s planned", name, got, c.planned)
		}
		want := []month.FrozenWindow{{Window: "MW", Scope: "device:" + enb, Freeze: "F", From: instant(5, 12, 30).Unix(), To: instant(5, 13, 30).Unix()}}
		if c.planned == 7200 {
			want = []month.FrozenWindow{}
		}
		if d := cmp.Diff(want, truth.Frozen); d != "" {
			t.Errorf("a freeze %s: want -, got +\n%s", name, d)
		}
	}
}

// Ten per cent and a half of all packets go to many or to all: what is a little more than a thousandth of those to one
// receiver is less than a thousandth of all. Two days are not three.
func TestTruthOfDrops(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		drop      float64
		days      int
		congested bool
	}{{0.01, 3, true}, {0.01, 2, false}, {0.00105, 9, false}, {0.0012, 9, true}} {
		o := network(t, hanoi, fault.Fault{ID: "x", Kind: fault.Congestion, Link: "ring-north-arm-1", Factor: 1, Drop: c.drop, From: instant(1, 0, 0), To: instant(1+c.days, 0, 0)})
		if got := linkTruth(t, days(plan(t, o, 5*time.Minute), 11), "ring-north-arm-1"); got.Congested != c.congested || c.congested && got.DropDays != c.days {
			t.Errorf("%v on %d days: %+v", c.drop, c.days, got)
		}
	}
}

// Two cables that are full are more than the others could carry without the largest, one is not.
func TestTruthOfPeaks(t *testing.T) {
	t.Parallel()
	full := func(cables ...string) *month.Plan {
		faults := make([]fault.Fault, len(cables))
		for i, cable := range cables {
			faults[i] = fault.Fault{ID: cable, Kind: fault.Congestion, Link: cable, Factor: 100, From: instant(9, 20, 0), To: instant(9, 22, 0)}
		}
		return days(plan(t, network(t, hanoi, faults...), 5*time.Minute), 11)
	}
	few, many := month.TruthOf(full("ia")).Peaks[0], month.TruthOf(full("sjc2", "apg", "aae1")).Peaks[0]
	if few.Congested || !many.Congested || many.In.Mbps != 6_845_000 || many.In.Largest != 2_200_000 || few.Expected != 11*288 || many.In.Slots != 11*288-1 {
		t.Errorf("%+v, and with three cables full %+v", few, many)
	}
	if at := time.Unix(many.In.At, 0); at.Before(instant(9, 20, 0).Time) || !at.Before(instant(9, 22, 0).Time) {
		t.Errorf("the peak is at %s", at)
	}
}

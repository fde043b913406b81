package month

import (
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// Truth is what a correct collector makes of the plan's month, if all of it arrives and nothing else
// does: worked out second by second from the polls' outcomes, with no code of the collector.
//
// It knows the rules for polls (debounce, hold, unknown time, path suppression, planned windows, change freezes), the
// congestion tests by P95 and by drops, N-1, aggregates, PONs whose ONTs are
// gone, unavailable seconds of optical channels, systems with redundancy, what cells
// count, what probes and what others measure. It knows no validity intervals.
type Truth struct {
	Month    string       `json:"month"`
	Interval int64        `json:"interval_s"`
	Devices  []DeviceTime `json:"devices"`
	Links    []LinkTruth  `json:"links"`

	Composites []CompositeTime `json:"composites"`
	Peaks      []Peak          `json:"peaks"`
	Frozen     []FrozenWindow  `json:"frozen_windows"`
	Measured   []MeasuredKPI   `json:"measured"`
	Cells      []CellKPI       `json:"cells,omitempty"`
	Spreads    []CellSpread    `json:"spreads,omitempty"`
	Loads      []CellLoad      `json:"loads,omitempty"`
	Samples    []SampleKPI     `json:"samples,omitempty"`
}

// StateTime is the seconds of a month by final state.
type StateTime struct {
	Up           int64 `json:"up_s"`
	Down         int64 `json:"down_s"`
	Unknown      int64 `json:"unknown_s"`
	MaintDown    int64 `json:"maint_down_s"`
	MaintUnknown int64 `json:"maint_unknown_s"`
	Excluded     int64 `json:"excluded_s"`
	Outages      int64 `json:"outages"`
	Flaps        int64 `json:"flaps"` // shorter than MinOutage
}

// DeviceTime is one device's month.
type DeviceTime struct {
	Device string `json:"device"`
	StateTime
}

// LinkTruth is one link's month.
type LinkTruth struct {
	Link string `json:"link"`
	StateTime
	Capacity  uint32 `json:"capacity_mbps"` // what it weighs among others
	P95In     int    `json:"p95_in_permille"`
	P95Out    int    `json:"p95_out_permille"`
	Expected  int    `json:"expected_slots"`
	Reported  int    `json:"reported_slots"`
	Evaluated bool   `json:"evaluated"`
	DropDays  int    `json:"drop_days"`
	Congested bool   `json:"congested"`
}

// MinOutage is the shortest DOWN interval that counts as an outage, in seconds.
const MinOutage = 10

// TruthOf works the truth out. It takes about 10 ms for each device or link that a fault or window
// touches, and about 1 ms for each other link.
func TruthOf(p *Plan) Truth {
	w := &witness{Plan: p, seconds: int((p.To - p.From) / fault.Second), above: map[int32][]run{}}
	out := Truth{Month: strings.TrimSuffix(monthName(p), "-01"), Interval: int64(p.Interval / fault.Second)}
	polled := p.polled()
	for i := range p.Net.Devices {
		if polled[int32(i)] {
			out.Devices = append(out.Devices, DeviceTime{p.Net.Devices[i].Name, w.device(int32(i))})
		}
	}
	for i, l := range p.Net.Links {
		if w.polledLink(l, polled) {
			out.Links = append(out.Links, w.link(int32(i)))
		}
	}
	out.Composites, out.Peaks, out.Frozen, out.Measured = w.composites(polled), w.peaks(polled), w.frozen(), w.measured()
	w.cells(&out)
	out.Samples = p.sampleKPIs()
	slices.SortFunc(out.Devices, func(a, b DeviceTime) int { return strings.Compare(a.Device, b.Device) })
	slices.SortFunc(out.Links, func(a, b LinkTruth) int { return strings.Compare(a.Link, b.Link) })
	return out
}

// witness works out time lines, one state a second.
type witness struct {
	*Plan
	seconds int
	above   map[int32][]run // when gateways that were asked for are down, before suppression
}

// device is a device's month: an untroubled one is unknown until its first poll, then up.
func (w *witness) device(d int32) StateTime {
	windows := w.windows(d)
	if len(windows) == 0 && !w.Net.Troubled(d) {
		return w.calm(d)
	}
	line := w.base(d)
	w.suppress(d, line)
	maintain(line, windows)
	return tally(line)
}

// calm is the month of a device, or of a port of it, that every poll finds up.
func (w *witness) calm(d int32) StateTime {
	first := int64(w.Net.PollPhase(d, w.Interval) / fault.Second)
	return StateTime{Up: int64(w.seconds) - first, Unknown: first}
}

// base is the device's time line as its polls tell it.
func (w *witness) base(d int32) []state {
	return w.paint(d, func(r *nation.Reading) finding {
		return [...]finding{Nothing: nothing, Failed: failed, Answered: good}[w.outcome(r)]
	})
}

// port is the time line of an interface on its own: only a device that answers tells of it.
func (w *witness) port(p nation.Port) []state {
	if link, _ := w.Net.Behind(p); !w.Net.Troubled(p.Device) && link >= 0 && !w.Net.Disturbed(link) {
		line := make([]state, w.seconds)
		fill(line[:w.Net.PollPhase(p.Device, w.Interval)/fault.Second], unknown)
		return line
	}
	line := w.paint(p.Device, func(r *nation.Reading) finding {
		if w.outcome(r) != Answered {
			return nothing
		}
		switch admin, oper := r.Status(p.Index); {
		case admin == nation.StatusDown:
			return shut
		case oper == nation.StatusDown:
			return failed
		}
		return good
	})
	if w.Net.PON(p) {
		join(line, w.served(p))
	}
	if w.Net.Channel(p) {
		w.counted(p, line)
	}
	return line
}

// suppress turns DOWN that the gateway's DOWN explains into UNKNOWN.
func (w *witness) suppress(d int32, line []state) {
	parent := w.Net.Devices[d].Parent
	if parent < 0 || !w.Net.Troubled(parent) {
		return
	}
	poll := int(w.Interval / fault.Second)
	above, ok := w.above[parent]
	if !ok {
		above = runs(w.base(parent), down)
		w.above[parent] = above
	}
	for _, r := range runs(line, down) {
		for _, g := range above {
			if r.from >= g.from-poll && r.to <= g.to+poll {
				fill(line[r.from:r.to], unknown)
				break
			}
		}
	}
}

func monthName(p *Plan) string {
	return unixTime(p.From).Format("2006-01-02")
}

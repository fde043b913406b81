package ran

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
)

// A second implementation of the LTE numbers, over lines, period by period, without sets, sums of days or
// encodings. It knows a few counters: a pair with causes, one with classes, unavailability, load and volume.

// anyLine is one object's report, often of the same period as others.
func anyLine(t *rapid.T) told {
	slot := rapid.Int64Range(0, 191).Draw(t, "slot") // two days
	if rapid.Bool().Draw(t, "crowd") {
		slot = rapid.Int64Range(90, 101).Draw(t, "near midnight")
	}
	m := told{device: "site", kind: LTE, end: day0.Start() + (slot+1)*900, period: 900, counters: map[string]float64{}}
	m.object = rapid.SampledFrom([]string{"a", "a", "b", "a,Relation=1", "unlisted"}).Draw(t, "object")
	m.group = rapid.SampledFrom([]string{"g1", "g2"}).Draw(t, "group")
	m.revision = rapid.SampledFrom([]uint64{0, 0, 1, 2}).Draw(t, "revision")
	m.suspect = rapid.IntRange(0, 7).Draw(t, "suspect") == 0
	count := func(most int) float64 { return float64(rapid.IntRange(0, most).Draw(t, "count")) }
	if m.group == "g1" {
		m.counters["ERAB.EstabInitAttNbr.1"], m.counters["ERAB.EstabInitSuccNbr.1"] = count(5), count(5)
		m.counters["ERAB.EstabInitAttNbr.9"], m.counters["ERAB.EstabInitSuccNbr.9"] = 20+count(5), 20+count(5)
		if rapid.Bool().Draw(t, "total") {
			m.counters["ERAB.EstabInitAttNbr.sum"], m.counters["ERAB.EstabInitSuccNbr.sum"] = 50+count(3), 50+count(3)
		}
		m.counters["RRU.CellUnavailableTime.Fault"] = 100 * count(10)
		m.counters["RRU.CellUnavailableTime.ManualIntervention"] = 100 * count(2)
		m.counters["RRU.CellUnavailableTime.EnergySaving"] = 100 * count(2)
		if rapid.IntRange(0, 20).Draw(t, "bad") == 0 {
			m.counters["ERAB.RelActNbr.sum"] = -1
		}
		return m
	}
	m.counters["RRU.PrbTotDl"], m.counters["DRB.IPVolDl.9"], m.counters["DRB.IPVolDl.1"] = 70+count(30), 1000*count(5), count(5)
	m.counters["DRB.IPTimeDl.9"], m.counters["DRB.IPTimeDl.1"] = 1+count(50), count(5)
	if rapid.Bool().Draw(t, "relations") {
		m.counters["HO.OutAttTarget.sum"], m.counters["HO.OutSuccTarget.sum"] = 10+count(4), 10+count(4)
	}
	return m
}

// oracle is the sums of one group, kept in plain numbers.
type oracle struct {
	bearer, voice, handover, data, busy [3]int64 // num, den, seconds
	up, down, energy, maint, known      int64
	prb                                 [2]int64
	expected                            int64
	cells                               map[string]*[3]int64 // busy days, load, PRB seconds
}

// kept are the winners of each period, and whether they count.
func kept(lines []told) (out []told) {
	content := func(m told) string { return fmt.Sprint(m.suspect, m.counters) }
	best := map[string]told{}
	for _, m := range lines {
		key := fmt.Sprint(m.object, m.group, m.end)
		old, seen := best[key]
		if !seen || m.revision > old.revision || m.revision == old.revision && content(m) != content(old) {
			best[key] = m
		}
	}
	for _, m := range best {
		bad := m.suspect
		for _, v := range m.counters {
			bad = bad || v < 0
		}
		if !bad {
			out = append(out, m)
		}
	}
	return out
}

// hourOf is one clock hour of a cell, slowCell what the oracle knows of one cell while it adds it up.
type hourOf struct{ volume, seconds, prb, data, time int64 }

type slowCell struct {
	name  string
	rbs   int64
	hours map[int64]*hourOf
	busy  *[3]int64
}

func (o *oracle) cell(name string, rbs int64, lines []told, in, planned func(at int64) bool) {
	c := &slowCell{name, rbs, map[int64]*hourOf{}, &[3]int64{}}
	o.cells[name] = c.busy
	for slot := range int64(192) {
		from := day0.Start() + slot*900
		serves, window := half(from, in), half(from, planned)
		if serves && !window {
			o.expected += 900
		}
		for i := range lines {
			m := &lines[i]
			if m.end != from+900 || !serves || m.object != name && !strings.HasPrefix(m.object, name+",") {
				continue
			}
			if m.object == name && m.group == "g1" {
				o.time(m, window)
			}
			if !window {
				o.counters(m, c, slot)
			}
		}
	}
	o.busyHours(c)
}

func (o *oracle) time(m *told, window bool) {
	fault, manual := int64(m.counters["RRU.CellUnavailableTime.Fault"]), int64(m.counters["RRU.CellUnavailableTime.ManualIntervention"])
	energy := int64(m.counters["RRU.CellUnavailableTime.EnergySaving"])
	if fault+manual+energy > 900 {
		return
	}
	o.up += 900 - fault - manual - energy
	o.energy += energy
	o.down += fault
	if window {
		o.maint += manual
		return
	}
	o.down += manual
	o.known += 900
}

func (o *oracle) counters(m *told, cell *slowCell, slot int64) {
	of := func(name string) int64 { return int64(m.counters[name]) }
	if m.group == "g1" {
		att, succ := of("ERAB.EstabInitAttNbr.sum"), of("ERAB.EstabInitSuccNbr.sum")
		if att == 0 { // no total
			att, succ = of("ERAB.EstabInitAttNbr.1")+of("ERAB.EstabInitAttNbr.9"), of("ERAB.EstabInitSuccNbr.1")+of("ERAB.EstabInitSuccNbr.9")
		}
		pair(&o.bearer, succ, att)
		pair(&o.voice, of("ERAB.EstabInitSuccNbr.1"), of("ERAB.EstabInitAttNbr.1"))
		return
	}
	pair(&o.handover, of("HO.OutSuccTarget.sum"), of("HO.OutAttTarget.sum"))
	o.data[0] += of("DRB.IPVolDl.9")
	o.data[1] += of("DRB.IPTimeDl.9")
	o.prb[0] += of("RRU.PrbTotDl") * 10 * 900 * cell.rbs // per mille
	o.prb[1] += 1000 * 900 * cell.rbs
	if m.object != cell.name {
		return
	}
	h := cell.hours[slot/4]
	if h == nil {
		h = &hourOf{}
		cell.hours[slot/4] = h
	}
	h.volume += of("DRB.IPVolDl.9") + of("DRB.IPVolDl.1")
	h.seconds += 900
	h.prb += of("RRU.PrbTotDl") * 1000
	h.data += of("DRB.IPVolDl.9")
	h.time += of("DRB.IPTimeDl.9")
	cell.busy[2] += 900
}

func (o *oracle) busyHours(c *slowCell) {
	for day := range int64(2) {
		var best *hourOf
		for h := day * 24; h < day*24+24; h++ {
			if x := c.hours[h]; x != nil && x.seconds >= 2700 && (best == nil || x.volume > best.volume) {
				best = x
			}
		}
		if best != nil {
			o.busy[0] += best.data
			o.busy[1] += best.time
			c.busy[0]++
			c.busy[1] += best.prb * 900 / best.seconds
		}
	}
}

func pair(sum *[3]int64, succ, att int64) {
	if succ <= att+2 {
		sum[0] += succ
		sum[1] += att
	}
}

// half says whether a condition holds for more than half of the seconds of a period.
func half(from int64, holds func(int64) bool) bool {
	n := 0
	for at := from; at < from+900; at++ {
		if holds(at) {
			n++
		}
	}
	return 2*n > 900
}

func TestMonthIsThatOfTheSlowWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.Custom(anyLine), 0, 60).Draw(t, "lines")
		// Which of two different messages of one revision wins is the sets' own affair (report has a test of its own).
		seen := map[string]bool{}
		lines = slices.DeleteFunc(lines, func(m told) bool {
			key := fmt.Sprint(m.object, m.group, m.end, m.revision)
			twice := seen[key]
			seen[key] = true
			return twice
		})
		instant := func(label string) int64 {
			return day0.Start() + rapid.SampledFrom([]int64{-1e6, 0, 40_000, 86_400, 86_850, 86_851, 87_000, 1e6}).Draw(t, label)
		}
		moved := instant("moved")
		window := Span{instant("window"), 0}
		window.To = window.From + rapid.SampledFrom([]int64{0, 450, 451, 5000, 90_000}).Draw(t, "length")
		widened := day0.Start() + rapid.SampledFrom([]int64{-1e6, -90_000, 0, 86_400, 1e6}).Draw(t, "widened")
		cells := []Cell{cell("a", LTE, 50), cell("a", LTE, 75), cell("b", LTE, 100)}
		cells[0].To, cells[1].From = widened, widened
		for i := range cells[:2] {
			a := &cells[i]
			a.Stays = []Stay{{"01", a.clip(Span{0, moved})}, {"02", a.clip(Span{moved, model.Forever})}}
			a.Stays = slices.DeleteFunc(a.Stays, func(s Stay) bool { return s.seconds() == 0 })
			if window.From < window.To {
				a.Planned = []Span{window}
			}
		}
		rbs := int64(50) // of the month's first second
		if widened < day0.Start()-3*model.DaySeconds {
			rbs = 75
		}
		r := Evaluate(totalOf(t, lines, NewPlan("p", cells, staying(cells))), rules(), 2*model.DaySeconds, 2*model.DaySeconds)

		winners := kept(lines)
		always, never := func(int64) bool { return true }, func(int64) bool { return false }
		planned := func(at int64) bool { return at >= window.From && at < window.To }
		for province, parts := range map[string][]func(o *oracle){
			"01": {func(o *oracle) { o.cell("a", rbs, winners, func(at int64) bool { return at < moved }, planned) },
				func(o *oracle) { o.cell("b", 100, winners, always, never) }},
			"02": {func(o *oracle) { o.cell("a", rbs, winners, func(at int64) bool { return at >= moved }, planned) }},
		} {
			o := &oracle{cells: map[string]*[3]int64{}}
			for _, add := range parts {
				add(o)
			}
			check(t, &r, province, o)
		}
		for _, c := range r.Cells {
			if want := map[string]int64{"a": rbs, "b": 100}[c.Name]; c.RBs != want {
				t.Fatalf("%s weighs %d PRBs, want %d", c.Name, c.RBs, want)
			}
		}
	})
}

// totalOf goes through both stages, days trimmed and encoded as closed ones are.
func totalOf(t *rapid.T, lines []told, plan *Plan) *Total {
	days := folded(t, lines)
	var parts []*Total
	for d := day0; d < day0+2; d++ {
		of := days[d]
		slices.SortFunc(of, func(a, b report.Day) int { return a.Compare(&b) })
		if rapid.Bool().Draw(t, "closed") {
			Trim(d, of, func(one *report.Day) bool { return plan.Touched(d, one) })
			again, rest, err := report.DecodeDays(report.AppendDays(nil, d, of), d, d+1)
			if err != nil || len(rest) > 0 {
				t.Fatal(err, rest)
			}
			of = again
		}
		parts = append(parts, plan.Sum(d, of))
	}
	slices.Reverse(parts)
	return Merge(parts...)
}

func check(t *rapid.T, r *Result, province string, o *oracle) {
	g := r.Group(province, LTE)
	if g == nil {
		g = &GroupTotal{}
	}
	equal := func(what string, got, want any) {
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%s of %s: %v, want %v", what, province, got, want)
		}
	}
	sums := func(m Metric) [2]string {
		q := g.Sums.Metrics[m]
		return [2]string{q.Num.Big().String(), q.Den.Big().String()}
	}
	both := func(a [3]int64) [2]string { return [2]string{fmt.Sprint(a[0]), fmt.Sprint(a[1])} }
	equal("expected", g.Expected, o.expected)
	equal("bearers", sums(Bearer), both(o.bearer))
	equal("voice", sums(Voice), both(o.voice))
	equal("handovers", sums(Execution), both(o.handover))
	equal("data", sums(DataThroughput), both(o.data))
	equal("busy hours", sums(BusyThroughput), both(o.busy))
	equal("time", []int64{g.Sums.Time.Up, g.Sums.Time.Down + g.Sums.Time.Manual, g.Sums.Time.Energy, g.Sums.Time.MaintDown}, []int64{o.up, o.down, o.energy, o.maint})
	if q := g.Sums.Metrics[PRBDownlink]; o.prb[1] > 0 {
		got := new(big.Rat).SetFrac(q.Num.Big(), q.Den.Big())
		equal("PRBs", got, big.NewRat(o.prb[0], o.prb[1]))
	}
	days, load := int64(0), int64(0)
	for _, c := range o.cells {
		days += c[0]
		load += c[1]
	}
	equal("busy days", []int64{g.Sums.Busy.Days, g.Sums.Busy.PRB}, []int64{days, load})
	if k := r.Find(province, LTE, Availability); k != nil && k.Value != nil {
		unknown := max(o.expected-o.known, 0)
		equal("availability", k.Lo, big.NewRat(o.up, o.up+o.down+unknown))
	}
}

package ran

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
)

// slowTime is time by what unavailability counters say, in seconds.
type slowTime struct{ up, down, energy, maint, heard int64 }

func (t *slowTime) plus(o slowTime) {
	t.up, t.down, t.energy, t.maint, t.heard = t.up+o.up, t.down+o.down, t.energy+o.energy, t.maint+o.maint, t.heard+o.heard
}

func (t slowTime) away() int64 { return t.down + t.energy + t.maint }

// kpis are the availabilities, published while at most a twentieth is unknown.
func (t slowTime) kpis(expected int64, put func(KPI)) {
	if t == (slowTime{}) {
		return
	}
	unknown := max(expected-t.heard, 0)
	net := KPI{Name: Availability, Value: frac(t.up, t.up+t.down), Lo: frac(t.up, t.up+t.down+unknown), Hi: frac(t.up+unknown, t.up+t.down+unknown),
		Coverage: frac(expected-unknown, expected), Status: score.OK}
	switch {
	case net.Value == nil:
		net.Status = score.NoData
	case 20*unknown > t.up+t.down+unknown:
		net.Status = score.Insufficient
	}
	gross := net
	gross.Name, gross.Lo, gross.Hi, gross.Value = Gross, nil, nil, frac(t.up, t.up+t.down+t.energy+t.maint)
	put(net)
	put(gross)
}

// away is what one report says of 900 seconds; nothing, if it says more than that. planned says that it is in a window.
func (s counterSet) away(planned bool) (t slowTime) {
	v, ok := s.total("RRU.CellUnavailableTime")
	if !ok || v > 900 {
		return t
	}
	energy := min(int64(s.c["RRU.CellUnavailableTime.EnergySaving"]), v)
	manual := min(int64(s.c["RRU.CellUnavailableTime.ManualIntervention"]), v-energy)
	t = slowTime{up: 900 - v, energy: energy, down: v - energy - manual, heard: 900}
	if planned {
		t.maint, t.heard = manual, 0
	} else {
		t.down += manual
	}
	return t
}

// slowRadio is the month of all cells.
type slowRadio struct {
	groups  map[groupKey]*slowGroup
	cells   map[string]*slowMonth
	suspect int64
	kpis    map[string][]slowKPI // by kind
}

// slowMonth is one cell's: of its busy hours, and how long it served.
type slowMonth struct {
	days, load, prbSeconds, volume, time int64
	expected, serving                    int64
	province, kind                       string
}

// slow goes through all cells, places, days and quarters of an hour.
func (w *radioWorld) slow() *slowRadio {
	o := &slowRadio{groups: map[groupKey]*slowGroup{}, cells: map[string]*slowMonth{}, kpis: map[string][]slowKPI{}}
	for _, f := range slowKPIs() {
		o.kpis[f.kind] = append(o.kpis[f.kind], f)
	}
	latest := map[string]told{}
	for _, m := range w.lines {
		key := fmt.Sprint(m.object, m.group, m.end)
		if old, twice := latest[key]; !twice || m.revision > old.revision {
			latest[key] = m
		}
	}
	told := map[int64][]told{}
	for _, m := range latest {
		if doubtful(m) {
			o.suspect++
		} else {
			told[m.end] = append(told[m.end], m)
		}
	}
	for i := range w.cells {
		for _, stay := range w.cells[i].Stays {
			for d := day0; d < day0+2; d++ {
				if stay.clip(Span{d.Start(), d.End()}).seconds() > 0 {
					o.day(&w.cells[i], stay, d, told)
				}
			}
		}
	}
	return o
}

// doubtful says that the element doubts the report, or that a value is negative or above 100 %.
func doubtful(m told) bool {
	bad := m.suspect
	for name, v := range m.counters {
		percentage := strings.HasPrefix(name, "RRU.PrbTot") || strings.HasPrefix(name, "RRU.PrbCongestion")
		mine := !strings.HasPrefix(name, "DRB.RelActNbr") || m.kind == NR
		mine = mine && (!strings.HasPrefix(name, "ERAB.") || m.kind == LTE)
		bad = bad || mine && (v < 0 || percentage && v > 100)
	}
	return bad
}

// slowDay is one cell's day in one place.
type slowDay struct {
	cell    *Cell
	kpis    []slowKPI
	sums    map[string]*[2]int64
	seconds map[string]map[string]int64 // by KPI and object
	time    map[string]*slowTime        // by object
	hours   map[int64]*slowHour

	expected, serving, flagged, dropped int64
}

type slowHour struct{ volume, volumeSeconds, prb, prbSeconds, used, avail, usedSeconds, data, time, dataSeconds int64 }

func (o *slowRadio) day(c *Cell, stay Stay, d model.Day, lines map[int64][]told) {
	x := &slowDay{cell: c, kpis: o.kpis[c.Kind], sums: map[string]*[2]int64{}, seconds: map[string]map[string]int64{}, time: map[string]*slowTime{}, hours: map[int64]*slowHour{}}
	for from := d.Start(); from < d.End(); from += 900 {
		serves := half(from, func(at int64) bool { return at >= stay.From && at < stay.To })
		planned := half(from, func(at int64) bool { return len(c.Planned) > 0 && at >= c.Planned[0].From && at < c.Planned[0].To })
		if !serves {
			continue
		}
		x.serving += 900
		if !planned {
			x.expected += 900
		}
		for object, counters := range x.joined(lines[from+900]) {
			x.period(object, counterSet{c.Kind, counters}, from, planned)
		}
	}
	x.chooseHandovers()
	for _, province := range []string{"", stay.Province} {
		o.add(groupKey{province, c.Kind}, x)
	}
	o.month(x, stay)
}

// joined are the counters of each object that belongs to the cell, all groups together.
func (x *slowDay) joined(lines []told) map[string]map[string]float64 {
	out := map[string]map[string]float64{}
	for _, m := range lines {
		own, _, _ := strings.Cut(m.object, ",")
		if !slices.Contains(x.cell.Objects, own) {
			continue
		}
		if out[m.object] == nil {
			out[m.object] = map[string]float64{}
		}
		for name, v := range m.counters {
			out[m.object][name] = v
		}
	}
	return out
}

func (x *slowDay) period(object string, s counterSet, from int64, planned bool) {
	if x.time[object] == nil {
		x.time[object] = &slowTime{}
	}
	x.time[object].plus(s.away(planned))
	if planned {
		return
	}
	for _, f := range x.kpis {
		num, den, ok := f.of(s)
		if !ok {
			continue
		}
		if f.rate && num > den+2 {
			x.dropped++
			continue
		}
		if f.rate && num > den {
			x.flagged++
		}
		if x.sums[f.name] == nil {
			x.sums[f.name], x.seconds[f.name] = &[2]int64{}, map[string]int64{}
		}
		x.sums[f.name][0] += num
		x.sums[f.name][1] += den
		x.seconds[f.name][object] += 900
	}
	if slices.Contains(x.cell.Objects, object) {
		x.hour(s, from)
	}
}

// hour adds a period to its clock hour.
func (x *slowDay) hour(s counterSet, from int64) {
	h := x.hours[from/3600]
	if h == nil {
		h = &slowHour{}
		x.hours[from/3600] = h
	}
	name := map[string]string{LTE: "DRB.IPVolDl", NR: "DRB.PdcpSduVolumeDl"}[s.kind]
	if v, ok := s.total(name); ok {
		h.volume, h.volumeSeconds = h.volume+v, h.volumeSeconds+900
	}
	if v, ok := s.c["RRU.PrbTotDl"]; ok {
		h.prb, h.prbSeconds = h.prb+int64(v*1000+0.5)*900, h.prbSeconds+900
	}
	used, ok1 := s.total("RRU.PrbUsedDl")
	if avail, ok2 := s.total("RRU.PrbAvailDl"); ok1 && ok2 && s.kind == NR {
		h.used, h.avail, h.usedSeconds = h.used+used, h.avail+avail, h.usedSeconds+900
	}
	volume, ok1 := s.data("DRB.IPVolDl")
	if time, ok2 := s.data("DRB.IPTimeDl"); ok1 && ok2 && s.kind == LTE {
		h.data, h.time, h.dataSeconds = h.data+volume, h.time+time, h.dataSeconds+900
	}
}

// busiest is the hour of the greatest volume of those with three of four periods, the earliest of equals.
func (x *slowDay) busiest() *slowHour {
	var best *slowHour
	var numbers []int64
	for n := range x.hours {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		if h := x.hours[n]; h.volumeSeconds >= 2700 && (best == nil || h.volume > best.volume) {
			best = h
		}
	}
	return best
}

// load is the hour's PRB utilisation in 1/1000 %, if three of four periods tell it.
func (h *slowHour) load() (int64, bool) {
	switch {
	case h.prbSeconds >= 2700:
		return h.prb / h.prbSeconds, true
	case h.usedSeconds >= 2700 && h.avail > 0:
		return min(100_000, h.used*100_000/h.avail), true
	}
	return 0, false
}

// chooseHandovers takes those of relations, where there are any.
func (x *slowDay) chooseHandovers() {
	if x.sums[byRelation] == nil && x.sums[byStation] != nil {
		x.sums[byRelation], x.seconds[byRelation] = x.sums[byStation], x.seconds[byStation]
	}
}

// worst is the time of the object that tells of more time away; of equals, of more time up; then of the first by name.
func (x *slowDay) worst() (out slowTime) {
	for _, object := range slices.Sorted(maps.Keys(x.time)) {
		if t := x.time[object]; t.away() > out.away() || t.away() == out.away() && t.up > out.up {
			out = *t
		}
	}
	return out
}

func (o *slowRadio) add(key groupKey, x *slowDay) {
	g := o.groups[key]
	if g == nil {
		g = &slowGroup{sums: map[string]*slowSum{}}
		o.groups[key] = g
	}
	add := func(name string, num, den, seconds int64) {
		s := g.of(name)
		s.num.Add(&s.num, big.NewInt(num))
		s.den.Add(&s.den, big.NewInt(den))
		s.seconds.Add(&s.seconds, big.NewInt(seconds))
	}
	for name, s := range x.sums {
		weight, most := int64(1), int64(0)
		if strings.HasPrefix(name, "prb_") && !strings.HasPrefix(name, "prb_used") {
			weight = x.cell.RBs
		}
		for _, seconds := range x.seconds[name] {
			most = max(most, seconds)
		}
		add(name, s[0]*weight, s[1]*weight, most)
	}
	if h := x.busiest(); h != nil && x.cell.Kind == LTE {
		add("busy_throughput_dl", h.data, h.time, h.dataSeconds)
	}
	g.time.plus(x.worst())
	g.expected += x.expected
	g.flagged += x.flagged
	g.dropped += x.dropped
}

func (o *slowRadio) month(x *slowDay, stay Stay) {
	m := o.cells[x.cell.Name]
	if m == nil {
		m = &slowMonth{kind: x.cell.Kind}
		o.cells[x.cell.Name] = m
	}
	m.province = stay.Province
	m.expected, m.serving = m.expected+x.expected, m.serving+x.serving
	for _, h := range x.hours {
		m.prbSeconds += max(h.prbSeconds, h.usedSeconds)
	}
	if h := x.busiest(); h != nil {
		m.volume, m.time = m.volume+h.data, m.time+h.time
		if load, ok := h.load(); ok {
			m.days, m.load = m.days+1, m.load+load
		}
	}
}

// checkCells judges each cell, and counts them for the nation and for where each was last.
func (o *slowRadio) checkCells(t *rapid.T, r *Result, w *radioWorld) {
	counts := map[groupKey]*[6]int64{}
	for i := range w.cells {
		m := o.cells[w.cells[i].Name]
		at := slices.IndexFunc(r.Cells, func(c CellMonth) bool { return c.Name == w.cells[i].Name })
		if m == nil || at < 0 {
			if m != nil || at >= 0 {
				t.Fatalf("cell %s is there: %v, want %v", w.cells[i].Name, at >= 0, m != nil)
			}
			continue
		}
		rbs := w.cells[i].RBs
		short := m.serving < int64(w.rules.MinServiceDays)*model.DaySeconds
		evaluated := m.days > 0 && m.expected > 0 && 10*m.prbSeconds >= 9*m.expected
		full := m.load >= int64(w.rules.ThetaPerMille)*100*m.days
		fast := w.rules.MinUserSpeed > 0 && m.time > 0 && m.volume*1000 >= w.rules.MinUserSpeed*m.time
		want := fmt.Sprint(m.province, rbs, frac(m.load, m.days*1000), covered(m.prbSeconds, m.expected), short, evaluated, evaluated && full && !fast)
		c := &r.Cells[at]
		if got := fmt.Sprint(c.Province, c.RBs, c.Load, c.Coverage, c.Short, c.Evaluated, c.Congested); got != want {
			t.Fatalf("cell %s: %s, want %s", c.Name, got, want)
		}
		for _, key := range []groupKey{{"", m.kind}, {m.province, m.kind}} {
			if counts[key] == nil {
				counts[key] = &[6]int64{}
			}
			for j, yes := range []bool{!short, !short && evaluated, !short && evaluated && full && !fast, !short && !evaluated} {
				if yes {
					counts[key][j]++
				}
			}
			if !short && evaluated {
				counts[key][4] += rbs
			}
			if !short && evaluated && full && !fast {
				counts[key][5] += rbs
			}
		}
	}
	checkRatios(t, r, counts)
}

func checkRatios(t *rapid.T, r *Result, counts map[groupKey]*[6]int64) {
	for _, c := range r.Congestion {
		n := counts[groupKey{c.Province, c.Kind}]
		if n == nil {
			t.Fatalf("%+v is of no cells", c)
		}
		status, meets := score.NoData, false
		if n[1] > 0 {
			status, meets = score.OK, 100*n[2] < 3*n[1]
		}
		got := fmt.Sprint(c.Cells, c.Evaluated, c.Congested, c.NotEvaluated, c.RBsEvaluated, c.RBsCongested, c.Ratio, c.WeightedRatio, c.Status, c.Meets)
		want := fmt.Sprint(n[0], n[1], n[2], n[3], n[4], n[5], frac(n[2], n[1]), frac(n[5], n[4]), status, meets)
		if got != want {
			t.Fatalf("congestion of %q, %s: %s, want %s", c.Province, c.Kind, got, want)
		}
	}
	if len(r.Congestion) != len(counts) {
		t.Fatalf("%d groups, want %d", len(r.Congestion), len(counts))
	}
}

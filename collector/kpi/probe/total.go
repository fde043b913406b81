package probe

import (
	"cmp"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi/exact"
	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
)

// Where is the province that a device or a pseudo device (see ProvincePrefix) was in; false: in none that is
// known. "" is a national one.
type Where func(device string, at int64) (province string, known bool)

// ProvincePrefix begins the device name of the samples of a whole province.
const ProvincePrefix = "province:"

// measure is what is summed of a service's samples.
type measure int

const (
	lossOf measure = iota // lost packets, in 1e-9, by packets
	upOf                  // samples below the loss at which a service is unavailable
	rttOf
	jitterOf
	mosOf
	speedOf // share of samples at the floor or above
	ratioOf // measured by subscribed speed, 1e-6
	webOf
	zapOf
	measures
)

// Tally is the samples of one measure: their sum, and how many there are of each value where a percentile
// is asked for.
type Tally struct {
	Samples  int64
	Num, Den exact.Int128
	Values   []Bin // ascending
}

// Bin counts the samples of one value.
type Bin struct{ Value, Count int64 }

// Group is one province's (or the nation's: "") samples of one service.
type Group struct {
	Province, Service string
	Tallies           [measures]Tally
}

// Total is what days of samples add up to. It merges.
type Total struct {
	From, To model.Day
	Groups   []Group // by province, service
}

// Sum adds up one local day up to the instant end (0: all of it).
func Sum(day model.Day, end int64, days []report.Day, where Where, rules *model.ProbeRules) *Total {
	if end == 0 {
		end = day.End()
	}
	groups := map[[2]string]*Group{}
	for i := range days {
		d := &days[i]
		service, ok := strings.CutPrefix(d.Kind, KindPrefix)
		if !ok {
			continue
		}
		for r := range d.Rows.All(day) {
			province, known := where(d.Device, r.Start())
			if !known || r.End > end {
				continue
			}
			add(groups, "", service, r, rules)
			if province != "" {
				add(groups, province, service, r, rules)
			}
		}
	}
	t := &Total{From: day, To: day + 1}
	for _, g := range groups {
		for m := range g.Tallies {
			g.Tallies[m].sort()
		}
		t.Groups = append(t.Groups, *g)
	}
	slices.SortFunc(t.Groups, compareGroups)
	return t
}

func compareGroups(a, b Group) int {
	return cmp.Or(strings.Compare(a.Province, b.Province), strings.Compare(a.Service, b.Service))
}

func add(groups map[[2]string]*Group, province, service string, r *report.Report, rules *model.ProbeRules) {
	key := [2]string{province, service}
	g := groups[key]
	if g == nil {
		g = &Group{Province: province, Service: service}
		groups[key] = g
	}
	g.sample(r, rules)
}

func (g *Group) sample(r *report.Report, rules *model.ProbeRules) {
	has := func(item int) bool { return r.Has&(1<<item) != 0 }
	if has(loss) {
		weight := int64(1)
		if has(packets) {
			weight = r.Values[packets]
		}
		g.Tallies[lossOf].add(exact.Mul(r.Values[loss], weight), exact.Mul(1e9, weight))
		up := int64(0)
		if r.Values[loss]*rules.UnavailableLoss.Den < rules.UnavailableLoss.Num*1e9 {
			up = 1
		}
		g.Tallies[upOf].add(exact.Int(up), exact.Int(1))
	}
	for item, m := range map[int]measure{rtt: rttOf, jitter: jitterOf, mos: mosOf, webLoad: webOf, zap: zapOf} {
		if has(item) {
			g.Tallies[m].add(exact.Int(r.Values[item]), exact.Int(1))
			if m == mosOf || m == zapOf { // of these a percentile is asked for
				g.Tallies[m].Values = append(g.Tallies[m].Values, Bin{r.Values[item], 1})
			}
		}
	}
	if floor, asked := rules.SpeedFloorKbit[g.Service]; asked && has(speed) {
		enough := int64(0)
		if r.Values[speed] >= floor {
			enough = 1
		}
		g.Tallies[speedOf].add(exact.Int(enough), exact.Int(1))
	}
	if has(speed) && has(subscribed) && r.Values[subscribed] > 0 {
		g.Tallies[ratioOf].add(exact.Int(r.Values[speed]*1_000_000/r.Values[subscribed]), exact.Int(1_000_000))
	}
}

func (t *Tally) add(num, den exact.Int128) {
	t.Samples++
	t.Num, t.Den = t.Num.Add(num), t.Den.Add(den)
}

// sort puts the values in order and counts equal ones together.
func (t *Tally) sort() {
	slices.SortFunc(t.Values, func(a, b Bin) int { return cmp.Compare(a.Value, b.Value) })
	out := t.Values[:0]
	for _, b := range t.Values {
		if n := len(out); n > 0 && out[n-1].Value == b.Value {
			out[n-1].Count += b.Count
		} else {
			out = append(out, b)
		}
	}
	t.Values = out
}

// plus is both tallies together; neither is changed.
func (t Tally) plus(o *Tally) Tally {
	t.Samples += o.Samples
	t.Num, t.Den = t.Num.Add(o.Num), t.Den.Add(o.Den)
	t.Values = slices.Concat(t.Values, o.Values)
	t.sort()
	return t
}

// Merge joins totals over disjoint days, in any order. It returns nil for none.
func Merge(parts ...*Total) *Total {
	var out *Total
	groups := map[[2]string]Group{}
	for _, p := range parts {
		if out == nil {
			out = &Total{From: p.From, To: p.To}
		}
		out.From, out.To = min(out.From, p.From), max(out.To, p.To)
		for i := range p.Groups {
			g := &p.Groups[i]
			key := [2]string{g.Province, g.Service}
			sum, known := groups[key]
			if !known {
				groups[key] = *g
				continue
			}
			for m := range sum.Tallies {
				sum.Tallies[m] = sum.Tallies[m].plus(&g.Tallies[m])
			}
			groups[key] = sum
		}
	}
	for _, g := range groups {
		out.Groups = append(out.Groups, g)
	}
	if out != nil {
		slices.SortFunc(out.Groups, compareGroups)
	}
	return out
}

// percentile is the nearest-rank percentile: value number ceil(percent × n / 100), in ascending order.
func (t *Tally) percentile(percent int64) (value int64, ok bool) {
	rank := (percent*t.Samples + 99) / 100
	for _, b := range t.Values {
		if rank -= b.Count; rank <= 0 {
			return b.Value, true
		}
	}
	return 0, false
}

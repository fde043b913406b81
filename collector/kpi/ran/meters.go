package ran

import (
	"cmp"
	"math/big"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi/exact"
	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
)

// Meter is an object that tells what it consumes: a managed element, a part of one, a cell. It counts to the
// province of its device, whatever the object is.
type Meter struct {
	Device, Object string
	Province       string   // the last one
	Energy, Power  Quantity // as the metrics of the same names
}

func compareMeters(a, b Meter) int {
	return cmp.Or(strings.Compare(a.Device, b.Device), strings.Compare(a.Object, b.Object))
}

// plus is m and the later o together.
func (m *Meter) plus(o *Meter) Meter {
	return Meter{m.Device, m.Object, o.Province, m.Energy.Plus(o.Energy), m.Power.Plus(o.Power)}
}

// Mean is the power in whole mW, floored; 0 if it told none.
func (m *Meter) Mean() int64 {
	if m.Power.Den.IsZero() {
		return 0
	}
	return new(big.Int).Quo(m.Power.Num.Big(), m.Power.Den.Big()).Int64()
}

// station is a day of a device with cells.
type station struct {
	serving bool         // a cell was in service
	uneven  bool         // a window or an edge of validity touches one: not all of the volume is known
	volume  exact.Int128 // kbit that its cells carried
}

// consumes says whether an object tells what it consumes.
func consumes(d *report.Day, day model.Day) bool {
	if len(d.Sums) > 0 {
		return tells(d.Sums, Energy, Power)
	}
	for r := range d.Rows.All(day) {
		if has(r, energy, energy) || has(r, power, power) {
			return true
		}
	}
	return false
}

// carried notes the volume of a cell for its device.
func (b *summing) carried(c *Cell, day Span, sums *Sums) {
	s := &b.stations[c.site]
	s.serving = true
	switch {
	case len(b.meters) == 0:
	case !c.plain(day):
		s.uneven = true
	case c.Kind == NR:
		s.volume = s.volume.Add(sums.Metrics[UEThroughput].Den)
	default:
		s.volume = s.volume.Add(sums.Metrics[Throughput].Num)
	}
}

// consumption adds up what devices consumed. All with cells are expected to tell, and others on the days on
// which they do.
func (b *summing) consumption() {
	for i := range b.stations {
		if b.stations[i].serving {
			b.expect(b.plan.sites[i])
		}
	}
	slices.SortFunc(b.meters, func(x, y *report.Day) int { return x.Compare(y) })
	for rest := b.meters; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].Device == rest[0].Device {
			n++
		}
		b.device(rest[:n])
		rest = rest[n:]
	}
}

func (b *summing) expect(stays []Stay) {
	whole := Span{b.day.Start(), b.day.End()}
	for _, stay := range stays {
		if in := stay.clip(whole).seconds(); in > 0 {
			for _, g := range b.sites(stay) {
				g.Expected += in
			}
		}
	}
}

// sites are the groups of a stay.
func (b *summing) sites(stay Stay) []*GroupTotal {
	nation := b.at(groupKey{"", Site})
	if stay.Province == "" {
		return []*GroupTotal{nation}
	}
	return []*GroupTotal{nation, b.at(groupKey{stay.Province, Site})}
}

// device adds what one device's objects told, stay by stay.
func (b *summing) device(objects []*report.Day) {
	name, whole := objects[0].Device, Span{b.day.Start(), b.day.End()}
	stays, s := b.plan.stays(name), station{}
	if len(stays) == 0 {
		b.total.Unlisted += len(objects)
		return
	}
	if i, known := b.plan.known[name]; known {
		s = b.stations[i]
	}
	if !s.serving {
		b.expect(stays)
	}
	var all []Meter
	for _, stay := range stays {
		if stay.clip(whole).seconds() == 0 {
			continue
		}
		meters := b.told(stay, objects)
		all = mergeSorted(all, meters, compareMeters, (*Meter).plus)
		energy, power := outermost(meters, (*Meter).energy), outermost(meters, (*Meter).power)
		for _, g := range b.sites(stay) {
			g.Sums.Metrics[Energy] = g.Sums.Metrics[Energy].Plus(energy)
			g.Sums.Metrics[Power] = g.Sums.Metrics[Power].Plus(power)
			if energy.Seconds > 0 && !s.uneven && !s.volume.IsZero() && stay.clip(whole) == whole {
				g.Sums.Metrics[EnergyPerVolume] = g.Sums.Metrics[EnergyPerVolume].Plus(Quantity{energy.Num, s.volume, energy.Seconds})
			}
		}
	}
	b.total.Meters = append(b.total.Meters, all...)
}

// told is what objects of a device told in a stay. Windows do not matter: a meter runs on.
func (b *summing) told(stay Stay, objects []*report.Day) (out []Meter) {
	here := func(r *report.Report) (serves, planned bool) { return stay.serves(Span{r.Start(), r.End}), false }
	for _, d := range objects {
		b.object(stay.Span, d, here)
		m := Meter{d.Device, d.Object, stay.Province, b.one.Metrics[Energy], b.one.Metrics[Power]}
		switch n := len(out); {
		case m.Energy.Seconds == 0 && m.Power.Seconds == 0:
		case n > 0 && out[n-1].Object == m.Object: // of another kind
			out[n-1] = out[n-1].plus(&m)
		default:
			out = append(out, m)
		}
	}
	return out
}

// outermost adds up a device's meters.
func outermost(meters []Meter, of func(m *Meter) *Quantity) (sum Quantity) {
	for _, m := range apart(meters, of) {
		sum = sum.join(*of(m))
	}
	return sum
}

func (m *Meter) energy() *Quantity { return &m.Energy }
func (m *Meter) power() *Quantity  { return &m.Power }

// apart are the meters that tell something and are within no other one of the device that does.
func apart(all []Meter, of func(m *Meter) *Quantity) (out []*Meter) {
	type object struct{ device, name string }
	told := map[object]bool{}
	for i := range all {
		if m := &all[i]; of(m).Seconds > 0 {
			told[object{m.Device, m.Object}] = true
		}
	}
	within := func(m *Meter) bool {
		for name := m.Object; ; {
			up := strings.LastIndexByte(name, ',')
			if up < 0 {
				return false
			}
			if name = name[:up]; told[object{m.Device, name}] {
				return true
			}
		}
	}
	for i := range all {
		if m := &all[i]; of(m).Seconds > 0 && !within(m) {
			out = append(out, m)
		}
	}
	return out
}

// power is the power of each province's devices, in mW: the means of all meters that are within no other one.
func (t *Total) power() map[string]int64 {
	out := map[string]int64{}
	for _, m := range apart(t.Meters, (*Meter).power) {
		out[""] += m.Mean()
		if m.Province != "" {
			out[m.Province] += m.Mean()
		}
	}
	return out
}

// siteKPIs are what a group's devices consumed. Nothing is added for those that do not tell: that is what the
// coverage says.
func siteKPIs(g *GroupTotal, milliwatts int64, rules *model.RANRules) (out []KPI) {
	put := func(m Metric, name, unit string, num, den *big.Int) {
		q := &g.Sums.Metrics[m]
		if q.Seconds == 0 {
			return
		}
		k := KPI{Province: g.Province, Kind: Site, Name: name, Unit: unit, Num: num, Den: den, Coverage: coverage(q.Seconds, g.Expected)}
		k.Value = new(big.Rat).SetFrac(num, den)
		k.judge(rules.MinCoverage)
		out = append(out, k)
	}
	put(Energy, "energy", "kwh", g.Sums.Metrics[Energy].Num.Big(), big.NewInt(kWh))
	put(Power, "power", "w", big.NewInt(milliwatts), big.NewInt(kilo))
	ratio := &g.Sums.Metrics[EnergyPerVolume]
	put(EnergyPerVolume, "energy_per_gb", "kwh_per_gb", new(big.Int).Mul(ratio.Num.Big(), big.NewInt(kbitPerGB)), new(big.Int).Mul(ratio.Den.Big(), big.NewInt(kWh)))
	return out
}

const kbitPerGB = 8_000_000

// Consumers are the objects of a province's devices, or of all ("") devices, that consumed most, at most so many.
func (r *Result) Consumers(province string, most int) []Meter {
	if r.Total == nil {
		return nil
	}
	var out []Meter
	for _, m := range apart(r.Total.Meters, (*Meter).energy) {
		if province == "" || m.Province == province {
			out = append(out, *m)
		}
	}
	slices.SortStableFunc(out, func(a, b Meter) int { return b.Energy.Num.Big().Cmp(a.Energy.Num.Big()) })
	return out[:min(len(out), most)]
}

package kpi

import (
	"cmp"
	"maps"
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// CapacityMonth says what a capacity composite carried when it carried most, and whether what is left
// without its largest member could have.
type CapacityMonth struct {
	In, Out   PeakLoad
	Expected  int32  // 5-minute slots with a member in service
	Coverage  Number // slots in which every member in service had a sample; of the lower direction
	Status    Status
	Congested bool // N-1: the rest would have been loaded to theta or above; never without enough coverage
}

// PeakLoad is the slot in which all members together carried most in one direction, the earliest of
// equals.
type PeakLoad struct {
	Slots         int32 // with a sample of every member in service
	At            int64 // 0: none
	Kbps          int64
	Mbps, Largest int64  // members in service then, and the greatest of them
	Util, N1      Number // Kbps by Mbps, and by what is left without the largest
	Cables        []CableLoad
}

// CableLoad is what one member carried in the peak's slot; all of them add up to it.
type CableLoad struct {
	Link       string
	Kbps, Mbps int64
}

// CapacityLoad is one capacity composite in a Traffic.
type CapacityLoad struct {
	Composite string
	Slots     int32
	In, Out   PeakLoad
}

// cable is a link as a member of a capacity composite.
type cable struct {
	composite int
	during    span
	mbps      int64 // 0: the link's own
}

// loads gathers the slots of capacity composites from their links, one after the other.
type loads map[loadKey]*loadDay

type loadKey struct {
	composite int
	day       model.Day
}

type loadDay struct {
	mbps, largest [SlotsPerDay]int64
	in, out       dirLoad
	cables        []cableDay
}

// cableDay is one cable's day; it is not in service where it has no slot.
type cableDay struct {
	link          string
	here          [SlotsPerDay]bool
	mbps, in, out [SlotsPerDay]int64
}

type dirLoad struct {
	kbps [SlotsPerDay]int64
	lack [SlotsPerDay]bool // a member in service has no sample
}

// addCables tells the links of which capacity composites they are members. A composite of other
// things than links carries nothing that could be added up.
func (p *Plan) addCables() {
	for i := range p.composites {
		for _, r := range p.composites[i].rows {
			other := slices.ContainsFunc(r.parts, func(m composedOf) bool { return m.kind != model.ScopeLink || m.index < 0 })
			if r.Rule != model.Capacity || other {
				continue
			}
			for _, m := range r.parts {
				l := &p.links[m.index]
				own := *l.linkStay // which may be that of others, too
				own.cables = append(slices.Clip(own.cables), cable{i, r.valid(), m.mbps})
				l.linkStay = &own
			}
		}
	}
}

// carry adds the day's slots of the link, just summed up, to the composites it is a member of.
func (w *linkDay) carry(ln *line) {
	var out [SlotsPerDay]int32 // seconds out of service
	start := w.day.Start()
	for seg := range ln.segments(span{start, w.day.End()}) {
		for i := int((seg.from - start) / SlotSeconds); seg.excluded() && i < SlotsPerDay && start+int64(i)*SlotSeconds < seg.to; i++ {
			out[i] += int32(span{start + int64(i)*SlotSeconds, start + int64(i+1)*SlotSeconds}.clip(seg.span).seconds())
		}
	}
	for _, c := range w.link.cables {
		day, own := w.loads.day(loadKey{c.composite, w.day}), cableDay{link: w.link.name()}
		for i := range SlotsPerDay {
			at := start + int64(i)*SlotSeconds
			if out[i] > SlotSeconds/2 || at+SlotSeconds > w.end || !c.during.holds(at) {
				continue
			}
			mbps, in, out := w.slot(at, i)
			own.here[i], own.mbps[i], own.in[i], own.out[i] = true, cmp.Or(c.mbps, mbps), in, out
			day.add(i, own.mbps[i])
			day.in.add(i, w.in[i] >= 0, in)
			day.out.add(i, w.out[i] >= 0, out)
		}
		day.cables = append(day.cables, own)
	}
}

// slot is the link's capacity and rates in a slot; 0 where nothing was read.
func (w *linkDay) slot(at int64, i int) (mbps, in, out int64) {
	for k := range w.link.rows {
		row := &w.link.rows[k]
		if !row.valid().holds(at) {
			continue
		}
		mbps = row.CapacityMbps
		port := w.portDay(row)
		if port == nil {
			return mbps, 0, 0
		}
		return cmp.Or(mbps, speedAt(port.Speed, i)), rateAt(port.In, i), rateAt(port.Out, i)
	}
	return 0, 0, 0
}

// speedAt is the speed at the slot's end; before the day's first one that one.
func speedAt(steps []SpeedStep, slot int) (mbps int64) {
	for i, s := range steps {
		if i > 0 && int(s.Slot) > slot {
			break
		}
		mbps = int64(s.Mbps)
	}
	return mbps
}

func rateAt(rates []uint32, slot int) int64 {
	if slot >= len(rates) || rates[slot] == NoRate {
		return 0
	}
	return int64(rates[slot])
}

func (l loads) day(k loadKey) *loadDay {
	if l[k] == nil {
		l[k] = &loadDay{}
	}
	return l[k]
}

func (d *loadDay) add(slot int, mbps int64) {
	d.mbps[slot] += mbps
	d.largest[slot] = max(d.largest[slot], mbps)
}

func (d *dirLoad) add(slot int, sampled bool, kbps int64) {
	d.kbps[slot] += kbps
	d.lack[slot] = d.lack[slot] || !sampled
}

// sums are the composites' loads, by name.
func (l loads) sums(p *Plan) []CapacityLoad {
	byName := map[string]CapacityLoad{}
	for k, d := range l {
		name := p.composites[k.composite].name
		day := CapacityLoad{Composite: name, In: d.peak(&d.in, k.day), Out: d.peak(&d.out, k.day)}
		day.In.Cables = d.carried(day.In.At, k.day, func(c *cableDay) *[SlotsPerDay]int64 { return &c.in })
		day.Out.Cables = d.carried(day.Out.At, k.day, func(c *cableDay) *[SlotsPerDay]int64 { return &c.out })
		for _, mbps := range d.mbps {
			if mbps > 0 {
				day.Slots++
			}
		}
		byName[name] = byName[name].plus(day)
	}
	return byComposite(byName)
}

func byComposite(all map[string]CapacityLoad) []CapacityLoad {
	return slices.SortedFunc(maps.Values(all), func(a, b CapacityLoad) int { return cmp.Compare(a.Composite, b.Composite) })
}

func (d *loadDay) peak(dir *dirLoad, day model.Day) PeakLoad {
	var out PeakLoad
	for i := range SlotsPerDay {
		if d.mbps[i] > 0 && !dir.lack[i] {
			out = out.plus(PeakLoad{Slots: 1, At: day.Start() + int64(i)*SlotSeconds, Kbps: dir.kbps[i], Mbps: d.mbps[i], Largest: d.largest[i]})
		}
	}
	return out
}

// carried is what each cable carried in the slot at an instant; nothing in none.
func (d *loadDay) carried(at int64, day model.Day, kbps func(*cableDay) *[SlotsPerDay]int64) (out []CableLoad) {
	slot := (at - day.Start()) / SlotSeconds
	for i := range d.cables {
		if c := &d.cables[i]; at != 0 && c.here[slot] {
			out = append(out, CableLoad{c.link, kbps(c)[slot], c.mbps[slot]})
		}
	}
	slices.SortFunc(out, func(a, b CableLoad) int { return cmp.Compare(a.Link, b.Link) })
	return out
}

// plus is both together, in any order.
func (a CapacityLoad) plus(b CapacityLoad) CapacityLoad {
	return CapacityLoad{cmp.Or(a.Composite, b.Composite), a.Slots + b.Slots, a.In.plus(b.In), a.Out.plus(b.Out)}
}

func (a PeakLoad) plus(b PeakLoad) PeakLoad {
	slots := a.Slots + b.Slots
	if a.At == 0 || b.At != 0 && (b.Kbps > a.Kbps || b.Kbps == a.Kbps && b.At < a.At) {
		a = b
	}
	a.Slots = slots
	return a
}

// mergeCapacity joins loads of disjoint days.
func mergeCapacity(parts ...[]CapacityLoad) []CapacityLoad {
	byName := map[string]CapacityLoad{}
	for _, c := range slices.Concat(parts...) {
		byName[c.Composite] = byName[c.Composite].plus(c)
	}
	return byComposite(byName)
}

// capacity is what a composite carried in the month; nil if nothing of it can be told.
func (e *evaluation) capacity(name string) *CapacityMonth {
	if e.carried == nil {
		return nil
	}
	load := e.carried.load(name)
	if load == nil || load.Slots == 0 {
		return nil
	}
	targets := &e.plan.inv.Targets
	m := CapacityMonth{In: load.In.divide(), Out: load.Out.divide(), Expected: load.Slots,
		Coverage: Quo(int64(min(load.In.Slots, load.Out.Slots)), int64(load.Slots)), Status: OK}
	minimum := targets.Congestion[model.International].MinCoverage
	theta := model.Ratio{Num: int64(targets.N1PerMille), Den: 1000}
	switch {
	case m.In.Slots+m.Out.Slots == 0:
		m.Status = NoData
	case minimum.Den != 0 && m.Coverage.Cmp(minimum) < 0:
		m.Status = Insufficient
	case theta.Num == 0:
		m.Status = NoTarget
	default:
		m.Congested = m.In.reaches(theta) || m.Out.reaches(theta)
	}
	return &m
}

func (a PeakLoad) divide() PeakLoad {
	a.Util, a.N1 = Quo(a.Kbps, a.Mbps*1000), Quo(a.Kbps, (a.Mbps-a.Largest)*1000)
	return a
}

func (a PeakLoad) reaches(theta model.Ratio) bool { return a.N1.Valid() && a.N1.Cmp(theta) >= 0 }

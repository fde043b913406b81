package scorecard

import "github.com/haidang-noc/haidang/collector/kpi"

func (b *builder) outages() {
	for i := range b.result.Outages {
		o := &b.result.Outages[i]
		provinces := b.located(o)
		key, _, _ := b.name(o.Level, o.System, o.Class)
		one := Outage{
			Level: string(o.Level), Name: o.Name, Key: key, Provinces: list(provinces), From: stamp(o.From), To: stamp(o.To),
			Open: o.Open, Seconds: o.Seconds, Counted: o.Counted, Planned: o.Planned, Windows: list(o.Windows),
		}
		for _, d := range b.holders(provinces) {
			d.Outages = append(d.Outages, one)
		}
	}
}

// located are the provinces of an outage.
func (b *builder) located(o *kpi.Outage) []string {
	if o.Level == kpi.LevelLink {
		return o.Provinces
	}
	if o.Province == "" {
		return nil
	}
	return []string{o.Province}
}

// list is s, or an empty list in place of none: JSON readers should meet no null there.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func (b *builder) links() {
	for i := range b.result.Links {
		l := &b.result.Links[i]
		switch {
		case l.Congested:
			docs := b.holders(l.Provinces)
			if docs[0] != b.docs[0] {
				docs = append(docs, b.docs[0])
			}
			for _, d := range docs {
				d.Congested = append(d.Congested, link(l))
			}
		case l.NotEvaluated != "":
			for _, d := range b.holders(l.Provinces) {
				d.NotEvaluated = append(d.NotEvaluated, link(l))
			}
		}
	}
}

func link(l *kpi.LinkMonth) Link {
	return Link{
		Link: l.Link, Class: string(l.Class), Device: l.Port.Device, IfName: l.Port.IfName, Provinces: list(l.Provinces),
		Reason: string(l.NotEvaluated), CapacityMbps: l.CapacityMbps, P95: perMille(l.P95), CongestedHours: l.CongestedHours,
		DropDays: l.DropDays, Expected: l.Expected, Resets: l.Resets, Coverage: ratio(l.Coverage), In: direction(&l.In), Out: direction(&l.Out),
	}
}

func direction(d *kpi.DirMonth) Direction {
	return Direction{
		Slots: d.Slots, Suspect: d.Suspect, P95: perMille(d.P95), Max: perMille(d.Max), Mean: quotient(d.Occ, perMillePlaces),
		BusyHour: perMille(d.BusyHour), BusyMean: quotient(d.BusyMean, perMillePlaces),
	}
}

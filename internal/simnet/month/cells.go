package month

import (
	"slices"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/pm"
)

// cells writes what the cells of the polled devices counted in the period that ends with the round, if one does.
// Element managers keep their files while nobody fetches them, so nothing is lost when an agent stops.
func (l *lines) cells(round int, cut *cutter) {
	end := l.plan.at(0, round+1)
	if !l.plan.Cells || end%pm.Period != 0 {
		return
	}
	for i := range l.sites {
		l.objects = l.objects[:0]
		for g := range l.sites[i].Count(l.plan.Net, end) {
			l.gather(g)
		}
		for j := range l.objects {
			l.object(l.sites[i].Device, &l.objects[j], end)
		}
		cut.spill(&l.enc)
	}
}

// gather adds a group of counters to what there is of its object.
func (l *lines) gather(g *pm.Group) {
	i := slices.IndexFunc(l.objects, func(o pm.Group) bool { return o.Object == g.Object })
	if i < 0 {
		i = len(l.objects)
		l.objects = slices.Grow(l.objects, 1)[:i+1] // with the room for values of an earlier one
		l.objects[i] = pm.Group{Object: g.Object, RAT: g.RAT, Values: l.objects[i].Values[:0]}
	}
	l.objects[i].Values = append(l.objects[i].Values, g.Values...)
}

// object writes all that one object counted.
func (l *lines) object(device int32, g *pm.Group, end fault.Tick) {
	d := &l.plan.Net.Devices[device]
	l.key = point.AppendKey(l.key[:0], "pm", point.Tag{Key: "device", Value: d.Name}, point.Tag{Key: "object", Value: g.Object},
		point.Tag{Key: "rat", Value: g.RAT}, point.Tag{Key: "group", Value: "all"}, point.Tag{Key: "agent", Value: l.plan.agentOf(d.Agent)})
	e := &l.enc
	e.Begin(l.key)
	for _, v := range g.Values {
		e.Float(v.Name, v.Value)
	}
	e.Int("period_s", int64(pm.PeriodSeconds))
	e.End(end.UnixNano())
}

// sitesOf are the base stations among the polled devices.
func sitesOf(p *Plan) (out []pm.Site) {
	if !p.Cells {
		return nil
	}
	polled := p.polled()
	for _, s := range pm.Sites(p.Net.Network) {
		if polled[s.Device] {
			out = append(out, s)
		}
	}
	return out
}

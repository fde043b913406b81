package partition

import (
	"context"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// live is the present state of every entity, for whoever cannot wait for a fold of the day. It is made
// when somebody asks for States first, and follows the observations from then on.
type live struct {
	entities []liveEntity // by id
	dirty    []uint32     // those to be told about after the batch
}

type liveEntity struct {
	kpi.Machine
	seen  int64
	agent string
	dirty bool
}

// States makes the present status of all entities and keeps telling about their changes from then on.
// Ports that are up are left out, but for those wanted. After a change of ownership it must be called
// again: until then nothing is told.
func (p *Partition) States(ctx context.Context, wanted map[model.Port]bool) ([]Status, error) {
	told := make(chan []Status, 1) // whoever has stopped waiting takes none
	err := p.ask(ctx, func(ctx context.Context, o *owner) error {
		if err := o.enliven(ctx); err != nil {
			return err
		}
		told <- o.states(wanted)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return <-told, nil
}

func (o *owner) states(wanted map[model.Port]bool) (out []Status) {
	for id := range o.live.entities {
		k, e := o.entities[id], &o.live.entities[id]
		if e.seen != 0 && (k.ifname == "" || e.State != kpi.Up || wanted[model.Port{Device: k.device, IfName: k.ifname}]) {
			out = append(out, o.status(uint32(id)))
		}
	}
	return out
}

// enliven starts from what the days of yesterday and today fold to.
func (o *owner) enliven(ctx context.Context) error {
	if o.live != nil {
		return nil
	}
	today := model.DayOf(o.Now().Unix())
	chunks, err := o.openChunks(ctx, Days{From: today - 1, To: today + 2}, false)
	if err != nil {
		return err
	}
	o.live = &live{}
	for _, c := range chunks {
		for _, e := range c.Entities {
			at := o.live.at(o.entity(entityKey{e.Device, e.IfName, e.Method}))
			at.Machine, at.seen = e.Carry, e.Carry.Seen()
		}
	}
	return nil
}

// at is the entity's place.
func (l *live) at(id uint32) *liveEntity {
	for int(id) >= len(l.entities) {
		l.entities = append(l.entities, liveEntity{})
	}
	return &l.entities[id]
}

// follow takes an observation that was new to the entity's series.
func (o *owner) follow(r *route, sec int64, obs kpi.Obs, interval int64) {
	if o.live == nil {
		return
	}
	e := o.live.at(r.entity)
	before, first := e.State, e.seen == 0
	if sec > e.seen {
		e.Machine, e.seen = e.Step(sec, obs, interval), sec
		if r.agent != "" {
			e.agent = r.agent
		}
	} else if model.DayOf(sec) < model.DayOf(e.seen)-1 || !o.refold(r.entity, e) {
		return // it changes nothing about the present
	}
	device := o.entities[r.entity].ifname == ""
	if !e.dirty && (device || first || before != kpi.Up || e.State != kpi.Up) {
		e.dirty = true
		o.live.dirty = append(o.live.dirty, r.entity)
	}
}

// refold looks anew at the observations of the last two days, since one came late. A state that began
// before them seems to begin with them.
func (o *owner) refold(id uint32, e *liveEntity) bool {
	last := model.DayOf(e.seen)
	today, here := o.days[last]
	if !here {
		return false
	}
	m := kpi.Machine{}.Fold(last-1, o.days[last-1].seriesOf(int(id)), nil).Carry
	m = m.Fold(last, today.seriesOf(int(id)), nil).Carry
	m.Boot = e.Boot
	changed := m != e.Machine
	e.Machine = m
	return changed
}

// tell hands the batch's changes over.
func (o *owner) tell() {
	if o.live == nil || len(o.live.dirty) == 0 {
		return
	}
	o.Changes.put(func(n *News) {
		for _, id := range o.live.dirty {
			o.live.entities[id].dirty = false
			s := o.status(id)
			n.States[s.Entity] = s
		}
	})
	o.live.dirty = o.live.dirty[:0]
}

func (o *owner) status(id uint32) Status {
	k, e := o.entities[id], &o.live.entities[id]
	return Status{Entity: Entity{k.device, k.ifname, k.method}, Partition: o.ID, Agent: e.agent, Seen: e.seen, Applied: o.now, Machine: e.Machine}
}

// spoke tells about an agent's heartbeat.
func (o *owner) spoke(agent string, sec, interval int64) {
	if interval <= 0 || interval > kpi.MaxInterval {
		interval = heartbeatInterval
	}
	o.Changes.put(func(n *News) {
		if sec > n.Agents[agent].At {
			n.Agents[agent] = Heartbeat{At: sec, Until: sec + interval*5/2, Partition: o.ID}
		}
	})
}

// heartbeatInterval is taken for an agent that does not say how often it speaks.
const heartbeatInterval = 60

// reached tells how far the monitor's own points have come.
func (o *owner) reached(ns int64) {
	o.Changes.put(func(n *News) { n.Clocks[o.ID] = max(n.Clocks[o.ID], floorSec(ns)) })
}

// owned tells that the partition is ours, or no longer.
func (p *Partition) owned(yes bool) {
	p.Changes.put(func(n *News) { n.Owned[p.ID] = yes })
}

package ifmib

import (
	"bytes"
	"context"
	"log/slog"
	"time"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
	"github.com/haidang-noc/haidang/plugins/snmp/walk"
)

// walkVarbind is what one varbind of a walk takes up, names of interfaces included.
const walkVarbind = 24

// takeIdentity reads the system group and starts the walk. Of an agent that cannot answer it at once,
// sysUpTime has to do.
func (d *Device) takeIdentity(a poll.Answer) {
	s := d.poller.scalars
	have := []scalar{{upTime, s.upTime}}
	d.table = table{}
	if a.Status == ber.NoError {
		have = d.readIdentity(a)
	}
	d.learner = newLearner(d.poller.cfg.MaxInterfaces, have, d.poller.learns())
}

func (d *Device) readIdentity(a poll.Answer) (have []scalar) {
	s := d.poller.scalars
	var v ber.Varbind
	var name, descr, objectID []byte
	for list := a.Varbinds; len(list) > 0; {
		rest, ok := v.Cut(list)
		if !ok {
			break
		}
		list = rest
		n, isNumber := v.Number()
		switch {
		case bytes.Equal(v.Name, s.upTime) && isNumber:
			have = append(have, scalar{upTime, s.upTime})
			d.clock.set(n, a.At)
			d.writeSystem(n, a.At)
		case bytes.Equal(v.Name, s.ifNumber) && isNumber:
			have = append(have, scalar{interfaceCount, s.ifNumber})
			d.table.interfaces = n
		case bytes.Equal(v.Name, s.tableLastChange) && isNumber:
			have = append(have, scalar{tableChange, s.tableLastChange})
			d.table.change = n
		case bytes.Equal(v.Name, s.name):
			name = v.Value
		case bytes.Equal(v.Name, s.descr):
			descr = v.Value
		case bytes.Equal(v.Name, s.objectID):
			objectID = v.Value
		}
	}
	d.logIdentity(name, descr, objectID)
	if len(have) > 0 && have[0].kind != upTime {
		return nil // what is read without sysUpTime beside it cannot be used
	}
	return have
}

func (d *Device) logIdentity(name, descr, objectID []byte) {
	if !d.poller.cfg.Log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	d.poller.cfg.Log.Debug("device identified", "device", d.Name, "sysname", string(name),
		"sysdescr", string(descr), "sysobjectid", ber.FormatOID(objectID))
}

// walk asks for the next piece of the walk; at its end the layout is made and the round goes on.
func (d *Device) walk(now time.Time) *ber.Request {
	varbinds := min(d.budget.varbinds(), max(d.poller.cfg.MaxPDU/walkVarbind, smallest))
	r := d.learner.Next(d.Community, varbinds)
	if r == nil {
		d.adopt(now)
		return d.choose(now)
	}
	d.round.stage = walking
	return r
}

func (d *Device) takeWalk(a poll.Answer, tooMuch bool) {
	l := d.learner
	var err error
	switch {
	case tooMuch || a.Status == ber.NoError && len(a.Varbinds) == 0:
		if !d.shrink(l.Size()) {
			err = walk.ErrStuck
		}
	case a.Status != ber.NoError:
		err = l.Refuse(a.Status, a.Index)
	default:
		err = l.Take(a.Varbinds)
	}
	if err != nil {
		d.abandon(a.At, err)
	}
}

// adopt makes the layout from what the walk found.
func (d *Device) adopt(now time.Time) {
	m := d.poller.metrics
	m.learned.Inc()
	m.backwards.Add(float64(d.learner.Back()))
	l, duplicates := newLayout(d.learner.found(), d.learner.scalars, d.poller.cfg.Filter)
	m.duplicates.Add(float64(duplicates))
	again := now.Add(settle * d.poller.cfg.Interval)
	if every := d.poller.cfg.Relearn; !d.learner.Partial() {
		again = poll.FirstDue(d.Name, every, now.Add(every/2)) // those learned at the same time are so once only
	}
	d.use(l, now, again)
}

// abandon ends a walk that came to nothing. The device keeps the layout it has; without one, it is
// polled for its sysUpTime alone until the next try.
func (d *Device) abandon(now time.Time, err error) {
	d.poller.metrics.failed.Inc()
	d.poller.cfg.Log.Warn("the interfaces of a device could not be learned", "device", d.Name, "error", err)
	l := d.layout
	if l == nil {
		l = &layout{scalars: d.learner.scalars}
	}
	d.round.missed = true
	d.use(l, now, now.Add(settle*d.poller.cfg.Interval))
}

func (d *Device) use(l *layout, now, again time.Time) {
	d.layout = d.poller.catalog.Intern(l.digest(), l)
	d.plan, d.learner, d.exact = nil, nil, false
	d.walked, d.learnAt = now, again
}

package decode

import (
	"math"
	"time"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/gnmi/pathset"
)

// company is how long values wait for others of their row: some targets send each value in a message of its own.
const company = 250 * time.Millisecond

// Sweep writes the rows whose values have waited long enough. Somebody calls it a few times a second.
func (t *Target) Sweep(now time.Time) { t.sweep(now.UnixNano(), int64(company)) }

// Flush writes all that waits.
func (t *Target) Flush(now time.Time) { t.sweep(now.UnixNano(), 0) }

func (t *Target) sweep(now, age int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	left := t.pending[:0]
	for _, r := range t.pending {
		if r.since != 0 && now-r.since < age {
			left = append(left, r)
			continue
		}
		r.queued = false
		t.write(r, now)
	}
	clear(t.pending[len(left):])
	t.pending = left
}

// StatesTold is when a state was last told, in ns; 0: never.
func (t *Target) StatesTold() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.told
}

// write writes what waits of a row, and beside it the states that are known.
func (t *Target) write(r *row, now int64) {
	if r.since == 0 {
		return
	}
	e := t.cfg.Box.Open()
	defer t.cfg.Box.Close()
	e.Begin(r.key)
	some := false
	for i, f := range r.line.Fields {
		c := &r.cells[i]
		if f.State && t.known(c, now) || !f.State && c.fresh {
			encode(e, f, &c.value)
			some = true
		}
		c.fresh = false
	}
	if some {
		t.end(e, r, r.time)
	}
	r.since = 0
}

// known says whether a state is still what it was: 2.5 heartbeats, as with every observation.
func (t *Target) known(c *cell, now int64) bool {
	if c.seen == 0 {
		return false
	}
	if now-c.seen > int64(t.states)*5/2 {
		t.cfg.Metrics.missed.Inc()
		c.seen = 0
		return false
	}
	return true
}

// writeEvents writes the rows whose states have changed, at once: the same line as any other time, and for an interface the
// change of its operational state as an event.
func (t *Target) writeEvents(at moment) {
	if len(t.changed) == 0 {
		return
	}
	e := t.cfg.Box.Open()
	defer t.cfg.Box.CloseUrgent()
	for _, r := range t.changed {
		e.Begin(r.key)
		for i, f := range r.line.Fields {
			if c := &r.cells[i]; f.State && t.known(c, at.arrived) {
				encode(e, f, &c.value)
				c.fresh = false
			}
		}
		t.end(e, r, at.time)
		if r.turned {
			r.writeState(e, at.time)
		}
		if r.changed, r.turned = false, false; !r.waits() {
			r.since = 0
		}
		t.cfg.Metrics.events.Inc()
	}
	clear(t.changed)
	t.changed = t.changed[:0]
}

// The numbers of IF-MIB.
const (
	ifUp      = 1
	ifDown    = 2
	ifUnknown = 4
)

// writeState tells that an interface went up or down, unless it was switched off, or nobody knows.
func (r *row) writeState(e *point.Encoder, ns int64) {
	oper := r.cells[r.line.Oper].value.Bits
	if oper == ifUnknown || r.line.Admin >= 0 && r.cells[r.line.Admin].seen != 0 && r.cells[r.line.Admin].value.Bits == ifDown {
		return
	}
	e.Begin(r.event)
	e.Bool("up", oper == ifUp)
	e.End(ns)
}

// end ends a line with how long it holds: until the next sample, or the next heartbeat of what is not sampled.
func (t *Target) end(e *point.Encoder, r *row, ns int64) {
	every := r.every
	if every == 0 {
		every = t.states
	}
	if r.line.Measurement != "system" {
		e.Int("interval_s", int64(every/time.Second))
	}
	e.End(ns)
}

// noLight is the level at which, and below which, a receiver sees nothing and a laser is off.
const noLight = -40

func encode(e *point.Encoder, f *pathset.Field, v *point.Value) {
	if f.Unlit != "" {
		none := math.Float64frombits(v.Bits) <= noLight
		e.Bool(f.Unlit, none)
		if none {
			return
		}
	}
	e.Value(f.Name, *v)
}

package decode

import (
	"bytes"
	"slices"
	"time"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/gnmi/pathset"
	"github.com/haidang-noc/haidang/plugins/gnmi/wire"
	"github.com/haidang-noc/haidang/plugins/gnmi/xpath"
)

// row is what is known of an entry of a list that makes a line: an interface, a sensor, a peer.
type row struct {
	line   *pathset.Line
	values []string // of the line's variables
	key    []byte
	event  []byte        // the key of its states; nil: it has none
	cells  []cell        // by the number of the field
	since  int64         // when the first of the values that wait came; 0: none waits
	time   int64         // of the latest of them
	every  time.Duration // between samples; 0: there has been none

	queued  bool // is in pending
	changed bool // a state is another than it was, and that is not written yet
	turned  bool // it is the operational one
}

// cell is a field's value.
type cell struct {
	value point.Value
	seen  int64 // of a state: when it was last told; 0: it is not known
	fresh bool  // has not been written
}

func newRow(t *Target, line *pathset.Line, values []string) *row {
	tags := append(line.Tags(values), point.Tag{Key: "device", Value: t.cfg.Device})
	r := &row{line: line, values: slices.Clone(values), key: t.cfg.Key(line.Measurement, tags...), cells: make([]cell, len(line.Fields))}
	if line.Oper >= 0 {
		r.event = t.cfg.Key("state", append(tags, point.Tag{Key: "source", Value: "gnmi"})...)
	}
	return r
}

// set takes a value for a field.
func (t *Target) set(s slot, v *wire.Value, at moment) {
	value, ok := s.field.Convert(v, at.time)
	if !ok {
		t.tally.value++
		return
	}
	t.tally.leaves++
	if value.Kind != point.None {
		t.put(s, value, at)
	} else if s.field.State {
		s.row.cells[s.field.Index] = cell{}
	}
}

// put keeps the value until its row is written. What comes for a field that waits is of the next sample: the row is written
// before.
func (t *Target) put(s slot, value point.Value, at moment) {
	r, c := s.row, &s.row.cells[s.field.Index]
	if s.field.State {
		t.told = at.arrived
		if c.seen != 0 && !equal(c.value, value) {
			t.change(r, s.field)
		}
		c.seen = at.arrived
	} else {
		if c.fresh {
			t.write(r, at.arrived)
		}
		if r.every = s.field.Every; r.every == 0 {
			r.every = t.cfg.Interval
		}
	}
	c.fresh = true
	text := append(c.value.Text[:0], value.Text...)
	c.value = value
	c.value.Text = text
	if r.since == 0 {
		r.since, r.time = at.arrived, at.time
	}
	if !r.queued {
		r.queued = true
		t.pending = append(t.pending, r)
	}
	r.time = max(r.time, at.time)
}

// change notes that a state has changed, to be written when the whole message has been read.
func (t *Target) change(r *row, f *pathset.Field) {
	r.turned = r.turned || f.Index == r.line.Oper
	if !r.changed {
		r.changed = true
		t.changed = append(t.changed, r)
	}
}

func equal(a, b point.Value) bool {
	return a.Kind == b.Kind && a.Bits == b.Bits && bytes.Equal(a.Text, b.Text)
}

// deleted takes away the fields of a row that lie at or below a path. A state tells first what its field says of that.
func (t *Target) deleted(r *row, path []xpath.Elem, at moment) {
	for i, f := range r.line.Fields {
		if f.Deleted != nil && f.Covered(path) && r.cells[i].seen != 0 {
			t.put(slot{r, f}, point.Value{Kind: point.Int, Bits: uint64(*f.Deleted)}, at)
		}
	}
	t.writeEvents(at)
	for i, f := range r.line.Fields {
		if f.Covered(path) {
			r.cells[i] = cell{}
		}
	}
}

// blank says that nothing is known of the row any more.
func (r *row) blank() bool {
	return !slices.ContainsFunc(r.cells, func(c cell) bool { return c.seen != 0 || c.fresh })
}

// waits says that a value has not been written.
func (r *row) waits() bool {
	return slices.ContainsFunc(r.cells, func(c cell) bool { return c.fresh })
}

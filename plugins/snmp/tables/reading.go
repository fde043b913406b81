package tables

import (
	"bytes"
	"time"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
	"github.com/haidang-noc/haidang/plugins/snmp/profile"
)

// reading is a poll of the rows of some tables.
type reading struct {
	due     uint64 // tables, by their place in the plan
	parts   []part // nil: not begun
	part    int
	taken   int // values of the part that have come already
	names   [][]byte
	values  profile.Values // of the row that is being read
	some    bool           // the row has a value
	summary profile.Summary
}

// next is the next request, or nil when all rows are read. What an agent had no room for is asked for again.
func (r *reading) next(d *Dialog) *ber.Request {
	if d.layout == nil {
		return nil
	}
	if r.parts == nil {
		r.parts = d.layout.requests(partsKey{d.Community, r.due, d.room(), d.poller.cfg.MaxPDU})
	}
	if r.part < len(r.parts) && r.taken == len(r.parts[r.part].cells) {
		r.part, r.taken = r.part+1, 0
	}
	if r.part >= len(r.parts) {
		return nil
	}
	request := r.parts[r.part].request
	r.names = request.Names
	if from := r.taken; from > 0 || len(r.names) > d.room() {
		r.names = r.names[from:min(len(r.names), from+d.room())]
		request = ber.NewRequest(d.Community, ber.PDU{Op: ber.GetRequest, Names: r.names})
	}
	return request
}

// take reads the answer to a GET, and writes the rows that are complete.
func (r *reading) take(d *Dialog, a poll.Answer) error {
	e := d.poller.cfg.Box.Open()
	defer d.poller.cfg.Box.Close()
	out := profile.Output{Encoder: e, Device: d.Tags, At: a.At.UnixNano(), Summary: &r.summary}
	list, before := a.Varbinds, r.taken
	var v ber.Varbind
	for _, name := range r.names {
		var ok bool
		if list, ok = v.Cut(list); !ok || !bytes.Equal(v.Name, name) {
			break
		}
		r.cell(d, r.parts[r.part].cells[r.taken], &v, out)
		r.taken++
	}
	switch {
	case r.taken == before:
		return errForeign
	case r.taken-before < len(r.names):
		d.halve()
	}
	return nil
}

// cell takes one value; the last one of a row makes its lines.
func (r *reading) cell(d *Dialog, c cell, v *ber.Varbind, out profile.Output) {
	t := &d.layout.tables[c.table]
	if !v.Missing() {
		r.values.Set(int(c.column), v)
		r.some = true
	}
	if !c.last {
		return
	}
	if r.some {
		t.table.Write(out, &t.rows[c.row], &r.values)
	} else {
		d.poller.metrics.missing.Inc()
		d.stale |= 1 << t.place
	}
	r.values.Clear()
	r.some = false
}

// writeWalked writes the rows of tables that are walked each time.
func (d *Dialog) writeWalked(now time.Time, l *layout, tables uint64) {
	e := d.poller.cfg.Box.Open()
	defer d.poller.cfg.Box.Close()
	r := &d.turn.reading
	out := profile.Output{Encoder: e, Device: d.Tags, At: now.UnixNano(), Summary: &r.summary}
	for i := range l.tables {
		t := &l.tables[i]
		if t.table.Polled > 0 || tables>>t.place&1 == 0 {
			continue
		}
		for row := range t.rows {
			r.values.Clear()
			t.table.Write(out, &t.rows[row], &r.values)
		}
		t.rows = nil // they are walked again before they are needed
	}
	r.values.Clear()
}

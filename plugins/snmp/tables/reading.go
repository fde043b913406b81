package tables

import (
	"bytes"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
	"github.com/haidang-noc/haidang/plugins/snmp/profile"
)

// reading is a poll of the rows of some tables.
type reading struct {
	due     uint64 // tables, by their place in the plan
	source  source // nil: not begun
	part    part   // asked for now
	taken   int    // values of it that have come already
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
	if r.source == nil {
		r.source = d.layout.requests(partsKey{d.Community, r.due, d.room(), d.poller.cfg.MaxPDU})
	}
	if r.taken == len(r.part.cells) {
		var more bool
		if r.part, more = r.source(); !more {
			return nil
		}
		r.taken = 0
	}
	request := r.part.request
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
		r.cell(d, r.part.cells[r.taken], &v, out)
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

package ifmib

import (
	"bytes"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

// takePart reads the answer to a part of the plan.
func (d *Device) takePart(a poll.Answer, tooMuch bool) {
	p := &d.plan.parts[d.round.part]
	switch {
	case tooMuch:
		d.smaller(p)
	case a.Status != ber.NoError:
		d.refused(p, a)
	default:
		d.read(p, a)
	}
}

// smaller asks for less from here on; a part that cannot be smaller is left out.
func (d *Device) smaller(p *part) {
	if !d.shrink(p.varbinds()) {
		d.skip(p)
	}
}

func (d *Device) skip(p *part) {
	d.round.missed = true
	d.round.part++
	d.round.row = int32(p.to)
}

// refused handles an agent that fails the whole request for the sake of one name in it.
func (d *Device) refused(p *part, a poll.Answer) {
	if d.settled(a.At) {
		d.forget()
		return
	}
	d.learnSoon()
	d.smaller(p) // until the name is alone
}

// read takes the scalars and then row by row what is there.
func (d *Device) read(p *part, a poll.Answer) {
	list, ticks, ok := d.readScalars(p, a)
	if !ok {
		d.smaller(p)
		return
	}
	if d.layout == nil {
		return // restarted
	}
	next, bad := d.readRows(p, a, ticks, list)
	switch {
	case bad && d.settled(a.At):
		d.forget()
	case bad && !d.exact:
		d.exact, d.plan = true, nil
		d.round.row = int32(next)
		d.learnSoon()
	case next < p.to:
		d.truncated(p, next)
	default:
		d.round.part++
		d.round.row = int32(next)
	}
}

// truncated goes on behind the rows that the agent had room for, and asks for no more at a time.
func (d *Device) truncated(p *part, next int) {
	if next == p.from {
		d.smaller(p)
		return
	}
	d.round.row = int32(next)
	if !d.shrink(2 * (len(p.scalars) + len(p.columns)*(next-p.from))) {
		d.skip(p)
	}
}

// readScalars reads what stands before the rows and returns the rest; false if that is not there.
func (d *Device) readScalars(p *part, a poll.Answer) (list []byte, ticks uint64, ok bool) {
	list = a.Varbinds
	var v ber.Varbind
	for i := range p.scalars {
		s := &p.scalars[i]
		if list, ok = v.Cut(list); !ok || !bytes.Equal(v.Name, s.name) {
			return nil, 0, false
		}
		n, isNumber := v.Number()
		if !isNumber {
			continue
		}
		switch s.kind {
		case upTime:
			ticks = n
			d.tick(n, a)
		case interfaceCount:
			if n != d.table.interfaces {
				d.learnSoon()
			}
		case tableChange:
			if n != d.table.change {
				d.learnSoon()
			}
		}
	}
	return list, ticks, true
}

// tick looks at a device's sysUpTime.
func (d *Device) tick(ticks uint64, a poll.Answer) {
	restarted := d.clock.restarted(ticks, a.At)
	d.clock.set(ticks, a.At)
	d.writeSystem(ticks, a.At)
	if restarted {
		d.poller.metrics.reboots.Inc()
		d.forget()
	}
}

// readRows writes the rows of a part that are what they should be, and returns the first row that was
// not there. A row that is not the one asked for ends the reading, unless rows are asked for one by
// one (exact): then it is left out.
func (d *Device) readRows(p *part, a poll.Answer, ticks uint64, list []byte) (next int, bad bool) {
	enc := d.poller.cfg.Box.Open()
	defer d.poller.cfg.Box.Close()
	var vs values
	var room [64]byte
	vs.common = d.common(room[:0], ticks, len(p.scalars) > 0)
	for i := p.from; i < p.to; i++ {
		r := &d.layout.rows[i]
		rest, verdict := d.readRow(r, p.columns, list, &vs)
		if verdict == cutShort {
			return i, bad
		}
		list = rest
		if verdict == foreign {
			d.poller.metrics.mismatches.Inc()
			bad = true
			if !d.exact {
				return i, true
			}
			continue
		}
		if i >= int(d.round.row) {
			d.writeRow(enc, r, p.columns, &vs, a.At)
		}
	}
	return p.to, bad
}

// values are the numbers of one row, by column.
type values struct {
	common []byte // fields that all rows share
	got    shape
	number [columns]uint64
}

type verdict int

const (
	good     verdict = iota
	foreign          // some other row, or none
	cutShort         // the answer ends within the row
)

// readRow reads the columns of one row and compares each name, and the label, with what is expected.
func (d *Device) readRow(r *row, cs []column, list []byte, vs *values) (rest []byte, out verdict) {
	vs.got = 0
	var v ber.Varbind
	for _, c := range cs {
		var ok bool
		if list, ok = v.Cut(list); !ok {
			return nil, cutShort
		}
		oid := d.poller.columns[c].oid
		switch {
		case len(v.Name) != len(oid)+len(r.suffix) || !bytes.Equal(v.Name[:len(oid)], oid) ||
			!bytes.Equal(v.Name[len(oid):], r.suffix) || v.Missing():
			out = foreign
		case c <= ifDescr:
			if !bytes.Equal(v.Value, r.label) {
				out = foreign
			}
		default:
			n, ok := v.Number()
			if !ok && c.wide() {
				if n, ok = v.Octets8(); ok {
					d.poller.metrics.strings.Inc()
				}
			}
			if ok {
				vs.number[c] = n
				vs.got = vs.got.with(c)
			}
		}
	}
	return list, out
}

package tables

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/catalog"
	"github.com/haidang-noc/haidang/plugins/snmp/profile"
)

// layout is all rows of a device. It is immutable and shared by the devices that look the same.
type layout struct {
	plan   *profile.Plan
	tables []tableRows

	mu    sync.Mutex
	parts map[partsKey][]part
}

// tableRows are the rows of one table.
type tableRows struct {
	place int // in the plan
	table *profile.Table
	rows  []profile.Row
}

// at are the rows of a table of the plan, or nil.
func (l *layout) at(place int) *tableRows {
	if l == nil {
		return nil
	}
	for i := range l.tables {
		if l.tables[i].place == place {
			return &l.tables[i]
		}
	}
	return nil
}

// part is one request of a poll: a GET of as many values as fit, row by row.
type part struct {
	request *ber.Request
	cells   []cell
}

// cell is one value that is asked for.
type cell struct {
	table  uint8 // of the layout
	column uint8
	row    uint32
	last   bool // of its row
}

// partsKey is what the requests of a poll depend on beside the layout.
type partsKey struct {
	community string
	due       uint64
	room      int
	octets    int
}

// source gives out the requests of a poll, one after the other; false at the end.
type source func() (part, bool)

// requests are those of a poll of some tables. Those of a small layout are made once and shared: nobody changes them. Those
// of a large one would take long to make and much room to keep, and are made as they are needed.
func (l *layout) requests(k partsKey) source {
	if l.large() {
		c := &cutter{layout: l, key: k}
		return c.next
	}
	parts := l.shared(k)
	return func() (p part, ok bool) {
		if len(parts) == 0 {
			return p, false
		}
		p, parts = parts[0], parts[1:]
		return p, true
	}
}

// large says that a layout has more rows than can be dealt with at once.
func (l *layout) large() bool {
	rows := 0
	for i := range l.tables {
		rows += len(l.tables[i].rows)
	}
	return rows > atOnce
}

func (l *layout) shared(k partsKey) (parts []part) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if parts, ok := l.parts[k]; ok {
		return parts
	}
	if l.parts == nil || len(l.parts) > 16 {
		l.parts = map[partsKey][]part{} // limits come and go; what is in use keeps itself
	}
	c := cutter{layout: l, key: k}
	for p, ok := c.next(); ok; p, ok = c.next() {
		parts = append(parts, p)
	}
	l.parts[k] = parts
	return parts
}

const (
	varbindHead = 6
	valueSize   = 6 // octets that a number usually takes
)

// cutter packs the values of tables into requests whose answers fit a packet, in the order of a poll.
type cutter struct {
	layout             *layout
	key                partsKey
	table, row, column int // of the next value, or before it
}

// next makes one request; false if there is nothing left to ask for.
func (c *cutter) next() (p part, ok bool) {
	var names [][]byte
	for octets := ber.Around(c.key.community); len(names) < c.key.room && c.find(); c.column++ {
		t := &c.layout.tables[c.table]
		r := &t.rows[c.row]
		oid := t.table.Columns[c.column].OID
		octets += varbindHead + len(oid) + len(r.Suffix) + valueSize
		if len(names) > 0 && octets > c.key.octets {
			break
		}
		names = append(names, append(oid[:len(oid):len(oid)], r.Suffix...))
		p.cells = append(p.cells, cell{uint8(c.table), uint8(c.column), uint32(c.row), r.Polled>>(c.column+1) == 0})
	}
	if len(names) == 0 {
		return p, false
	}
	p.request = ber.NewRequest(c.key.community, ber.PDU{Op: ber.GetRequest, Names: names})
	return p, true
}

// find goes forward to a value that is polled; false at the end.
func (c *cutter) find() bool {
	for c.table < len(c.layout.tables) {
		t := &c.layout.tables[c.table]
		switch {
		case c.key.due>>t.place&1 == 0 || c.row == len(t.rows):
			c.table, c.row, c.column = c.table+1, 0, 0
		case t.rows[c.row].Polled>>c.column == 0:
			c.row, c.column = c.row+1, 0
		case t.rows[c.row].Polled>>c.column&1 == 1:
			return true
		default:
			c.column++
		}
	}
	return false
}

// digest covers all that is in a layout.
func (l *layout) digest() (d catalog.Digest) {
	h := sha256.New()
	b := append([]byte(l.plan.Profile), 0)
	for _, t := range l.tables {
		b = binary.AppendUvarint(b, uint64(t.place))
		b = binary.AppendUvarint(b, uint64(len(t.rows)))
		for i := range t.rows {
			b = t.rows[i].AppendDigest(b)
		}
		h.Write(b)
		b = b[:0]
	}
	h.Write(b)
	h.Sum(d[:0])
	return d
}

package tables

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"weak"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
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

// requests are those of a poll of some tables. They may be shared: nobody changes them.
func (l *layout) requests(k partsKey) []part {
	l.mu.Lock()
	defer l.mu.Unlock()
	if parts, ok := l.parts[k]; ok {
		return parts
	}
	if l.parts == nil || len(l.parts) > 16 {
		l.parts = map[partsKey][]part{} // limits come and go; what is in use keeps itself
	}
	parts := l.cut(k)
	l.parts[k] = parts
	return parts
}

const (
	varbindHead = 6
	valueSize   = 6 // octets that a number usually takes
)

// cut packs the values of tables into requests whose answers fit a packet.
func (l *layout) cut(k partsKey) (parts []part) {
	var p part
	var names [][]byte
	octets := 0
	flush := func() {
		if len(names) > 0 {
			p.request = ber.NewRequest(k.community, ber.PDU{Op: ber.GetRequest, Names: names})
			parts = append(parts, p)
		}
		p, names, octets = part{}, nil, ber.Around(k.community)
	}
	flush()
	l.each(k.due, func(c cell, name []byte) {
		size := varbindHead + len(name) + valueSize
		if len(names) == k.room || octets+size > k.octets {
			flush()
		}
		octets += size
		names, p.cells = append(names, name), append(p.cells, c)
	})
	flush()
	return parts
}

// each visits the values of tables in the order of a poll.
func (l *layout) each(due uint64, visit func(c cell, name []byte)) {
	for i := range l.tables {
		t := &l.tables[i]
		if due>>t.place&1 == 0 {
			continue
		}
		for r := range t.rows {
			polled := t.rows[r].Polled
			for column := 0; polled>>column != 0; column++ {
				if polled>>column&1 == 1 {
					oid := t.table.Columns[column].OID
					name := append(oid[:len(oid):len(oid)], t.rows[r].Suffix...)
					visit(cell{uint8(i), uint8(column), uint32(r), polled>>(column+1) == 0}, name)
				}
			}
		}
	}
}

// catalog keeps one layout for all devices that have the same rows: thousands of stations of one model share their
// requests. It does not keep layouts alive.
type catalog struct {
	mu      sync.Mutex
	layouts map[[sha256.Size]byte]weak.Pointer[layout]
	sweep   int // size at which dead entries are removed
}

// intern returns the layout that equals l, which is l itself if there is none yet.
func (c *catalog) intern(l *layout) *layout {
	d := l.digest()
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.layouts[d].Value(); known != nil {
		return known
	}
	if len(c.layouts) >= c.sweep {
		for d, p := range c.layouts {
			if p.Value() == nil {
				delete(c.layouts, d)
			}
		}
		c.sweep = 2*len(c.layouts) + 64
	}
	if c.layouts == nil {
		c.layouts = map[[sha256.Size]byte]weak.Pointer[layout]{}
	}
	c.layouts[d] = weak.Make(l)
	return l
}

// digest covers all that is in a layout.
func (l *layout) digest() (d [sha256.Size]byte) {
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

package ifmib

import (
	"bytes"
	"slices"
	"sync"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// scalar is an object beside the tables, asked for in the same request.
type scalar struct {
	kind scalarKind
	name []byte // with its .0
}

type scalarKind int

const (
	upTime scalarKind = iota
	interfaceCount
	tableChange
)

// part is one request of a plan: the same columns of a few rows, with sysUpTime before them. The
// answer has the scalars, then row by row the columns, whether it was asked for by GET or GETBULK.
type part struct {
	request *ber.Request
	scalars []scalar
	columns []column
	from    int // rows from … to-1 of the layout
	to      int
}

func (p *part) varbinds() int { return len(p.scalars) + len(p.columns)*(p.to-p.from) }

// planKey is what a plan depends on beside its layout.
type planKey struct {
	community string
	exact     bool // GET only: an answer to it says of every row whether it is there
	limits    limits
}

// limits bound one request.
type limits struct {
	octets   int // of the answer, as far as can be foreseen
	varbinds int
}

// plan is the requests of a round. It may be shared: nobody changes it.
type plan struct {
	parts   []part
	largest int // varbinds of one part
}

type plans struct {
	mu   sync.Mutex
	made map[planKey]*plan
}

// plan returns the requests of a round.
func (l *layout) plan(k planKey) *plan {
	l.plans.mu.Lock()
	defer l.plans.mu.Unlock()
	if p, ok := l.plans.made[k]; ok {
		return p
	}
	b := builder{layout: l, key: k, columns: allColumns()}
	if l.plans.made == nil || len(l.plans.made) > 16 {
		l.plans.made = map[planKey]*plan{} // limits come and go; what is in use keeps itself
	}
	p := &plan{parts: slices.Clip(b.build())}
	for i := range p.parts {
		p.largest = max(p.largest, p.parts[i].varbinds())
	}
	l.plans.made[k] = p
	return p
}

// builder cuts a layout into parts.
type builder struct {
	layout  *layout
	key     planKey
	columns [columns]info
	parts   []part
}

func (b *builder) build() []part {
	rows := b.layout.rows
	for from := 0; from < len(rows); {
		to := b.fit(from)
		for _, cs := range b.split(rows[from].shape) {
			b.add(from, to, cs)
		}
		from = to
	}
	if len(rows) == 0 {
		b.add(0, 0, nil)
	}
	return b.parts
}

// scalars are those of the next part: all of them in the first one, then sysUpTime alone. Where room
// is short, the first part has to do without, too.
func (b *builder) scalars() []scalar {
	const short = 2 * 3
	if len(b.layout.scalars) == 0 || len(b.parts) == 0 && b.key.limits.varbinds > short {
		return b.layout.scalars
	}
	return b.layout.scalars[:1]
}

const (
	scalarSize  = 20
	varbindHead = 6
)

// fit returns the end of the rows that one part can hold: at least one row.
func (b *builder) fit(from int) int {
	rows := b.layout.rows
	n := len(b.scalars())
	octets := ber.Around(b.key.community) + n*scalarSize
	to := from
	for to < len(rows) && rows[to].shape == rows[from].shape {
		octets += b.rowSize(&rows[to])
		n += len(rows[to].shape.list())
		if to > from && (octets > b.key.limits.octets || n > b.key.limits.varbinds) {
			break
		}
		to++
	}
	return to
}

func (b *builder) rowSize(r *row) int {
	n := len(r.label)
	for _, c := range r.shape.list() {
		n += varbindHead + len(b.columns[c].oid) + len(r.suffix)
		if c != r.shape.label() {
			n += b.columns[c].size
		}
	}
	return n
}

// split deals the columns of a row that is too much for one request out to several. The label is in
// each of them: no value is read without the name it belongs to.
func (b *builder) split(s shape) [][]column {
	list := s.list()
	room := b.key.limits.varbinds - len(b.scalars())
	if len(list) <= room || s.label() == columns {
		return [][]column{list}
	}
	label, rest := list[:1], list[1:]
	var out [][]column
	for len(rest) > 0 {
		n := min(max(room-1, 1), len(rest))
		out = append(out, append(label[:1:1], rest[:n]...))
		rest = rest[n:]
	}
	return out
}

func (b *builder) add(from, to int, cs []column) {
	p := part{scalars: b.scalars(), columns: cs, from: from, to: to}
	pdu := b.get(p)
	if len(pdu.Names) == 0 {
		pdu.Names = [][]byte{allScalars().upTime} // nothing to read, but something to ask
	}
	if to > from && !b.key.exact && b.consecutive(from, to) {
		pdu = b.bulk(p)
	}
	p.request = ber.NewRequest(b.key.community, pdu)
	b.parts = append(b.parts, p)
}

// consecutive says whether the agent has no other row between these, so that GETBULK finds them.
func (b *builder) consecutive(from, to int) bool {
	for i := from + 1; i < to; i++ {
		if !bytes.Equal(b.layout.rows[i].prev, b.layout.rows[i-1].suffix) {
			return false
		}
	}
	return true
}

// bulk asks for what follows the row before the first: a row that is new there shows up in its place.
func (b *builder) bulk(p part) ber.PDU {
	pdu := ber.PDU{Op: ber.GetBulkRequest, NonRepeaters: len(p.scalars), MaxRepetitions: p.to - p.from}
	for _, s := range p.scalars {
		pdu.Names = append(pdu.Names, s.name[:len(s.name)-1])
	}
	for _, c := range p.columns {
		pdu.Names = append(pdu.Names, name(b.columns[c].oid, b.layout.rows[p.from].prev))
	}
	return pdu
}

func (b *builder) get(p part) ber.PDU {
	pdu := ber.PDU{Op: ber.GetRequest}
	for _, s := range p.scalars {
		pdu.Names = append(pdu.Names, s.name)
	}
	for _, r := range b.layout.rows[p.from:p.to] {
		for _, c := range p.columns {
			pdu.Names = append(pdu.Names, name(b.columns[c].oid, r.suffix))
		}
	}
	return pdu
}

func name(column, suffix []byte) []byte {
	return append(column[:len(column):len(column)], suffix...)
}

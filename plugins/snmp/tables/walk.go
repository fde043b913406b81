package tables

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/profile"
)

var errStuck = errors.New("the agent's answers lead nowhere")

// walk learns the rows of some tables of a plan. It asks for one column of each first: tables that a device does not
// have cost one varbind. Columns that several tables read are walked once.
type walk struct {
	plan    *profile.Plan
	tables  uint64 // of the plan, as a set
	columns []*column
	asked   []*column
	probing bool
	found   map[int]*found // by table
	values  int            // found
	leftOut int            // rows above max_rows
}

// column is one column that is walked.
type column struct {
	oid    []byte
	suffix []byte // of the last row
	done   bool
	rows   int
	limit  int
	uses   []use
	values map[string]ber.Varbind // by index, if another table looks rows up in it
}

// use is a place that a column has in a table.
type use struct{ table, column int }

// found are the rows of one table.
type found struct {
	cells map[string][]profile.Cell // by index
	look  map[int]*column           // columns of other tables
}

// newWalk begins with the anchors of each table.
func newWalk(plan *profile.Plan, tables uint64) *walk {
	w := &walk{plan: plan, tables: tables, probing: true, found: map[int]*found{}}
	for i, t := range plan.Tables {
		for _, a := range t.Anchors {
			if tables>>i&1 == 1 {
				w.add(use{i, a}, t.Columns[a].OID).limit = 1
			}
		}
	}
	return w
}

// add enters a use of a column.
func (w *walk) add(u use, oid []byte) *column {
	i := slices.IndexFunc(w.columns, func(c *column) bool { return bytes.Equal(c.oid, oid) })
	if i < 0 {
		i = len(w.columns)
		w.columns = append(w.columns, &column{oid: oid})
	}
	c := w.columns[i]
	c.uses = append(c.uses, u)
	return c
}

// whole says that all tables of the plan are walked.
func (w *walk) whole() bool { return w.tables == 1<<len(w.plan.Tables)-1 }

// next is the next request of at most so many varbinds, or nil when the walk is over.
func (w *walk) next(community string, room int) *ber.Request {
	if request := w.request(community, room); request != nil || !w.probing {
		return request
	}
	w.expand()
	return w.request(community, room)
}

func (w *walk) request(community string, room int) *ber.Request {
	w.asked = w.asked[:0]
	pdu := ber.PDU{Op: ber.GetBulkRequest, MaxRepetitions: 1}
	for _, c := range w.columns {
		if !c.done && len(w.asked) < room {
			w.asked = append(w.asked, c)
			pdu.Names = append(pdu.Names, append(c.oid[:len(c.oid):len(c.oid)], c.suffix...))
		}
	}
	if len(w.asked) == 0 {
		return nil
	}
	if !w.probing {
		pdu.MaxRepetitions = max(room/len(w.asked), 1)
	}
	return ber.NewRequest(community, pdu)
}

// expand goes from the first columns to all columns of the tables that are there.
func (w *walk) expand() {
	probed := w.columns
	w.columns, w.probing = nil, false
	for _, c := range probed {
		for _, u := range c.uses {
			if c.rows > 0 {
				w.enter(u.table)
			}
		}
	}
	w.leftOut = 0
}

// enter enters all columns of a table, once.
func (w *walk) enter(table int) {
	if w.found[table] != nil {
		return
	}
	t := w.plan.Tables[table]
	f := &found{cells: map[string][]profile.Cell{}, look: map[int]*column{}}
	w.found[table] = f
	for i, c := range t.Columns {
		if c.By != nil {
			f.look[i] = w.add(use{table, i}, c.OID)
			f.look[i].limit = lookupRows
			continue
		}
		entered := w.add(use{table, i}, c.OID)
		entered.limit = max(entered.limit, t.MaxRows)
	}
}

// lookupRows bounds the columns of other tables.
const lookupRows = 1 << 16

// refuse takes an error that the agent has with one of the columns asked for: the walk goes on without it.
func (w *walk) refuse(status, position int) error {
	const authorizationError = 16
	if position < 1 || position > len(w.asked) || status == authorizationError {
		return fmt.Errorf("the agent refuses with error-status %d", status)
	}
	w.asked[position-1].done = true
	return nil
}

// take reads an answer.
func (w *walk) take(list []byte) error {
	moved := false
	for i := 0; len(list) > 0; i++ {
		var v ber.Varbind
		rest, ok := v.Cut(list)
		if !ok {
			break // what was read is good; the rest is asked for again
		}
		list = rest
		moved = w.cell(w.asked[i%len(w.asked)], v) || moved
	}
	if !moved {
		return errStuck
	}
	return nil
}

// cell reads one value and says whether its column came forward.
func (w *walk) cell(c *column, v ber.Varbind) bool {
	if c.done {
		return false
	}
	if v.Missing() || len(v.Name) <= len(c.oid) || !bytes.Equal(v.Name[:len(c.oid)], c.oid) ||
		c.suffix != nil && compareArcs(v.Name[len(c.oid):], c.suffix) <= 0 {
		c.done = true
		return true
	}
	if c.rows == c.limit {
		c.done = true
		w.leftOut++
		return true
	}
	c.rows++
	c.suffix = bytes.Clone(v.Name[len(c.oid):])
	if w.probing {
		c.done = true
		return true
	}
	w.values++
	w.keep(c, v)
	return true
}

// keep keeps a value for every table that has a use for it.
func (w *walk) keep(c *column, v ber.Varbind) {
	v = ber.Varbind{Name: c.suffix, Tag: v.Tag, Value: bytes.Clone(v.Value)}
	for _, u := range c.uses {
		t, f := w.plan.Tables[u.table], w.found[u.table]
		if t.Columns[u.column].By != nil {
			if c.values == nil {
				c.values = map[string]ber.Varbind{}
			}
			c.values[string(c.suffix)] = v
			continue
		}
		cells := f.cells[string(c.suffix)]
		if cells == nil && len(f.cells) == t.MaxRows {
			w.leftOut++
			continue
		}
		f.cells[string(c.suffix)] = append(cells, profile.Cell{Column: u.column, Varbind: v})
	}
}

// layout makes the rows of what was found; tables that were not walked keep those that they have.
func (w *walk) layout(old *layout, name func(uint32) (string, bool)) *layout {
	l := &layout{plan: w.plan}
	name = remembered(name)
	for i, t := range w.plan.Tables {
		switch {
		case w.tables>>i&1 == 0:
			if rows := old.at(i); rows != nil {
				l.tables = append(l.tables, *rows)
			}
		case w.found[i] != nil:
			l.tables = append(l.tables, tableRows{place: i, table: t, rows: w.rows(i, name)})
		}
	}
	return l
}

// remembered looks each interface up once: thousands of ONTs hang on one.
func remembered(name func(uint32) (string, bool)) func(uint32) (string, bool) {
	known := map[uint32]string{}
	return func(index uint32) (string, bool) {
		found, ok := known[index]
		if !ok {
			found, _ = name(index)
			known[index] = found
		}
		return found, found != ""
	}
}

// rows are the rows of one table, in the order of the agent.
func (w *walk) rows(table int, name func(uint32) (string, bool)) (rows []profile.Row) {
	t, f := w.plan.Tables[table], w.found[table]
	how := profile.Learning{Interface: name, Lookup: func(column int, suffix []byte) (ber.Varbind, bool) {
		v, ok := f.look[column].values[string(suffix)]
		return v, ok
	}}
	for suffix, cells := range f.cells {
		if r, ok := t.Learn([]byte(suffix), cells, how); ok {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b profile.Row) int { return compareArcs(a.Suffix, b.Suffix) })
	t.Distinguish(rows)
	return slices.Clip(rows)
}

// compareArcs compares indexes number by number.
func compareArcs(a, b []byte) int {
	for len(a) > 0 && len(b) > 0 {
		x, restA, okA := ber.CutArc(a)
		y, restB, okB := ber.CutArc(b)
		if !okA || !okB {
			return bytes.Compare(a, b)
		}
		if x != y {
			return cmp.Compare(x, y)
		}
		a, b = restA, restB
	}
	return cmp.Compare(len(a), len(b))
}

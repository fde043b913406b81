package discover

import (
	"fmt"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// mostRows bounds a table: nobody has so many neighbours.
const mostRows = 4096

// table walks columns of one table, whose rows have an index of any arcs.
type table struct {
	columns [][]byte
	cursors []cursor
	asked   []int // of the last request
	rows    map[string][]ber.Varbind
}

type cursor struct {
	index string // of the last row
	begun bool
	done  bool
}

func newTable(columns ...[]byte) *table {
	return &table{columns: columns, cursors: make([]cursor, len(columns)), rows: map[string][]ber.Varbind{}}
}

// next is the next request of at most so many varbinds, or nil when the table has been read.
func (t *table) next(community string, varbinds int) *ber.Request {
	t.asked = t.asked[:0]
	pdu := ber.PDU{Op: ber.GetBulkRequest}
	for c, oid := range t.columns {
		if cur := &t.cursors[c]; !cur.done && len(t.asked) < varbinds {
			t.asked = append(t.asked, c)
			pdu.Names = append(pdu.Names, append(oid[:len(oid):len(oid)], cur.index...))
		}
	}
	if len(t.asked) == 0 {
		return nil
	}
	pdu.MaxRepetitions = max(varbinds/len(t.asked), 1)
	return ber.NewRequest(community, pdu)
}

// take reads an answer. What leads nowhere is an error.
func (t *table) take(list []byte) error {
	moved := false
	for i := 0; len(list) > 0; i++ {
		var v ber.Varbind
		rest, ok := v.Cut(list)
		if !ok {
			break // what was read is good; the rest is asked for again
		}
		list = rest
		moved = t.cell(t.asked[i%len(t.asked)], v) || moved
	}
	if !moved || len(t.rows) > mostRows {
		return fmt.Errorf("discover: a table leads nowhere, or has more than %d rows", mostRows)
	}
	return nil
}

// cell reads one value and says whether its column came forward.
func (t *table) cell(c int, v ber.Varbind) bool {
	cur, oid := &t.cursors[c], t.columns[c]
	if cur.done {
		return false
	}
	if v.Missing() || len(v.Name) <= len(oid) || string(v.Name[:len(oid)]) != string(oid) || cur.begun && !behind(v.Name[len(oid):], cur.index) {
		cur.done = true
		return true
	}
	cur.index, cur.begun = string(v.Name[len(oid):]), true
	row := t.rows[cur.index]
	if row == nil {
		row = make([]ber.Varbind, len(t.columns))
		t.rows[cur.index] = row
	}
	row[c] = ber.Varbind{Tag: v.Tag, Value: append([]byte(nil), v.Value...)}
	return true
}

// behind says whether an index comes after another one.
func behind(index []byte, last string) bool {
	before := []byte(last)
	for len(before) > 0 {
		a, restA, okA := ber.CutArc(index)
		b, restB, okB := ber.CutArc(before)
		if !okA || !okB {
			return false
		}
		if a != b {
			return a > b
		}
		index, before = restA, restB
	}
	return len(index) > 0
}

// arcs are the numbers of an index.
func arcs(index string) (out []uint32) {
	for rest := []byte(index); len(rest) > 0; {
		arc, more, ok := ber.CutArc(rest)
		if !ok {
			return nil
		}
		out, rest = append(out, arc), more
	}
	return out
}

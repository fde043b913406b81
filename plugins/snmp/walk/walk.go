// Package walk reads columns of tables whose rows have an index of one arc, all columns at once. Each column has its
// own place, so it does not matter which rows have which columns, nor how much of what was asked an agent answers.
package walk

import (
	"errors"
	"fmt"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// ErrStuck says that an agent's answers lead nowhere.
var ErrStuck = errors.New("the agent's answers lead nowhere")

// Note takes a value as it is found. The varbind is valid during the call only; an error ends the walk.
type Note func(column int, index uint32, v ber.Varbind) error

// Walk is one walk: Next, then Take or Refuse, until Next returns nil.
type Walk struct {
	columns [][]byte
	note    Note
	cursors []cursor
	asked   []int // of the last request
	size    int
	back    int
	partial bool
}

type cursor struct {
	suffix []byte
	index  uint32
	done   bool
}

// New begins a walk of columns, given as the contents of their object identifiers.
func New(columns [][]byte, note Note) *Walk {
	return &Walk{columns: columns, note: note, cursors: make([]cursor, len(columns))}
}

// Next returns the next request of at most so many varbinds, or nil when the walk is over.
func (w *Walk) Next(community string, varbinds int) *ber.Request {
	w.asked = w.asked[:0]
	pdu := ber.PDU{Op: ber.GetBulkRequest}
	for c, oid := range w.columns {
		if !w.cursors[c].done && len(w.asked) < varbinds {
			w.asked = append(w.asked, c)
			pdu.Names = append(pdu.Names, append(oid[:len(oid):len(oid)], w.cursors[c].suffix...))
		}
	}
	if len(w.asked) == 0 {
		return nil
	}
	pdu.MaxRepetitions = max(varbinds/len(w.asked), 1)
	w.size = len(w.asked) * pdu.MaxRepetitions
	return ber.NewRequest(community, pdu)
}

// Size is how many varbinds the last request asked for.
func (w *Walk) Size() int { return w.size }

// Back is how many columns were cut short because the agent answered with an earlier row.
func (w *Walk) Back() int { return w.back }

// Partial says that a column had to be left out or cut short.
func (w *Walk) Partial() bool { return w.partial }

// Refuse takes an error that the agent has with one of the columns asked for: the walk goes on without it.
func (w *Walk) Refuse(status, position int) error {
	const authorizationError = 16
	if position < 1 || position > len(w.asked) || status == authorizationError {
		return fmt.Errorf("the agent refuses with error-status %d", status)
	}
	w.cursors[w.asked[position-1]].done = true
	w.partial = true
	return nil
}

// Take reads an answer.
func (w *Walk) Take(list []byte) error {
	moved := false
	for i := 0; len(list) > 0; i++ {
		var v ber.Varbind
		rest, ok := v.Cut(list)
		if !ok {
			break // what was read is good; the rest is asked for again
		}
		list = rest
		m, err := w.cell(w.asked[i%len(w.asked)], v)
		if err != nil {
			return err
		}
		moved = moved || m
	}
	if !moved {
		return ErrStuck
	}
	return nil
}

// cell reads one value and says whether its column came forward.
func (w *Walk) cell(c int, v ber.Varbind) (moved bool, err error) {
	cur := &w.cursors[c]
	if cur.done {
		return false, nil
	}
	index, ok := w.index(c, v)
	if ok && cur.suffix != nil && index <= cur.index {
		ok = false
		w.back++
		w.partial = true
	}
	if !ok {
		cur.done = true
		return true, nil
	}
	cur.index, cur.suffix = index, ber.AppendArc(nil, index)
	return true, w.note(c, index, v)
}

// index returns the row that a value belongs to, unless the column has ended.
func (w *Walk) index(c int, v ber.Varbind) (uint32, bool) {
	oid := w.columns[c]
	if v.Missing() || len(v.Name) <= len(oid) || string(v.Name[:len(oid)]) != string(oid) {
		return 0, false
	}
	index, rest, ok := ber.CutArc(v.Name[len(oid):])
	return index, ok && len(rest) == 0
}

package ifmib

import (
	"errors"
	"fmt"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

var (
	errTooMany = errors.New("more interfaces than max_interfaces")
	errStuck   = errors.New("the agent's answers lead nowhere")
)

// learner walks all columns at once. Each column has its own place, so it does not matter which rows
// have which columns, nor how much of what was asked an agent answers.
type learner struct {
	columns [columns]info
	cursors [columns]cursor
	scalars []scalar // that the agent has
	asked   []column // of the last request
	size    int      // varbinds that the last request asked for
	rows    map[uint32]*learned
	limit   int  // rows
	back    int  // times that an agent answered with an earlier row
	partial bool // a column had to be left out
}

type cursor struct {
	suffix []byte
	index  uint32
	done   bool
}

func newLearner(limit int, ss []scalar) *learner {
	return &learner{columns: allColumns(), scalars: ss, rows: map[uint32]*learned{}, limit: limit}
}

// next returns the next request of at most so many varbinds, or nil when the walk is over.
func (l *learner) next(community string, varbinds int) *ber.Request {
	l.asked = l.asked[:0]
	pdu := ber.PDU{Op: ber.GetBulkRequest}
	for c := range columns {
		if !l.cursors[c].done && len(l.asked) < varbinds {
			l.asked = append(l.asked, c)
			pdu.Names = append(pdu.Names, name(l.columns[c].oid, l.cursors[c].suffix))
		}
	}
	if len(l.asked) == 0 {
		return nil
	}
	pdu.MaxRepetitions = max(varbinds/len(l.asked), 1)
	l.size = len(l.asked) * pdu.MaxRepetitions
	return ber.NewRequest(community, pdu)
}

// refuse takes an error that the agent has with one of the columns asked for: it goes without it.
func (l *learner) refuse(status, position int) error {
	const authorizationError = 16
	if position < 1 || position > len(l.asked) || status == authorizationError {
		return fmt.Errorf("the agent refuses with error-status %d", status)
	}
	l.cursors[l.asked[position-1]].done = true
	l.partial = true
	return nil
}

// take reads an answer.
func (l *learner) take(list []byte) error {
	moved := false
	for i := 0; len(list) > 0; i++ {
		var v ber.Varbind
		rest, ok := v.Cut(list)
		if !ok {
			break // what was read is good; the rest is asked for again
		}
		list = rest
		m, err := l.cell(l.asked[i%len(l.asked)], v)
		if err != nil {
			return err
		}
		moved = moved || m
	}
	if !moved {
		return errStuck
	}
	return nil
}

// cell reads one value and says whether its column came forward.
func (l *learner) cell(c column, v ber.Varbind) (moved bool, err error) {
	cur := &l.cursors[c]
	if cur.done {
		return false, nil
	}
	index, ok := l.index(c, v)
	if ok && cur.suffix != nil && index <= cur.index {
		ok = false
		l.back++
		l.partial = true
	}
	if !ok {
		cur.done = true
		return true, nil
	}
	cur.index, cur.suffix = index, ber.AppendArc(nil, index)
	return true, l.note(c, index, v)
}

// index returns the row that a value belongs to, unless the column has ended.
func (l *learner) index(c column, v ber.Varbind) (uint32, bool) {
	oid := l.columns[c].oid
	if v.Missing() || len(v.Name) <= len(oid) || string(v.Name[:len(oid)]) != string(oid) {
		return 0, false
	}
	index, rest, ok := ber.CutArc(v.Name[len(oid):])
	return index, ok && len(rest) == 0
}

func (l *learner) note(c column, index uint32, v ber.Varbind) error {
	r := l.rows[index]
	if r == nil {
		if len(l.rows) == l.limit {
			return errTooMany
		}
		r = &learned{index: index}
		l.rows[index] = r
	}
	n, isNumber := v.Number()
	if c.wide() && !isNumber {
		_, isNumber = v.Octets8()
	}
	switch c {
	case ifName:
		r.name = append(r.name[:0], v.Value...)
	case ifDescr:
		r.descr = append(r.descr[:0], v.Value...)
	case ifType:
		r.ifType = uint32(n)
	case ifHighSpeed:
		r.highSpeed = n
	}
	if isNumber != (c == ifName || c == ifDescr) {
		r.has = r.has.with(c)
	}
	return nil
}

// found returns the rows that have something to write: a state or a counter.
func (l *learner) found() []learned {
	out := make([]learned, 0, len(l.rows))
	for _, r := range l.rows {
		if r.shape()&^(1<<ifName|1<<ifDescr|1<<ifHighSpeed|1<<ifSpeed|1<<ifCounterDiscontinuityTime) != 0 {
			out = append(out, *r)
		}
	}
	return out
}

package ifmib

import (
	"errors"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/walk"
)

var errTooMany = errors.New("more interfaces than max_interfaces")

// learner walks its columns, all at once, and keeps the rows.
type learner struct {
	*walk.Walk
	scalars []scalar // that the agent has
	rows    map[uint32]*learned
	limit   int // rows
}

func newLearner(limit int, ss []scalar, cs []info) *learner {
	l := &learner{scalars: ss, rows: map[uint32]*learned{}, limit: limit}
	oids := make([][]byte, 0, len(cs))
	for _, c := range cs {
		oids = append(oids, c.oid)
	}
	l.Walk = walk.New(oids, l.note)
	return l
}

// note keeps a value of a column.
func (l *learner) note(i int, index uint32, v ber.Varbind) error {
	c := column(i)
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
	switch c { //nolint:exhaustive // of the others it matters only that they are there
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

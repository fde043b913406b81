// Package mib is what a device of the model shows over SNMP: system group, ifTable, ifXTable, CPU load
// and temperature, as a snmpd.View.
package mib

import (
	"bytes"

	"github.com/haidang-noc/haidang/internal/simnet/ber"
)

// object is a scalar or a table column.
type object struct {
	name   []byte // content octets, without the instance
	column bool
}

// The objects in the order of their names.
const (
	sysDescr = iota
	sysObjectID
	sysUpTime
	sysContact
	sysName
	sysLocation
	sysServices
	ifNumber
	ifIndex
	ifDescr
	ifType
	ifMtu
	ifSpeed
	ifPhysAddress
	ifAdminStatus
	ifOperStatus
	ifLastChange
	ifInOctets
	ifInUcastPkts
	ifInDiscards
	ifInErrors
	ifOutOctets
	ifOutUcastPkts
	ifOutDiscards
	ifOutErrors
	hrProcessorLoad
	ifName
	ifHCInOctets
	ifHCInUcastPkts
	ifHCOutOctets
	ifHCOutUcastPkts
	ifHighSpeed
	ifAlias
	ifCounterDiscontinuityTime
	ifTableLastChange
	entPhySensorValue
	objectCount
)

// layout is the names of all objects and where runs of scalars and of columns begin. A device with n
// interfaces has n positions for each column and one for each scalar.
type layout struct {
	objects [objectCount]object
	runs    []run
}

// run is a number of neighbouring objects that are all scalars or all columns.
type run struct {
	first, count int
	column       bool
}

func newLayout() *layout {
	l := &layout{}
	put := func(i int, column bool, arcs ...uint32) {
		l.objects[i] = object{ber.AppendArcs(nil, append([]uint32{1, 3, 6, 1, 2, 1}, arcs...)...), column}
	}
	for i := sysDescr; i <= sysServices; i++ {
		put(i, false, 1, uint32(i-sysDescr+1))
	}
	put(ifNumber, false, 2, 1)
	for i, c := range []uint32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 16, 17, 19, 20} {
		put(ifIndex+i, true, 2, 2, 1, c)
	}
	put(hrProcessorLoad, false, 25, 3, 3, 1, 2)
	for i, c := range []uint32{1, 6, 7, 10, 11, 15, 18, 19} {
		put(ifName+i, true, 31, 1, 1, 1, c)
	}
	put(ifTableLastChange, false, 31, 1, 5)
	put(entPhySensorValue, false, 99, 1, 1, 1, 4)
	for i, o := range l.objects {
		if n := len(l.runs); n == 0 || l.runs[n-1].column != o.column {
			l.runs = append(l.runs, run{first: i, column: o.column})
		}
		l.runs[len(l.runs)-1].count++
	}
	return l
}

// instance is the last arc of a scalar's name: 0, but 1 for what is really a table's only row.
func instance(obj int) uint32 {
	if obj == hrProcessorLoad || obj == entPhySensorValue {
		return 1
	}
	return 0
}

// places are the first positions of all objects of a device with n interfaces; the last is the number
// of positions.
type places struct {
	n     int
	first [objectCount + 1]int
}

// places is worked out again only if n changes.
func (l *layout) places(p *places, n int) {
	if p.n == n {
		return
	}
	p.n = n
	for i, o := range l.objects {
		p.first[i+1] = p.first[i] + 1
		if o.column {
			p.first[i+1] = p.first[i] + n
		}
	}
}

// locate is the object and row (from 0) at a position.
func (l *layout) locate(pos, n int) (obj, row int) {
	for _, r := range l.runs {
		if !r.column {
			if pos < r.count {
				return r.first + pos, 0
			}
			pos -= r.count
			continue
		}
		if pos < r.count*n {
			return r.first + pos/n, pos % n
		}
		pos -= r.count * n
	}
	return objectCount, 0
}

// find is the position of the first object at or after name, and whether it is name itself.
func (l *layout) find(name []byte, p *places) (pos int, exact bool) {
	obj := l.before(name)
	if obj < 0 {
		return 0, false
	}
	instance, ok := bytes.CutPrefix(name, l.objects[obj].name)
	if !ok {
		return p.first[obj+1], false
	}
	row, rows, exact := l.row(obj, instance, p.n)
	return p.first[obj] + min(row, rows), exact && row < rows
}

// row is where an instance is or would be in its object.
func (l *layout) row(obj int, rest []byte, n int) (row, rows int, exact bool) {
	arc, deeper, ok := ber.NextArc(rest)
	lowest, rows := instance(obj), 1
	if l.objects[obj].column {
		lowest, rows = 1, n
	}
	if !ok || arc < lowest {
		return 0, rows, false
	}
	row = int(min(arc-lowest, uint32(rows)))
	if len(deeper) > 0 {
		return row + 1, rows, false
	}
	return row, rows, true
}

// before is the last object whose name is not after name, -1 for none.
func (l *layout) before(name []byte) int {
	lo, hi := 0, int(objectCount)
	for lo < hi {
		mid := (lo + hi) / 2
		if ber.CompareOID(l.objects[mid].name, name) <= 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo - 1
}

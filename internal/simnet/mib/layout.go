// Package mib is what a device of the model shows over SNMP: system group, ifTable, ifXTable, CPU load,
// temperature and its neighbours, as a snmpd.View.
package mib

import (
	"bytes"

	"github.com/haidang-noc/haidang/internal/simnet/ber"
)

// object is a scalar or a table column.
type object struct {
	name []byte // content octets, without the instance
	kind kind
}

// kind says how many rows an object has and what their instances look like.
type kind uint8

const (
	scalar     kind = iota
	onlyRow         // a table with one row
	byPort          // a row for each interface
	lldpScalar      // where LLDP is spoken
	lldpPort        // a row for each interface, where LLDP is spoken
	lldpRemote      // a row for each neighbour that LLDP knows: time mark 0, port, 1
	cdpCache        // a row for each neighbour that CDP knows: port, 1
	kinds
)

// instance is the arcs of a row's name behind its column's: those before the row's number, which begins
// at lowest, and those after it.
type instance struct {
	before, after []uint32
	lowest        uint32
}

// instances are by kind.
type instances [kinds]instance

func newInstances() instances {
	return instances{
		scalar: {}, lldpScalar: {}, onlyRow: {lowest: 1}, byPort: {lowest: 1}, lldpPort: {lowest: 1},
		lldpRemote: {before: []uint32{0}, lowest: 1, after: []uint32{1}},
		cdpCache:   {lowest: 1, after: []uint32{1}},
	}
}

// The objects in the order of their names.
const (
	lldpLocChassisIDSubtype = iota
	lldpLocChassisID
	lldpLocSysName
	lldpLocSysDesc
	lldpLocPortIDSubtype
	lldpLocPortID
	lldpLocPortDesc
	lldpRemChassisIDSubtype
	lldpRemChassisID
	lldpRemPortIDSubtype
	lldpRemPortID
	lldpRemPortDesc
	lldpRemSysName
	sysDescr
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
	cdpCacheAddress
	cdpCacheDeviceID
	cdpCacheDevicePort
	objectCount
)

// layout is the names of all objects and where runs of one kind begin. A device has a position for each
// row of each object.
type layout struct {
	objects   [objectCount]object
	instances instances
	runs      []run
}

// run is a number of neighbouring objects of one kind.
type run struct {
	first, count int
	kind         kind
}

func newLayout() *layout {
	l := &layout{instances: newInstances()}
	l.group(lldpLocChassisIDSubtype, lldpScalar, []uint32{1, 0, 8802, 1, 1, 2, 1, 3}, 1, 2, 3, 4)
	l.group(lldpLocPortIDSubtype, lldpPort, []uint32{1, 0, 8802, 1, 1, 2, 1, 3, 7, 1}, 2, 3, 4)
	l.group(lldpRemChassisIDSubtype, lldpRemote, []uint32{1, 0, 8802, 1, 1, 2, 1, 4, 1, 1}, 4, 5, 6, 7, 8, 9)
	l.group(sysDescr, scalar, []uint32{1, 3, 6, 1, 2, 1, 1}, 1, 2, 3, 4, 5, 6, 7)
	l.group(ifNumber, scalar, []uint32{1, 3, 6, 1, 2, 1, 2}, 1)
	l.group(ifIndex, byPort, []uint32{1, 3, 6, 1, 2, 1, 2, 2, 1}, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 16, 17, 19, 20)
	l.group(hrProcessorLoad, onlyRow, []uint32{1, 3, 6, 1, 2, 1, 25, 3, 3, 1}, 2)
	l.group(ifName, byPort, []uint32{1, 3, 6, 1, 2, 1, 31, 1, 1, 1}, 1, 6, 7, 10, 11, 15, 18, 19)
	l.group(ifTableLastChange, scalar, []uint32{1, 3, 6, 1, 2, 1, 31, 1}, 5)
	l.group(entPhySensorValue, onlyRow, []uint32{1, 3, 6, 1, 2, 1, 99, 1, 1, 1}, 4)
	l.group(cdpCacheAddress, cdpCache, []uint32{1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1}, 4, 6, 7)
	for i, o := range l.objects {
		if n := len(l.runs); n == 0 || l.runs[n-1].kind != o.kind {
			l.runs = append(l.runs, run{first: i, kind: o.kind})
		}
		l.runs[len(l.runs)-1].count++
	}
	return l
}

// group names objects that follow each other below a common prefix.
func (l *layout) group(first int, k kind, prefix []uint32, arcs ...uint32) {
	for i, arc := range arcs {
		l.objects[first+i] = object{ber.AppendArc(ber.AppendArcs(nil, prefix...), arc), k}
	}
}

// rows are how many rows objects of each kind have on a device.
type rows [kinds]int

// places are the first positions of all objects of a device with these rows; the last is the number of
// positions.
type places struct {
	rows  rows
	first [objectCount + 1]int
}

// places is worked out again only if the rows change.
func (l *layout) places(p *places, r rows) {
	if p.rows == r {
		return
	}
	p.rows = r
	for i := range l.objects {
		p.first[i+1] = p.first[i] + r[l.objects[i].kind]
	}
}

// locate is the object and row (from 0) at a position.
func (l *layout) locate(pos int, p *places) (obj, row int) {
	for _, r := range l.runs {
		n := p.rows[r.kind]
		if pos < r.count*n {
			return r.first + pos/n, pos % n
		}
		pos -= r.count * n
	}
	return objectCount, 0
}

// appendName writes the name of a row of an object.
func (l *layout) appendName(dst []byte, obj, row int) []byte {
	o := &l.objects[obj]
	in := &l.instances[o.kind]
	dst = append(dst, o.name...)
	for _, arc := range in.before {
		dst = ber.AppendArc(dst, arc)
	}
	dst = ber.AppendArc(dst, in.lowest+uint32(row))
	for _, arc := range in.after {
		dst = ber.AppendArc(dst, arc)
	}
	return dst
}

// find is the position of the first object at or after name, and whether it is name itself.
func (l *layout) find(name []byte, p *places) (pos int, exact bool) {
	obj := l.before(name)
	if obj < 0 {
		return 0, false
	}
	rest, ok := bytes.CutPrefix(name, l.objects[obj].name)
	if !ok {
		return p.first[obj+1], false
	}
	k := l.objects[obj].kind
	row, exact := l.instances[k].row(rest, p.rows[k])
	return p.first[obj] + row, exact
}

// row is the first of n rows at or after an instance, n if there is none.
func (in *instance) row(rest []byte, n int) (row int, exact bool) {
	for _, want := range in.before {
		arc, deeper, ok := ber.NextArc(rest)
		if !ok || arc < want {
			return 0, false
		}
		if arc > want {
			return n, false
		}
		rest = deeper
	}
	arc, rest, ok := ber.NextArc(rest)
	if !ok || arc < in.lowest {
		return 0, false
	}
	row = int(min(arc-in.lowest, uint32(n)))
	if row == n {
		return n, false
	}
	for _, want := range in.after {
		arc, deeper, ok := ber.NextArc(rest)
		if !ok || arc < want {
			return row, false
		}
		if arc > want {
			return row + 1, false
		}
		rest = deeper
	}
	if len(rest) > 0 {
		return row + 1, false
	}
	return row, true
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

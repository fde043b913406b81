package vitals

import (
	"bytes"
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/walk"
)

// maxObjects bounds what is kept of a device, and maxRows what is looked at to find it.
const (
	maxObjects = 256
	maxRows    = 16384
)

// kind is what an object tells.
type kind uint8

const (
	processor kind = iota // hrProcessorLoad
	memory                // the row of hrStorageTable that is the RAM
	sensor                // a row of entPhySensorTable in degrees Celsius
)

// object is a row to be polled.
type object struct {
	kind  kind
	scale int8   // sensor: the value times 10 to the power of this is degrees
	index uint32 // of the row
}

// The columns of the learning walk.
const (
	hrProcessorFrwID = iota
	hrProcessorLoad
	hrStorageType
	hrStorageDescr
	entPhySensorType
	entPhySensorScale
	entPhySensorPrecision
	walked
)

func hrStorage(arc uint32) []byte    { return ber.OID(1, 3, 6, 1, 2, 1, 25, 2, 3, 1, arc) }
func entPhySensor(arc uint32) []byte { return ber.OID(1, 3, 6, 1, 2, 1, 99, 1, 1, 1, arc) }
func processorLoad() []byte          { return ber.OID(1, 3, 6, 1, 2, 1, 25, 3, 3, 1, 2) }

func walkedColumns() [][]byte {
	return [][]byte{
		hrProcessorFrwID:      ber.OID(1, 3, 6, 1, 2, 1, 25, 3, 3, 1, 1),
		hrProcessorLoad:       processorLoad(),
		hrStorageType:         hrStorage(2),
		hrStorageDescr:        hrStorage(3),
		entPhySensorType:      entPhySensor(1),
		entPhySensorScale:     entPhySensor(2),
		entPhySensorPrecision: entPhySensor(3),
	}
}

// polledColumns are what is asked of an object of each kind.
func polledColumns() [sensor + 1][][]byte {
	return [...][][]byte{
		processor: {processorLoad()},
		memory:    {hrStorage(5), hrStorage(6)},       // hrStorageSize, hrStorageUsed
		sensor:    {entPhySensor(4), entPhySensor(5)}, // entPhySensorValue, entPhySensorOperStatus
	}
}

// learner finds the objects of a device.
type learner struct {
	*walk.Walk
	ram  []byte
	rows [walked]map[uint32]int64 // numbers by column and row; in the columns of other kinds 1 for what matters
}

func newLearner() *learner {
	l := &learner{ram: ber.OID(1, 3, 6, 1, 2, 1, 25, 2, 1, 2)} // hrStorageRam
	l.Walk = walk.New(walkedColumns(), l.note)
	for c := range l.rows {
		l.rows[c] = map[uint32]int64{}
	}
	return l
}

func (l *learner) note(column int, index uint32, v ber.Varbind) error {
	if len(l.rows[column]) == maxRows {
		return errTooMany
	}
	switch n, ok := integer(v); {
	case ok:
		l.rows[column][index] = n
	case column == hrProcessorFrwID,
		column == hrStorageType && bytes.Equal(v.Value, l.ram),
		column == hrStorageDescr && bytes.IndexByte(v.Value, '/') >= 0: // a file system
		l.rows[column][index] = 1
	}
	return nil
}

// integer is the value of any kind of number, negative ones included.
func integer(v ber.Varbind) (int64, bool) {
	if v.Tag == ber.Integer {
		return ber.Int(v.Value)
	}
	n, ok := v.Number()
	return int64(n), ok && n <= math.MaxInt64
}

// objects are what was found, in order of kind and row.
func (l *learner) objects() []object {
	var out []object
	for index := range l.processors() {
		out = append(out, object{kind: processor, index: index})
	}
	if index, ok := l.mainMemory(); ok {
		out = append(out, object{kind: memory, index: index})
	}
	const celsius = 8
	for index, t := range l.rows[entPhySensorType] {
		if scale, ok := l.scale(index); ok && t == celsius {
			out = append(out, object{kind: sensor, index: index, scale: scale})
		}
	}
	slices.SortFunc(out, func(a, b object) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.index, b.index)) })
	return slices.Clip(out[:min(len(out), maxObjects)])
}

// processors are the rows of hrProcessorTable: net-snmp has no load to tell in its first minute.
func (l *learner) processors() map[uint32]int64 {
	maps.Copy(l.rows[hrProcessorLoad], l.rows[hrProcessorFrwID])
	return l.rows[hrProcessorLoad]
}

// mainMemory is the row of the RAM. Agents list more than one as RAM: file systems in it, which are named for their
// path, and after the RAM itself views of a part of it (buffers, cache).
func (l *learner) mainMemory() (index uint32, ok bool) {
	for row := range l.rows[hrStorageType] {
		if l.rows[hrStorageDescr][row] == 0 && (!ok || row < index) {
			index, ok = row, true
		}
	}
	return index, ok
}

// scale is the power of ten of a sensor: entPhySensorScale counts in thousands from units(9), and
// entPhySensorPrecision is the number of decimal places. Both may be absent.
func (l *learner) scale(index uint32) (power int8, ok bool) {
	const units = 9
	thousands, known := l.rows[entPhySensorScale][index]
	if !known {
		thousands = units
	}
	precision := l.rows[entPhySensorPrecision][index]
	if thousands < 1 || thousands > 17 || precision < -8 || precision > 9 {
		return 0, false
	}
	return int8(3*(thousands-units) - precision), true
}

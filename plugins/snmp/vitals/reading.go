package vitals

import (
	"bytes"
	"math"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// reading is what one poll of a device has told so far.
type reading struct {
	next    int // the first object not yet asked for
	load    int64
	loads   int64
	used    int64 // allocation units
	size    int64
	hottest float64
	sensors int
}

// take reads the answer to a GET of names, which begins with the object at next, and returns how many objects were
// there. An answer to other names has none.
func (r *reading) take(objects []object, names [][]byte, list []byte) (taken int) {
	var v ber.Varbind
	for len(names) > 0 && r.next < len(objects) {
		o := objects[r.next]
		var values [2]int64
		var known [2]bool
		for i := range o.width() {
			var ok bool
			if list, ok = v.Cut(list); !ok || !bytes.Equal(v.Name, names[i]) {
				return taken
			}
			values[i], known[i] = integer(v)
		}
		r.add(o, values, known)
		names = names[o.width():]
		r.next++
		taken++
	}
	return taken
}

// add takes the values of an object; those that cannot be are left out.
func (r *reading) add(o object, values [2]int64, known [2]bool) {
	switch o.kind {
	case processor:
		if known[0] && values[0] >= 0 && values[0] <= 100 {
			r.load += values[0]
			r.loads++
		}
	case memory:
		if size, used := values[0], values[1]; known[0] && known[1] && size > 0 && used >= 0 && used <= size {
			r.size, r.used = size, used
		}
	case sensor:
		const ok = 1
		if known[0] && (!known[1] || values[1] == ok) {
			r.warm(values[0], int(o.scale))
		}
	}
}

// warm takes a temperature, if it is one that equipment can have and still answer.
func (r *reading) warm(value int64, power int) {
	degrees := float64(value)
	if power < 0 {
		degrees /= math.Pow10(-power) // exact for decimals, unlike a factor of 0.1
	} else {
		degrees *= math.Pow10(power)
	}
	if degrees < -60 || degrees > 200 {
		return
	}
	if r.sensors++; r.sensors == 1 || degrees > r.hottest {
		r.hottest = degrees
	}
}

// fields writes what is known.
func (r *reading) fields(e *point.Encoder) {
	if r.loads > 0 {
		e.Float("cpu_ratio", float64(r.load)/float64(100*r.loads))
	}
	if r.size > 0 {
		e.Float("mem_used_ratio", float64(r.used)/float64(r.size))
	}
	if r.sensors > 0 {
		e.Float("temp_c", r.hottest)
	}
}

// width is how many values an object has.
func (o object) width() int {
	if o.kind == processor {
		return 1
	}
	return 2
}

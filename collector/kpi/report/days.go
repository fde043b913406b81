package report

import (
	"cmp"
	"encoding/binary"
	"strings"

	"github.com/haidang-noc/haidang/collector/model"
)

// Series names what reports: an object of a device, by kind (lte, nr, probe/SERVICE) and group of values.
type Series struct{ Device, Object, Kind, Group string }

// Compare orders series by device, object, kind and group.
func (s Series) Compare(o Series) int {
	return cmp.Or(strings.Compare(s.Device, o.Device), strings.Compare(s.Object, o.Object),
		strings.Compare(s.Kind, o.Kind), strings.Compare(s.Group, o.Group))
}

// Day is stage 1's result for one object, kind and local day: its reports, all groups joined, or only
// the sums of them.
type Day struct {
	Device, Object, Kind string
	Date                 model.Day
	Rows                 Set    // in which no report is suspect
	Sums                 []byte // in place of Rows: what collector/kpi/ran made of them
	Suspect, Conflicts   uint32 // reports left out, and pairs that said different things
}

// Key is the series without its group.
func (d *Day) Key() Series { return Series{Device: d.Device, Object: d.Object, Kind: d.Kind} }

// maxName bounds a name in an encoding.
const maxName = 1024

// Compare orders days by key, then date.
func (d *Day) Compare(o *Day) int {
	return cmp.Or(d.Key().Compare(o.Key()), cmp.Compare(d.Date, o.Date))
}

// AppendDays appends the encoding of days from first on, sorted. Names must be shorter than 1 KiB.
func AppendDays(dst []byte, first model.Day, days []Day) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(days)))
	var last Series
	for i := range days {
		d := &days[i]
		dst = appendName(dst, last.Device, d.Device)
		dst = appendName(dst, last.Object, d.Object)
		dst = appendName(dst, last.Kind, d.Kind)
		last = d.Key()
		dst = binary.AppendUvarint(dst, uint64(d.Date-first))
		dst = binary.AppendUvarint(dst, uint64(d.Suspect))
		dst = binary.AppendUvarint(dst, uint64(d.Conflicts))
		dst = binary.AppendUvarint(dst, uint64(len(d.Sums)))
		dst = append(dst, d.Sums...)
		dst = d.Rows.AppendRange(dst, 0, model.DaySeconds)
	}
	return dst
}

// DecodeDays reads what AppendDays wrote of days before end and returns the bytes after it. The sums share data's memory.
func DecodeDays(data []byte, first, end model.Day) (days []Day, rest []byte, err error) {
	r := reader{data: data}
	n := int(r.below(uint64(len(r.data)/minDayBytes)+1, "objects"))
	var last Day
	for i := 0; i < n && r.err == nil; i++ {
		d := Day{Device: r.name(last.Device), Object: r.name(last.Object), Kind: r.name(last.Kind)}
		d.Date = first + model.Day(r.below(uint64(end-first), "date"))
		d.Suspect = uint32(r.below(1<<32, "suspect"))
		d.Conflicts = uint32(r.below(1<<32, "conflicts"))
		if sums := r.bytes("sums"); len(sums) > 0 {
			d.Sums = sums
		}
		d.Rows = r.set()
		if i > 0 && last.Compare(&d) >= 0 {
			r.fail("objects out of order")
		}
		last = d
		days = append(days, d)
	}
	if r.err != nil {
		return nil, nil, r.err
	}
	return days, r.data, nil
}

// minDayBytes is the least an object takes: three names, a date, two counts, two lengths.
const minDayBytes = 3*2 + 5

// appendName writes what name does not share with the one before it.
func appendName(dst []byte, before, name string) []byte {
	n := 0
	for n < min(len(before), len(name)) && before[n] == name[n] {
		n++
	}
	dst = binary.AppendUvarint(dst, uint64(n))
	dst = binary.AppendUvarint(dst, uint64(len(name)-n))
	return append(dst, name[n:]...)
}

func (r *reader) name(before string) string {
	shared := r.below(uint64(len(before))+1, "name")
	rest := r.bytes("name")
	if int(shared) == len(before) && len(rest) == 0 {
		return before
	}
	if int(shared)+len(rest) >= maxName {
		r.fail("long name")
		return ""
	}
	return before[:shared] + string(rest)
}

package kpi

import (
	"math"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
)

// A chunk without reports has the version that programs knew before there were any, and so has one without
// ports, whose rates are packed since; so has one without conflicts.
const (
	chunkVersion          = 1
	chunkReportsVersion   = 2
	chunkPackedVersion    = 3
	chunkConflictsVersion = 4
)

// maxKeyLen bounds a device, interface, method or link name in an encoding.
const maxKeyLen = 1024

// AppendTo appends the chunk's columnar encoding, which the caller compresses. Names must be
// shorter than 1 KiB (ingest sees to that).
func (c *DayChunk) AppendTo(dst []byte) []byte {
	version := byte(chunkVersion)
	switch {
	case slices.ContainsFunc(c.Ports, func(p PortDay) bool { return p.Conflicts > 0 }):
		version = chunkConflictsVersion
	case len(c.Ports) > 0:
		version = chunkPackedVersion
	case len(c.Reports) > 0:
		version = chunkReportsVersion
	}
	dst = append(dst, version)
	dst = appendInt(dst, int64(c.Day))
	dst = appendUint(dst, uint64(max(c.Days, 1)))
	dst = appendEntities(dst, c.Entities, c.Day.Start())
	dst = appendPorts(dst, version, c.Ports, c.Day)
	if version != chunkVersion {
		dst = report.AppendDays(dst, c.Day, c.Reports)
	}
	return dst
}

// DecodeDayChunk reads what DayChunk.AppendTo wrote.
func DecodeDayChunk(data []byte) (*DayChunk, error) {
	c := new(DayChunk)
	if err := c.Decode(data); err != nil {
		return nil, err
	}
	return c, nil
}

// Decode is DecodeDayChunk into a chunk that is no longer used, whose memory its Entities take over.
func (c *DayChunk) Decode(data []byte) error {
	r := reader{data: data}
	version := r.bytes(1)
	if version == nil || version[0] < chunkVersion || version[0] > chunkConflictsVersion {
		r.fail("unknown chunk version")
		return r.err
	}
	*c = DayChunk{Day: r.day(), Days: int(r.below(maxDays+1, "days")), Entities: c.Entities[:0]}
	c.Entities = r.entities(c.Entities, c.Day.Start(), c.End().Start())
	c.Ports = r.ports(version[0], c.Day, c.End())
	if r.err == nil && version[0] != chunkVersion {
		c.Reports = r.reports(c.Day, c.End())
	}
	if r.err == nil && len(r.data) > 0 {
		r.fail("bytes after the chunk")
	}
	return r.err
}

func (r *reader) reports(first, end model.Day) []report.Day {
	days, rest, err := report.DecodeDays(r.data, first, end)
	if err != nil {
		r.fail("reports")
		return nil
	}
	var sums ran.Sums
	for i := range days {
		if len(days[i].Sums) == 0 {
			continue
		}
		if err := sums.Decode(days[i].Sums); err != nil {
			r.fail("sums of reports")
			return nil
		}
	}
	r.data = rest
	return days
}

// maxDays is the longest chunk: a month and a day either side.
const maxDays = 33

func (r *reader) day() model.Day {
	d := r.int()
	if d < 0 || d > maxTime/daySeconds {
		r.fail("day out of range")
		return 0
	}
	return model.Day(d)
}

func appendEntities(dst []byte, es []EntityDay, start int64) []byte {
	dst = appendUint(dst, uint64(len(es)))
	for _, key := range entityKeys() {
		last := ""
		for i := range es {
			dst = appendName(dst, last, *key(&es[i]))
			last = *key(&es[i])
		}
	}
	for i := range es {
		dst = appendUint(dst, uint64(len(es[i].NonUp)))
	}
	for i := range es {
		dst = appendIntervals(dst, es[i].NonUp, start)
	}
	for i := range es {
		dst = es[i].Carry.AppendTo(dst)
	}
	for i := range es {
		dst = appendUint(dst, uint64(es[i].Unconfirmed))
		dst = appendUint(dst, uint64(es[i].Restarts))
		dst = appendUint(dst, uint64(es[i].DownSince))
	}
	return dst
}

func entityKeys() [3]func(*EntityDay) *string {
	return [...]func(*EntityDay) *string{
		func(e *EntityDay) *string { return &e.Device },
		func(e *EntityDay) *string { return &e.IfName },
		func(e *EntityDay) *string { return &e.Method },
	}
}

// entities reads them into es, of which nothing is left.
func (r *reader) entities(es []EntityDay, start, end int64) []EntityDay {
	n := r.count("entities")
	if n == 0 {
		return nil
	}
	if n > len(r.data)/minEntityBytes {
		r.fail("entities")
		return nil
	}
	es = slices.Grow(es[:0], n)[:n]
	for _, key := range entityKeys() {
		for i, last := 0, ""; i < n; i++ {
			*key(&es[i]) = r.name(&last)
		}
	}
	counts := make([]int, n)
	for i := range es {
		counts[i] = r.count("intervals")
	}
	for i := range es {
		es[i].NonUp = r.intervals(counts[i], start, end)
	}
	for i := range es {
		es[i].Carry = r.machine()
	}
	for i := range es {
		es[i].Unconfirmed = uint32(r.below(math.MaxUint32+1, "unconfirmed failures"))
		es[i].Restarts = uint32(r.below(math.MaxUint32+1, "restarts"))
		es[i].DownSince = int64(r.below(uint64(start)+1, "down since"))
		if i > 0 && compareKeys(&es[i-1], &es[i]) >= 0 {
			r.fail("entities out of order")
		}
	}
	return es
}

// minEntityBytes is the least an entity takes: three names, a count, a machine, two counters, a time.
const minEntityBytes = 3*2 + 1 + 8 + 3

func compareKeys(a, b *EntityDay) int {
	if c := strings.Compare(a.Device, b.Device); c != 0 {
		return c
	}
	if c := strings.Compare(a.IfName, b.IfName); c != 0 {
		return c
	}
	return strings.Compare(a.Method, b.Method)
}

// appendName writes what name does not share with the one before it.
func appendName(dst []byte, before, name string) []byte {
	n := 0
	for n < min(len(before), len(name)) && before[n] == name[n] {
		n++
	}
	dst = appendUint(dst, uint64(n))
	dst = appendUint(dst, uint64(len(name)-n))
	return append(dst, name[n:]...)
}

// name reads the name after last and puts it there. Equal neighbours share their memory.
func (r *reader) name(last *string) string {
	shared := int(r.below(uint64(len(*last))+1, "name"))
	rest := r.bytes(int(r.below(uint64(maxKeyLen-shared), "name length")))
	if len(rest) > 0 || shared < len(*last) {
		*last = r.names.add((*last)[:shared], rest)
	}
	return *last
}

func appendIntervals(dst []byte, ivs []Interval, at int64) []byte {
	for _, iv := range ivs {
		dst = appendUint(dst, uint64(iv.From-at))
		dst = appendUint(dst, uint64(iv.To-iv.From)<<3|uint64(iv.State))
		dst = appendUint(dst, uint64(iv.Poll))
		at = iv.To
	}
	return dst
}

// intervals reads n sorted, disjoint intervals within [at, end).
func (r *reader) intervals(n int, at, end int64) []Interval {
	if n == 0 || n > len(r.data)/3 {
		if n > 0 {
			r.fail("intervals")
		}
		return nil
	}
	ivs := make([]Interval, n)
	for i := range ivs {
		from := at + int64(r.below(uint64(end-at)+1, "interval start"))
		w := r.below(uint64(end-from+1)<<3, "interval length")
		iv := Interval{From: from, To: from + int64(w>>3), State: State(w & 7), Poll: int32(r.below(MaxInterval+1, "interval"))}
		if iv.To == iv.From || iv.State != Unknown && iv.State != Down && iv.State != Excluded {
			r.fail("interval")
			return nil
		}
		ivs[i], at = iv, iv.To
	}
	return ivs
}

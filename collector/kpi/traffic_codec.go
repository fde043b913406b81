package kpi

import (
	"encoding/binary"
	"math"
)

const trafficVersion = 5 // in version 4 no link had conflicts

// AppendTo appends the traffic's encoding, which the caller compresses.
func (t *Traffic) AppendTo(dst []byte) []byte {
	dst = append(dst, trafficVersion)
	dst = appendUint(dst, uint64(len(t.Links)))
	for i := range t.Links {
		l := &t.Links[i]
		for _, v := range [...]int32{l.Expected, l.CongestedHours, l.DropDays, l.Resets, l.Conflicts} {
			dst = appendUint(dst, uint64(v))
		}
		dst = appendUint(dst, uint64(l.SpeedMbps))
	}
	for i := range t.Links {
		dst = appendDirection(dst, &t.Links[i].In)
		dst = appendDirection(dst, &t.Links[i].Out)
	}
	return appendCapacity(dst, t.Capacity)
}

func appendCapacity(dst []byte, all []CapacityLoad) []byte {
	dst = appendUint(dst, uint64(len(all)))
	last := ""
	for _, c := range all {
		dst = appendName(dst, last, c.Composite)
		last = c.Composite
		dst = appendUint(dst, uint64(c.Slots))
		for _, p := range [...]PeakLoad{c.In, c.Out} {
			dst = appendUint(dst, uint64(p.Slots))
			for _, v := range [...]int64{p.At, p.Kbps, p.Mbps, p.Largest} {
				dst = appendUint(dst, uint64(v))
			}
			dst = appendCables(dst, p.Cables)
		}
	}
	return dst
}

func appendCables(dst []byte, all []CableLoad) []byte {
	dst = appendUint(dst, uint64(len(all)))
	last := ""
	for _, c := range all {
		dst = appendName(dst, last, c.Link)
		last = c.Link
		dst = appendUint(dst, uint64(c.Kbps))
		dst = appendUint(dst, uint64(c.Mbps))
	}
	return dst
}

// DecodeTraffic reads what Traffic.AppendTo wrote.
func DecodeTraffic(data []byte) (*Traffic, error) {
	r := reader{data: data}
	if v := r.bytes(1); v != nil && v[0] != trafficVersion {
		r.fail("unknown traffic version")
	}
	t := &Traffic{Links: r.links()}
	t.Capacity = r.capacity()
	return t, r.end("traffic")
}

// end is the reader's error; what it is of must be read to its end.
func (r *reader) end(what string) error {
	if r.err == nil && len(r.data) > 0 {
		r.fail("bytes after the " + what)
	}
	return r.err
}

// minLinkBytes is the least a link takes: six numbers, two directions.
const minLinkBytes = 6 + 2*(3+1+2*24)

func (r *reader) links() []LinkTraffic {
	n := r.count("links")
	if n > len(r.data)/minLinkBytes {
		r.fail("links")
		return nil
	}
	out := make([]LinkTraffic, n)
	for i := range out {
		l := &out[i]
		for _, v := range [...]*int32{&l.Expected, &l.CongestedHours, &l.DropDays, &l.Resets, &l.Conflicts} {
			*v = r.int32()
		}
		l.SpeedMbps = r.uint32()
	}
	for i := range out {
		r.direction(&out[i].In)
		r.direction(&out[i].Out)
		if r.err != nil {
			return nil
		}
	}
	return out
}

func (r *reader) capacity() []CapacityLoad {
	var out []CapacityLoad
	last := ""
	for n := r.count("composites"); n > 0 && r.err == nil; n-- {
		c := CapacityLoad{Composite: r.name(&last), Slots: r.int32()}
		if k := len(out); k > 0 && c.Composite <= out[k-1].Composite {
			r.fail("composites out of order")
		}
		for _, p := range [...]*PeakLoad{&c.In, &c.Out} {
			p.Slots = r.int32()
			for _, v := range [...]*int64{&p.At, &p.Kbps, &p.Mbps, &p.Largest} {
				*v = int64(r.below(math.MaxInt64, "load"))
			}
			p.Cables = r.cables()
		}
		out = append(out, c)
	}
	return out
}

func (r *reader) cables() (out []CableLoad) {
	last := ""
	for n := r.count("cables"); n > 0 && r.err == nil; n-- {
		out = append(out, CableLoad{r.name(&last), int64(r.below(math.MaxInt64, "load")), int64(r.below(math.MaxInt64, "load"))})
	}
	return out
}

// appendDirection writes the counts from the greatest per mille down, as far as they can matter.
func appendDirection(dst []byte, d *DirTraffic) []byte {
	for _, v := range [...]uint64{uint64(d.Slots), uint64(d.Suspect), uint64(d.Sum)} {
		dst = appendUint(dst, v)
	}
	distinct, kept := 0, 0
	for v := len(d.Counts) - 1; v >= 0 && kept < topKept; v-- {
		if d.Counts[v] > 0 {
			distinct++
			kept += int(d.Counts[v])
		}
	}
	dst = appendUint(dst, uint64(distinct))
	for v, last := len(d.Counts)-1, maxUint16+1; distinct > 0; v-- {
		if d.Counts[v] > 0 {
			dst = appendUint(dst, uint64(last-v))
			dst = appendUint(dst, uint64(d.Counts[v]))
			distinct, last = distinct-1, v
		}
	}
	for _, h := range d.Hours {
		dst = appendUint(dst, uint64(h.Sum))
		dst = appendUint(dst, uint64(h.Slots))
	}
	return dst
}

func (r *reader) direction(d *DirTraffic) {
	d.Slots, d.Suspect = r.int32(), r.int32()
	d.Sum = int64(r.below(math.MaxInt64, "sum"))
	last := maxUint16 + 1
	for n := r.below(topKept+1, "samples"); n > 0 && r.err == nil; n-- {
		v := last - int(r.below(uint64(last)+1, "per mille"))
		count := uint16(r.below(math.MaxUint16+1, "count"))
		if v == last || count == 0 {
			r.fail("samples")
			return
		}
		if d.Counts == nil {
			d.Counts = make([]uint16, v+1)
		}
		d.Counts[v], last = count, v
	}
	for h := range d.Hours {
		d.Hours[h] = HourSum{Sum: r.uint32(), Slots: r.uint32()}
	}
}

func (r *reader) uint32() uint32 { return uint32(r.below(math.MaxUint32+1, "number")) }
func (r *reader) int32() int32   { return int32(r.below(math.MaxInt32+1, "number")) }

// totalColumns is how many 32-bit numbers a LinkTotal takes.
const totalColumns = 5 + 2*9

// conflictsColumn was 0 before conflicts were counted.
const conflictsColumn = 5 + 8

// AppendTotals appends the totals of a shard's links in columns of fixed width, which the caller compresses.
func (t *MonthTraffic) AppendTotals(dst []byte, p *Plan, shard int) []byte {
	links := p.shards[shard].links
	at := len(dst)
	dst = append(dst, make([]byte, 4*totalColumns*len(links))...)
	for i, link := range links {
		for c, v := range t.Links[link].row() {
			binary.LittleEndian.PutUint32(dst[at+4*(c*len(links)+i):], v)
		}
	}
	var capacity []CapacityLoad
	if shard == CableShard {
		capacity = t.Capacity
	}
	return appendCapacity(dst, capacity)
}

// DecodeTotals reads what AppendTotals wrote for the same plan and shard.
func (t *MonthTraffic) DecodeTotals(data []byte, p *Plan, shard int) error {
	links := p.shards[shard].links
	r := reader{data: data}
	columns := r.bytes(4 * totalColumns * len(links))
	capacity := r.capacity()
	if err := r.end("totals"); err != nil {
		return err
	}
	var row [totalColumns]uint32
	for i, link := range links {
		for c := range row {
			row[c] = binary.LittleEndian.Uint32(columns[4*(c*len(links)+i):])
		}
		t.Links[link].set(&row)
	}
	if shard == CableShard {
		t.Capacity = capacity
	}
	return nil
}

func (t *LinkTotal) row() (out [totalColumns]uint32) {
	for i, v := range [...]int32{t.Expected, t.CongestedHours, t.DropDays, t.Resets, int32(t.SpeedMbps)} {
		out[i] = uint32(v)
	}
	for k, d := range [...]*DirTotal{&t.In, &t.Out} {
		row := out[5+9*k:]
		for i, v := range [...]int32{int32(d.Slots), int32(d.Suspect), d.P95, d.Max, int32(d.BusyHour)} {
			row[i] = uint32(v)
		}
		row[5], row[6], row[7], row[8] = d.Busy.Sum, d.Busy.Slots, d.Sum, 0 // which once was the sum's upper half
	}
	out[conflictsColumn] = uint32(t.Conflicts)
	return out
}

func (t *LinkTotal) set(row *[totalColumns]uint32) {
	t.Expected, t.CongestedHours, t.DropDays, t.Resets, t.SpeedMbps = int32(row[0]), int32(row[1]), int32(row[2]), int32(row[3]), row[4]
	t.Conflicts = uint16(row[conflictsColumn])
	for k, d := range [...]*DirTotal{&t.In, &t.Out} {
		r := row[5+9*k:]
		*d = DirTotal{Slots: int16(r[0]), Suspect: int16(r[1]), P95: int32(r[2]), Max: int32(r[3]), BusyHour: int8(r[4]),
			Busy: HourSum{r[5], r[6]}, Sum: r[7]}
	}
}

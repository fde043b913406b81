package kpi

import "math"

const trafficVersion = 2

// AppendTo appends the traffic's encoding, without its reports, which the caller compresses.
func (t *Traffic) AppendTo(dst []byte) []byte {
	dst = append(dst, trafficVersion)
	dst = appendName(dst, "", t.Plan)
	dst = appendInt(dst, int64(t.From))
	dst = appendInt(dst, int64(t.To))
	dst = appendUint(dst, uint64(len(t.Links)))
	last := ""
	for i := range t.Links {
		l := &t.Links[i]
		dst = appendName(dst, last, l.Link)
		last = l.Link
		for _, v := range [...]int32{l.Expected, l.CongestedHours, l.DropDays, l.Resets} {
			dst = appendUint(dst, uint64(v))
		}
		dst = appendUint(dst, uint64(l.SpeedMbps))
		dst = appendDirection(dst, &l.In)
		dst = appendDirection(dst, &l.Out)
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
		}
	}
	return dst
}

// DecodeTraffic reads what Traffic.AppendTo wrote.
func DecodeTraffic(data []byte) (*Traffic, error) {
	r := reader{data: data}
	if v := r.bytes(1); v != nil && v[0] != trafficVersion {
		r.fail("unknown traffic version")
	}
	t := &Traffic{Plan: r.name(new(string)), From: r.day(), To: r.day()}
	if t.To < t.From || t.To-t.From > maxDays {
		r.fail("traffic days")
	}
	t.Links = r.links()
	t.Capacity = r.capacity()
	if r.err == nil && len(r.data) > 0 {
		r.fail("bytes after the traffic")
	}
	if r.err != nil {
		return nil, r.err
	}
	return t, nil
}

// minLinkBytes is the least a link takes: a name, five numbers, two directions.
const minLinkBytes = 2 + 5 + 2*(3+1+2*24+1)

func (r *reader) links() []LinkTraffic {
	n := r.count("links")
	if n == 0 || n > len(r.data)/minLinkBytes {
		if n > 0 {
			r.fail("links")
		}
		return nil
	}
	out := make([]LinkTraffic, n)
	last := ""
	for i := range out {
		l := &out[i]
		before := last
		l.Link = r.name(&last)
		if i > 0 && l.Link <= before {
			r.fail("links out of order")
		}
		for _, v := range [...]*int32{&l.Expected, &l.CongestedHours, &l.DropDays, &l.Resets} {
			*v = r.int32()
		}
		l.SpeedMbps = r.uint32()
		r.direction(&l.In)
		r.direction(&l.Out)
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
		}
		out = append(out, c)
	}
	return out
}

func appendDirection(dst []byte, d *DirTraffic) []byte {
	dst = appendUint(dst, uint64(d.Slots))
	dst = appendUint(dst, uint64(d.Suspect))
	dst = appendUint(dst, uint64(d.Sum))
	dst = appendUint(dst, uint64(len(d.Top)))
	last := uint16(0)
	for _, t := range d.Top {
		dst = appendUint(dst, uint64(last-t.PerMille)) // descending; the first wraps
		dst = appendUint(dst, uint64(t.Count))
		last = t.PerMille
	}
	for _, h := range d.Hours {
		dst = appendUint(dst, uint64(h.Sum))
		dst = appendUint(dst, uint64(h.Slots))
	}
	dst = appendUint(dst, uint64(len(d.Peaks)))
	for _, p := range d.Peaks {
		dst = append(dst, p.Day, p.Hour, p.Slots)
		dst = appendUint(dst, uint64(p.Sum))
	}
	return dst
}

func (r *reader) direction(d *DirTraffic) {
	d.Slots, d.Suspect = r.int32(), r.int32()
	d.Sum = int64(r.below(math.MaxInt64, "sum"))
	last := uint16(0)
	for n := r.below(topKept+1, "samples"); n > 0 && r.err == nil; n-- {
		t := UtilCount{PerMille: last - r.uint16(), Count: r.uint16()}
		if t.Count == 0 || len(d.Top) > 0 && t.PerMille >= last {
			r.fail("samples")
		}
		d.Top, last = append(d.Top, t), t.PerMille
	}
	for h := range d.Hours {
		d.Hours[h] = HourSum{Sum: r.uint32(), Slots: r.uint32()}
	}
	for n := r.below(maxDays+1, "peaks"); n > 0 && r.err == nil; n-- {
		if b := r.bytes(3); b != nil {
			d.Peaks = append(d.Peaks, DayPeak{Day: b[0], Hour: b[1], Slots: b[2], Sum: r.uint32()})
		}
	}
}

func (r *reader) uint16() uint16 { return uint16(r.below(math.MaxUint16+1, "number")) }
func (r *reader) uint32() uint32 { return uint32(r.below(math.MaxUint32+1, "number")) }
func (r *reader) int32() int32   { return int32(r.below(math.MaxInt32+1, "number")) }

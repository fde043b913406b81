package kpi

// AppendRange appends the canonical encoding of the observations in seconds [from, to) of the day,
// and of all device starts the series knows (they are few, and joining them again changes nothing).
func (s *Series) AppendRange(dst []byte, from, to int64) []byte {
	runs := s.runs.between(from, to)
	dst = appendUint(dst, uint64(len(runs)))
	end := uint32(0)
	for _, r := range runs {
		dst = r.appendRhythm(appendUint(dst, uint64(r.start-end)<<3|uint64(r.says)))
		end = r.last()
	}
	return appendBoots(dst, s.boots)
}

func appendBoots(dst []byte, boots []boot) []byte {
	dst = appendUint(dst, uint64(len(boots)))
	last := int64(0)
	for _, b := range boots {
		dst = appendUint(dst, uint64(b.from-last))
		dst = appendUint(dst, uint64(b.to-b.from))
		last = b.to
	}
	return dst
}

// MergeEncoded adds what AppendRange wrote and returns the bytes after it. On an error the series
// is unchanged.
func (s *Series) MergeEncoded(data []byte) (rest []byte, err error) {
	r := reader{data: data}
	other := Series{runs: r.runs(), boots: r.boots()}
	if r.err != nil {
		return nil, r.err
	}
	s.Merge(&other)
	return r.data, nil
}

func (r *reader) runs() runs[Obs] {
	var out runs[Obs]
	for n := r.count("runs"); n > 0 && r.err == nil; n-- {
		head := r.below(daySeconds<<3, "run start")
		x := run[Obs]{says: Obs(head & 7)}
		if x.says > ObsExcluded {
			r.fail("run")
		}
		out = readRun(r, out, x, head>>3)
	}
	return out
}

// appendRhythm writes all of a run but its start and what it says.
func (r run[V]) appendRhythm(dst []byte) []byte {
	dst = appendUint(dst, uint64(r.interval))
	dst = appendUint(dst, uint64(r.count))
	if r.count > 1 {
		dst = appendUint(dst, uint64(r.step))
	}
	return dst
}

// readRun reads what appendRhythm wrote, of a run that begins gap seconds after those before it.
func readRun[V says](r *reader, before runs[V], x run[V], gap uint64) runs[V] {
	x.interval = uint16(r.below(MaxInterval+1, "interval"))
	x.count = uint16(r.below(maxUint16+1, "run count"))
	if x.count > 1 {
		x.step = uint16(r.below(maxUint16+1, "run step"))
	}
	start := gap
	if n := len(before); n > 0 {
		start += uint64(before[n-1].last())
	}
	last := start + uint64(x.step)*uint64(max(x.count, 1)-1)
	switch {
	case x.count == 0, x.count > 1 && x.step == 0, last >= daySeconds, gap == 0 && len(before) > 0:
		r.fail("run")
	}
	if r.err != nil {
		return nil
	}
	x.start = uint32(start)
	return push(before, x)
}

// maxTime bounds decoded Unix seconds, so that sums of them cannot overflow.
const maxTime = 1 << 40

func (r *reader) boots() []boot {
	var known Series
	at := int64(0)
	for n := r.count("starts"); n > 0 && r.err == nil; n-- {
		from := at + int64(r.below(maxTime, "start"))
		at = from + int64(r.below(maxTime, "start"))
		if at >= maxTime {
			r.fail("start out of range")
			return nil
		}
		known.addBoot(boot{from, at})
	}
	return known.boots
}

package kpi

// AppendRange appends the canonical encoding of the readings in seconds [from, to) of the day.
func (r *Readings) AppendRange(dst []byte, from, to int64) []byte {
	runs := r.runs.between(from, to)
	dst = appendUint(dst, uint64(len(runs)))
	end, count := uint32(0), uint64(0)
	for _, one := range runs {
		dst = appendUint(dst, uint64(one.start-end))
		dst = appendInt(dst, int64(one.says-count)) // wraps around, and back on decoding
		dst = one.appendRhythm(dst)
		end, count = one.last(), one.says
	}
	return dst
}

// MergeEncoded adds what AppendRange wrote and returns the bytes after it. On an error the readings are unchanged.
func (r *Readings) MergeEncoded(data []byte) (rest []byte, err error) {
	in := reader{data: data}
	var more runs[uint64]
	count := uint64(0)
	for n := in.count("readings"); n > 0 && in.err == nil; n-- {
		gap := in.below(daySeconds, "reading")
		count += uint64(in.int())
		more = readRun(&in, more, run[uint64]{says: count}, gap)
	}
	if in.err != nil {
		return nil, in.err
	}
	r.runs.merge(more)
	return in.data, nil
}

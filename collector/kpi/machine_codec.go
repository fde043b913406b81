package kpi

// AppendTo appends the machine's encoding.
func (m Machine) AppendTo(dst []byte) []byte {
	dst = append(dst, byte(m.State)<<4|byte(m.Last))
	for _, t := range [...]int64{m.Since, m.Until, m.Pending, m.Boot} {
		dst = appendUint(dst, uint64(t))
	}
	for _, poll := range [...]int32{m.Poll, m.PendingPoll, m.LastPoll} {
		dst = appendUint(dst, uint64(poll))
	}
	return dst
}

// DecodeMachine reads what Machine.AppendTo wrote and returns the bytes after it.
func DecodeMachine(data []byte) (m Machine, rest []byte, err error) {
	r := reader{data: data}
	m = r.machine()
	if r.err != nil {
		return Machine{}, nil, r.err
	}
	return m, r.data, nil
}

func (r *reader) machine() Machine {
	var m Machine
	if b := r.bytes(1); b != nil {
		m.State, m.Last = State(b[0]>>4), Obs(b[0]&15)
	}
	if m.State > Excluded || m.State == Maint || m.Last > ObsExcluded {
		r.fail("machine state")
	}
	for _, t := range [...]*int64{&m.Since, &m.Until, &m.Pending, &m.Boot} {
		*t = int64(r.below(maxTime, "machine time"))
	}
	for _, poll := range [...]*int32{&m.Poll, &m.PendingPoll, &m.LastPoll} {
		*poll = int32(r.below(MaxInterval+1, "machine interval"))
	}
	return m
}

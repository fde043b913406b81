package train

// Direction is where packets were lost, as a peer that counts its answers lets one tell.
type Direction struct {
	Known       bool
	There, Back float64 // share of packets lost on the way there; of the answers on the way back
}

// origin is the last answer before a round: what both sides had counted then.
type origin struct {
	known               bool
	sequence, reflector uint32
}

// split compares by how much both sides' numbers grew since the last answer that was seen. Losses after a round's last
// answer are found in the next one. Numbers that do not fit (the peer began anew, or packets were doubled) tell nothing.
func (o *origin) split(all []packet) Direction {
	var last *packet
	answers, refused := uint32(0), false
	for i := range all {
		p := &all[i]
		refused = refused || p.refused
		if p.answered {
			answers++
			if last == nil || int32(p.reflector-last.reflector) > 0 {
				last = p
			}
		}
	}
	if last == nil {
		return Direction{}
	}
	before := *o
	*o = origin{!refused, last.sequence, last.reflector}
	ours, theirs := last.sequence-before.sequence, last.reflector-before.reflector
	if !before.known || refused || int32(ours) <= 0 || int32(theirs) <= 0 || ours < theirs || theirs < answers {
		return Direction{}
	}
	return Direction{Known: true, There: float64(ours-theirs) / float64(ours), Back: float64(theirs-answers) / float64(theirs)}
}

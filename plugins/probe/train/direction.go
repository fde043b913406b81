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
	last, answers, refused := -1, uint32(0), false
	for i := range all {
		refused = refused || all[i].refused
		if all[i].answered {
			answers++
			if last < 0 || int32(all[i].reflector-all[last].reflector) > 0 {
				last = i
			}
		}
	}
	if last < 0 {
		return Direction{}
	}
	before := *o
	*o = origin{!refused, all[last].sequence, all[last].reflector}
	ours, theirs := all[last].sequence-before.sequence, all[last].reflector-before.reflector
	if !before.known || refused || int32(ours) <= 0 || int32(theirs) <= 0 || ours < theirs || theirs < answers {
		return Direction{}
	}
	return Direction{Known: true, There: float64(ours-theirs) / float64(ours), Back: float64(theirs-answers) / float64(theirs)}
}

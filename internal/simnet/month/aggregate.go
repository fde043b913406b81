package month

// members are the time lines of the ports that a link's a end is made of; none if it is no aggregate.
func (w *witness) members(link int32) (out [][]state) {
	for _, p := range w.Net.Members(link) {
		out = append(out, w.port(p))
	}
	return out
}

// aEnd is the time line of a link's a end. An aggregate is up with enough members up, and down when those of which
// nothing is known could not make that up.
func (w *witness) aEnd(link int32) []state {
	line, members := w.port(w.Net.Links[link].A), w.members(link)
	if len(members) == 0 {
		return line
	}
	whole, need := make([]state, w.seconds), max(w.Net.Config().Aggregates.MinLinks, 1)
	for i := range whole {
		whole[i] = count(members, i).state(need)
	}
	join(line, whole)
	return line
}

// count is how many members are in service in one second, and what they are.
func count(members [][]state, second int) (n census) {
	for _, line := range members {
		switch line[second] {
		case excluded:
			continue
		case up:
			n.up++
		case down:
			n.down++
		}
		n.in++
	}
	return n
}

// room says what a link can carry in the slot that ends at a second with a speed: an aggregate's members share its
// capacity, and one that is down or out of service in the last second of a slot has none of it.
func (w *witness) room(link int32, members [][]state) func(end int, speed uint32) uint32 {
	mbps := w.Net.Capacity(link)
	return func(end int, speed uint32) uint32 {
		switch {
		case mbps == 0:
			return speed
		case len(members) == 0:
			return mbps
		}
		n := count(members, end-1)
		return mbps * uint32(n.in-n.down) / uint32(len(members))
	}
}

// weight is the link's capacity, or else its last speed in the month.
func (w *witness) weight(link int32, samples []sample) uint32 {
	mbps := w.Net.Capacity(link)
	for i := len(samples) - 1; i >= 0 && mbps == 0; i-- {
		mbps = samples[i].mbps
	}
	return mbps
}

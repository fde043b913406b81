package discover

// gateways works out, for each device, the nearest other one that is on every way from the tops to it: if that fails, the device
// cannot be reached. It is the immediate dominator, found as Cooper, Harvey and Kennedy do it. A device with two ways that share
// no device has no gateway.
func gateways(joined [][]int, tops []bool) []int {
	g := &walkOrder{joined: joined, tops: tops, number: make([]int, len(joined)), parent: make([]int, len(joined))}
	for i := range joined {
		g.number[i], g.parent[i] = unreached, Unknown
	}
	g.visit()
	for changed := true; changed; {
		changed = false
		for i := len(g.order) - 1; i >= 0; i-- { // from the top downwards
			d := g.order[i]
			if p := g.nearest(d); p != g.parent[d] {
				g.parent[d], changed = p, true
			}
		}
	}
	return g.parent
}

const unreached = -1

// walkOrder is the devices in postorder of a walk from the tops, above which there is one more place: NoParent.
type walkOrder struct {
	joined [][]int
	tops   []bool
	order  []int
	number []int // by device: its place in order
	parent []int
}

// visit walks through all devices that can be reached, without recursion: a chain may be long.
func (g *walkOrder) visit() {
	type step struct{ device, next int }
	seen := make([]bool, len(g.joined))
	for top, is := range g.tops {
		if !is || seen[top] {
			continue
		}
		seen[top] = true
		stack := []step{{top, 0}}
		for len(stack) > 0 {
			s := &stack[len(stack)-1]
			if s.next == len(g.joined[s.device]) {
				g.number[s.device] = len(g.order)
				g.order = append(g.order, s.device)
				stack = stack[:len(stack)-1]
				continue
			}
			d := g.joined[s.device][s.next]
			s.next++
			if !seen[d] {
				seen[d] = true
				stack = append(stack, step{d, 0})
			}
		}
	}
}

// nearest is the nearest common gateway of all neighbours that have been looked at.
func (g *walkOrder) nearest(d int) int {
	if g.tops[d] {
		return NoParent
	}
	best := Unknown
	for _, n := range g.joined[d] {
		switch {
		case g.parent[n] == Unknown: // not yet
		case best == Unknown:
			best = n
		default:
			best = g.common(best, n)
		}
	}
	return best
}

// common climbs from two devices until it is at one; NoParent is above all.
func (g *walkOrder) common(a, b int) int {
	for a != b {
		if a == NoParent || b == NoParent {
			return NoParent
		}
		if g.number[a] < g.number[b] {
			a = g.parent[a]
		} else {
			b = g.parent[b]
		}
	}
	return a
}

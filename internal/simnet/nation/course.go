package nation

import (
	"math/bits"
	"slices"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
)

// change is one fault on a link.
type change struct {
	fault.Span
	factor float64
	drop   float64
	down   bool
	errors bool
	off    float64 // ONTs, of all of a PON's
	member uint8   // of an aggregate that is down, as a bit; 0: the change is the whole link's
}

// course is what faults do to a link's traffic over time: sorted, disjoint segments.
type course struct {
	segments []segment
	lost     []fault.Span // unavailable seconds of an optical channel: sorted, disjoint
}

// segment multiplies the traffic by factor per mille. The extra octets are
// what all segments before it added to the usual total, modulo 2^64.
type segment struct {
	fault.Span
	factor             uint64
	down               bool
	errors             bool
	off                uint64 // of a million ONTs
	drop               uint64 // of a million packets out of either end
	extraIn, extraOut  uint64
	droppedI, droppedO uint64 // packets dropped before the segment, at the b end and the a end
}

// mostLoad is what congestion may bring a link to, in per mille: a link carries no more than it can.
const mostLoad = 990

// course cuts time where any change begins or ends and sums up what happened before each cut.
func (n *Network) course(link int32, changes []change) *course {
	var cuts []fault.Tick
	for _, c := range changes {
		cuts = append(cuts, c.From, c.To)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	c, f := &course{}, n.flow(n.Links[link].A)
	for i := 1; i < len(cuts); i++ {
		s := segment{Span: fault.Span{From: cuts[i-1], To: cuts[i]}, factor: 1000}
		gone := uint8(0) // members
		for _, ch := range changes {
			if ch.Covers(s.From) {
				s.apply(ch)
				gone |= ch.member
			}
		}
		if s.factor = min(s.factor, n.most(link, f, gone)); s.factor == 0 && gone != 0 {
			s.down = true
		}
		s.factor = s.factor * (1_000_000 - s.off) / 1_000_000
		c.segments = append(c.segments, s)
	}
	for i := 1; i < len(c.segments); i++ {
		prev, next := &c.segments[i-1], &c.segments[i]
		next.extraIn, next.extraOut, next.droppedI, next.droppedO = n.tables.after(f, prev, prev.To)
	}
	c.lost = c.unavailable()
	return c
}

// most is the factor up to which the link has room while some of an aggregate's members are gone.
func (n *Network) most(link int32, f *flow, gone uint8) uint64 {
	if gone == 0 {
		return max(mostLoad*1000/f.peak(), 1000)
	}
	all := uint64(len(n.Members(link)))
	return mostLoad * 1000 * (all - uint64(bits.OnesCount8(gone))) / all / f.peak()
}

func (s *segment) apply(c change) {
	if c.member != 0 {
		return
	}
	if c.down {
		s.factor, s.down = 0, true
		return
	}
	s.errors, s.off = s.errors || c.errors, max(s.off, uint64(c.off*1e6+0.5))
	s.factor = uint64(float64(s.factor)*c.factor + 0.5)
	s.drop = max(s.drop, uint64(c.drop*1e6+0.5))
}

// after is the state of the sums at an instant within or at the end of s.
func (t *tables) after(f *flow, s *segment, at fault.Tick) (extraIn, extraOut, droppedI, droppedO uint64) {
	from, to := t.at(s.From), t.at(at)
	in0, out0 := t.total(f, &from)
	in1, out1 := t.total(f, &to)
	in, out := in1-in0, out1-out0
	extraIn = s.extraIn + scale(in, s.factor) - in
	extraOut = s.extraOut + scale(out, s.factor) - out
	droppedI = s.droppedI + muldiv(scale(in, s.factor)/packetOctets, s.drop, 1_000_000)
	droppedO = s.droppedO + muldiv(scale(out, s.factor)/packetOctets, s.drop, 1_000_000)
	return extraIn, extraOut, droppedI, droppedO
}

func scale(v, perMille uint64) uint64 { return muldiv(v, perMille, 1000) }

// muldiv is v·a/b without overflow on the way.
func muldiv(v, a, b uint64) uint64 {
	hi, lo := bits.Mul64(v, a)
	q, _ := bits.Div64(hi%b, lo, b)
	return q
}

// last is the segment that begins last at or before the instant, nil before the first.
func (c *course) last(at fault.Tick) *segment {
	i, exact := slices.BinarySearchFunc(c.segments, at, func(s segment, t fault.Tick) int {
		return int(min(max(s.From-t, -1), 1))
	})
	if exact {
		return &c.segments[i]
	}
	if i == 0 {
		return nil
	}
	return &c.segments[i-1]
}

// isDown says whether the link is down at the instant.
func (c *course) isDown(at fault.Tick) bool {
	s := c.last(at)
	return s != nil && s.down && s.Covers(at)
}

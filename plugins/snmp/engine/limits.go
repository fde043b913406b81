package engine

import (
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Limits keep the poller from being a burden to those it polls. What they hold back waits and is counted.
type Limits struct {
	Device Limit // of all targets at one address and port
	Subnet Limit // of all devices in one subnet
	V4, V6 int   // length of a subnet's prefix
}

// Limit bounds requests; 0 is no bound.
type Limit struct {
	PerSecond int
	InFlight  int
}

// subnet is the subnet that an address lies in.
func (l Limits) subnet(a netip.Addr) netip.Prefix {
	bits := l.V6
	if a.Is4() {
		bits = l.V4
	}
	p, _ := a.Prefix(min(bits, a.BitLen())) // fails for more bits than there are
	return p
}

// burst is how much of a limit's second may go out at once.
const burst = 100 * time.Millisecond

// gate holds those to a limit who share it. It is for one goroutine.
type gate struct {
	*rule
	due   time.Time // of the next request, were they evenly spaced
	busy  int32     // requests under way
	crowd *crowd    // nil: there was none
}

// crowd is what a gate keeps of those who share it.
type crowd struct {
	waiting queue[int32]
	turns   turns // of a device
}

// rule is what gates of one kind have in common.
type rule struct {
	limit Limit
	waits prometheus.Counter
}

// open says whether one more request may go out.
func (g *gate) open(now time.Time) bool {
	return (g.limit.InFlight == 0 || int(g.busy) < g.limit.InFlight) && (g.busy == 0 || g.crowd == nil || !g.crowd.turns.serial()) &&
		(g.limit.PerSecond == 0 || g.due.Before(now.Add(burst)))
}

// pass notes a transmission.
func (g *gate) pass(now time.Time) {
	if g.limit.PerSecond == 0 {
		return
	}
	if g.due.Before(now) {
		g.due = now
	}
	g.due = g.due.Add(time.Second / time.Duration(g.limit.PerSecond))
}

// hold makes a peer wait.
func (g *gate) hold(i int32) {
	g.waits.Inc()
	g.shared().waiting.push(i)
}

// held is how many wait.
func (g *gate) held() int {
	if g.crowd == nil {
		return 0
	}
	return g.crowd.waiting.len()
}

// shared makes room for what is kept of several.
func (g *gate) shared() *crowd {
	if g.crowd == nil {
		g.crowd = new(crowd)
	}
	return g.crowd
}

// gates are those of one lane, while its targets are added.
type gates struct {
	limits         Limits
	devices        map[netip.AddrPort]*gate
	subnets        map[netip.Prefix]*gate
	device, subnet *rule
}

func newGates(l Limits, m *metrics) gates {
	return gates{l, map[netip.AddrPort]*gate{}, map[netip.Prefix]*gate{}, &rule{l.Device, m.waits(deviceLimit)}, &rule{l.Subnet, m.waits(subnetLimit)}}
}

// of returns the gates that requests to an address have to pass.
func (gs *gates) of(a netip.AddrPort) [2]*gate {
	d, s := gs.devices[a], gs.subnets[gs.limits.subnet(a.Addr())]
	if d == nil {
		d = &gate{rule: gs.device}
		gs.devices[a] = d
	} else {
		d.shared()
	}
	if s == nil {
		s = &gate{rule: gs.subnet}
		gs.subnets[gs.limits.subnet(a.Addr())] = s
	}
	return [2]*gate{d, s}
}

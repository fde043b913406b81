package probe

import (
	"net/netip"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/plugins/probe/icmp"
	"github.com/haidang-noc/haidang/plugins/probe/socket"
	"github.com/haidang-noc/haidang/plugins/probe/stamp"
	"github.com/haidang-noc/haidang/plugins/probe/train"
)

// laneKind tells sockets apart: there are never more than kinds of them, however many targets there are.
type laneKind struct {
	method string
	v4     bool
	signed bool
	tos    uint8
}

// lanes are the sockets that trains go through.
type lanes struct {
	settings *settings
	clock    *clock
	pace     *train.Pace
	metrics  map[string]*train.Metrics
	byKind   map[laneKind]*train.Lane
	all      []*train.Lane
}

func newLanes(s *settings, c *clock, reg prometheus.Registerer) *lanes {
	l := &lanes{settings: s, clock: c, pace: train.NewPace(s.Limits.PacketsPerSecond), metrics: map[string]*train.Metrics{}, byKind: map[laneKind]*train.Lane{}}
	for _, method := range []string{methodICMP, methodSTAMP} {
		l.metrics[method] = train.NewMetrics(prometheus.WrapRegistererWith(prometheus.Labels{"method": method}, reg))
	}
	return l
}

// of is the lane that a test's packets go through; it is opened for the first.
func (l *lanes) of(t *trainTest) (*train.Lane, error) {
	kind := laneKind{t.method, t.packets.Peer.Addr().Is4(), t.packets.Secret != nil, t.tos}
	if lane := l.byKind[kind]; lane != nil {
		return lane, nil
	}
	conn, protocol, err := l.open(kind)
	if err != nil {
		return nil, err
	}
	lane := train.NewLane(protocol, conn, l.pace, l.metrics[kind.method])
	l.byKind[kind] = lane
	l.all = append(l.all, lane)
	return lane, nil
}

func (l *lanes) open(kind laneKind) (*socket.Conn, train.Protocol, error) {
	from := l.settings.source(kind.v4)
	if kind.method == methodSTAMP {
		conn, err := socket.UDP(netip.AddrPortFrom(from, 0), kind.tos)
		return conn, stamp.NewSender(kind.signed, l.clock.Estimate), err
	}
	conn, err := socket.Echo(from, kind.tos)
	if err != nil {
		return nil, nil, err
	}
	return conn, icmp.NewPing(!kind.v4, conn.Raw()), nil
}

// flush sends what all lanes have queued.
func (l *lanes) flush() {
	for _, lane := range l.all {
		lane.Flush()
	}
}

// services receive.
func (l *lanes) services() []service {
	out := make([]service, 0, len(l.all))
	for _, lane := range l.all {
		out = append(out, lane.Receive)
	}
	return out
}

// close frees the sockets where nothing receives.
func (l *lanes) close() {
	for _, lane := range l.all {
		lane.Close()
	}
}

package month

import (
	"time"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
	"github.com/haidang-noc/haidang/internal/simnet/pm"
	"github.com/haidang-noc/haidang/internal/simnet/probe"
)

// keys are the series of one device, made once.
type keys struct {
	reach []byte
	ports []portKey
}

type portKey struct {
	index   int32
	key     []byte
	channel []byte // of an optical channel's counter; nil: it is none
	pon     []byte // likewise of a PON's ONTs
}

// lines writes polls as line protocol. It is for one goroutine.
type lines struct {
	plan    *Plan
	keys    []keys // as plan.turns
	agents  [][]byte
	series  []probeSeries
	model   *probe.Model
	sites   []pm.Site
	objects []pm.Group // of one site, all groups of an object in one
	key     []byte
	reading nation.Reading
	enc     point.Encoder
}

// makeKeys makes the keys of every turn: reach, and interface for the ports that carry links.
func makeKeys(p *Plan) []keys {
	all := make([]keys, len(p.turns))
	for i, t := range p.turns {
		d := &p.Net.Devices[t.device]
		key := func(measurement string, tags ...point.Tag) []byte {
			return point.AppendKey(nil, measurement, append(tags, point.Tag{Key: "device", Value: d.Name}, point.Tag{Key: "agent", Value: p.agentOf(d.Agent)})...)
		}
		all[i].reach = key("reach", point.Tag{Key: "method", Value: p.Net.Config().Method})
		for index := range p.Net.Ports(t.device) {
			port := nation.Port{Device: t.device, Index: index}
			if link, _ := p.Net.Behind(port); link < 0 {
				continue
			}
			name := string(p.Net.IfName(port))
			k := portKey{index: index, key: key("interface", point.Tag{Key: "ifname", Value: name})}
			if p.Net.Channel(port) {
				k.channel = key("otn", point.Tag{Key: "object", Value: name})
			}
			if p.Net.PON(port) {
				k.pon = key("pon", point.Tag{Key: "pon", Value: name})
			}
			all[i].ports = append(all[i].ports, k)
		}
	}
	return all
}

// poll writes what the turn's poll in a round brings.
func (l *lines) poll(i, round int) {
	t := l.plan.turns[i]
	clock := l.plan.Net.Clock(l.plan.at(t.phase, round))
	l.reading.Read(l.plan.Net, t.device, &clock)
	outcome := l.plan.outcome(&l.reading)
	if outcome == Nothing {
		return
	}
	k := &l.keys[i]
	e, now := &l.enc, clock.Tick().UnixNano()
	seconds := int64(l.plan.Interval / fault.Second)
	e.Begin(k.reach)
	e.Bool("up", outcome == Answered)
	if outcome == Answered {
		e.Float("rtt_ms", l.roundTrip(t.device))
	}
	e.Int("interval_s", seconds)
	e.End(now)
	if outcome == Answered {
		for j := range k.ports {
			l.port(&k.ports[j], now, seconds)
		}
	}
}

func (l *lines) port(k *portKey, now, seconds int64) {
	c, e := l.reading.Counters(k.index), &l.enc
	e.Begin(k.key)
	e.Int("admin", int64(c.Admin))
	e.Int("oper", int64(c.Oper))
	e.Int("speed_mbps", int64(l.reading.SpeedMbps(k.index)))
	e.Uint("in_octets", c.InOctets)
	e.Uint("out_octets", c.OutOctets)
	e.Uint("in_ucast_pkts", c.InPackets)
	e.Uint("out_ucast_pkts", c.OutPackets)
	e.Uint("out_mcast_pkts", c.OutMulticast)
	e.Uint("out_bcast_pkts", c.OutBroadcast)
	e.Uint("in_errors", c.InErrors)
	e.Uint("out_errors", c.OutErrors)
	e.Uint("in_discards", c.InDiscards)
	e.Uint("out_discards", c.OutDiscards)
	e.Int("uptime_cs", int64(l.reading.Uptime()))
	e.Int("discontinuity_cs", int64(l.reading.Discontinuity()))
	e.Int("interval_s", seconds)
	e.End(now)
	if k.channel != nil {
		e.Begin(k.channel)
		e.Uint("unavailable_s", l.reading.Unavailable(k.index))
		e.Bool("up", c.Oper == nation.StatusUp)
		e.Int("interval_s", seconds)
		e.End(now)
	}
	if k.pon != nil {
		online, total := l.reading.ONTs(k.index)
		e.Begin(k.pon)
		e.Int("onts_online", int64(online))
		e.Int("onts_total", int64(total))
		e.Int("interval_s", seconds)
		e.End(now)
	}
}

// roundTrip is between 1 and 9 ms, and a latency fault on top.
func (l *lines) roundTrip(device int32) float64 {
	tenths := 10 + int(80*l.plan.Net.Chance(device, l.reading.At()+1))
	if m := l.reading.Misbehaves(fault.Latency); m != nil {
		tenths += int(m.Delay / (100 * time.Microsecond))
	}
	return float64(tenths) / 10
}

// heartbeats writes that the agents run, at the beginning of a round.
func (l *lines) heartbeats(round int) {
	at := l.plan.at(0, round)
	for i, key := range l.agents {
		if key == nil || l.plan.Net.AgentStopped(int32(i), at) {
			continue
		}
		l.enc.Begin(key)
		l.enc.Bool("up", true)
		l.enc.Int("interval_s", int64(l.plan.Interval/fault.Second))
		l.enc.End(at.UnixNano())
	}
}

// Package probe is what active probes see of the simulated network: how long packets take, how many are lost, and how fast
// and how good a service is, all from the same links, loads and faults that SNMP shows.
package probe

import (
	"math"
	"slices"
	"time"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// Result is what a round of probing brings. What a service does not have is NaN.
type Result struct {
	Up   bool    // something came back
	Loss float64 // of packets, 0 to 1
	RTT  float64 // ms, mean
	// Jitter is the mean difference of the delays of neighbouring packets, ms.
	Jitter     float64
	MOS        float64 // of voice, and of video
	Mbps       float64 // download
	Subscribed float64 // Mbit/s sold
	WebLoad    float64 // s
	Zap        float64 // s
}

// Services are those that At knows.
func Services() []string {
	return []string{"mobile_voice", "mobile_data", "mobile_data_5g", "fixed_broadband", "iptv", "iptv_headend", "transport"}
}

// service is what sets the services apart.
type service struct {
	role    string  // of the devices that stand for it
	access  float64 // ms of the last hop, there and back
	stamp   float64 // least jitter, ms
	mbps    float64 // with an empty network
	sold    float64 // Mbit/s; 0: not measured
	talks   bool
	shows   bool // video
	browses bool
}

func services() map[string]service {
	return map[string]service{
		"mobile_voice":    {role: "enb", access: 24, stamp: 2, talks: true},
		"mobile_data":     {role: "enb", access: 24, stamp: 2, mbps: 55},
		"mobile_data_5g":  {role: "gnb", access: 11, stamp: 1, mbps: 420},
		"fixed_broadband": {role: "olt", access: 2.4, stamp: 0.3, mbps: 160, sold: 150, browses: true},
		"iptv":            {role: "olt", access: 2.4, stamp: 0.3, shows: true},
		"iptv_headend":    {role: "core", access: 0.2, stamp: 0.05},
		"transport":       {role: "agg", access: 0.3, stamp: 0.05},
	}
}

// sites is how many devices of a province stand for a service, by turns.
const sites = 6

// Model knows the paths from the middle of the network to every device.
type Model struct {
	net     *nation.Network
	kinds   map[string]service
	who     map[[2]string][]int32 // by province and service
	reading nation.Reading
}

// New makes a model. It is for one goroutine.
func New(net *nation.Network) *Model {
	m := &Model{net: net, kinds: services(), who: map[[2]string][]int32{}}
	for i := range net.Devices {
		d := &net.Devices[i]
		for name, s := range m.kinds {
			key := [2]string{d.Province, name}
			if d.Province != "" && d.Role == s.role && len(m.who[key]) < sites {
				m.who[key] = append(m.who[key], int32(i))
			}
		}
	}
	return m
}

// Provinces are those in which the service has somebody who stands for it, in order.
func (m *Model) Provinces(service string) []string {
	var out []string
	for key := range m.who {
		if key[1] == service {
			out = append(out, key[0])
		}
	}
	slices.Sort(out)
	return out
}

// At is what a probe of the service in the province sees at an instant; false if nobody there stands for it.
func (m *Model) At(o *nation.Overlay, province, service string, at fault.Tick) (Result, bool) {
	who := m.who[[2]string{province, service}]
	if len(who) == 0 {
		return Result{}, false
	}
	return m.Device(o, who[int(at/(5*fault.Minute))%len(who)], service, at), true
}

// Device is what a probe of a device sees at an instant, as a service that is known or, otherwise, as transport.
func (m *Model) Device(o *nation.Overlay, device int32, service string, at fault.Tick) Result {
	s, ok := m.kinds[service]
	if !ok {
		s = m.kinds["transport"]
	}
	p := m.path(o, device, at)
	p.rtt += s.access
	p.jitter += s.stamp
	nan := math.NaN()
	r := Result{Up: p.up, Loss: min(p.loss, 1), RTT: p.rtt, Jitter: p.jitter, MOS: nan, Mbps: nan, Subscribed: nan, WebLoad: nan, Zap: nan}
	if !p.up {
		r.Loss, r.RTT, r.Jitter = 1, nan, nan
		return r
	}
	r.experience(s, p)
	return r
}

// experience is what people notice.
func (r *Result) experience(s service, p path) {
	if s.talks {
		r.MOS = min(max(4.36-r.RTT/2*0.0021-r.Jitter*0.012-r.Loss*55, 1), 4.5)
	}
	if s.shows {
		r.MOS = min(max(4.6-r.Loss*400-p.load*0.4, 1), 4.5)
		r.Zap = 0.9 + 0.5*p.load + r.Loss*100
	}
	if s.mbps > 0 {
		r.Mbps = s.mbps * (1 - 0.55*p.load*p.load) / (1 + 60*r.Loss)
	}
	if s.sold > 0 {
		r.Subscribed, r.Mbps = s.sold, min(r.Mbps, s.sold*1.02)
	}
	if s.browses {
		r.WebLoad = 0.9 + r.RTT*0.02 + 1.5*p.load*p.load + r.Loss*60
	}
}

// path is what the way to a device adds up to.
type path struct {
	up     bool
	rtt    float64 // ms, there and back
	jitter float64 // ms
	loss   float64
	load   float64 // of the busiest link, 0 to 1
}

const (
	most    = 6                // hops to the middle of the network
	window  = 5 * fault.Minute // over which load is read
	quiet   = 2e-7             // loss of a hop with nothing wrong
	detour  = 4.5              // ms more, by another way
	wrapped = 1 << 63
)

// path follows the first port of every device, its way up. A device that answers SNMP answers probes; what is broken between
// is gone round.
func (m *Model) path(o *nation.Overlay, device int32, at fault.Tick) path {
	now, before := o.Clock(at), o.Clock(at-window)
	m.reading.Read(o, device, &now)
	p := path{up: m.reading.Answers(), rtt: m.distance(device)}
	m.manners(&p)
	for range most {
		link := m.uplink(o, device, &now, &before)
		p.rtt += 0.15 + 2*link.wait
		p.jitter += link.wait * 0.7
		p.loss += link.loss
		p.load = max(p.load, link.load)
		next, ok := m.net.Far(nation.Port{Device: device})
		if !ok || m.net.Devices[next.Device].Role == "p" {
			break
		}
		device = next.Device
	}
	p.rtt += p.rtt * 0.04 * (m.chance(device, at) - 0.5)
	return p
}

// manners are the faults of the device that is probed.
func (m *Model) manners(p *path) {
	for x := range m.reading.Manners {
		switch x.Kind {
		case fault.Loss:
			p.loss += x.Ratio
		case fault.Latency:
			p.rtt += float64(x.Delay) / float64(time.Millisecond)
		default: // shows in SNMP only
		}
	}
}

// hop is one link, in the direction of the traffic that fills it.
type hop struct{ wait, loss, load float64 }

// uplink reads the first port's link as SNMP would show it over the last five minutes. A link that is down is gone round.
func (m *Model) uplink(o *nation.Overlay, device int32, now, before *nation.Clock) hop {
	port := nation.Port{Device: device}
	m.reading.Read(o, device, now)
	if _, oper := m.reading.Status(0); oper != nation.StatusUp {
		return hop{wait: detour / 2, loss: 2e-4, load: 0.9}
	}
	b := m.reading.Counters(0)
	m.reading.Read(o, device, before)
	a := m.reading.Counters(0)
	octets := max(grown(a.InOctets, b.InOctets), grown(a.OutOctets, b.OutOctets))
	load := min(octets*8/float64(window/fault.Second)/1e6/float64(o.SpeedMbps(port)), 0.995)
	h := hop{load: load, loss: quiet, wait: 0.05 * load / (1 - load)}
	if sent := grown(a.OutPackets, b.OutPackets); sent > 0 {
		h.loss += min(grown(a.OutDiscards, b.OutDiscards)/sent, 1)
	}
	return h
}

// grown is by how much a counter grew, 0 if it began anew.
func grown(a, b uint64) float64 {
	if b-a >= wrapped {
		return 0
	}
	return float64(b - a)
}

// distance is the light's way to the device's province and back, ms: the same for all its devices.
func (m *Model) distance(device int32) float64 {
	code := m.net.Devices[device].Province
	far := 0.0
	for _, c := range code {
		far = far*7 + float64(c-'0')
	}
	return 3 + math.Mod(far*2.7, 17)
}

// chance is a number from 0 up to 1 that belongs to the device and the five minutes.
func (m *Model) chance(device int32, at fault.Tick) float64 {
	z := uint64(device)*0x9e3779b97f4a7c15 + uint64(at/window)*0xbf58476d1ce4e5b9 + m.net.Config().Seed
	z = (z ^ z>>31) * 0x94d049bb133111eb
	return float64((z^z>>29)>>11) / (1 << 53)
}

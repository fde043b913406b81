package month

import (
	"math"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/probe"
)

// The values of a sample, in whole units, in the order in which its fields are written.
const (
	lossNano     = iota // of a packet
	rttMicros           // µs
	jitterMicros        // µs
	mosMilli
	speedKbit
	soldKbit
	webMillis
	zapMillis
	values
)

// none is the value of what a service does not have.
const none = -1

// measured is what one round of probing measured.
type measured [values]int64

// packets are sent for each sample.
const packets = 1000

// probeSeries is one service in one province.
type probeSeries struct {
	province, service string
	agent             int32 // -1: any
	key               []byte
}

// probeSeriesOf are the services of the provinces whose agent's devices are polled.
func probeSeriesOf(p *Plan) []probeSeries {
	if p.probes == 0 {
		return nil
	}
	polled := map[string]int32{} // agent by province
	for _, t := range p.turns {
		if d := &p.Net.Devices[t.device]; d.Province != "" {
			polled[d.Province] = d.Agent
		}
	}
	var out []probeSeries
	model := probe.New(p.Net.Network)
	for _, service := range probe.Services() {
		for _, province := range model.Provinces(service) {
			a, ok := polled[province]
			if !ok {
				continue
			}
			key := point.AppendKey(nil, "probe", point.Tag{Key: "province", Value: province}, point.Tag{Key: "service", Value: service},
				point.Tag{Key: "target", Value: "reference"}, point.Tag{Key: "agent", Value: p.agentOf(a)})
			out = append(out, probeSeries{province, service, a, key})
		}
	}
	return out
}

// sampleAt is what the series' probe measures at an instant; false if its agent is stopped.
func (p *Plan) sampleAt(m *probe.Model, s *probeSeries, at fault.Tick) (out measured, ok bool) {
	if s.agent >= 0 && p.Net.AgentStopped(s.agent, at) {
		return out, false
	}
	r, ok := m.At(p.Net, s.province, s.service, at)
	for i, v := range [values]float64{r.Loss * 1e9, r.RTT * 1e3, r.Jitter * 1e3, r.MOS * 1e3, r.Mbps * 1e3, r.Subscribed * 1e3, r.WebLoad * 1e3, r.Zap * 1e3} {
		out[i] = none
		if !math.IsNaN(v) {
			out[i] = int64(math.Round(v))
		}
	}
	return out, ok
}

// probes writes the samples that are due at the beginning of a round.
func (l *lines) probes(round int) {
	at := l.plan.at(0, round)
	if len(l.series) == 0 || (at-l.plan.From)%l.plan.probes != 0 {
		return
	}
	for i := range l.series {
		if m, ok := l.plan.sampleAt(l.model, &l.series[i], at); ok {
			l.sample(l.series[i].key, m, at)
		}
	}
}

func (l *lines) sample(key []byte, m measured, at fault.Tick) {
	e := &l.enc
	e.Begin(key)
	for i, f := range [values]struct {
		name string
		unit float64
	}{{"loss_ratio", 1e9}, {"rtt_ms", 1e3}, {"jitter_ms", 1e3}, {"mos", 1e3}, {"throughput_mbps", 1e3}, {"subscribed_mbps", 1e3}, {"web_load_s", 1e3}, {"zap_s", 1e3}} {
		if m[i] != none {
			e.Float(f.name, float64(m[i])/f.unit)
		}
	}
	e.Int("samples", packets)
	e.Int("interval_s", int64(l.plan.probes/fault.Second))
	e.End(at.UnixNano())
}

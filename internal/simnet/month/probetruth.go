package month

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/haidang-noc/haidang/internal/simnet/probe"
)

// SampleKPI is what the month's samples of a service in a province, or the nation (""), come to.
type SampleKPI struct {
	Province string `json:"province"`
	Service  string `json:"service"` // that is scored
	KPI      string `json:"kpi"`
	Value    string `json:"value"` // exact: a fraction, in its unit
	Samples  int    `json:"samples"`
}

// Compare orders by province, service and KPI.
func (k SampleKPI) Compare(o SampleKPI) int {
	return cmp.Or(cmp.Compare(k.Province, o.Province), cmp.Compare(k.Service, o.Service), cmp.Compare(k.KPI, o.KPI))
}

// What a sample must be at least to be good, and its loss below to count as available.
const (
	floor4G     = 2_000
	floor5G     = 30_000
	unavailable = 200_000_000
)

// samples gathers what was measured, by province and service; "" is the nation.
func (p *Plan) samples() map[[2]string][]measured {
	out := map[[2]string][]measured{}
	model, series := probe.New(p.Net.Network), probeSeriesOf(p)
	for round := range p.Rounds() {
		at := p.at(0, round)
		if (at-p.From)%p.probes != 0 {
			continue
		}
		for i := range series {
			if m, ok := p.sampleAt(model, &series[i], at); ok {
				for _, province := range []string{"", series[i].province} {
					key := [2]string{province, series[i].service}
					out[key] = append(out[key], m)
				}
			}
		}
	}
	return out
}

// sampleKPIs works the samples' KPIs out.
func (p *Plan) sampleKPIs() []SampleKPI {
	if p.probes == 0 {
		return nil
	}
	all := p.samples()
	var out []SampleKPI
	for key, m := range all {
		province, service := key[0], key[1]
		add := func(service, kpi string, value *big.Rat, n int) {
			if n > 0 {
				out = append(out, SampleKPI{province, service, kpi, value.RatString(), n})
			}
		}
		mean := func(kpi string, item int, num, den int64) {
			v, n := meanOf(m, func(x measured) (int64, bool) { return x[item], x[item] != none })
			add(service, kpi, v.Mul(v, big.NewRat(num, den)), n)
		}
		up := func(service, kpi string) {
			v, n := meanOf(m, func(x measured) (int64, bool) { return one(x[lossNano] < unavailable), true })
			add(service, kpi, v.Mul(v, big.NewRat(100, 1)), n)
		}
		switch service {
		case "mobile_voice":
			v, n := rank(m, mosMilli, 5)
			add(service, "mos_p95_low", big.NewRat(v, 1000), n)
		case "mobile_data":
			mean("rtt", rttMicros, 1, 1000)
			v, n := meanOf(append(speeds(m, floor4G), speeds(all[[2]string{province, "mobile_data_5g"}], floor5G)...), func(x measured) (int64, bool) { return x[0], true })
			add(service, "samples_above_floor", v.Mul(v, big.NewRat(100, 1)), n)
		case "fixed_broadband":
			mean("mean_latency", rttMicros, 1, 1000)
			mean("packet_loss", lossNano, 100, 1e9)
			v, n := meanOf(m, func(x measured) (int64, bool) {
				return x[speedKbit] * 1_000_000 / max(x[soldKbit], 1), x[speedKbit] != none
			})
			add(service, "speed_ratio", v.Mul(v, big.NewRat(1, 1_000_000)), n)
			mean("web_load_time", webMillis, 1, 1000)
		case "iptv":
			mean("stream_packet_loss", lossNano, 1, 1e9)
			up(service, "service_availability")
			mean("video_mos", mosMilli, 1, 1000)
			v, n := rank(m, zapMillis, 95)
			add(service, "zapping_time_p95", big.NewRat(v, 1000), n)
		case "iptv_headend":
			up("iptv", "head_end_channel_up")
		case "transport":
			mean("one_way_delay", rttMicros, 1, 2000)
			mean("delay_variation", jitterMicros, 1, 1000)
			mean("packet_loss", lossNano, 1, 1e9)
		}
	}
	slices.SortFunc(out, SampleKPI.Compare)
	return out
}

// speeds are 1 for each sample at the floor or above and 0 for each other one.
func speeds(m []measured, floor int64) (out []measured) {
	for _, x := range m {
		if x[speedKbit] != none {
			out = append(out, measured{one(x[speedKbit] >= floor)})
		}
	}
	return out
}

func one(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// meanOf divides the sum of what value finds by how often it finds something.
func meanOf(m []measured, value func(measured) (int64, bool)) (*big.Rat, int) {
	sum, n := new(big.Int), 0
	for _, x := range m {
		if v, ok := value(x); ok {
			sum.Add(sum, big.NewInt(v))
			n++
		}
	}
	return new(big.Rat).SetFrac(sum, big.NewInt(int64(max(n, 1)))), n
}

// rank is the nearest-rank percentile.
func rank(m []measured, item int, percent int) (int64, int) {
	var all []int64
	for _, x := range m {
		if x[item] != none {
			all = append(all, x[item])
		}
	}
	slices.Sort(all)
	if len(all) == 0 {
		return 0, 0
	}
	return all[(len(all)*percent+99)/100-1], len(all)
}

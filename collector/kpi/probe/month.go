package probe

import (
	"math/big"

	"github.com/haidang-noc/haidang/collector/kpi/score"
)

// KPI is one sample KPI of one province or, "", the nation.
type KPI struct {
	Province      string
	Service, Name string // as score_thresholds.csv names them
	Unit          string
	Value         *big.Rat
	Samples       int64
	Status        score.Status
}

// statistic makes a KPI of a tally.
type statistic struct {
	from    string // service that the probes name
	measure measure
	percent int64 // percentile; 0: the mean
	num     int64 // the value is multiplied by num/den
	den     int64
	service string // of the score
	name    string
	unit    string
}

func statistics() []statistic {
	return []statistic{
		{"mobile_voice", mosOf, 5, 1, 1000, "mobile_voice", "mos_p95_low", "MOS"},
		{"mobile_data", rttOf, 0, 1, 1000, "mobile_data", "rtt", "ms"},
		{"fixed_broadband", rttOf, 0, 1, 1000, "fixed_broadband", "mean_latency", "ms"},
		{"fixed_broadband", lossOf, 0, 100, 1, "fixed_broadband", "packet_loss", "%"},
		{"fixed_broadband", ratioOf, 0, 1, 1, "fixed_broadband", "speed_ratio", "ratio"},
		{"fixed_broadband", webOf, 0, 1, 1000, "fixed_broadband", "web_load_time", "s"},
		{"iptv", lossOf, 0, 1, 1, "iptv", "stream_packet_loss", "ratio"},
		{"iptv", upOf, 0, 100, 1, "iptv", "service_availability", "%"},
		{"iptv_headend", upOf, 0, 100, 1, "iptv", "head_end_channel_up", "%"},
		{"iptv", mosOf, 0, 1, 1000, "iptv", "video_mos", "MOS"},
		{"iptv", zapOf, 95, 1, 1000, "iptv", "zapping_time_p95", "s"},
		{"transport", rttOf, 0, 1, 2000, "transport", "one_way_delay", "ms"}, // half of the round trip
		{"transport", jitterOf, 0, 1, 1000, "transport", "delay_variation", "ms"},
		{"transport", lossOf, 0, 1, 1, "transport", "packet_loss", "ratio"},
	}
}

// The services of speed samples: those of 4G and 5G have floors of their own and make one KPI.
const (
	data4G = "mobile_data"
	data5G = "mobile_data_5g"
)

// Evaluate makes the KPIs of what days add up to. Fewer than minSamples samples are insufficient.
func Evaluate(t *Total, minSamples int64) []KPI {
	if t == nil {
		return nil
	}
	var out []KPI
	for i := range t.Groups {
		g := &t.Groups[i]
		for _, s := range statistics() {
			if s.from == g.Service && g.Tallies[s.measure].Samples > 0 {
				out = append(out, s.kpi(g, minSamples))
			}
		}
		if g.Service == data4G || g.Service == data5G {
			out = speeds(out, g, minSamples)
		}
	}
	return out
}

func (s *statistic) kpi(g *Group, minSamples int64) KPI {
	t := &g.Tallies[s.measure]
	k := KPI{Province: g.Province, Service: s.service, Name: s.name, Unit: s.unit, Samples: t.Samples}
	if s.percent == 0 {
		k.Value = t.mean()
	} else if v, ok := t.percentile(s.percent); ok {
		k.Value = big.NewRat(v, 1)
	}
	if k.Value != nil {
		k.Value.Mul(k.Value, big.NewRat(s.num, s.den))
	}
	k.judge(minSamples)
	return k
}

func (t *Tally) mean() *big.Rat {
	if t.Den.IsZero() {
		return nil
	}
	return new(big.Rat).SetFrac(t.Num.Big(), t.Den.Big())
}

func (k *KPI) judge(minSamples int64) {
	switch {
	case k.Value == nil:
		k.Status = score.NoData
	case k.Samples < minSamples:
		k.Status = score.Insufficient
	default:
		k.Status = score.OK
	}
}

// speeds adds the share of samples at their floor or above, of 4G and 5G together: groups are sorted, so
// the 5G ones follow those of 4G of the same province.
func speeds(out []KPI, g *Group, minSamples int64) []KPI {
	t := &g.Tallies[speedOf]
	if t.Samples == 0 {
		return out
	}
	one := KPI{Province: g.Province, Service: data4G, Name: "samples_above_floor", Unit: "%"}
	all := *t
	if n := len(out); n > 0 && out[n-1].Name == one.Name && out[n-1].Province == g.Province {
		before := out[n-1]
		out = out[:n-1]
		good := new(big.Rat).Mul(before.Value, big.NewRat(before.Samples, 100))
		all.Samples += before.Samples
		one.Value = good.Add(good, new(big.Rat).SetInt(t.Num.Big()))
	} else {
		one.Value = new(big.Rat).SetInt(t.Num.Big())
	}
	one.Samples = all.Samples
	one.Value.Mul(one.Value, big.NewRat(100, all.Samples))
	one.judge(minSamples)
	return append(out, one)
}

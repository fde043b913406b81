package probe

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
)

const today = model.Day(20000)

func rules() *model.ProbeRules {
	return &model.ProbeRules{UnavailableLoss: model.Ratio{Num: 1, Den: 5}, SpeedFloorKbit: map[string]int64{"mobile_data": 2000, "mobile_data_5g": 30_000}}
}

func anywhere(device string, _ int64) (string, bool) { return "01", device != "stranger" }

// values are a sample with some fields.
func values(set map[int]float64) []float64 {
	out := slices.Repeat([]float64{math.NaN()}, int(items))
	for item, v := range set {
		out[item] = v
	}
	return out
}

func day(service string, samples ...map[int]float64) report.Day {
	d := report.Day{Device: "p1", Object: "t", Kind: KindPrefix + service}
	var s report.Set
	for i, x := range samples {
		var r report.Report
		Sample(&r, today.Start()+int64(i), values(x))
		s.Add(today, &r)
	}
	folded := report.Fold(today, []*report.Set{&s})
	d.Rows = folded.Rows
	return d
}

func find(t *testing.T, all []KPI, province, name string) KPI {
	t.Helper()
	for _, k := range all {
		if k.Province == province && k.Name == name {
			return k
		}
	}
	t.Fatalf("no %s of %q", name, province)
	return KPI{}
}

func TestStatistics(t *testing.T) {
	d := []report.Day{
		day("iptv", map[int]float64{loss: 0.1, packets: 10, zap: 1.5}, map[int]float64{loss: 0.2, packets: 30, zap: 0.5}, map[int]float64{loss: 0, packets: 60, zap: 3}),
		day("fixed_broadband", map[int]float64{speed: 40, subscribed: 100}, map[int]float64{speed: 100, subscribed: 100}, map[int]float64{rtt: 20.5}),
		day("mobile_data", map[int]float64{speed: 2}, map[int]float64{speed: 1.999}),
		day("mobile_data_5g", map[int]float64{speed: 30}, map[int]float64{speed: 29}, map[int]float64{speed: 31}),
		day("mobile_voice", map[int]float64{mos: 4.1}, map[int]float64{mos: 2.5}, map[int]float64{mos: -1}),
		day("transport", map[int]float64{rtt: 5, jitter: 0.25}),
	}
	stranger := day("transport", map[int]float64{rtt: 1000})
	stranger.Device = "stranger"
	all := Evaluate(Sum(today, 0, append(d, stranger), anywhere, rules()), 3)
	for name, want := range map[string]struct {
		value   *big.Rat
		samples int64
		status  score.Status
	}{
		"stream_packet_loss":   {big.NewRat(7, 100), 3, score.OK},
		"service_availability": {big.NewRat(200, 3), 3, score.OK},
		"zapping_time_p95":     {big.NewRat(3, 1), 3, score.OK},
		"speed_ratio":          {big.NewRat(7, 10), 2, score.Insufficient},
		"mean_latency":         {big.NewRat(41, 2), 1, score.Insufficient},
		"samples_above_floor":  {big.NewRat(60, 1), 5, score.OK},
		"mos_p95_low":          {big.NewRat(5, 2), 2, score.Insufficient},
		"one_way_delay":        {big.NewRat(5, 2), 1, score.Insufficient},
		"delay_variation":      {big.NewRat(1, 4), 1, score.Insufficient},
	} {
		for _, province := range []string{"", "01"} {
			k := find(t, all, province, name)
			if k.Value.Cmp(want.value) != 0 || k.Samples != want.samples || k.Status != want.status {
				t.Errorf("%s of %q = %s of %d, %s; want %+v", name, province, k.Value, k.Samples, k.Status, want)
			}
		}
	}
}

// Percentiles and means over merged days are those of all samples at once.
func TestMergedDaysAreAllSamples(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.Int64Range(1, 50), 1, 60).Draw(t, "samples")
		var parts []*Total
		for at := 0; at < len(all); {
			n := rapid.IntRange(1, len(all)-at).Draw(t, "day")
			var samples []map[int]float64
			for _, v := range all[at : at+n] {
				samples = append(samples, map[int]float64{zap: float64(v) / 1000})
			}
			parts = append(parts, Sum(today, 0, []report.Day{day("iptv", samples...)}, anywhere, rules()))
			at += n
		}
		slices.Reverse(parts)
		k := Evaluate(Merge(parts...), 1)[0]
		slices.Sort(all)
		want := all[(95*len(all)+99)/100-1]
		if k.Value.Cmp(big.NewRat(want, 1000)) != 0 || k.Samples != int64(len(all)) {
			t.Fatalf("%s of %d, want %d ms of %d", k.Value, k.Samples, want, len(all))
		}
	})
}

package ran

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
)

// The objects that tell what they consume: three devices, one that no row names, and parts within parts.
func meterObjects() []told {
	var out []told
	for _, o := range []string{"d1 M=1 site", "d1 M=1,F=1 site", "d1 M=1,F=1,C=1 lte", "d1 M=10 site", "d2 cell lte", "d2 M=2 site", "d3 M=3 site", "d3 M=3,F=1 nr", "d4 M=4 site"} {
		part := strings.Fields(o)
		out = append(out, told{device: part[0], object: part[1], kind: part[2], group: "g", period: 900})
	}
	return out
}

func anyMeter(t *rapid.T) told {
	m := rapid.SampledFrom(meterObjects()).Draw(t, "object")
	m.end = day0.Start() + (rapid.Int64Range(92, 99).Draw(t, "slot")+1)*900
	m.revision = rapid.Uint64Range(0, 1).Draw(t, "revision")
	m.counters = map[string]float64{"PEE.Energy": rapid.SampledFrom([]float64{0, 0.1, 2.5}).Draw(t, "kWh")}
	if rapid.Bool().Draw(t, "power") {
		m.counters["PEE.AvgPower"] = rapid.SampledFrom([]float64{0, 333, 1000.001}).Draw(t, "W")
	}
	if rapid.IntRange(0, 3).Draw(t, "which") == 0 {
		delete(m.counters, "PEE.Energy")
		m.counters["PEE.AvgPower"] = 50
	}
	return m
}

// meteredPlan has cells at d1, which moves, and d2, which a window covers; d3 has none.
func meteredPlan(moved int64) (*Plan, map[string][]Stay) {
	always := func(province string) []Stay { return []Stay{{province, Span{0, model.Forever}}} }
	stays := map[string][]Stay{"d1": {{"01", Span{0, moved}}, {"02", Span{moved, model.Forever}}}, "d2": always("02"), "d3": always("")}
	cells := []Cell{cell("a", LTE, 50), cell("b", LTE, 50)}
	cells[0].Device, cells[0].Stays, cells[1].Device, cells[1].Stays = "d1", stays["d1"], "d2", stays["d2"]
	cells[1].Objects, cells[1].Planned = []string{"cell"}, []Span{{day0.Start(), day0.Start() + 86_400*2}}
	return NewPlan("p", cells, func(device string) []Stay { return stays[device] }), stays
}

// Energy and power of random months are those of the slow way: by device and day, whatever is within another one left out.
func TestConsumptionIsThatOfTheSlowWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := distinct(rapid.SliceOfN(rapid.Custom(anyMeter), 0, 40).Draw(t, "lines"))
		moved := day0.Start() + rapid.SampledFrom([]int64{-1e6, 83_000, 86_400, 86_851, 1e6}).Draw(t, "moved")
		plan, stays := meteredPlan(moved)
		r := Evaluate(totalOf(t, lines, plan), rules(), 2*model.DaySeconds, 2*model.DaySeconds)
		slow := slowMeters(kept(lines), stays)
		for _, province := range []string{"", "01", "02"} {
			var got [4]int64
			if g := r.Group(province, Site); g != nil {
				e, p := g.Sums.Metrics[Energy], g.Sums.Metrics[Power]
				got = [4]int64{int64(e.Num.Lo), e.Seconds, int64(p.Num.Lo), p.Seconds}
			}
			if want := slow[province]; got != want {
				t.Fatalf("province %q: %v, want %v", province, got, want)
			}
			k := r.Find(province, Site, "energy")
			if (k == nil) != (slow[province][1] == 0) || k != nil && k.Value.Cmp(big.NewRat(slow[province][0], 1_000_000)) != 0 {
				t.Fatalf("energy of %q: %+v", province, k)
			}
		}
	})
}

// slowMeters are energy and its seconds, power times time and its seconds, of each province.
func slowMeters(winners []told, stays map[string][]Stay) map[string][4]int64 {
	out := map[string][4]int64{}
	for day := day0; day < day0+2; day++ {
		for device, of := range stays {
			for _, stay := range of {
				for i, name := range []string{"PEE.Energy", "PEE.AvgPower"} {
					amount, seconds := slowDevice(winners, name, device, Span{day.Start(), day.End()}, stay)
					for _, province := range []string{"", stay.Province}[:1+min(len(stay.Province), 1)] {
						sum := out[province]
						sum[2*i], sum[2*i+1] = sum[2*i]+amount, sum[2*i+1]+seconds
						out[province] = sum
					}
				}
			}
		}
	}
	return out
}

func slowDevice(winners []told, name, device string, day Span, stay Stay) (amount, seconds int64) {
	byObject := map[string][]int64{}
	for _, m := range winners {
		v, ok := m.counters[name]
		if ok && m.device == device && m.end > day.From && m.end <= day.To && half(m.end-900, func(at int64) bool { return at >= stay.From && at < stay.To }) {
			if name == "PEE.Energy" {
				v *= 1_000_000
			} else {
				v *= 1000 * 900
			}
			byObject[m.object] = append(byObject[m.object], int64(v+0.5))
		}
	}
	for object, values := range byObject {
		within := false
		for other := range byObject {
			within = within || strings.HasPrefix(object, other+",")
		}
		if within {
			continue
		}
		for _, v := range values {
			amount += v
		}
		seconds = max(seconds, 900*int64(len(values)))
	}
	return amount, seconds
}

// A base station of 1 kW in two parts for a day: 24 kWh; its cells carried 3 GB.
func TestConsumptionOfAStation(t *testing.T) {
	c := cell("c", LTE, 50)
	c.Objects = []string{"M=1,C=1"}
	lines := aDay("M=1,C=1", LTE, 96, map[string]float64{"DRB.IPVolDl.9": 250_000, "DRB.IPTimeDl.9": 10_000, "PEE.Energy": 0.1})
	lines = append(lines, aDay("M=1", Site, 96, map[string]float64{"PEE.Energy": 0.15, "PEE.AvgPower": 600})...)
	lines = append(lines, aDay("P=1", Site, 48, map[string]float64{"PEE.Energy": 0.2, "PEE.AvgPower": 400})...)
	r := evaluate(t, []Cell{c}, lines)
	want(t, &r, Site, "energy", "24")
	want(t, &r, Site, "power", "1000")
	want(t, &r, Site, "energy_per_gb", "8")
	if k := r.Find("", Site, "power"); k.Status != score.OK || k.Coverage.Cmp(big.NewRat(1, 1)) != 0 {
		t.Errorf("%+v", k)
	}
	if r.Unlisted != 0 || len(r.Total.Meters) != 3 {
		t.Errorf("%d unlisted, meters %+v", r.Unlisted, r.Total.Meters)
	}
	for _, kind := range []string{LTE, NR} {
		if k := r.Find("", kind, "energy"); k != nil {
			t.Errorf("%s cells consume %+v", kind, k)
		}
	}
}

// Devices with cells that do not tell lower the coverage; power is a sum of means, each floored to whole mW.
func TestCoverageOfConsumption(t *testing.T) {
	plan, _ := meteredPlan(-1)
	line := told{device: "d2", object: "M=2", kind: Site, group: "g", period: 900, end: day0.Start() + 900, counters: map[string]float64{"PEE.AvgPower": 0.001}}
	lines := []told{line}
	for i := range int64(2) { // 0, 1 and 1 mW: one third short of whole
		line.end += 900
		line.counters = map[string]float64{"PEE.AvgPower": 0.001 * float64(i)}
		lines = append(lines, line)
	}
	r := Evaluate(plan.Sum(day0, folded(t, lines)[day0]), rules(), model.DaySeconds, model.DaySeconds)
	k := r.Find("02", Site, "power")
	if k == nil || fmt.Sprintf("%v %v %s", k.Value, k.Coverage, k.Status) != "0/1 1/64 insufficient_data" {
		t.Errorf("%+v", k)
	}
}

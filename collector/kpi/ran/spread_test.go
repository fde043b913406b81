package ran

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/kpi/exact"
	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
)

func spreadOf(r *Result, province, kind, name string) *Spread {
	for i := range r.Spreads {
		if s := &r.Spreads[i]; s.Province == province && s.Kind == kind && s.Name == name {
			return s
		}
	}
	return nil
}

// anyMeans is one object's report of means, by class or as a total, at places where days, moves and windows meet.
func anyMeans(t *rapid.T) told {
	slot := rapid.Int64Range(90, 101).Draw(t, "slot")
	m := told{device: "site", kind: LTE, group: "g", end: day0.Start() + (slot+1)*900, period: 900, counters: map[string]float64{}}
	m.object = rapid.SampledFrom([]string{"a", "a", "b", "c", "d", "e"}).Draw(t, "object")
	m.revision = rapid.Uint64Range(0, 2).Draw(t, "revision")
	m.suspect = rapid.IntRange(0, 9).Draw(t, "suspect") == 0
	if rapid.Bool().Draw(t, "latency") {
		for _, class := range []string{".1", ".5", ".9", ".sum"} {
			if rapid.IntRange(0, 2).Draw(t, "class") > 0 {
				m.counters["DRB.IPLateDl"+class] = rapid.SampledFrom([]float64{0, 1, 7.25, 30, 31}).Draw(t, "ms")
			}
		}
	}
	if len(m.counters) == 0 || rapid.Bool().Draw(t, "users") {
		m.counters["RRC.ConnMean"] = rapid.SampledFrom([]float64{0, 0.5, 3, 400, -1}).Draw(t, "mean")
	}
	return m
}

// slowMean is what a report says of one mean, in thousandths; false: nothing.
func slowMean(name string, c map[string]float64) (float64, bool) {
	if name == "connected_users" {
		v, ok := c["RRC.ConnMean"]
		return 1000 * v, ok
	}
	if name == "voice_latency_dl" {
		v, ok := c["DRB.IPLateDl.1"]
		return 1000 * v, ok
	}
	if v, ok := c["DRB.IPLateDl.sum"]; ok {
		return 1000 * v, true
	}
	most, any := 0.0, false
	for _, class := range []string{"1", "5", "9"} {
		if v, ok := c["DRB.IPLateDl."+class]; ok {
			most, any = max(most, v), true
		}
	}
	return 1000 * most, any
}

// Every mean of random months is, cell by cell and percentile by percentile, that of the slow way.
func TestSpreadIsThatOfTheSlowWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := distinct(rapid.SliceOfN(rapid.Custom(anyMeans), 0, 60).Draw(t, "lines"))
		moved := day0.Start() + rapid.SampledFrom([]int64{-1e6, 40_000, 86_400, 86_850, 86_851, 1e6}).Draw(t, "moved")
		window := Span{day0.Start() + 84_000, day0.Start() + 84_000 + rapid.SampledFrom([]int64{0, 451, 5000}).Draw(t, "length")}
		var cells []Cell
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			cells = append(cells, cell(name, LTE, 50))
		}
		cells[0].Stays = []Stay{{"01", Span{0, moved}}, {"02", Span{moved, model.Forever}}}
		if window.seconds() > 0 {
			cells[1].Planned = []Span{window}
		}
		of := rules()
		of.MinCoverage = model.Ratio{Num: rapid.Int64Range(0, 3).Draw(t, "least"), Den: 192}
		r := Evaluate(totalOf(t, lines, NewPlan("p", cells, staying(cells))), of, 2*model.DaySeconds, 2*model.DaySeconds)
		winners := kept(lines)
		for _, name := range []string{"latency_dl", "voice_latency_dl", "connected_users"} {
			for _, province := range []string{"", "01", "02"} {
				got := "none"
				if s := spreadOf(&r, province, LTE, name); s != nil {
					got = fmt.Sprint(s.Cells, s.LeftOut, s.Median, s.P95, s.Status == score.NoData)
				}
				if want := slowSpread(name, province, cells, winners, of); got != want {
					t.Fatalf("%s of %q: %s, want %s", name, province, got, want)
				}
			}
		}
	})
}

// slowSpread adds up each cell's reports period by period.
func slowSpread(name, province string, cells []Cell, winners []told, of *model.RANRules) string {
	var values []*big.Rat
	serving, any := 0, false
	for _, c := range cells {
		expected, sum, n := int64(0), 0.0, int64(0)
		last := ""
		for slot := range int64(192) {
			period := Span{day0.Start() + slot*900, day0.Start() + slot*900 + 900}
			where := ""
			for _, s := range c.Stays {
				if half(period.From, func(at int64) bool { return at >= s.From && at < s.To }) {
					where = s.Province
				}
				if s.clip(Span{day0.Start(), (day0 + 2).Start()}).seconds() > 0 {
					last = s.Province
				}
			}
			if where == "" || half(period.From, func(at int64) bool { return len(c.Planned) > 0 && at >= c.Planned[0].From && at < c.Planned[0].To }) {
				continue
			}
			expected += 900
			for _, m := range winners {
				if v, ok := slowMean(name, m.counters); ok && m.object == c.Name && m.end == period.To {
					sum, n = sum+v, n+900
					any = any || province == "" || province == where
				}
			}
		}
		if province != "" && last != province || expected == 0 {
			continue
		}
		serving++
		if n > 0 && n*of.MinCoverage.Den >= of.MinCoverage.Num*expected {
			values = append(values, big.NewRat(int64(sum*900), n*1000))
		}
	}
	if !any {
		return "none"
	}
	slices.SortFunc(values, (*big.Rat).Cmp)
	var median, p95 *big.Rat
	if n := len(values); n > 0 {
		median, p95 = values[(n+1)/2-1], values[(95*n+99)/100-1]
	}
	return fmt.Sprint(len(values), serving-len(values), median, p95, len(values) == 0)
}

// distinct leaves out the second of two lines of one object, group, period and revision.
func distinct(lines []told) []told {
	seen := map[string]bool{}
	return slices.DeleteFunc(lines, func(m told) bool {
		key := fmt.Sprint(m.device, m.object, m.kind, m.group, m.end, m.revision)
		twice := seen[key]
		seen[key] = true
		return twice
	})
}

// Twenty cells of 1 to 20 ms: the tenth and the nineteenth.
func TestSpreadOfTwentyCells(t *testing.T) {
	var cells []Cell
	var lines []told
	for i := range 21 {
		name := fmt.Sprintf("c%02d", i)
		cells = append(cells, cell(name, NR, 273))
		periods := 96
		if i == 20 { // too little of it
			periods = 40
		}
		lines = append(lines, aDay(name, NR, periods, map[string]float64{"DRB.AirIfDelayDl": float64(10 * (i + 1)), "DRB.PacketLossRateUl.9": 1500, "DRB.PacketLossRateUl.1": 20})...)
	}
	r := evaluate(t, cells, lines)
	s := spreadOf(&r, "01", NR, "air_delay_dl")
	if s == nil || s.Median.RatString() != "10" || s.P95.RatString() != "19" || s.Cells != 20 || s.LeftOut != 1 || s.Unit != "ms" || s.Status != score.OK {
		t.Fatalf("%+v", s)
	}
	if s.Coverage.Cmp(big.NewRat(20*96+40, 21*96)) != 0 {
		t.Errorf("coverage %s", s.Coverage)
	}
	behind := r.Behind(s, 10)
	if len(behind) != 2 || behind[0].Cell != "c19" || behind[0].Value.RatString() != "20" || behind[1].Cell != "c18" {
		t.Errorf("behind the 95th percentile: %v", behind)
	}
	if s = spreadOf(&r, "", NR, "packet_loss_ul"); s == nil || s.P95.Cmp(big.NewRat(1500, 1_000_000)) != 0 || s.Unit != "ratio" {
		t.Errorf("%+v", s)
	}
}

// A rate of loss above one is no rate: the report is suspect. The spellings of classes and names are known.
func TestReadersOfMeans(t *testing.T) {
	for _, c := range []struct {
		kind     string
		counters map[string]float64
		item     int
		want     int64
		suspect  bool
	}{
		{NR, map[string]float64{"DRB.F1UpacketLossRateDl": 1_000_000}, firstMean + 9, 1_000_000, false},
		{NR, map[string]float64{"DRB.F1UpacketLossRateDl": 1_000_001}, firstMean + 9, 0, true},
		{NR, map[string]float64{"DRB.AirIfDelayUl.010003e8": 12.5, "DRB.AirIfDelayUl.020003e8": 3}, firstMean + 6, 1250, false},
		{LTE, map[string]float64{"DRB.IpLateDl.QCI1": 4, "DRB.IpLateDl.QCI9": 3}, firstMean + 1, 4000, false},
		{LTE, map[string]float64{"DRB.IPLateDl.QCI1": 2, "DRB.IPLateDl.QCI9": 3}, firstMean, 3000, false},
		{LTE, map[string]float64{"DRB.UEActiveDl.1": 0.25, "DRB.UEActiveDl.9": 2}, firstMean + 2, 2250, false},
		{LTE, map[string]float64{"RRC.ConnMax": -1}, firstMean + 4, 0, true},
		{LTE, map[string]float64{"CARR.WBCQIDist.Bin0": 5, "CARR.WBCQIDist.Bin7": 10, "CARR.WBCQIDist.Bin15": 2}, qualities, 100, false},
		{LTE, map[string]float64{"ERAB.SessionTimeQCI.1": 60, "ERAB.SessionTimeQCI.9": 600}, voiceSession, 60, false},
		{NR, map[string]float64{"QF.SessionTimeQoS.1": 60, "QF.RelActNbr.1": 3}, flowLost, 3, false},
		{Site, map[string]float64{"PEE.Energy": 0.25, "RRC.ConnMean": 7}, energy, 250_000, false},
		{Site, map[string]float64{"PEE.AvgPower": 1000.5}, power, 1_000_500, false},
	} {
		r := NewReader()
		r.Begin(c.kind, 900)
		for name, v := range c.counters {
			r.Counter([]byte(name), v)
		}
		var got report.Report
		if !r.Report(&got) || got.Values[c.item] != c.want || got.Suspect != c.suspect || !c.suspect && got.Has&(1<<c.item) == 0 {
			t.Errorf("%+v: %d, suspect %t", c, got.Values[c.item], got.Suspect)
		}
	}
}

// Numbers of items and metrics are stored: what is written now must be read like this for ever.
func TestStoredNumbers(t *testing.T) {
	if plainItems != 48 || items > report.MaxItems || UEThroughputUplink != 21 || firstMeanMetric > meanBit {
		t.Error("an item or a metric has another number")
	}
	names := ""
	for _, m := range means() {
		names += m.name + " "
	}
	if want := "latency_dl voice_latency_dl active_users_dl connected_users connected_users_max air_delay_dl air_delay_ul rlc_delay_dl packet_loss_ul f1_loss_dl f1_loss_ul "; names != want {
		t.Errorf("means are %s, want %s first and new ones behind", names, want)
	}
}

// The sums of a day as they were written before there were means, and as they are written now.
func TestSumsOfBefore(t *testing.T) {
	const before = "a5f10b00c0886a00a0da6a80a30500e0a60500a0a80580a30500e0a60500a0a80580a30500e092180080921880a30500c00100e0a60580a30500c00100e0a60580a30500c0e191de0e0080c0f45280a30500c0e191" +
		"de0e0080c0f45280a3050088b4cb4e008098ba03901c0080d88fd1130080e0ef972080a305e09d05a0050000000001c8dc0380a3056000"
	old, err := hex.DecodeString(before)
	if err != nil {
		t.Fatal(err)
	}
	counters := map[string]float64{"RRC.ConnEstabAtt.sum": 18_211, "RRC.ConnEstabSucc.sum": 18_102, "ERAB.EstabInitAttNbr.1": 907, "ERAB.EstabInitSuccNbr.1": 905,
		"ERAB.RelActNbr.1": 2, "DRB.IPVolDl.9": 41_203_330, "DRB.IPTimeDl.9": 1_811_200, "HO.OutAttTarget.sum": 4_120, "HO.OutSuccTarget.sum": 4_121, "RRU.PrbTotDl": 61, "RRU.CellUnavailableTime.Fault": 7}
	encode := func() []byte {
		d := folded(t, aDay("c", LTE, 96, counters))[day0]
		Trim(day0, d, func(*report.Day) bool { return false })
		return d[0].Sums
	}
	var then, now Sums
	if err := then.Decode(old); err != nil {
		t.Fatal(err)
	}
	if again := encode(); !slices.Equal(again, old) {
		t.Errorf("without means a day's sums are %x, before there were any %x", again, old)
	}
	counters["DRB.IPLateDl.9"], counters["PEE.Energy"] = 20, 0.5
	if err := now.Decode(encode()); err != nil || now.Metrics[meanMetric(0)] != (Quantity{Num: exact.Int(20_000 * 86_400), Den: exact.Int(86_400), Seconds: 86_400}) || now.Metrics[Energy].Num != exact.Int(96*500_000) {
		t.Errorf("%v: %+v", err, now)
	}
	if then.Decode(append([]byte{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40}, old[3:]...)) == nil {
		t.Error("a metric that is not known was read")
	}
}

package ran

import (
	"math/big"
	"slices"
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
)

// The worked examples of docs/kpi.md: counters through the whole of both stages.

const day0 = model.Day(20000)

// told is one line of counters.
type told struct {
	device, object, kind, group string
	end, period                 int64
	revision                    uint64
	suspect                     bool
	counters                    map[string]float64
}

func (m *told) report(t interface{ Fatal(...any) }, r *Reader) (report.Report, bool) {
	out := report.Report{End: m.end, Period: m.period, Revision: m.revision, Suspect: m.suspect}
	r.Begin(m.kind, m.period)
	for name, v := range m.counters {
		r.Counter([]byte(name), v)
	}
	ok := r.Report(&out)
	return out, ok
}

// folded is stage 1 over lines.
func folded(t interface{ Fatal(...any) }, lines []told) map[model.Day][]report.Day {
	type key struct {
		series report.Series
		day    model.Day
	}
	sets := map[key]*report.Set{}
	reader := NewReader()
	for i := range lines {
		one, ok := lines[i].report(t, reader)
		if !ok {
			continue
		}
		day, _ := one.Day()
		k := key{report.Series{Device: lines[i].device, Object: lines[i].object, Kind: lines[i].kind, Group: lines[i].group}, day}
		if sets[k] == nil {
			sets[k] = &report.Set{}
		}
		sets[k].Add(day, &one)
	}
	groups := map[key][]*report.Set{}
	names := map[key][]string{}
	for k, s := range sets {
		name := k.series.Group
		k.series.Group = ""
		at := 0
		for at < len(names[k]) && names[k][at] < name {
			at++
		}
		names[k] = append(names[k][:at:at], append([]string{name}, names[k][at:]...)...)
		groups[k] = append(groups[k][:at:at], append([]*report.Set{s}, groups[k][at:]...)...)
	}
	out := map[model.Day][]report.Day{}
	for k, g := range groups {
		d := report.Fold(k.day, g)
		d.Device, d.Object, d.Kind = k.series.Device, k.series.Object, k.series.Kind
		out[k.day] = append(out[k.day], d)
	}
	return out
}

func rules() *model.RANRules {
	ratio := func(n, d int64) model.Ratio { return model.Ratio{Num: n, Den: d} }
	return &model.RANRules{ThetaPerMille: 800, MaxRatio: ratio(3, 100), MinPRBCoverage: ratio(9, 10), MinCoverage: ratio(9, 10),
		MaxUnknown: ratio(5, 100), MinServiceDays: 1, SpeedGrowth: ratio(20, 100)}
}

func cell(name, kind string, rbs int64) Cell {
	forever := Span{0, model.Forever}
	return Cell{Name: name, Device: "site", Objects: []string{name}, Kind: kind, RBs: rbs, Span: forever, Stays: []Stay{{"01", forever}}}
}

// staying is where the cells' devices are: where their first cells are.
func staying(cells []Cell) func(device string) []Stay {
	stays := map[string][]Stay{}
	for i := range cells {
		if stays[cells[i].Device] == nil {
			stays[cells[i].Device] = cells[i].Stays
		}
	}
	return func(device string) []Stay { return stays[device] }
}

// aDay is 96 periods of the same counters, less some at its end.
func aDay(object, kind string, periods int, counters map[string]float64) (lines []told) {
	for i := range int64(periods) {
		lines = append(lines, told{device: "site", object: object, kind: kind, group: "g", end: day0.Start() + (i+1)*900, period: 900, counters: counters})
	}
	return lines
}

func evaluate(t *testing.T, cells []Cell, lines []told) Result {
	t.Helper()
	plan := NewPlan("p", cells, staying(cells))
	total := plan.Sum(day0, folded(t, lines)[day0])
	return Evaluate(total, rules(), model.DaySeconds, model.DaySeconds)
}

func want(t *testing.T, r *Result, kind, name, text string) {
	t.Helper()
	k := r.Find("01", kind, name)
	if k == nil || k.Value == nil {
		t.Fatalf("%s %s: no value", kind, name)
	}
	w, _ := new(big.Rat).SetString(text)
	if k.Value.Cmp(w) != 0 {
		t.Errorf("%s %s = %s, want %s", kind, name, k.Value, text)
	}
	if nation := r.Find("", kind, name); nation == nil || nation.Value.Cmp(k.Value) != 0 {
		t.Errorf("%s %s of the nation differs", kind, name)
	}
}

// R1: three stages.
func TestExampleR1(t *testing.T) {
	r := evaluate(t, []Cell{cell("c", LTE, 50)}, aDay("c", LTE, 1, map[string]float64{
		"RRC.ConnEstabAtt.sum": 10_000, "RRC.ConnEstabSucc.sum": 9_950, "S1SIG.ConnEstabAtt.sum": 9_950, "S1SIG.ConnEstabSucc.sum": 9_900,
		"ERAB.EstabInitAttNbr.sum": 12_000, "ERAB.EstabInitSuccNbr.sum": 11_880}))
	want(t, &r, LTE, Accessibility, "0.9801")
	want(t, &r, LTE, "bearer_setup", "0.99")
	if k := r.Find("", LTE, Accessibility); k.Status != "insufficient_data" {
		t.Errorf("one of 96 periods is %s", k.Status)
	}
}

// R2: abnormal releases per hour of session.
func TestExampleR2(t *testing.T) {
	r := evaluate(t, []Cell{cell("c", LTE, 50)}, aDay("c", LTE, 96, map[string]float64{"ERAB.RelActNbr.sum": 36, "ERAB.SessionTimeUE": 180_000}))
	want(t, &r, LTE, "retainability", "0.72")
}

// Retainability of voice, R1: releases and sessions of QCI 1, 5QI 1 alone.
func TestVoiceRetainability(t *testing.T) {
	r := evaluate(t, []Cell{cell("c", LTE, 50), cell("n", NR, 273)}, append(
		aDay("c", LTE, 96, map[string]float64{"ERAB.RelActNbr.1": 2, "ERAB.RelActNbr.9": 40, "ERAB.SessionTimeQCI.1": 7_200, "ERAB.SessionTimeQCI.9": 90_000}),
		aDay("n", NR, 96, map[string]float64{"QF.RelActNbr.1": 1, "DRB.RelActNbr.1": 9, "QF.SessionTimeQoS.1": 1_800})...))
	want(t, &r, LTE, "voice_retainability", "1")
	want(t, &r, NR, "voice_retainability", "2")
}

// Uplink speed weighted by its volume, blocks used, time without one, and the mean of reported qualities.
func TestLoadOfCells(t *testing.T) {
	r := evaluate(t, []Cell{cell("a", LTE, 50), cell("b", LTE, 100), cell("n", NR, 273)}, slices.Concat(
		aDay("a", LTE, 96, map[string]float64{"RRU.PrbCongestionDl": 10, "CARR.WBCQIDist.Bin2": 30, "CARR.WBCQIDist.Bin14": 10}),
		aDay("b", LTE, 96, map[string]float64{"RRU.PrbCongestionDl": 4, "CARR.WBCQIDist.Bin10": 60}),
		aDay("n", NR, 48, map[string]float64{"DRB.UEThpUl": 30_000, "DRB.PdcpSduVolumeUL": 3, "RRU.PrbUsedUl": 27, "RRU.PrbAvailUl": 270}),
		[]told{{device: "site", object: "n", kind: NR, group: "g", end: day0.Start() + 86_400, period: 900, counters: map[string]float64{"DRB.UEThpUl": 60_000, "DRB.PdcpSduVolumeUl": 72}}}))
	want(t, &r, LTE, "prb_full_dl", "0.06")
	want(t, &r, LTE, "cqi_mean", "8")
	want(t, &r, NR, "ue_throughput_ul", "40000")
	want(t, &r, NR, "prb_used_ul", "0.1")
}

// A full cell is congested, unless its users are asked for and fast enough.
func TestFullCellWithFastUsers(t *testing.T) {
	plan := NewPlan("p", []Cell{cell("c", LTE, 50)}, staying(nil))
	total := plan.Sum(day0, folded(t, aDay("c", LTE, 96, map[string]float64{"DRB.IPVolDl.9": 500_000, "DRB.IPTimeDl.9": 100_000, "RRU.PrbTotDl": 90}))[day0])
	for least, congested := range map[int64]bool{0: true, 4_999: false, 5_000: false, 5_001: true} {
		of := rules()
		of.MinUserSpeed = least
		r := Evaluate(total, of, model.DaySeconds, model.DaySeconds)
		if c := r.Cells[0]; c.Congested != congested || (c.Speed == nil) != (least == 0) {
			t.Errorf("of %d kbit/s: %+v", least, c)
		}
	}
}

// R3, R4: throughput is volume by time, whatever the cells.
func TestExampleR4(t *testing.T) {
	lines := append(aDay("a", LTE, 96, map[string]float64{"DRB.IPVolDl.sum": 1_000_000, "DRB.IPTimeDl.sum": 100_000}),
		aDay("b", LTE, 96, map[string]float64{"DRB.IPVolDl.sum": 2_000_000, "DRB.IPTimeDl.sum": 50_000})...)
	r := evaluate(t, []Cell{cell("a", LTE, 50), cell("b", LTE, 50)}, lines)
	want(t, &r, LTE, "throughput_dl", "20000")
	want(t, &r, LTE, "busy_throughput_dl", "20000")
}

// R3: exactly +20 % meets the goal; without a baseline there is none.
func TestExampleR3(t *testing.T) {
	current := func() Result {
		return evaluate(t, []Cell{cell("a", LTE, 50)}, aDay("a", LTE, 96, map[string]float64{"DRB.IPVolDl.9": 4_500_000, "DRB.IPTimeDl.9": 250_000, "DRB.IPVolDl.1": 7, "DRB.IPTimeDl.1": 7}))
	}
	r := current()
	r.Compare([]model.SpeedBase{{VolumeKbit: 3_000_000, TimeMs: 200_000}, {Province: "01", VolumeKbit: 3_000_001, TimeMs: 200_000}, {Cell: "a", VolumeKbit: 3_000_000, TimeMs: 200_000}, {Cell: "gone", VolumeKbit: 1, TimeMs: 1}}, rules())
	for i, wantMeets := range []bool{true, true, false, true} { // nation all and same cells, province all and same cells
		g := r.Growth[i]
		if g.Status != "ok" || g.Meets != wantMeets || g.LikeForLike != (i%2 == 1) {
			t.Errorf("%+v", g)
		}
	}
	if g := r.Growth[0]; g.Value.Cmp(big.NewRat(1, 5)) != 0 {
		t.Errorf("growth %s", g.Value)
	}
	r = current()
	r.Compare(nil, rules())
	if g := r.Growth[0]; g.Status != NoBaseline || g.Value != nil || g.Meets {
		t.Errorf("%+v", g)
	}
}

// R5: 18 s of each period of a day unavailable. A missing report is unknown time.
func TestExampleR5(t *testing.T) {
	r := evaluate(t, []Cell{cell("c", LTE, 50)}, aDay("c", LTE, 96, map[string]float64{"RRU.CellUnavailableTime.sum": 18, "RRU.CellUnavailableTime.Fault": 18}))
	want(t, &r, LTE, Availability, "0.98")
	r = evaluate(t, []Cell{cell("c", LTE, 50)}, aDay("c", LTE, 48, map[string]float64{"RRU.CellUnavailableTime.Fault": 10, "RRU.CellUnavailableTime.EnergySaving": 8}))
	want(t, &r, LTE, Availability, "882/892")
	want(t, &r, LTE, Gross, "0.98")
	if k := r.Find("01", LTE, Availability); k.Status != "insufficient_data" || k.Lo.Cmp(big.NewRat(48*882, 48*892+48*900)) != 0 || k.Hi.Cmp(big.NewRat(48*882+48*900, 48*892+48*900)) != 0 {
		t.Errorf("%+v", k)
	}
}

// R6: NR, where mo-Signalling is no attempt.
func TestExampleR6(t *testing.T) {
	r := evaluate(t, []Cell{cell("c", NR, 273)}, aDay("c", NR, 96, map[string]float64{
		"RRC.ConnEstabAtt.mo-Data": 6_000, "RRC.ConnEstabAtt.mt-Access": 4_000, "RRC.ConnEstabAtt.mo-Signalling": 900, "RRC.ConnEstabAtt": 10_900,
		"RRC.ConnEstabSucc.mo-Data": 5_980, "RRC.ConnEstabSucc.mt-Access": 3_980, "RRC.ConnEstabSucc.mo-Signalling": 100, "RRC.ConnEstabSucc": 10_060,
		"UECNTX.ConnEstabAtt.sum": 9_960, "UECNTX.ConnEstabSucc.sum": 9_940, "DRB.EstabAtt.9": 19_000, "DRB.EstabAtt.1": 880, "DRB.EstabSucc.9": 18_850, "DRB.EstabSucc.1": 830}))
	want(t, &r, NR, Accessibility, "0.984")
	want(t, &r, NR, "voice_setup", "83/88")
}

// R7: preparation and execution.
func TestExampleR7(t *testing.T) {
	r := evaluate(t, []Cell{cell("c", NR, 273)}, aDay("c", NR, 96, map[string]float64{"MM.HoPrepInterReq": 1_000, "MM.HoPrepInterSucc": 995,
		"MM.HoExeInterReq": 600, "MM.HoExeInterSucc": 595, "MM.HoExeIntraReq": 395, "MM.HoExeIntraSucc": 390}))
	want(t, &r, NR, Mobility, "0.985")
}

// C4: 90 % of 50 PRBs and 60 % of 100 are 70 %.
func TestExampleC4(t *testing.T) {
	r := evaluate(t, []Cell{cell("a", LTE, 50), cell("b", LTE, 100)}, append(aDay("a", LTE, 96, map[string]float64{"RRU.PrbTotDl": 90, "DRB.IPVolDl.sum": 1}),
		aDay("b", LTE, 96, map[string]float64{"RRU.PrbTotDl": 60, "DRB.IPVolDl.sum": 1})...))
	want(t, &r, LTE, "prb_dl", "0.7")
	c := r.Congestion[0]
	if c.Province != "" || c.Evaluated != 2 || c.Congested != 1 || c.RBsEvaluated != 150 || c.RBsCongested != 50 || c.Meets {
		t.Errorf("%+v", c)
	}
}

// N1: 90 of 96 periods.
func TestExampleN1(t *testing.T) {
	r := evaluate(t, []Cell{cell("c", LTE, 50)}, aDay("c", LTE, 90, map[string]float64{"RRC.ConnEstabAtt.sum": 100, "RRC.ConnEstabSucc.sum": 99}))
	k := r.Find("01", LTE, "rrc_setup")
	for what, x := range map[string]struct{ got, want *big.Rat }{"value": {k.Value, big.NewRat(99, 100)}, "lo": {k.Lo, big.NewRat(8910, 9600)},
		"hi": {k.Hi, big.NewRat(9510, 9600)}, "coverage": {k.Coverage, big.NewRat(90, 96)}} {
		if x.got.Cmp(x.want) != 0 {
			t.Errorf("%s = %s, want %s", what, x.got, x.want)
		}
	}
	if k.Num.Int64() != 8910 || k.Den.Int64() != 9000 || k.Status != "ok" {
		t.Errorf("%+v", k)
	}
}

// An NR cell's counters stand at two objects of its base station.
func TestCellOfTwoObjects(t *testing.T) {
	c := cell("c", NR, 273)
	c.Objects = []string{"CU=1", "DU=1"}
	lines := append(aDay("CU=1", NR, 96, map[string]float64{"DRB.EstabAtt.9": 10, "DRB.EstabSucc.9": 9}),
		aDay("DU=1", NR, 96, map[string]float64{"RRU.PrbUsedDl": 30, "RRU.PrbAvailDl": 40, "DRB.PdcpSduVolumeDL": 7, "DRB.UEThpDl": 90_000, "RRU.CellUnavailableTime": 9})...)
	r := evaluate(t, []Cell{c}, lines)
	want(t, &r, NR, "bearer_setup", "0.9")
	want(t, &r, NR, "prb_used_dl", "0.75")
	want(t, &r, NR, "ue_throughput_dl", "90000")
	want(t, &r, NR, Availability, "0.99")
	if m := r.Cells[0]; !m.Evaluated || m.Congested || m.Load.Cmp(big.NewRat(75, 1)) != 0 {
		t.Errorf("%+v", m)
	}
}

package kpi

import (
	"math"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi/probe"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
)

// importedValues are the shipped thresholds whose values others measure, and what the rows of measuredDay come to;
// docs/kpi.md lists the same.
func importedValues() map[score.Name]string {
	return map[score.Name]string{
		{Service: "mobile_voice", KPI: "radio_readiness"}:        "96",
		{Service: "fixed_broadband", KPI: "ont_rx_in_budget"}:    "97.5",
		{Service: "fixed_broadband", KPI: "repair_within_limit"}: "92",
	}
}

// knownValues are what measuredDay comes to, worked out by hand from the numbers below.
func knownValues() map[score.Name]string {
	return map[score.Name]string{
		{Service: "mobile_voice", KPI: "call_setup_failure"}:           "10",    // 1 - (9 + 9) of (10 + 10) bearers of QCI 1 and 5QI 1
		{Service: "mobile_voice", KPI: "call_drop"}:                    "50/3",  // (1 + 2) of the (9 + 9) set up
		{Service: "mobile_voice", KPI: "handover_success"}:             "96",    // LTE's 48 of 50
		{Service: "mobile_voice", KPI: "cell_availability"}:            "98",    // (891 + 873) of 2 × 900 s
		{Service: "mobile_voice", KPI: "mos_p95_low"}:                  "41/20", // the 5th of 2.01 … 3.00
		{Service: "mobile_data", KPI: "erab_drb_accessibility"}:        "89.3",  // 95/100 × 100/100 × 188/200
		{Service: "mobile_data", KPI: "abnormal_release"}:              "350/47",
		{Service: "mobile_data", KPI: "bh_user_throughput_dl_4g"}:      "15",
		{Service: "mobile_data", KPI: "bh_user_throughput_dl"}:         "15",
		{Service: "mobile_data", KPI: "user_throughput_dl_5g"}:         "100",
		{Service: "mobile_data", KPI: "congested_cells"}:               "50",
		{Service: "mobile_data", KPI: "cell_availability"}:             "98",
		{Service: "mobile_data", KPI: "handover_success"}:              "96",
		{Service: "mobile_data", KPI: "rtt"}:                           "40",
		{Service: "mobile_data", KPI: "samples_above_floor"}:           "85", // 90 of 100 of 4G, 80 of 100 of 5G
		{Service: "fixed_broadband", KPI: "service_availability"}:      "99", // the OLT's 864 s down, by subscribers
		{Service: "fixed_broadband", KPI: "congested_pon_and_uplinks"}: "25",
		{Service: "fixed_broadband", KPI: "mean_latency"}:              "20",
		{Service: "fixed_broadband", KPI: "packet_loss"}:               "0.2",
		{Service: "fixed_broadband", KPI: "speed_ratio"}:               "0.9",
		{Service: "fixed_broadband", KPI: "web_load_time"}:             "2",
		{Service: "iptv", KPI: "stream_packet_loss"}:                   "0.002", // one of 100 packets lost a fifth
		{Service: "iptv", KPI: "service_availability"}:                 "99",
		{Service: "iptv", KPI: "head_end_channel_up"}:                  "98",
		{Service: "iptv", KPI: "video_mos"}:                            "4",
		{Service: "iptv", KPI: "zapping_time_p95"}:                     "1.95",
		{Service: "transport", KPI: "system_availability"}:             "99.25", // 864 s of 3 of 4 Gbit/s
		{Service: "transport", KPI: "congested_links"}:                 "50",
		{Service: "transport", KPI: "one_way_delay"}:                   "5",
		{Service: "transport", KPI: "delay_variation"}:                 "2",
		{Service: "transport", KPI: "packet_loss"}:                     "0.001",
	}
}

// Every threshold that is shipped is fed by a month's result, with the value that the counters, seconds and samples
// come to, or it is imported; none is both.
func TestEveryShippedThresholdIsMeasured(t *testing.T) {
	inv := shippedTargets(t)
	r := measuredDay(inv)
	want := knownValues()
	for name := range want {
		if !score.Computed(name) {
			t.Errorf("%v is computed, and could be imported as well", name)
		}
	}
	for name, value := range importedValues() {
		if want[name] = value; score.Computed(name) {
			t.Errorf("%v is imported, and said to be computed", name)
		}
	}
	seen := map[score.Name]bool{}
	for _, card := range r.Scores[:2] { // the nation and Hà Nội
		for _, part := range []score.Part{card.QoS, card.QoE} {
			for _, s := range part.Services {
				for _, k := range s.KPIs {
					name := score.Name{Service: s.Name, KPI: k.Threshold.KPI}
					seen[name] = true
					checkMeasured(t, card.Unit, name, k, want[name])
				}
				checkMean(t, card.Unit, &s)
			}
		}
	}
	if len(seen) != len(want) || len(inv.Targets.Scores.Thresholds) != 34 {
		t.Errorf("%d names of %d thresholds; %d values", len(seen), len(inv.Targets.Scores.Thresholds), len(want))
	}
	if u := r.Units; u.N != 34 || !slices.Equal(u.Unknown[:1], []string{"04"}) || len(u.Unknown) != 33 || u.T2 || u.T3 {
		t.Errorf("of 34 units one has scores: %+v", u)
	}
}

func checkMeasured(t *testing.T, unit string, name score.Name, k score.KPI, want string) {
	t.Helper()
	value, ok := new(big.Rat).SetString(want)
	if !ok || k.V == nil || k.V.Cmp(value) != 0 || k.Status != score.OK {
		t.Errorf("%q %v = %v, %s; want %s", unit, name, k.V, k.Status, want)
		return
	}
	f, _ := value.Float64()
	if points, _ := k.Points.Float64(); math.Abs(points-slowPoints(k.Threshold, f)) > 1e-6 {
		t.Errorf("%q %v = %s earns %v, want %v", unit, name, want, points, slowPoints(k.Threshold, f))
	}
}

// slowPoints draws the line through the five thresholds in floating point.
func slowPoints(th *model.Threshold, v float64) float64 {
	at := func(i int) float64 {
		if th.Log {
			return math.Log10(th.X[i].Float())
		}
		return th.X[i].Float()
	}
	if th.Log {
		v = math.Log10(v)
	}
	for i := range 4 {
		if a, b := at(i), at(i+1); min(a, b) <= v && v <= max(a, b) {
			return float64(i+1) + (v-a)/(b-a)
		}
	}
	if (v < at(0)) == th.LowerBetter {
		return 5
	}
	return 1
}

// checkMean adds up a service's points by weight.
func checkMean(t *testing.T, unit string, s *score.Service) {
	t.Helper()
	sum, known, all := 0.0, 0.0, 0.0
	for _, k := range s.KPIs {
		w := k.Threshold.Weight.Float()
		all += w
		if k.Points != nil {
			points, _ := k.Points.Float64()
			sum, known = sum+w*points, known+w
		}
	}
	if known/all < 0.7-1e-9 {
		if s.Score != nil {
			t.Errorf("%q %s: %s of %v of the weight", unit, s.Name, s.Score, known/all)
		}
		return
	}
	if got, _ := s.Score.Float64(); math.Abs(got-sum/known) > 1e-9 {
		t.Errorf("%q %s = %v, want %v", unit, s.Name, got, sum/known)
	}
}

// docs/kpi.md names in its table of services what is measured and what is imported, and nothing else.
func TestTheDocumentNamesWhatIsMeasured(t *testing.T) {
	text, err := os.ReadFile("../../docs/kpi.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| service | KPIs that are measured | imported |\n|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	quoted := regexp.MustCompile("`[a-z0-9_]+`")
	measured, imported := map[score.Name]bool{}, map[score.Name]bool{}
	for _, line := range strings.Split(table, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 5 {
			t.Fatalf("%q is no row of service, measured, imported", line)
		}
		for i, into := range []map[score.Name]bool{measured, imported} {
			for _, one := range quoted.FindAllString(cells[2+i], -1) {
				into[score.Name{Service: strings.TrimSpace(cells[1]), KPI: strings.Trim(one, "`")}] = true
			}
		}
	}
	for name := range knownValues() {
		if !measured[name] {
			t.Errorf("%v is measured, and the document does not say so", name)
		}
	}
	for name := range importedValues() {
		if !imported[name] {
			t.Errorf("%v is imported, and the document does not say so", name)
		}
	}
	if len(measured) != len(knownValues()) || len(imported) != len(importedValues()) {
		t.Errorf("the document names %d and %d, want %d and %d", len(measured), len(imported), len(knownValues()), len(importedValues()))
	}
}

func shippedTargets(t *testing.T) *model.Inventory {
	t.Helper()
	c := inventory.Config{Devices: "devices.csv", Links: "links.csv", Maintenance: "maintenance.csv"}
	for path, header := range map[*string]string{
		&c.Devices:     "device,address,province,system,site,parent,vendor,role,subscribers,capacity_mbps,primary_method,agent,profile,valid_from,valid_to",
		&c.Links:       "link,a_device,a_ifname,b_device,b_ifname,class,capacity_mbps,valid_from,valid_to",
		&c.Maintenance: "id,scope,start,end,created_at,approved_by,approved_at,reason",
	} {
		*path = filepath.Join(t.TempDir(), *path)
		if err := os.WriteFile(*path, []byte(header+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	x, err := inventory.Load(inventory.Config{Devices: c.Devices, Links: c.Links, Maintenance: c.Maintenance, Targets: "../../configs/targets.yaml", Thresholds: "../../configs/score_thresholds.csv", Provinces: "../../configs/provinces"})
	if err != nil {
		t.Fatal(err)
	}
	return x.Inventory
}

// measuredDay is the first day of a month in Hà Nội: an OLT, six links, two cells and probes.
func measuredDay(inv *model.Inventory) MonthResult {
	day := november.First()
	inv.Devices = []model.Device{{Name: "bts", Province: "01", System: "ran-4g", Validity: always}, {Name: "olt", Province: "01", System: "olt-gpon", Subscribers: 1000, Validity: always}}
	inv.Cells = []model.RadioCell{{Name: "l", Device: "bts", Object: "l", Technology: ran.LTE, RBs: 100, Validity: always}, {Name: "n", Device: "bts", Object: "n", Technology: ran.NR, RBs: 273, Validity: always}}
	for i, row := range []model.Measured{
		{Province: "01", Service: "mobile_voice", KPI: "radio_readiness", Num: 480, Den: 500},
		{Province: "01", Service: "fixed_broadband", KPI: "ont_rx_in_budget", Num: 975, Den: 1000}, {Province: "01", Service: "fixed_broadband", KPI: "repair_within_limit", Num: 92, Den: 100},
	} {
		row.Month, row.Line = november, i+2
		inv.Measured = append(inv.Measured, row)
	}
	chunk := &DayChunk{Day: day, Entities: []EntityDay{{Device: "olt", NonUp: []Interval{{From: day.Start(), To: day.Start() + 864, State: Down}}}}}
	for _, l := range []struct {
		name, port string
		class      model.LinkClass
		mbps       int64
		out        uint32
	}{{"b0", "0", model.Broadband, 1000, 900_000}, {"b1", "1", model.Broadband, 1000, 0}, {"b2", "2", model.Broadband, 1000, 0}, {"b3", "3", model.Broadband, 1000, 0},
		{"t0", "4", model.Transport, 3000, 0}, {"t1", "5", model.Transport, 1000, 800_000}} {
		inv.Links = append(inv.Links, model.Link{Name: l.name, A: model.Port{Device: "olt", IfName: l.port}, Class: l.class, CapacityMbps: l.mbps, Validity: always})
		e, p := EntityDay{Device: "olt", IfName: l.port}, PortDay{Device: "olt", IfName: l.port, Day: day, In: make([]uint32, SlotsPerDay), Out: slices.Repeat([]uint32{l.out}, SlotsPerDay)}
		if l.name == "t0" {
			e.NonUp = []Interval{{From: day.Start(), To: day.Start() + 864, State: Down}}
		}
		chunk.Entities, chunk.Ports = append(chunk.Entities, e), append(chunk.Ports, p)
	}
	chunk.Reports = append(measuredCells(day), measuredSamples(day)...)
	slices.SortFunc(chunk.Reports, func(a, b report.Day) int { return a.Compare(&b) })
	return Month(MonthInput{Month: november, End: day.End(), Plan: NewPlan(inv), Chunks: []*DayChunk{chunk}})
}

// measuredCells are the reports of an LTE and an NR cell, the same in each of 96 periods.
func measuredCells(day model.Day) (out []report.Day) {
	for kind, counters := range map[string]map[string]float64{
		ran.LTE: {"RRC.ConnEstabAtt.sum": 60, "RRC.ConnEstabSucc.sum": 57, "S1SIG.ConnEstabAtt.sum": 60, "S1SIG.ConnEstabSucc.sum": 60,
			"ERAB.EstabInitAttNbr.1": 10, "ERAB.EstabInitSuccNbr.1": 9, "ERAB.EstabInitAttNbr.9": 90, "ERAB.EstabInitSuccNbr.9": 81,
			"ERAB.RelActNbr.1": 1, "ERAB.RelActNbr.9": 4, "HO.OutAttTarget.sum": 50, "HO.OutSuccTarget.sum": 48, "RRU.CellUnavailableTime.sum": 9,
			"RRU.PrbTotDl": 90, "DRB.IPVolDl.9": 30_000, "DRB.IPTimeDl.9": 2000},
		ran.NR: {"RRC.ConnEstabAtt.mo-Data": 40, "RRC.ConnEstabSucc.mo-Data": 38, "UECNTX.ConnEstabAtt.mo-Data": 40, "UECNTX.ConnEstabSucc.mo-Data": 40,
			"DRB.EstabAtt.1": 10, "DRB.EstabSucc.1": 9, "DRB.EstabAtt.9": 90, "DRB.EstabSucc.9": 89, "DRB.RelActNbr.1": 2, "QF.RelActNbr.sum": 9,
			"RRU.CellUnavailableTime.sum": 27, "RRU.PrbTotDl": 10, "DRB.UEThpDl": 100_000, "DRB.PdcpSduVolumeDL": 10},
	} {
		var set report.Set
		for i := range int64(96) {
			reader, one := ran.NewReader(), report.Report{End: day.Start() + (i+1)*900, Period: 900}
			reader.Begin(kind, one.Period)
			for name, v := range counters {
				reader.Counter([]byte(name), v)
			}
			reader.Report(&one)
			set.Add(day, &one)
		}
		d := report.Fold(day, []*report.Set{&set})
		d.Device, d.Object, d.Kind = "bts", kind[:1], kind
		out = append(out, d)
	}
	return out
}

// measuredSamples are 100 samples of each service.
func measuredSamples(day model.Day) (out []report.Day) {
	pick := func(yes bool, a, b float64) float64 {
		if yes {
			return a
		}
		return b
	}
	for service, fields := range map[string]func(i float64) map[string]float64{
		"mobile_voice": func(i float64) map[string]float64 { return map[string]float64{"mos": 2 + i/100} },
		"mobile_data": func(i float64) map[string]float64 {
			return map[string]float64{"rtt_ms": 40, "throughput_mbps": pick(i <= 90, 2, 1.999)}
		},
		"mobile_data_5g": func(i float64) map[string]float64 {
			return map[string]float64{"throughput_mbps": pick(i <= 80, 30, 29.999)}
		},
		"fixed_broadband": func(float64) map[string]float64 {
			return map[string]float64{"rtt_ms": 20, "loss_ratio": 0.002, "samples": 10, "throughput_mbps": 90, "subscribed_mbps": 100, "web_load_s": 2}
		},
		"iptv": func(i float64) map[string]float64 {
			return map[string]float64{"loss_ratio": pick(i == 1, 0.2, 0), "samples": 1, "mos": 4, "zap_s": 1 + i/100}
		},
		"iptv_headend": func(i float64) map[string]float64 { return map[string]float64{"loss_ratio": pick(i <= 2, 1, 0.199)} },
		"transport": func(float64) map[string]float64 {
			return map[string]float64{"rtt_ms": 10, "jitter_ms": 2, "loss_ratio": 0.001}
		},
	} {
		var set report.Set
		for i := range int64(100) {
			values, one := make([]float64, len(probe.Fields())), report.Report{}
			for k, name := range probe.Fields() {
				v, has := fields(float64(i + 1))[name]
				values[k] = pick(has, v, math.NaN())
			}
			probe.Sample(&one, day.Start()+i*60, values)
			set.Add(day, &one)
		}
		d := report.Fold(day, []*report.Set{&set})
		d.Device, d.Object, d.Kind = probe.ProvincePrefix+"01", "t", probe.KindPrefix+service
		out = append(out, d)
	}
	return out
}

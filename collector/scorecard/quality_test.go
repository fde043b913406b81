package scorecard_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	reports "github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// counted is a month of one cell of Hà Nội: all numbers of two services are known in part.
func counted(t *testing.T) []*scorecard.Document {
	t.Helper()
	inv, all := cellInventory(), chunks()
	reportCell(all, 12_000, 1000)
	r := kpi.Month(kpi.MonthInput{Month: month, Plan: kpi.NewPlan(inv), Chunks: all})
	return scorecard.Build(&r, inv, 1)
}

// cellInventory has one cell in Hà Nội and two KPIs that it earns points with.
func cellInventory() *model.Inventory {
	inv := engineInventory()
	ratio := func(n, d int64) model.Ratio { return model.Ratio{Num: n, Den: d} }
	inv.Cells = []model.RadioCell{{Name: "c1", Device: "hni-olt-2", Object: "Cell=1", Technology: "lte", RBs: 50, Validity: model.Validity{To: model.Forever}}}
	inv.SpeedBase = []model.SpeedBase{{Month: model.Month{Year: 2020, Month: month.Month}, VolumeKbit: 10, TimeMs: 1}}
	inv.Targets.RAN = model.RANRules{ThetaPerMille: 800, MaxRatio: ratio(3, 100), MinPRBCoverage: ratio(9, 10), MaxUnknown: ratio(1, 1), SpeedGrowth: ratio(1, 5)}
	inv.Targets.Scores = model.ScoreRules{
		MinWeight: ratio(7, 10), Floor: ratio(3, 1), Good: ratio(4, 1), GoodShare: ratio(8, 10), MinSamples: 100,
		Weights: map[model.ScoreKind]map[string]model.Ratio{model.QoS: {"mobile_data": ratio(1, 1)}, model.QoE: {"mobile_data": ratio(1, 1)}},
		Thresholds: []model.Threshold{
			{Kind: model.QoS, Service: "mobile_data", KPI: "cell_availability", Unit: "%", Weight: ratio(1, 1), X: [5]model.Ratio{ratio(95, 1), ratio(98, 1), ratio(99, 1), ratio(997, 10), ratio(9995, 100)}},
			{Kind: model.QoE, Service: "mobile_data", KPI: "bh_user_throughput_dl", Unit: "Mbit/s", Weight: ratio(1, 1), X: [5]model.Ratio{ratio(2, 1), ratio(5, 1), ratio(10, 1), ratio(25, 1), ratio(40, 1)}},
		},
	}
	return inv
}

// reportCell gives every day the reports of the cell, unavailable for 1 % of the time.
func reportCell(all []*kpi.DayChunk, kbit, ms float64) {
	reader := ran.NewReader()
	for _, c := range all {
		var set reports.Set
		for i := range int64(96) {
			one := reports.Report{End: c.Day.Start() + (i+1)*900, Period: 900}
			reader.Begin(ran.LTE, 900)
			for name, v := range map[string]float64{"RRU.CellUnavailableTime.Fault": 9, "DRB.IPVolDl.9": kbit, "DRB.IPTimeDl.9": ms, "RRU.PrbTotDl": 81,
				"RRC.ConnEstabAtt.sum": 100, "RRC.ConnEstabSucc.sum": 99, "DRB.IPLateDl.9": 12.5, "PEE.Energy": 0.25} {
				reader.Counter([]byte(name), v)
			}
			reader.Report(&one)
			set.Add(c.Day, &one)
		}
		d := reports.Fold(c.Day, []*reports.Set{&set})
		d.Device, d.Object, d.Kind = "hni-olt-2", "Cell=1", ran.LTE
		c.Reports = []reports.Day{d}
	}
}

// From counters to what is published: 99 % earns 3 points, 12 Mbit/s in busy hours 3.13.
func TestScoresAndCells(t *testing.T) {
	docs := counted(t)
	nation, hanoi := docs[0], docs[1]
	s := hanoi.Scores
	if s == nil || s.QoS.Value != "3.00" || s.QoE.Value != "3.13" || s.Combined != "3.07" {
		t.Fatalf("%+v", s)
	}
	k := s.QoE.Services[0].KPIs[0]
	if k.Value.Value != "12.000000" || k.Points.Num != "47" || k.Points.Den != "15" || !slices.Equal(k.Between, []int{3, 4}) {
		t.Errorf("%+v, value %+v, points %+v", k, k.Value, k.Points)
	}
	if c := docs[0].CellCongestion; len(c) != 1 || c[0].Congested != 1 || !slices.Equal(c[0].Names, []string{"c1"}) {
		t.Errorf("the nation's congested cells: %+v, all of its provinces' expected", c)
	}
	if c := hanoi.CellCongestion; len(c) != 1 || c[0].Congested != 1 || !slices.Equal(c[0].Names, []string{"c1"}) {
		t.Errorf("%+v", c)
	}
	if g := nation.SpeedGrowth[0]; g.Status != "ok" || g.Growth.Value != "0.200000" || !g.Meets || hanoi.SpeedGrowth[0].Status != "no_baseline" {
		t.Errorf("%+v, Hà Nội %+v", g, hanoi.SpeedGrowth)
	}
	outcomes := map[string]string{}
	for _, v := range nation.Verdicts {
		outcomes[v.ID] = v.Outcome
	}
	if diff := cmp.Diff(map[string]string{"T1": outcomes["T1"], "T2": "not_met", "T3": "not_met", "T4": outcomes["T4"], "T5": "met"}, outcomes); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
	for _, d := range docs {
		if err := validate(t, schema(t), render(t, d)); err != nil {
			t.Errorf("%s: %v", d.Scope.Code, err)
		}
	}
	paper, err := hanoi.Report("vi", nation)
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]report.Section{}
	for _, s := range paper.Sections {
		pages[s.Name] = s
	}
	print := func(c report.Cell) string { return paper.Print(c) }
	if page := pages["Điểm QoS và QoE"]; len(page.Tables) == 0 || print(page.Tables[0].Rows[0][2]) != "3,00" || !strings.HasPrefix(page.Notes[0], "QoS 3,00, QoE 3,13, chung 3,07.") {
		t.Errorf("scores on paper: %+v", page)
	}
	if page := pages["Dữ liệu di động"]; len(page.Tables) == 0 || len(page.Tables[0].Rows) != 2 || print(page.Tables[0].Rows[1][2]) != "12,000" || print(page.Tables[0].Rows[1][4]) != "3,13" {
		t.Errorf("a service's page: %+v", page)
	}
	if page := pages["Vô tuyến 4G, 5G"]; len(page.Tables) != 4 || len(page.Tables[0].Rows) == 0 || page.Tables[3].Rows[0][1].Value != "c1" ||
		print(page.Tables[1].Rows[0][3]) != "12,500" {
		t.Errorf("radio on paper: %+v", page)
	}
	formats := []string{scorecard.PDF, scorecard.XLSX, scorecard.HTML}
	if files, err := scorecard.Write(t.TempDir(), docs, scorecard.Options{Formats: formats, Langs: []string{"vi", "en"}}); err != nil || len(files) != 6*len(docs) {
		t.Errorf("%d files, %v", len(files), err)
	}
	csv, err := hanoi.CSV("en")
	if err != nil || !strings.Contains(string(csv), "qoe:mobile_data:bh_user_throughput_dl,,value,12.000000,Mbit/s,12,1") {
		t.Errorf("CSV: %v\n%s", err, csv)
	}
	for _, line := range []string{"radio_spread,lte:latency_dl,,p95,12.500000,ms,25,2", "radio,site:energy,,value,720.000000,kwh,720,1"} {
		if !strings.Contains(string(csv), line) {
			t.Errorf("no %s in\n%s", line, csv)
		}
	}
}

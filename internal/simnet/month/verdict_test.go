package month_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/internal/simnet/month"
)

// compareVerdicts holds what follows from the truth's devices, links and samples against the collector's groups:
// seconds by system, ratios of congested links by count and capacity, and the points of samples.
func compareVerdicts(t *testing.T, inv *model.Inventory, got kpi.MonthResult, truth month.Truth) {
	t.Helper()
	compareSystems(t, inv, got, truth)
	compareRatios(t, inv, got, truth)
	comparePoints(t, inv, got, truth)
}

func compareSystems(t *testing.T, inv *model.Inventory, got kpi.MonthResult, truth month.Truth) {
	t.Helper()
	rows := map[string]*model.Device{}
	for i := range inv.Devices {
		rows[inv.Devices[i].Name] = &inv.Devices[i]
	}
	sums := map[[2]string][4]int64{}
	for _, d := range truth.Devices {
		row := rows[d.Device]
		units := []string{""}
		if !inv.Targets.Availability[row.System].National {
			units = append(units, row.Province)
		}
		for _, unit := range units {
			key := [2]string{unit, string(row.System)}
			s := sums[key]
			sums[key] = [4]int64{s[0] + d.Up, s[1] + d.Down, s[2] + d.Unknown, s[3] + d.MaintDown}
		}
	}
	found := 0
	for _, a := range got.Availability {
		if a.Level != kpi.LevelDevice || a.Province == kpi.UnknownProvince {
			continue
		}
		found++
		s := sums[[2]string{a.Province, string(a.System)}]
		if (a.Sums.Up != s[0] || a.Sums.Down != s[1] || a.Sums.Unknown != s[2] || a.Sums.MaintDown != s[3]) ||
			math.Abs(a.Lo.Float()-float64(s[0])/float64(s[0]+s[1]+s[2])) > 1e-12 || math.Abs(a.Gross.Float()-float64(s[0])/float64(s[0]+s[1]+s[3])) > 1e-12 {
			t.Errorf("%q %s: %+v, truth %v", a.Province, a.System, a.Sums, s)
		}
		if unsure := 100*s[2] > 5*(s[0]+s[1]+s[2]); unsure != (a.Status == kpi.Insufficient) {
			t.Errorf("%q %s is %s with %d s of %v unknown", a.Province, a.System, a.Status, s[2], s)
		}
	}
	if found != len(sums) || found < 10 {
		t.Errorf("%d systems of units, the truth has %d", found, len(sums))
	}
}

func compareRatios(t *testing.T, inv *model.Inventory, got kpi.MonthResult, truth month.Truth) {
	t.Helper()
	where, rows := map[string]string{}, map[string]*model.Link{}
	for i := range inv.Devices {
		if d := &inv.Devices[i]; !inv.Targets.Availability[d.System].National {
			where[d.Name] = d.Province
		}
	}
	for i := range inv.Links {
		rows[inv.Links[i].Name] = &inv.Links[i]
	}
	counts := map[[2]string][4]int64{} // evaluated, congested, their Mbit/s
	for _, l := range truth.Links {
		row := rows[l.Link]
		for unit := range map[string]bool{"": true, where[row.A.Device]: true, where[row.B.Device]: true} {
			key := [2]string{unit, string(row.Class)}
			n := counts[key]
			if l.Evaluated {
				n[0], n[2] = n[0]+1, n[2]+int64(l.Capacity)
			}
			if l.Congested {
				n[1], n[3] = n[1]+1, n[3]+int64(l.Capacity)
			}
			counts[key] = n
		}
	}
	congested := int64(0)
	for _, c := range got.Congestion {
		n := counts[[2]string{c.Province, string(c.Class)}]
		congested += n[1]
		meets, warns := n[0] > 0 && 100*n[1] < 3*n[0], n[2] > 0 && 100*n[3] >= 3*n[2]
		if int64(c.Evaluated) != n[0] || int64(c.Congested) != n[1] || c.CapEvaluated != n[2] || c.CapCongested != n[3] || c.Meets != meets || c.CapWarn != warns {
			t.Errorf("%q %s: %+v, truth %v, meets %v, warns %v", c.Province, c.Class, c, n, meets, warns)
		}
	}
	if len(got.Congestion) != len(counts) || congested == 0 {
		t.Errorf("%d ratios, the truth has %d, %d congested", len(got.Congestion), len(counts), congested)
	}
}

// comparePoints draws a line through the thresholds for each KPI of samples that the truth knows.
func comparePoints(t *testing.T, inv *model.Inventory, got kpi.MonthResult, truth month.Truth) {
	t.Helper()
	type name struct{ unit, service, kpi string }
	lines := map[name]score.KPI{}
	for _, card := range got.Scores {
		for _, part := range []score.Part{card.QoS, card.QoE} {
			for _, s := range part.Services {
				for _, k := range s.KPIs {
					lines[name{card.Unit, s.Name, k.Threshold.KPI}] = k
				}
			}
		}
	}
	scored := 0
	for _, want := range truth.Samples {
		k, ok := lines[name{want.Province, want.Service, want.KPI}]
		v, _ := new(big.Rat).SetString(want.Value)
		if !ok || k.V == nil || k.V.Cmp(v) != 0 || (k.Points != nil) != (int64(want.Samples) >= inv.Targets.Scores.MinSamples) {
			t.Errorf("%+v: the scores have %+v", want, k)
			continue
		}
		if k.Points == nil {
			continue
		}
		scored++
		f, _ := v.Float64()
		if points, _ := k.Points.Float64(); math.Abs(points-points5(k.Threshold, f)) > 1e-6 {
			t.Errorf("%+v earns %v, want %v", want, points, points5(k.Threshold, f))
		}
	}
	if scored < 20 {
		t.Errorf("only %d KPIs of samples are scored", scored)
	}
}

func points5(th *model.Threshold, v float64) float64 {
	scale := func(x float64) float64 { return x }
	if th.Log {
		scale = math.Log10
	}
	for i := range 4 {
		a, b := th.X[i].Float(), th.X[i+1].Float()
		if min(a, b) <= v && v <= max(a, b) {
			return float64(i+1) + (scale(v)-scale(a))/(scale(b)-scale(a))
		}
	}
	if (v < th.X[0].Float()) == th.LowerBetter {
		return 5
	}
	return 1
}

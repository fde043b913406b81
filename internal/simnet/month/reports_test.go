package month_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/probe"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/internal/simnet/month"
)

// reports keeps what cells and probes reported as a partition does.
type reports struct {
	reader *ran.Reader
	sets   map[report.Series]map[model.Day]*report.Set
}

// line takes the lines of cells and probes; false for any other.
func (r reports) line(s point.Series, l *point.Line) bool {
	field := func(name string) float64 {
		for _, f := range l.Fields {
			if v, ok := f.Float(); ok && string(f.Key) == name {
				return v
			}
		}
		return math.NaN()
	}
	one := report.Report{End: l.Time / 1e9}
	switch s.Measurement {
	case "probe":
		fields := probe.Fields()
		values := make([]float64, len(fields))
		for i, name := range fields {
			values[i] = field(name)
		}
		if probe.Sample(&one, l.Time/1e9, values) {
			r.add(report.Series{Device: probe.ProvincePrefix + s.Tag("province"), Object: s.Tag("target"), Kind: probe.KindPrefix + s.Tag("service")}, &one)
		}
	case "pm":
		one.Period = int64(field("period_s"))
		kind := ran.KindOf(s.Tag("rat"))
		r.reader.Begin(kind, one.Period)
		for _, f := range l.Fields {
			if v, ok := f.Float(); ok {
				r.reader.Counter(f.Key, v)
			}
		}
		if r.reader.Report(&one) {
			r.add(report.Series{Device: s.Tag("device"), Object: s.Tag("object"), Kind: kind, Group: s.Tag("group")}, &one)
		}
	default:
		return false
	}
	return true
}

func (r reports) add(k report.Series, one *report.Report) {
	day, _ := one.Day()
	if r.sets[k] == nil {
		r.sets[k] = map[model.Day]*report.Set{}
	}
	if r.sets[k][day] == nil {
		r.sets[k][day] = &report.Set{}
	}
	r.sets[k][day].Add(day, one)
}

// fold makes the reports of a closed day. Every object here has one group.
func (r reports) fold(day model.Day) (out []report.Day) {
	for k, days := range r.sets {
		if set := days[day]; set != nil {
			d := report.Fold(day, []*report.Set{set})
			d.Device, d.Object, d.Kind = k.Device, k.Object, k.Kind
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b report.Day) int { return a.Compare(&b) })
	return out
}

// compareReports holds every KPI of cells and probes that the truth knows against the collector's.
func compareReports(t *testing.T, got kpi.MonthResult, truth month.Truth) {
	t.Helper()
	kpis := map[month.CellKPI]bool{}
	for _, k := range got.Radio.KPIs {
		if k.Value != nil && k.Name != ran.Accessibility && k.Name != ran.Mobility && k.Name != ran.Gross {
			kpis[month.CellKPI{Province: k.Province, Technology: k.Kind, KPI: k.Name, Value: k.Value.RatString()}] = true
		}
	}
	for _, want := range truth.Cells {
		if !kpis[want] {
			t.Errorf("the collector does not have %+v", want)
		}
	}
	if len(kpis) != len(truth.Cells) || len(kpis) < 40 {
		t.Errorf("%d KPIs of cells, the truth has %d", len(kpis), len(truth.Cells))
	}
	spreads := make([]month.CellSpread, 0, len(truth.Spreads))
	for _, s := range got.Radio.Spreads {
		spreads = append(spreads, month.CellSpread{Province: s.Province, Technology: s.Kind, KPI: s.Name, Median: s.Median.RatString(), P95: s.P95.RatString(), Cells: s.Cells, LeftOut: s.LeftOut})
	}
	slices.SortFunc(spreads, month.CellSpread.Compare)
	if d := cmp.Diff(truth.Spreads, spreads); d != "" || len(spreads) < 20 {
		t.Errorf("%d distributions of cells: truth -, collector +\n%s", len(spreads), d)
	}
	loads := make([]month.CellLoad, 0, len(truth.Loads))
	for _, c := range got.Radio.Cells {
		loads = append(loads, month.CellLoad{Cell: c.Name, Evaluated: c.Evaluated, Congested: c.Congested})
	}
	if d := cmp.Diff(truth.Loads, loads); d != "" {
		t.Errorf("congestion of cells: truth -, collector +\n%s", d)
	}
	samples := make([]month.SampleKPI, 0, len(truth.Samples))
	for _, k := range got.Samples {
		samples = append(samples, month.SampleKPI{Province: k.Province, Service: k.Service, KPI: k.Name, Value: k.Value.RatString(), Samples: int(k.Samples)})
	}
	slices.SortFunc(samples, month.SampleKPI.Compare)
	if d := cmp.Diff(truth.Samples, samples); d != "" || len(samples) < 40 {
		t.Errorf("%d KPIs of probes: truth -, collector +\n%s", len(samples), d)
	}
}

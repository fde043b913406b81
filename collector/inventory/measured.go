package inventory

import (
	"maps"
	"slices"

	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
)

const measuredHeader = "month,province,service,kpi,numerator,denominator,source"

// readMeasured reads what others measured: what the engine computes by itself is not taken from a file.
func (l *loader) readMeasured(path string) {
	if path == "" {
		return
	}
	type key struct {
		month                  model.Month
		province, service, kpi string
	}
	seen := map[key]int{}
	l.readTable(path, "measured.csv", measuredHeader, func(r *row) {
		m := model.Measured{Month: r.month(), Province: r.text(), Line: r.line}
		if m.Province != "" && m.Month != (model.Month{}) {
			l.home(r, "province", m.Province, model.Validity{From: m.Month.Start(), To: m.Month.End()})
		}
		var unit string
		m.Service, m.KPI, unit = r.imported(&l.targets.Scores)
		m.Num, m.Den, m.Source = r.whole(), r.whole(), r.name()
		if m.Num > m.Den && (m.Den == 0 || model.IsPercent(unit)) {
			r.found.add(r.file, r.line, "numerator", "%d of %d: want a part of the denominator", m.Num, m.Den)
		}
		k := key{m.Month, m.Province, m.Service, m.KPI}
		if first, dup := seen[k]; dup {
			r.found.add(r.file, r.line, "kpi", "the same month, province, service and KPI as in line %d", first)
		}
		seen[k] = r.line
		l.measured = append(l.measured, m)
	})
}

// imported reads the service and the KPI of a row, and finds the KPI's unit.
func (r *row) imported(rules *model.ScoreRules) (service, kpi, unit string) {
	service, kpi = r.name(), r.name()
	unit, known := rules.Unit(service, kpi)
	switch {
	case service == "" || kpi == "": // reported
	case score.Computed(score.Name{Service: service, KPI: kpi}):
		r.fail("%s of %s is computed of what the network reports: want one that is measured elsewhere", quote(kpi), quote(service))
	case service == model.Coverage && !known:
		r.fail("%s is not a KPI of coverage: want population or area", quote(kpi))
	case !known && !slices.ContainsFunc(rules.Thresholds, func(t model.Threshold) bool { return t.Service == service }):
		r.found.add(r.file, r.line, "service", "%s is not a service of the thresholds file: want one of it, or coverage", quote(service))
	case !known:
		r.fail("%s is not a KPI of %s in the thresholds file: want one of it", quote(kpi), quote(service))
	}
	return service, kpi, unit
}

// coverage reads what the radio of units has to cover; an empty target tests nothing.
func (v values) coverage(y map[string]map[string]scalar) map[string]map[string]model.Ratio {
	out := map[string]map[string]model.Ratio{}
	for _, unit := range slices.Sorted(maps.Keys(y)) {
		code := unit
		if unit == "vn" {
			code = ""
		}
		out[code] = map[string]model.Ratio{}
		for _, kpi := range slices.Sorted(maps.Keys(y[unit])) {
			key, target := "coverage."+unit+"."+kpi, y[unit][kpi]
			if code != "" && !v.units.known(code) {
				v.found.add(v.file, target.line, key, "%s is not a province code: want one of the registry in quotes, for example \"01\", or vn", quote(unit))
			}
			if _, known := new(model.ScoreRules).Unit(model.Coverage, kpi); !known {
				v.found.add(v.file, target.line, key, "%s is not a KPI of coverage: want population or area", quote(kpi))
			}
			if v.text(target, "") != "" {
				out[code][kpi] = v.ratio(key, target, "")
			}
		}
	}
	return out
}

// whole reads a count that must be there.
func (r *row) whole() int64 {
	n := r.count()
	if r.cells[r.next-1] == "" {
		r.fail("is empty: want a whole number")
	}
	return n
}

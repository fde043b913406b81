package explain

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
)

// Where says which question explains a cell of the scorecard of a province ("" the nation). A cell is a path as
// revisions and verify print it; ok is false if it holds no number of the month's own.
func Where(province, cell string) (q Question, ok bool) {
	parts := strings.Split(cell, "/")
	if parts[0] == "provinces" && len(parts) > 3 { // a row of the nation's table: that unit's own number
		return Where(parts[1], strings.Join(parts[2:], "/"))
	}
	q.Province = province
	if parts[0] == "scores" && len(parts) > 1 {
		q.KPI = map[string]string{"qos": "qos", "qoe": "qoe", "combined": "scores"}[parts[1]]
		return q, q.KPI != ""
	}
	q.KPI = sections()[parts[0]]
	switch parts[0] {
	case "availability":
		q.System = keyOf(parts)
	case "congestion", "composites":
		q.System = nameOf(parts)
	case "events":
		q.System = eventOf(parts)
	case "unassigned":
		q.Province = kpi.UnknownProvince
	}
	return q, q.KPI != ""
}

// sections says which KPI explains the numbers of a section of the document.
func sections() map[string]string {
	return map[string]string{
		"availability": "availability", "unassigned": "availability", "outages": "availability",
		"congestion": "congestion", "congested_links": "congestion", "not_evaluated_links": "congestion",
		"composites": "composites", "radio": "ran", "radio_spread": "ran", "cell_congestion": "ran", "samples": "probes", "measured": "measured", "speed_growth": "growth",
		"coverage": "coverage", "rank": "rank", "verdicts": "verdicts", "progress": "progress", "reports": "reports", "tagged": "tagged", "events": "events",
	}
}

// keyOf is the system or class of a row level@key.
func keyOf(parts []string) string {
	_, key, _ := strings.Cut(nameOf(parts), "@")
	return key
}

// eventOf is the event of a row id@start.
func eventOf(parts []string) string {
	if len(parts) < 2 {
		return ""
	}
	id, _, _ := strings.Cut(parts[1], "@")
	return scorecard.Name(id)
}

// nameOf is the row's name.
func nameOf(parts []string) string {
	if len(parts) < 2 {
		return ""
	}
	return scorecard.Name(parts[1])
}

// cell prints what the scorecard says at and below a path, before what is behind it.
func (q Question) cell(p *Printer, result *kpi.MonthResult, inv *model.Inventory) (Question, error) {
	d, err := q.document(result, inv)
	if err != nil {
		return q, err
	}
	values, err := scorecard.Values(d)
	if err != nil {
		return q, err
	}
	about, known := Where(q.Province, q.Cell)
	found := false
	for _, path := range slices.Sorted(maps.Keys(values)) {
		if path == q.Cell || strings.HasPrefix(path, q.Cell+"/") {
			p.line("%s = %s", path, values[path])
			found = true
		}
	}
	if !found || !known {
		return q, fmt.Errorf("explain: cell %q: want the path of a number of this scorecard, as revisions and verify print it", q.Cell)
	}
	p.line("")
	about.Lang = q.Lang
	return about, nil
}

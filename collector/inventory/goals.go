package inventory

import (
	"strings"

	"github.com/haidang-noc/haidang/collector/model"
)

const goalHeader = "id,name_vi,name_en,year,unit,planned,measure,systems,start,now"

// readGoals reads what is to be built in a year.
func (l *loader) readGoals(path string) {
	if path == "" {
		return
	}
	type yearly struct {
		id   string
		year int
	}
	seen := map[yearly]int{}
	l.readTable(path, "goals.csv", goalHeader, func(r *row) {
		g := model.Goal{ID: r.name(), NameVI: r.name(), NameEN: r.name(), Year: r.year(), Unit: r.name(), Planned: r.count(), Measure: r.measure(),
			Systems: r.systems(l.targets)}
		if g.Planned == 0 {
			r.found.add(r.file, r.line, "planned", "is 0: want what is to be added in the year")
		}
		if start := r.count(); r.cells[r.next-1] != "" {
			g.Start = &start
		}
		g.Now = r.count()
		if now := r.cells[r.next-1]; (now == "") == (g.Measure == model.Given) {
			r.fail("%s: want a value for measure given, and none otherwise", quote(now))
		}
		key := yearly{g.ID, g.Year}
		if before, twice := seen[key]; twice {
			r.found.add(r.file, r.line, "id", "%s is used twice in %d: first in line %d", quote(g.ID), g.Year, before)
		}
		seen[key] = r.line
		l.goals = append(l.goals, g)
	})
}

func (r *row) year() int {
	n := r.count()
	if n < 2000 || n > 2999 {
		r.fail("%s is not a year: want for example 2026", quote(r.cells[r.next-1]))
	}
	return int(n)
}

func (r *row) measure() model.GoalMeasure {
	m := model.GoalMeasure(r.text())
	switch m {
	case model.CountSites, model.CountDevices, model.CountSubscribers, model.CountCapacity, model.Given:
		return m
	}
	r.fail("%s is not a measure: want sites, devices, subscribers, link_mbps or given", quote(string(m)))
	return ""
}

// systems reads system names separated by |; empty means all.
func (r *row) systems(t targetsFile) []model.System {
	s := r.text()
	if s == "" {
		return nil
	}
	var out []model.System
	for name := range strings.SplitSeq(s, "|") {
		if _, known := t.Availability[model.System(name)]; !known && t.Availability != nil {
			r.fail("%s is not declared in %s (availability.systems)", quote(name), t.path)
		}
		out = append(out, model.System(name))
	}
	return out
}

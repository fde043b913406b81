package bench

import (
	"cmp"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/haidang-noc/haidang/internal/bench/panels"
)

// slowest is how many queries are told of.
const slowest = 5

// panels asks a Prometheus that is full of a month every query of the dashboards over that month. Its samples are an hour apart;
// --scale 4 makes that a quarter.
func (c Config) panels() (Part, error) {
	p := Part{Title: "Queries of the dashboards over a month", Columns: []string{"ms", "series"}}
	prom, err := exec.LookPath("prometheus")
	if err != nil || c.Source == "" {
		p.Notes = append(p.Notes, "no prometheus, or no dashboards")
		return p, nil
	}
	step := max(3600/c.scaled(1), 15)
	c.say("panels: a month, a sample every %d s", step)
	all, samples, err := panels.Measure(prom, filepath.Join(c.Source, "dashboards", "grafana"), c.Configs, step)
	if err != nil {
		return p, err
	}
	took := func(q *panels.Query) float64 { return median(q.Took, func(ms float64) float64 { return ms }) }
	shown := slices.DeleteFunc(slices.Clone(all), func(q *panels.Query) bool { return q.Series == 0 })
	slices.SortFunc(shown, func(a, b *panels.Query) int { return cmp.Compare(took(b), took(a)) })
	for _, q := range shown[:min(slowest, len(shown))] {
		p.Rows = append(p.Rows, Row{q.Name, []float64{took(q), float64(q.Series)}, brief(slices.Min(q.Took)) + "–" + brief(slices.Max(q.Took))})
	}
	p.Notes = append(p.Notes, fmt.Sprintf("The slowest of %d queries that have data here, of %d; %d samples, one every %d s.", len(shown), len(all), samples, step))
	return p, nil
}

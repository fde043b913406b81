package gate

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/pause"
)

// Drops tells a log what a counter with one label, the reason, has counted since it was asked before.
type Drops struct {
	reg    prometheus.Gatherer
	log    *slog.Logger
	name   string
	usual  []string
	before map[string]float64
}

// NewDrops watches the counter of that name, but for reasons that are too usual to be told.
func NewDrops(reg prometheus.Gatherer, log *slog.Logger, name string, usual ...string) *Drops {
	return &Drops{reg: reg, log: log, name: name, usual: usual}
}

// reportEvery is how often the log is told.
const reportEvery = time.Minute

// Run reports every minute, until ctx is done.
func (d *Drops) Run(ctx context.Context) error {
	for pause.For(ctx, reportEvery) {
		d.Report()
	}
	return nil
}

// Report logs what was dropped since the report before, by reason.
func (d *Drops) Report() {
	families, err := d.reg.Gather()
	if err != nil {
		d.log.Warn("metrics", "error", err)
		return
	}
	now, grown := map[string]float64{}, []any{}
	for _, f := range families {
		if f.GetName() != d.name {
			continue
		}
		for _, m := range f.GetMetric() {
			reason, n := m.GetLabel()[0].GetValue(), m.GetCounter().GetValue()
			now[reason] = n
			if more := n - d.before[reason]; more > 0 && !slices.Contains(d.usual, reason) {
				grown = append(grown, reason, more)
			}
		}
	}
	d.before = now
	if len(grown) > 0 {
		d.log.Warn("dropped since the last report", grown...)
	}
}

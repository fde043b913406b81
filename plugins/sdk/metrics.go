package sdk

import (
	"context"
	"errors"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"

	"github.com/haidang-noc/haidang/internal/wire"
)

// Metrics tells what the input has registered.
func (s *Service) Metrics(context.Context, *wire.MetricsRequest) (*wire.Exposition, error) {
	families, err := s.metrics.Gather()
	x := &wire.Exposition{Dropped: uint32(countErrors(err))}
	var text strings.Builder
	room := wire.MaxMetrics
	for _, f := range families {
		text.Reset()
		if _, err := expfmt.MetricFamilyToText(&text, f); err != nil || text.Len() > room {
			x.Dropped++
			continue
		}
		room -= text.Len()
		x.Families = append(x.Families, text.String())
	}
	return x, nil
}

// countErrors counts what a registry could not gather.
func countErrors(err error) int {
	var many prometheus.MultiError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &many):
		return len(many)
	}
	return 1
}

// measureProcess adds what the plugin's process costs: CPU, memory, files. The agent has the same names for its
// own process, so these have a prefix.
func (s *Service) measureProcess() {
	s.metrics.MustRegister(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{Namespace: "haidang_input"}))
}

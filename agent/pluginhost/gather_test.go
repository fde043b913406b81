package pluginhost_test

import (
	"context"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"

	"github.com/haidang-noc/haidang/internal/point"
)

// scrape is what /metrics shows, without help and without what the process itself costs.
func (a *agent) scrape(t *testing.T) string {
	t.Helper()
	families, err := a.Gatherer(a.reg).Gather()
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(&text, f); err != nil {
			t.Fatal(err)
		}
	}
	return text.String()
}

// shown are the lines about metrics of the test's plugin.
func shown(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "test") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

const wellShown = `test_late_seconds_bucket{input="test",le="1"} 0
test_late_seconds_bucket{input="test",le="2"} 1
test_late_seconds_bucket{input="test",le="+Inf"} 1
test_late_seconds_sum{input="test"} 1.5
test_late_seconds_count{input="test"} 1
test_polls_total{input="test",result="all \"good\""} 7
`

func running(t *testing.T, mode string) *agent {
	t.Helper()
	a := newAgent(t, nil, input(mode))
	a.start(t)
	a.log.wait(t, "warn line", 1) // said in Run
	return a
}

func TestMetricsOfAnInputAreTheAgents(t *testing.T) {
	a := running(t, "idle")
	text := a.scrape(t)
	if got := shown(text); got != wellShown {
		t.Errorf("got\n%s\nwant\n%s", got, wellShown)
	}
	for _, want := range []string{`haidang_input_process_cpu_seconds_total{input="test"} `,
		`haidang_pluginhost_dropped_metric_families_total{input="test"} 0`, `haidang_pluginhost_failed_scrapes_total{input="test"} 0`} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s in\n%s", want, text)
		}
	}
	a.finish(t)
	if got := shown(a.scrape(t)); got != "" {
		t.Errorf("an input that does not run has metrics:\n%s", got)
	}
}

// What cannot be shown costs nothing else, and is counted.
func TestBadMetricsOfAnInputAreLeftOut(t *testing.T) {
	a := running(t, "bad metrics")
	text := a.scrape(t)
	if got := shown(text); got != wellShown {
		t.Errorf("got\n%s\nwant\n%s", got, wellShown)
	}
	if !strings.Contains(text, `haidang_pluginhost_points_total{input="test"} 0`) {
		t.Errorf("the agent's own counter is not shown:\n%s", text)
	}
	if n := a.value(t, "haidang_pluginhost_dropped_metric_families_total", "test"); n != 4 {
		t.Errorf("%v families dropped, want 4", n)
	}
}

// An input whose metrics never come does not hold the scrape up for ever.
func TestAnInputThatDoesNotTellItsMetricsIsLeftOut(t *testing.T) {
	a := running(t, "silent metrics")
	text := a.scrape(t)
	if got := shown(text); got != "" || !strings.Contains(text, `haidang_pluginhost_failed_scrapes_total{input="test"} 1`) {
		t.Errorf("got\n%s", text)
	}
}

// A plugin from before there were metrics has none: no failure.
func TestAPluginWithoutMetrics(t *testing.T) {
	t.Setenv("TEST_SERVE", "raw")
	in := input("")
	in.Env = []string{"TEST_SERVE"}
	runs := make(chan struct{}, 1)
	a := newAgent(t, func(context.Context, string, point.Batch) error {
		select {
		case runs <- struct{}{}:
		default: // that is known
		}
		return nil
	}, in)
	a.start(t)
	<-runs
	a.scrape(t)
	if n := a.value(t, "haidang_pluginhost_failed_scrapes_total", "test"); n != 0 {
		t.Errorf("%v failed scrapes", n)
	}
}

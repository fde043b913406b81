package metrics_test

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/collector/metrics"
	"github.com/haidang-noc/haidang/collector/view"
	"github.com/haidang-noc/haidang/internal/bench/nation"
)

// nationUnits are those of the older era, which has more.
const nationUnits = 63

// seriesOfOthers is what else a collector shows: its own parts, the runtime, and hundreds of groups of alarms.
const seriesOfOthers = 1500

func wholeNation(t testing.TB) *view.Result {
	t.Helper()
	r, err := nation.Result(nationUnits, "../../configs")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The bound of the whole page is 20,000 series, whatever happens in the network.
func TestSeriesOfTheNation(t *testing.T) {
	r := wholeNation(t)
	k := metrics.New(metrics.DefaultConfig(), func() *view.Result { return r })
	text := gather(t, k)
	series := map[string]int{}
	total := 0
	for line := range strings.Lines(text) {
		if name, _, ok := strings.Cut(line, "{"); ok && !strings.HasPrefix(line, "#") {
			series[name]++
			total++
		}
	}
	t.Logf("%d series, %d KB: %v", total, len(text)/1024, series)
	if total+seriesOfOthers > 20_000 {
		t.Errorf("%d series: want less than %d beside those of the other parts", total, 20_000-seriesOfOthers)
	}
}

// BenchmarkScrape is what a scrape of the nation costs, as text.
func BenchmarkScrape(b *testing.B) {
	r := wholeNation(b)
	reg := prometheus.NewRegistry()
	reg.MustRegister(metrics.New(metrics.DefaultConfig(), func() *view.Result { return r }))
	for b.Loop() {
		b.SetBytes(int64(len(scrape(b, reg))))
	}
}

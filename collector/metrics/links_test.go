package metrics_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/metrics"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/view"
)

// Whatever the network, no more links are named than the configuration says, they are the worst of their class,
// and whoever is no longer among them is gone with the next result.
func TestWorstLinksAreBounded(t *testing.T) {
	classes := []model.LinkClass{model.Transport, model.Broadband, model.International}
	rapid.Check(t, func(t *rapid.T) {
		var r *view.Result
		most := rapid.IntRange(0, 4).Draw(t, "most")
		k := metrics.New(metrics.Config{WorstLinks: most}, func() *view.Result { return r })
		for range rapid.IntRange(1, 3).Draw(t, "results") {
			r = result(time.October, 900, 100)
			for i := range rapid.IntRange(0, 30).Draw(t, "links") {
				l := kpi.LinkMonth{Link: "l" + strconv.Itoa(i), Class: rapid.SampledFrom(classes).Draw(t, "class"), Provinces: []string{"01"},
					P95: rapid.Int32Range(-1, 5).Draw(t, "p95"), NotEvaluated: rapid.SampledFrom([]kpi.Reason{"", "", kpi.LowCoverage}).Draw(t, "reason")}
				l.In.P95, l.Out.P95 = l.P95, -1
				r.Links = append(r.Links, l)
			}
			text := gather(t, k)
			if want, got := worst(r.Links, most), strings.Count(text, "\nhaidang_worst_link_p95_ratio{"); got != len(want) {
				t.Fatalf("%d links are shown, want %d:\n%s", got, len(want), text)
			}
			for _, line := range worst(r.Links, most) {
				if !strings.Contains(text, line) {
					t.Fatalf("no %s in\n%s", line, text)
				}
			}
		}
	})
}

// worst are the lines that are wanted: a link is among them if fewer than most of its class are before it.
func worst(links []kpi.LinkMonth, most int) (lines []string) {
	known := func(l *kpi.LinkMonth) bool { return l.NotEvaluated == "" && l.P95 >= 0 }
	for i := range links {
		before := 0
		for j := range links {
			a, b := &links[j], &links[i]
			if known(a) && a.Class == b.Class && (a.P95 > b.P95 || a.P95 == b.P95 && a.Link < b.Link) {
				before++
			}
		}
		if l := &links[i]; known(l) && before < most {
			lines = append(lines, fmt.Sprintf("haidang_worst_link_p95_ratio{class=%q,direction=\"in\",link=%q,province=\"01\"} %v\n", l.Class, l.Link, float64(l.P95)/1000))
		}
	}
	return lines
}

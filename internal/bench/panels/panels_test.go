package panels

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// Of every dashboard each query is asked, and no variable is left in it.
func TestQueriesOfTheDashboards(t *testing.T) {
	all, err := read("../../../dashboards/grafana")
	if err != nil || len(all) < 200 {
		t.Fatalf("%d queries: %v", len(all), err)
	}
	for _, q := range all {
		if q.Expr == "" || strings.Contains(q.Expr, "$") {
			t.Errorf("%s: %q", q.Name, q.Expr)
		}
	}
}

// A series has a sample at each step; a counter never falls.
func TestHistory(t *testing.T) {
	reg := prometheus.NewRegistry()
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: "a_total"})
	reg.MustRegister(c)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	n := history(&out, families[0], 100, 130, 10)
	want := "# TYPE a_total unknown\na_total{} 0 100\na_total{} 30 110\na_total{} 60 120\na_total{} 90 130\n"
	if n != 4 || out.String() != want {
		t.Errorf("%d samples:\n%s\nwant\n%s", n, out.String(), want)
	}
}

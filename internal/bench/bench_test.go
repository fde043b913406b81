package bench

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/internal/bench/load"
	"github.com/haidang-noc/haidang/internal/point"
)

var small = load.Load{Interfaces: 100, Rounds: 7, PerRequest: 64, Senders: 4, Start: 1_700_000_000}

func TestLoadIsWhatItSays(t *testing.T) {
	for _, small.Shape = range load.Shapes() {
		requests := small.Requests()
		series, lines := map[string]int{}, 0
		for _, r := range requests {
			got := 0
			for s := point.NewScanner(r.Text, point.Options{}); s.Next(); got++ {
				if s.Err() != nil || len(s.Line().Fields) != load.Fields {
					t.Fatalf("%s: %v, %d fields", small.Shape.Name, s.Err(), len(s.Line().Fields))
				}
				series[string(s.Line().Key)]++
			}
			if got != r.Lines || got > small.PerRequest {
				t.Errorf("%s: a request of %d lines says it has %d", small.Shape.Name, got, r.Lines)
			}
			lines += got
		}
		if lines != small.Lines() || len(series) != small.Interfaces {
			t.Errorf("%s: %d lines of %d interfaces", small.Shape.Name, lines, len(series))
		}
		again := small.Requests()
		for i, r := range requests {
			if !bytes.Equal(r.Text, again[i].Text) || load.Batch(r) != load.Batch(again[i]) {
				t.Fatalf("%s: request %d is another the second time", small.Shape.Name, i)
			}
		}
	}
}

func TestFloorsReadEveryLine(t *testing.T) {
	bodies, err := encode(small.Requests(), zstd)
	if err != nil {
		t.Fatal(err)
	}
	for name, floor := range map[string]func([]load.Request) error{"newlines": floorNewlines, "scanner": floorScanner} {
		if err := floor(bodies); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	bodies[0].Lines++
	if floorNewlines(bodies) == nil || floorScanner(bodies) == nil {
		t.Error("a floor that misses a line says nothing")
	}
}

func TestMetricsSum(t *testing.T) {
	m := metrics("# HELP a_total x\na_total{p=\"0\",use=\"x\"} 3\na_total{p=\"1\",use=\"y\"} 4e3\na_total_more 9\nb 2\n")
	for _, c := range []struct {
		name, labels string
		want         float64
	}{{"a_total", "", 4003}, {"a_total", `use="x"`, 3}, {"b", "", 2}, {"c", "", 0}} {
		if got := m.sum(c.name, c.labels); got != c.want {
			t.Errorf("%s %s: %v, want %v", c.name, c.labels, got, c.want)
		}
	}
}

func TestTable(t *testing.T) {
	runs := []float64{3, 1, 2, 10}
	same := func(v float64) float64 { return v }
	p := Part{Title: "Title", Columns: []string{"first", "second"}, Notes: []string{"a note"},
		Rows: []Row{{Name: "one", Values: []float64{median(runs, same), 0}, Spread: spread(runs, same)}}}
	var out strings.Builder
	if err := p.Write(&out); err != nil {
		t.Fatal(err)
	}
	want := "\n### Title\n\n|     | first            | second |\n| --- | ---              | ---    |\n| one | 2.50 (1.00–10.0) | –      |\n\na note\n"
	if out.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", out.String(), want)
	}
}

func TestBenchmarksOfPackages(t *testing.T) {
	rows := benchmarks("goos: linux\npkg: github.com/haidang-noc/haidang/internal/point\nBenchmarkA/b-2  \t 100\t 12.5 ns/op\t 3.5 MB/s\t 41 Mvalues/cpu-s\nPASS\n")
	if len(rows) != 1 || rows[0].Name != "internal/point A/b (Mvalues/cpu-s)" || rows[0].Values[0] != 12.5 || rows[0].Values[1] != 3.5 || rows[0].Values[4] != 41 {
		t.Errorf("%+v", rows)
	}
}

func TestLatenessIsThatBetweenTwoLooks(t *testing.T) {
	const line = "haidang_snmp_round_lateness_seconds_bucket{input=\"snmp\",le=\"%s\"} %d\n"
	page := func(counts ...int) (m metrics) {
		for i, bound := range []string{"0.01", "0.1", "1", "+Inf"} {
			m += metrics(fmt.Sprintf(line, bound, counts[i]))
		}
		return m
	}
	h := lateness(page(100, 100, 100, 100), page(150, 190, 200, 200))
	for q, want := range map[float64]float64{0.25: 5, 0.5: 10, 0.7: 55, 0.9: 100, 1: 1000} {
		if got := h.quantile(q); math.Abs(got-want) > 1e-9 {
			t.Errorf("quantile %v: %v, want %v", q, got, want)
		}
	}
	if got := lateness(page(1, 2, 2, 2), page(1, 2, 2, 2)).quantile(0.5); !math.IsNaN(got) {
		t.Errorf("of nothing: %v", got)
	}
}

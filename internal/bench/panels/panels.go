// Package panels asks a Prometheus that holds a month of a nation every query of every dashboard.
package panels

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/haidang-noc/haidang/collector/metrics"
	"github.com/haidang-noc/haidang/collector/view"
	"github.com/haidang-noc/haidang/internal/bench/nation"
	"github.com/haidang-noc/haidang/internal/bench/proc"
)

// units are those of a nation of today; days is the longest range of a dashboard.
const (
	units = 34
	days  = 30
)

// Query is one query of a dashboard, and how long it took each time, in milliseconds.
type Query struct {
	Name    string
	Expr    string
	Instant bool
	Took    []float64
	Series  int // of the answer
}

// Measure fills a Prometheus with all that the collector shows of a nation, a sample every step seconds, and times the queries
// below dashboards.
func Measure(prom, dashboards, configs string, step int) (all []*Query, samples int, err error) {
	dir, err := os.MkdirTemp("", "haidang-bench-")
	if err != nil {
		return nil, 0, err
	}
	defer os.RemoveAll(dir)
	if samples, err = fill(dir, configs, step); err != nil {
		return nil, 0, err
	}
	if all, err = read(dashboards); err != nil {
		return nil, 0, err
	}
	return all, samples, ask(dir, prom, all)
}

// fill writes the month as OpenMetrics and lets promtool make blocks of it.
func fill(dir, configs string, step int) (samples int, err error) {
	r, err := nation.Result(units, configs)
	if err != nil {
		return 0, err
	}
	reg := prometheus.NewRegistry()
	if err := reg.Register(metrics.New(metrics.DefaultConfig(), func() *view.Result { return r })); err != nil {
		return 0, err
	}
	families, err := reg.Gather()
	if err != nil {
		return 0, err
	}
	text := filepath.Join(dir, "month.txt")
	f, err := os.Create(text)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	end := time.Now().Truncate(time.Hour)
	for _, family := range families {
		samples += history(w, family, end.AddDate(0, 0, -days).Unix(), end.Unix(), int64(step))
	}
	fmt.Fprintln(w, "# EOF")
	if err := w.Flush(); err != nil {
		return 0, err
	}
	out, err := exec.Command("promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", "--max-block-duration=1000h", text, filepath.Join(dir, "tsdb")).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("promtool: %w: %.500s", err, out)
	}
	return samples, os.Remove(text)
}

// history writes a family's samples, a little different each time.
func history(w io.Writer, family *dto.MetricFamily, from, to, step int64) (n int) {
	fmt.Fprintf(w, "# TYPE %s unknown\n", family.GetName())
	for _, m := range family.GetMetric() {
		labels := make([]string, 0, len(m.GetLabel()))
		for _, l := range m.GetLabel() {
			labels = append(labels, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
		}
		series := family.GetName() + "{" + strings.Join(labels, ",") + "}"
		for at := from; at <= to; at += step {
			v := m.GetGauge().GetValue() * (1 + float64(at/step%13)/1e4)
			if m.GetCounter() != nil {
				v = float64(at-from) * (1 + float64(len(series)%7))
			}
			fmt.Fprintf(w, "%s %g %d\n", series, v, at)
			n++
		}
	}
	return n
}

// read gives the queries of all dashboards, their variables as wide as they can be.
func read(dir string) (out []*Query, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	all := strings.NewReplacer("$province", "01", "$__rate_interval", "2h", "$system", ".*", "$class", ".*", "$agent", ".*", "$service", ".*", "$technology", ".*",
		"$composite", ".*", "$device", "none")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var d struct {
			Panels []struct {
				Title   string
				Targets []struct {
					Expr    string
					Instant bool
				}
			}
		}
		if err := json.Unmarshal(text, &d); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, p := range d.Panels {
			for _, t := range p.Targets {
				out = append(out, &Query{Name: filepath.Base(file) + ": " + p.Title, Expr: all.Replace(t.Expr), Instant: t.Instant})
			}
		}
	}
	return out, nil
}

// ask runs every query three times, as Grafana would: over the month in a thousand steps, or at its end.
func ask(dir, prom string, all []*Query) error {
	address, err := freeAddress()
	if err != nil {
		return err
	}
	config := filepath.Join(dir, "prometheus.yaml")
	if err := os.WriteFile(config, []byte("scrape_configs: []\n"), 0o600); err != nil {
		return err
	}
	p, err := proc.Start(dir, "prometheus", prom, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "tsdb"), "--storage.tsdb.retention.time=1y", "--web.listen-address="+address, "--log.level=error")
	if err != nil {
		return err
	}
	defer p.Stop()
	if err := p.Until("start", 2*time.Minute, func() (bool, error) { _, err := get("http://" + address + "/-/ready"); return err == nil, err }); err != nil {
		return err
	}
	end := time.Now().Truncate(time.Hour)
	for _, q := range all {
		values := url.Values{"query": {q.Expr}, "time": {fmt.Sprint(end.Unix())}, "start": {fmt.Sprint(end.AddDate(0, 0, -days).Unix())},
			"end": {fmt.Sprint(end.Unix())}, "step": {fmt.Sprint(days * 86400 / 1000)}}
		path := "query_range"
		if q.Instant {
			path = "query"
		}
		for range 3 {
			if err := q.run("http://" + address + "/api/v1/" + path + "?" + values.Encode()); err != nil {
				return fmt.Errorf("%s: %s: %w", q.Name, q.Expr, err)
			}
		}
	}
	return nil
}

func (q *Query) run(address string) error {
	from := time.Now()
	text, err := get(address)
	if err != nil {
		return err
	}
	q.Took = append(q.Took, float64(time.Since(from).Microseconds())/1000)
	var answer struct {
		Data struct{ Result json.RawMessage }
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return err
	}
	var series []json.RawMessage
	if json.Unmarshal(answer.Data.Result, &series) == nil {
		q.Series = len(series)
	}
	return nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func get(address string) (string, error) {
	answer, err := (&http.Client{Timeout: 3 * time.Minute}).Get(address)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.300s", answer.Status, text)
	}
	return string(text), err
}

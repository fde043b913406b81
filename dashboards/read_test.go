package dashboards

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// rule is one rule of rules/*.yaml: an alert, or a recording.
type rule struct {
	Alert, Record, Expr string
	Labels, Annotations map[string]string
}

func (r rule) name() string { return r.Alert + r.Record }

func rules(t *testing.T) []rule {
	t.Helper()
	var all []rule
	for _, file := range files(t, "rules/*.yaml") {
		var f struct {
			Groups []struct {
				Rules []rule
			}
		}
		if err := yaml.Unmarshal([]byte(read(t, file)), &f); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, g := range f.Groups {
			all = append(all, g.Rules...)
		}
	}
	return all
}

// page is what the tests read of a dashboard.
type page struct {
	file       string
	UID        string `json:"uid"`
	Title      string `json:"title"`
	Panels     []panel
	Templating struct {
		List []struct {
			Name, Type string
			Query      string
		}
	}
}

type panel struct {
	ID          int
	Type, Title string
	GridPos     struct{ X, Y, W, H int }
	Datasource  struct{ UID string }
	Targets     []struct{ Expr, LegendFormat string }
	FieldConfig struct {
		Defaults struct {
			Unit       string
			Thresholds thresholds
			Links      []struct{ URL string }
		}
		Overrides []struct {
			Properties []struct {
				ID    string
				Value json.RawMessage
			}
		}
	}
}

type thresholds struct {
	Steps []struct{ Value *float64 }
}

func pages(t *testing.T) []page {
	t.Helper()
	var all []page
	for _, file := range files(t, "grafana/*.json") {
		p := page{file: file}
		if err := json.Unmarshal([]byte(read(t, file)), &p); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, p)
	}
	return all
}

// pictures are the panels that show something; rows are headings.
func (p page) pictures() (out []panel) {
	for _, panel := range p.Panels {
		if panel.Type != "row" {
			out = append(out, panel)
		}
	}
	return out
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("no files %s (%v)", pattern, err)
	}
	return found
}

var (
	metricUsed    = regexp.MustCompile(`\bhaidang[_:][a-z0-9_:]+`)
	metricDefined = regexp.MustCompile(`"(haidang_[a-z0-9_]+)"`)
	histogramPart = regexp.MustCompile(`_(bucket|sum|count)$`)
	inputProcess  = regexp.MustCompile(`^haidang_input_(go|process)_`) // the agent's name for client_golang's of an input
)

// exist are the metrics that the programs define: names are written in full in the code, so that they can be found.
func exist(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, tree := range []string{"../agent", "../collector", "../plugins", "../internal/obs"} {
		err := filepath.WalkDir(tree, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			for _, m := range metricDefined.FindAllStringSubmatch(read(t, path), -1) {
				names[m[1]] = true
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// missing are the metrics that an expression names and nobody defines.
func missing(expr string, names map[string]bool) (out []string) {
	for _, name := range metricUsed.FindAllString(expr, -1) {
		if !names[name] && !names[histogramPart.ReplaceAllString(name, "")] && !inputProcess.MatchString(name) {
			out = append(out, name)
		}
	}
	return out
}

// known are the metrics of the programs and of the recording rules.
func known(t *testing.T) map[string]bool {
	t.Helper()
	names := exist(t)
	for _, r := range rules(t) {
		if r.Record != "" {
			names[r.Record] = true
		}
	}
	return names
}

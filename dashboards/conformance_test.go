//go:build conformance

package dashboards

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// grafanaSchema compiles one of Grafana's JSON Schemas, or a definition within it.
func grafanaSchema(t *testing.T, name, definition string) *jsonschema.Schema {
	t.Helper()
	shared := os.Getenv("SHARED")
	if shared == "" {
		t.Fatal("SHARED must name the folder with the shared data")
	}
	s, err := jsonschema.NewCompiler().Compile(filepath.Join(shared, "data", "grafana-schema", name+".jsonschema.json") + definition)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The dashboards hold what Grafana knows and nothing else: the page, each query, and each panel's options.
func TestConformanceGrafanaSchema(t *testing.T) {
	page, query := grafanaSchema(t, "dashboard", ""), grafanaSchema(t, "prometheus", "")
	options, lines := map[string]*jsonschema.Schema{}, grafanaSchema(t, "timeseries", "#/definitions/FieldConfig")
	for _, kind := range []string{"stat", "table", "timeseries", "bargauge"} {
		options[kind] = grafanaSchema(t, kind, "#/definitions/Options")
	}
	all, valid := files(t, "grafana/*.json"), 0
	panels := 0
	for _, file := range all {
		var v map[string]any
		if err := json.Unmarshal([]byte(read(t, file)), &v); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if err := page.Validate(v); err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		valid++
		for _, p := range v["panels"].([]any) {
			panel := p.(map[string]any)
			if panel["type"] == "row" {
				continue
			}
			panels++
			if err := options[panel["type"].(string)].Validate(panel["options"]); err != nil {
				t.Errorf("%s: %s: options: %v", file, panel["title"], err)
			}
			if custom := panel["fieldConfig"].(map[string]any)["defaults"].(map[string]any)["custom"]; custom != nil {
				if err := lines.Validate(custom); err != nil {
					t.Errorf("%s: %s: lines: %v", file, panel["title"], err)
				}
			}
			for _, q := range panel["targets"].([]any) {
				if err := query.Validate(q); err != nil {
					t.Errorf("%s: %s: query: %v", file, panel["title"], err)
				}
			}
		}
	}
	t.Logf("%d of %d dashboards, %d panels", valid, len(all), panels)
}

package dashboards

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const runbook = "https://github.com/haidang-noc/haidang/blob/main/dashboards/RUNBOOK.md#"

var (
	severities = []string{"critical", "major", "minor", "warning"} // X.733
	areas      = []string{"availability", "congestion", "quality", "coverage", "agent", "collector", "network"}
	heading    = regexp.MustCompile(`(?m)^## (.+)$`)
	metricName = regexp.MustCompile(`haidang_[a-z0-9_]+`)
)

func TestEveryMetricOfARuleExists(t *testing.T) {
	names := known(t)
	for _, r := range rules(t) {
		for _, name := range missing(r.Expr, names) {
			t.Errorf("%s: no program defines %s", r.name(), name)
		}
	}
	for _, name := range metricName.FindAllString(read(t, "RUNBOOK.md"), -1) {
		if !names[name] {
			t.Errorf("RUNBOOK.md: no program defines %s", name)
		}
	}
}

func TestEveryAlertSaysWhatToDo(t *testing.T) {
	var headings []string
	for _, m := range heading.FindAllStringSubmatch(read(t, "RUNBOOK.md"), -1) {
		headings = append(headings, m[1])
	}
	for _, r := range rules(t) {
		if r.Alert == "" {
			continue
		}
		if !slices.Contains(severities, r.Labels["severity"]) || !slices.Contains(areas, r.Labels["area"]) {
			t.Errorf("%s: severity %q, area %q: want one of %v, one of %v", r.Alert, r.Labels["severity"], r.Labels["area"], severities, areas)
		}
		for _, a := range []string{"summary", "summary_vi", "description", "description_vi"} {
			if r.Annotations[a] == "" {
				t.Errorf("%s: no %s", r.Alert, a)
			}
		}
		if want := runbook + strings.ToLower(r.Alert); r.Annotations["runbook_url"] != want {
			t.Errorf("%s: runbook_url %q, want %q", r.Alert, r.Annotations["runbook_url"], want)
		}
		i := slices.Index(headings, r.Alert)
		if i < 0 {
			t.Errorf("%s: no heading in RUNBOOK.md", r.Alert)
			continue
		}
		headings = slices.Delete(headings, i, i+1)
	}
	if len(headings) > 0 {
		t.Errorf("RUNBOOK.md has headings without an alert: %v", headings)
	}
}

// A KPI is held against its target, or is one by it, never against a number.
func TestKPIsAreHeldAgainstTargets(t *testing.T) {
	held := regexp.MustCompile(`_target|_burn_rate|_budget_`)
	for _, r := range rules(t) {
		if area := r.Labels["area"]; (area == "availability" || area == "congestion" || area == "quality") && !held.MatchString(r.Expr) {
			t.Errorf("%s compares with no target: %s", r.Alert, r.Expr)
		}
	}
}

// Every alert has a world in which it fires and one in which it does not; promtool runs them.
func TestEveryAlertIsTestedBothWays(t *testing.T) {
	fires, quiet := map[string]bool{"Watchdog": true}, map[string]bool{"Watchdog": true} // that one must never be quiet
	for _, file := range files(t, "rules/tests/*.yaml") {
		var f struct {
			Tests []struct {
				Expectations []struct {
					Expr    string
					Samples []struct{ Labels string } `yaml:"exp_samples"`
				} `yaml:"promql_expr_test"`
			}
		}
		if err := yaml.Unmarshal([]byte(read(t, file)), &f); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, test := range f.Tests {
			for _, e := range test.Expectations {
				for _, s := range e.Samples {
					fires[alertName(s.Labels)] = true
				}
				if name := alertName(e.Expr); len(e.Samples) == 0 {
					quiet[name] = true
				}
			}
		}
	}
	for _, r := range rules(t) {
		if r.Alert != "" && (!fires[r.Alert] || !quiet[r.Alert] && !quietAmong(quiet, r.Alert)) {
			t.Errorf("%s: a test in which it fires: %v, one in which it does not: %v", r.Alert, fires[r.Alert], quiet[r.Alert])
		}
	}
}

var alertLabel = regexp.MustCompile(`alertname=~?"([^"]+)"`)

func alertName(labels string) string {
	if m := alertLabel.FindStringSubmatch(labels); m != nil {
		return m[1]
	}
	return ""
}

// quietAmong looks for the alert in expectations about several of them.
func quietAmong(quiet map[string]bool, alert string) bool {
	for names := range quiet {
		if slices.Contains(strings.Split(names, "|"), alert) {
			return true
		}
	}
	return false
}

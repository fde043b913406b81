package dashboards

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestEveryMetricOfADashboardExists(t *testing.T) {
	names := known(t)
	for _, d := range pages(t) {
		for _, p := range d.pictures() {
			if len(p.Targets) == 0 {
				t.Errorf("%s: %s asks nothing", d.file, p.Title)
			}
			for _, q := range p.Targets {
				for _, name := range missing(q.Expr, names) {
					t.Errorf("%s: %s: nobody defines %s", d.file, p.Title, name)
				}
			}
		}
		for _, v := range d.Templating.List {
			for _, name := range missing(v.Query, names) {
				t.Errorf("%s: variable %s: nobody defines %s", d.file, v.Name, name)
			}
		}
	}
}

// Targets are metrics. The only number that a dashboard may know is 0, the sign of a distance.
func TestNoThresholdInADashboard(t *testing.T) {
	for _, d := range pages(t) {
		for _, p := range d.pictures() {
			all := []thresholds{p.FieldConfig.Defaults.Thresholds}
			for _, o := range p.FieldConfig.Overrides {
				for _, property := range o.Properties {
					var th thresholds
					if property.ID == "thresholds" && json.Unmarshal(property.Value, &th) == nil {
						all = append(all, th)
					}
				}
			}
			for _, th := range all {
				for _, step := range th.Steps {
					if step.Value != nil && *step.Value != 0 {
						t.Errorf("%s: %s has the threshold %v", d.file, p.Title, *step.Value)
					}
				}
			}
		}
	}
}

func TestPanelsAreComplete(t *testing.T) {
	for _, d := range pages(t) {
		ids := map[int]bool{}
		for _, p := range d.Panels {
			if ids[p.ID] {
				t.Errorf("%s: two panels have the id %d", d.file, p.ID)
			}
			ids[p.ID] = true
		}
		for _, p := range d.pictures() {
			if p.FieldConfig.Defaults.Unit == "" {
				t.Errorf("%s: %s has no unit", d.file, p.Title)
			}
			if p.Datasource.UID != "${datasource}" {
				t.Errorf("%s: %s is bound to the data source %q", d.file, p.Title, p.Datasource.UID)
			}
		}
	}
}

func TestPanelsDoNotOverlap(t *testing.T) {
	for _, d := range pages(t) {
		for i, a := range d.Panels {
			if a.GridPos.X+a.GridPos.W > 24 {
				t.Errorf("%s: %s is wider than the page", d.file, a.Title)
			}
			for _, b := range d.Panels[i+1:] {
				g, h := a.GridPos, b.GridPos
				if g.X < h.X+h.W && h.X < g.X+g.W && g.Y < h.Y+h.H && h.Y < g.Y+g.H {
					t.Errorf("%s: %s and %s overlap", d.file, a.Title, b.Title)
				}
			}
		}
	}
}

// A link from one dashboard to another leads somewhere, and sets a variable that is there; one to the board is made of
// variables that are.
func TestLinksLeadSomewhere(t *testing.T) {
	all := pages(t)
	link := regexp.MustCompile(`^/d/([a-z-]+)\?var-([a-z]+)=`)
	seen := 0
	for _, d := range all {
		for _, p := range d.pictures() {
			for _, l := range p.FieldConfig.Defaults.Links {
				seen++
				if l.URL == "${board}/device/$device" && d.has("board") && d.has("device") {
					continue
				}
				m := link.FindStringSubmatch(l.URL)
				if m == nil || !slices.ContainsFunc(all, func(to page) bool { return to.UID == m[1] && to.has(m[2]) }) {
					t.Errorf("%s: %s leads to %s", d.file, p.Title, l.URL)
				}
			}
		}
	}
	if seen == 0 {
		t.Error("no dashboard leads to another one")
	}
}

func (p page) has(variable string) bool {
	for _, v := range p.Templating.List {
		if v.Name == variable {
			return true
		}
	}
	return false
}

// Every variable of an expression is one of its dashboard's or Grafana's own.
func TestVariablesExist(t *testing.T) {
	variable := regexp.MustCompile(`\$\{?([a-z_]+)`)
	for _, d := range pages(t) {
		for _, p := range d.pictures() {
			for _, q := range p.Targets {
				for _, m := range variable.FindAllStringSubmatch(q.Expr, -1) {
					if !strings.HasPrefix(m[1], "__") && !d.has(m[1]) {
						t.Errorf("%s: %s uses $%s", d.file, p.Title, m[1])
					}
				}
			}
		}
	}
}

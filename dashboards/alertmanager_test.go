package dashboards

import (
	"encoding/csv"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

var regionRoutes = map[string]string{"Bắc": "region-north", "Trung": "region-central", "Nam": "region-south"}

// The sample leads each unit's alerts, of both registries, to its own region.
func TestEveryUnitHasItsRegion(t *testing.T) {
	var f struct {
		Route struct {
			Routes []struct {
				Receiver string
				Matchers []string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "alertmanager.yaml")), &f); err != nil {
		t.Fatal(err)
	}
	regions := map[string]*regexp.Regexp{}
	matcher := regexp.MustCompile(`^province =~ "(.*)"$`)
	for _, r := range f.Route.Routes {
		for _, m := range r.Matchers {
			if found := matcher.FindStringSubmatch(m); found != nil {
				regions[r.Receiver] = regexp.MustCompile("^(?:" + found[1] + ")$")
			}
		}
	}
	for _, registry := range files(t, "../configs/provinces/*.csv") {
		rows, err := csv.NewReader(strings.NewReader(read(t, registry))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			code, region := row[0], row[4]
			for receiver, codes := range regions {
				if codes.MatchString(code) != (receiver == regionRoutes[region]) {
					t.Errorf("%s: %s (%s) and %s do not fit", registry, code, region, receiver)
				}
			}
		}
	}
	if len(regions) != len(regionRoutes) {
		t.Errorf("routes of regions: %v", regions)
	}
}

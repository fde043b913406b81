package dashboards

import (
	"fmt"
	"testing"

	"github.com/goccy/go-yaml"
)

// What rules/targets.yaml records is what the sample targets.yaml says.
func TestRecordedTargetsAreThoseOfTheFile(t *testing.T) {
	var file map[string]map[string]any
	if err := yaml.Unmarshal([]byte(read(t, "../configs/targets.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	scores, ran := file["scores"], file["ran"]
	if scores["gate"] != "reached" {
		t.Errorf("scores.gate is %v; the dashboards count a unit as good that reaches scores.good", scores["gate"])
	}
	for name, want := range map[string]any{
		"haidang:score_floor:target": scores["floor"], "haidang:score_good:target": scores["good"], "haidang:score_good_share:target": scores["good_share"],
		"haidang:speed_growth:target": ran["speed_growth"], "haidang:cells_congested:target": ran["max_ratio"], "haidang:composite_n1:target": file["n_minus_1"]["theta"],
	} {
		var got any
		for _, r := range rules(t) {
			var number float64
			if _, err := fmt.Sscanf(r.Expr, "vector(%g)", &number); r.Record == name && err == nil {
				got = number
			}
		}
		if got == nil || got != want {
			t.Errorf("%s is %v, targets.yaml says %v", name, got, want)
		}
	}
}

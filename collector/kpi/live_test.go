package kpi

import (
	"testing"

	"pgregory.net/rapid"
)

// Stepping through observations one by one ends where folding their days ends.
func TestStepIsFold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := oneASecond(anyObservations(t, "o", day0, day0+2))
		var stepped Machine
		for _, o := range all {
			stepped = stepped.Step(o.at, o.obs, o.interval)
			if got := stepped.Seen(); stepped.Pending == 0 && got != o.at {
				t.Fatalf("seen at %d, want %d: %+v", got, o.at, stepped)
			}
		}
		days := foldDays(seriesOf(all), day0, day0+2)
		folded := days[len(days)-1].Carry
		folded.Boot = 0
		if stepped != folded {
			t.Fatalf("stepped %+v\nfolded  %+v", stepped, folded)
		}
	})
}

func TestDoubt(t *testing.T) {
	m := Machine{}.Step(day0.Start(), ObsUp, 60).Step(day0.Start()+60, ObsDown, 60)
	for at, want := range map[int64]bool{60: true, 209: true, 210: false} {
		if got := m.Doubt(day0.Start() + at); got != want {
			t.Errorf("after %d s: %v", at, got)
		}
	}
	if (Machine{}).Step(day0.Start(), ObsUp, 60).Doubt(day0.Start()) {
		t.Error("a device that answers is in doubt")
	}
}

package pmfile

import (
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/prometheus/client_golang/prometheus"
)

// A history knows of each quarter within its window whether it was marked, in whatever order.
func TestHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		marks := rapid.SliceOfN(rapid.Int64Range(1000, 1400), 0, 40).Draw(t, "marks")
		var h, other history
		seen, newest := map[int64]bool{}, int64(0)
		for _, q := range marks {
			h.mark(q)
			seen[q], newest = true, max(newest, q)
		}
		for _, i := range rand.Perm(len(marks)) {
			other.mark(marks[i])
		}
		for q := newest - window + 1; q <= newest+2; q++ {
			if h.has(q) != seen[q] || other.has(q) != seen[q] {
				t.Fatalf("quarter %d of %v: %v, %v", q, marks, h.has(q), other.has(q))
			}
		}
		if h.has(newest - window) {
			t.Fatal("a quarter before the window is known")
		}
	})
}

func TestCompleteness(t *testing.T) {
	now := time.Unix(900*1000+300, 0) // quarter 1000 has begun
	c := newCoverage(10*time.Minute, func() time.Time { return now })
	reg := prometheus.NewRegistry()
	reg.MustRegister(c)
	metric := func(name, device string) float64 {
		t.Helper()
		families, err := reg.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			for _, m := range f.GetMetric() {
				if f.GetName() == name && (device == "" || m.GetLabel()[0].GetValue() == device) {
					return m.GetGauge().GetValue()
				}
			}
		}
		return -1
	}
	always, over := span{0, 1 << 40}, span{0, 900 * 990}
	c.expect("a", always)
	c.expect("b", always)
	c.expect("gone", over)
	c.note(map[string][]int64{"c": {900 * 1000}}) // quarter 999
	if got := metric("haidang_pmfile_elements_expected", ""); got != 3 {
		t.Errorf("%v expected", got)
	}
	if got := metric("haidang_pmfile_completeness_ratio", ""); got != -1 {
		t.Errorf("a ratio of %v before anything is due", got)
	}
	now = now.Add(15*time.Minute + 5*time.Minute) // quarter 1000 is due
	c.note(map[string][]int64{"a": {900 * 1001}, "c": {900 * 1001}})
	for name, want := range map[string]float64{"haidang_pmfile_elements_reported": 2, "haidang_pmfile_completeness_ratio": 2.0 / 3, "haidang_pmfile_elements_missing_unlisted": 0} {
		if got := metric(name, ""); got != want {
			t.Errorf("%s %v, want %v", name, got, want)
		}
	}
	if got := metric("haidang_pmfile_element_missing_quarters", "b"); got != 1 {
		t.Errorf("b lacks %v", got)
	}
	if got := metric("haidang_pmfile_element_missing_quarters", "a"); got != -1 {
		t.Errorf("a lacks %v", got)
	}
	c.forget(now.Add(time.Hour))
	if got := metric("haidang_pmfile_elements_expected", ""); got != 2 {
		t.Errorf("%v expected after c was forgotten", got)
	}
}

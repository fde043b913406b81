package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Of each month the last revision counts, whatever stood in the ones before.
func TestTheLastRevisionsNumbersAreRead(t *testing.T) {
	s := openNew(t)
	publish := func(month string, revision int, rows ...ScopeMonth) {
		p := publication(revision, "một")
		p.Month, p.Measures = month, rows
		if err := s.Publish(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	row := func(scope, key, value string) ScopeMonth {
		return ScopeMonth{Scope: scope, Measure: "availability", Key: key, Value: value, Num: "1", Den: "2", Outcome: "met"}
	}
	publish("2026-07", 1, row("01", "device:vn2", "0.1"))
	publish("2026-08", 1, row("01", "device:vn2", "0.2"), row("01", "device:old", "0.3"))
	publish("2026-08", 2, row("vn", "device:vn2", "0.5"), row("01", "device:vn2", "0.4"))
	publish("2026-09", 1, row("01", "device:vn2", ""))
	got, err := s.ScopeMonths(t.Context(), "2026-08", "2026-10")
	at := func(month string, revision int, m ScopeMonth) ScopeMonth {
		m.Month, m.Revision = month, revision
		return m
	}
	want := []ScopeMonth{at("2026-08", 2, row("01", "device:vn2", "0.4")), at("2026-09", 1, row("01", "device:vn2", "")), at("2026-08", 2, row("vn", "device:vn2", "0.5"))}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

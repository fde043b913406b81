package store

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Sessions are added once, grow younger only by use, and stay away when they were dropped.
func TestSessions(t *testing.T) {
	s, err := Open(t.Context(), Config{Path: filepath.Join(t.TempDir(), "s.db"), Partitions: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	a, b := Session{"aa", "lan", "p1", 1, 1}, Session{"bb", "noc", "p2", 2, 2}
	for _, step := range []struct {
		fresh, used []Session
		dropped     []string
		want        []Session
	}{
		{[]Session{a, b}, nil, nil, []Session{a, b}},
		{nil, []Session{{Digest: "aa", Used: 9}, {Digest: "bb", Used: 1}}, nil, []Session{{"aa", "lan", "p1", 1, 9}, b}},
		{nil, nil, []string{"aa", "none"}, []Session{b}},
		{nil, []Session{{Digest: "aa", Used: 20}}, nil, []Session{b}},
	} {
		if err := s.SaveSessions(t.Context(), step.fresh, step.used, step.dropped); err != nil {
			t.Fatal(err)
		}
		got, err := s.Sessions(t.Context())
		if diff := cmp.Diff(step.want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	if err := s.SaveSessions(t.Context(), []Session{{Digest: "cc"}, b}, nil, nil); err == nil {
		t.Error("one digest twice")
	}
	if got, _ := s.Sessions(t.Context()); len(got) != 1 {
		t.Errorf("half of it was kept: %v", got)
	}
}

package store

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func publication(revision int, text string) Publication {
	return Publication{
		Month: "2026-10", Revision: revision, PublishedAt: 1_790_000_000 + int64(revision), PublishedBy: "Trưởng ca", Inventory: "1f", Targets: "2e",
		Scorecards: []PublishedScorecard{{Scope: "vn", JSON: []byte(text)}, {Scope: "01", JSON: []byte(text + " 01")}},
	}
}

func TestAPublicationIsReadAsItWasWritten(t *testing.T) {
	s := openNew(t)
	for i, text := range []string{"một", "hai"} {
		if err := s.Publish(t.Context(), publication(i+1, text)); err != nil {
			t.Fatal(err)
		}
	}
	for asked, want := range map[int]Publication{0: publication(2, "hai"), 1: publication(1, "một"), 2: publication(2, "hai")} {
		for i := range want.Scorecards {
			want.Scorecards[i].Digest = Digest(want.Scorecards[i].JSON)
		}
		got, err := s.Published(t.Context(), "2026-10", asked)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("revision %d: %v (-want +got)\n%s", asked, err, diff)
		}
	}
	history, err := s.History(t.Context(), "")
	if err != nil || len(history) != 2 || len(history[1].Scorecards) != 2 || history[1].Scorecards[1].Digest != Digest([]byte("hai 01")) {
		t.Errorf("history: %+v, %v", history, err)
	}
	if other, err := s.History(t.Context(), "2026-09"); err != nil || len(other) != 0 {
		t.Errorf("history of another month: %+v, %v", other, err)
	}
}

// A revision is published once: whoever comes second learns it and nothing of theirs is kept.
func TestARevisionIsPublishedOnce(t *testing.T) {
	s := openNew(t)
	if err := s.Publish(t.Context(), publication(1, "một")); err != nil {
		t.Fatal(err)
	}
	for _, revision := range []int{0, 1, 3} {
		if err := s.Publish(t.Context(), publication(revision, "khác")); err == nil || !strings.Contains(err.Error(), "want 2 to come next") {
			t.Errorf("revision %d after 1: %v", revision, err)
		}
	}
	got, err := s.Published(t.Context(), "2026-10", 0)
	if err != nil || string(got.Scorecards[0].JSON) != "một" {
		t.Errorf("%q, %v; want the first publication untouched", got.Scorecards, err)
	}
}

func TestWhatIsNotPublishedIsSaid(t *testing.T) {
	s := openNew(t)
	if _, err := s.Published(t.Context(), "2026-10", 0); !errors.Is(err, ErrNotPublished) {
		t.Errorf("%v; want ErrNotPublished", err)
	}
}

// A document that was changed behind the program's back is not handed out.
func TestAFalsifiedDocumentIsRefused(t *testing.T) {
	s := openNew(t)
	for i, text := range []string{"một", "hai"} {
		if err := s.Publish(t.Context(), publication(i+1, text)); err != nil {
			t.Fatal(err)
		}
	}
	const swap = `UPDATE published_scorecard SET data = (SELECT data FROM published_scorecard WHERE revision = 2 AND scope = 'vn') WHERE revision = 1 AND scope = 'vn'`
	if _, err := s.w.ExecContext(t.Context(), swap); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Published(t.Context(), "2026-10", 1); err == nil || !strings.Contains(err.Error(), "digest") {
		t.Errorf("%v; want the digest to be missed", err)
	}
}

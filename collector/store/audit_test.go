package store

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The trail is read newest first, up to a limit, and forgets what is old.
func TestAudit(t *testing.T) {
	s, err := Open(t.Context(), Config{Path: filepath.Join(t.TempDir(), "s.db"), Partitions: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var acts []Act
	for i, action := range []string{"login", "acknowledge", "logout"} {
		acts = append(acts, Act{At: int64(i), Who: "ca-1", Address: "127.0.0.1", Action: action, Object: "a", Detail: "đã xem"})
		if err := s.Audit(t.Context(), acts[i]); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Trail(t.Context(), 2)
	if diff := cmp.Diff([]Act{acts[2], acts[1]}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if n, err := s.ForgetAudit(t.Context(), 2); n != 2 || err != nil {
		t.Errorf("%d forgotten, %v; want 2", n, err)
	}
	if got, err = s.Trail(t.Context(), 10); len(got) != 1 || err != nil {
		t.Errorf("%v, %v; want the logout", got, err)
	}
}

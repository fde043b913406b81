package store

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// Who cannot write is told which process keeps it from that.
func TestLockedNamesTheHolder(t *testing.T) {
	s := openNew(t)
	other := open(t, s.path)
	if _, err := other.w.Exec(`PRAGMA busy_timeout(10)`); err != nil {
		t.Fatal(err)
	}
	if who := lockHolder(s.path); who != "" {
		t.Fatalf("nobody writes, but the lock is held by %s", who)
	}
	tx, err := s.w.Begin()
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("process %d (", os.Getpid())
	_, _, err = other.Acquire(t.Context(), 0, "heir", time.Second)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("acquire: %v, want it to name %q", err, want)
	}
	err = other.SaveSessions(t.Context(), []Session{{Digest: "d", Name: "viewer", Password: "p"}}, nil, nil)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("write: %v, want it to name %q", err, want)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := other.Acquire(t.Context(), 0, "heir", time.Second); !ok || err != nil {
		t.Errorf("acquired once nobody writes: %v %v", ok, err)
	}
}

package store

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// commitInBackground commits generations until the returned function is called.
func commitInBackground(t *testing.T, s *Store, l Lease) (stop func()) {
	t.Helper()
	commit(t, s, generation(l, 1))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() {
		var err error
		for seq := uint64(2); err == nil && ctx.Err() == nil; seq++ {
			err = s.Commit(context.Background(), generation(l, seq))
		}
		done <- err
	}()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestBackupUnderLoadIsOneInstant(t *testing.T) {
	s := openNew(t)
	stop := commitInBackground(t, s, acquire(t, s, 0, "a"))
	dir := t.TempDir()
	path, restored := filepath.Join(dir, "backup.db"), filepath.Join(dir, "restored.db")
	for range 5 {
		before := checkGeneration(t, s)
		if err := s.Backup(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		after := checkGeneration(t, s)
		if err := Restore(t.Context(), path, restored, true); err != nil {
			t.Fatal(err)
		}
		r, err := Open(t.Context(), Config{Path: restored, Partitions: 4}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := checkGeneration(t, r); got < before || got > after {
			t.Errorf("backup is of %d, made between %d and %d", got, before, after)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name := e.Name(); name != "backup.db" && name != "restored.db" && name != "restored.db.lock" {
			t.Errorf("left behind: %s", name)
		}
	}
}

func TestRestoreRefuses(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	s := openNew(t)
	good, damaged, newer := filepath.Join(dir, "good.db"), filepath.Join(dir, "damaged.db"), filepath.Join(dir, "newer.db")
	commit(t, s, Checkpoint{Lease: acquire(t, s, 0, "a"), Blocks: []Block{{Data: make([]byte, 100_000)}}})
	if err := s.Backup(ctx, good); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(damaged, data[:len(data)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	n := open(t, newer)
	if _, err := n.w.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`); err != nil {
		t.Fatal(err)
	}
	if _, err := n.w.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		t.Fatal(err)
	}
	fresh := filepath.Join(dir, "fresh.db")
	for name, test := range map[string]struct {
		from, to string
		force    bool
		want     string
	}{
		"existing target": {good, good, false, "overwriting it must be forced"},
		"target in use":   {good, s.path, true, "in use"},
		"damaged":         {damaged, fresh, false, "malformed"},
		"newer":           {newer, fresh, false, "newer program"},
		"a live store":    {s.path, fresh, false, "not a backup"},
		"no backup":       {filepath.Join(dir, "none"), fresh, false, "no such file"},
	} {
		err := Restore(ctx, test.from, test.to, test.force)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
		if _, err := os.Stat(test.to + ".partial"); err == nil {
			t.Errorf("%s: left a partial file", name)
		}
	}
	if _, err := os.Stat(fresh); err == nil {
		t.Error("made a target")
	}
	if _, err := s.AllDevices(ctx); err != nil {
		t.Error("store in use was hurt:", err)
	}
}

func TestRestoreReplacesWhatIsThere(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	s := openNew(t)
	l := acquire(t, s, 0, "a")
	commit(t, s, generation(l, 1))
	backup := filepath.Join(dir, "backup.db")
	if err := s.Backup(ctx, backup); err != nil {
		t.Fatal(err)
	}
	for name, old := range map[string]func(path string){
		"a later state": func(path string) {
			if err := Restore(ctx, backup, path, false); err != nil {
				t.Fatal(err)
			}
			later, err := Open(ctx, Config{Path: path}, nil)
			if err != nil {
				t.Fatal(err)
			}
			commit(t, later, generation(l, 2))
			if err := later.Close(); err != nil {
				t.Fatal(err)
			}
		},
		"rubbish": func(path string) {
			for _, name := range []string{path, path + "-wal", path + "-shm"} {
				if err := os.WriteFile(name, []byte("rubbish"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		},
		"a write-ahead log only": func(path string) {
			if err := os.WriteFile(path+"-wal", []byte("rubbish"), 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		to := filepath.Join(dir, name)
		old(to)
		if err := Restore(ctx, backup, to, true); err != nil {
			t.Fatalf("over %s: %v", name, err)
		}
		if got := checkGeneration(t, open(t, to)); got != 1 {
			t.Errorf("over %s: generation %d", name, got)
		}
	}
}

func TestBackupRefuses(t *testing.T) {
	s := openNew(t)
	if err := s.Backup(t.Context(), filepath.Join(t.TempDir(), "none", "x.db")); err == nil {
		t.Error("backup into a folder that does not exist")
	}
	if err := s.Backup(t.Context(), s.path); err == nil {
		t.Error("backup over itself")
	}
}

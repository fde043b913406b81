package discover

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// write replaces the file: a reader sees the old one or the new one, whole. The old one is kept beside it under the name that is
// returned. A file that somebody has changed meanwhile is not replaced.
func (f *file) write(now time.Time) (kept string, err error) {
	text, err := f.text()
	if err != nil {
		return "", err
	}
	if kept, err = f.keep(now); err != nil {
		return "", err
	}
	dir := filepath.Dir(f.path)
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // as open as the files in it
		return kept, fmt.Errorf("discover: write: %w", err)
	}
	tmp, err := os.CreateTemp(dir, ".discover-*")
	if err != nil {
		return kept, fmt.Errorf("discover: write: %w", err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // gone already unless something failed
	_, err = tmp.Write(text)
	if err = errors.Join(err, tmp.Chmod(f.mode()), tmp.Sync(), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), f.path)
	}
	if err == nil {
		err = syncFolder(dir)
	}
	if err != nil {
		return kept, fmt.Errorf("discover: write: %w", err)
	}
	return kept, nil
}

// keep makes sure that the file is still the one that was read, and gives it a second name.
func (f *file) keep(now time.Time) (string, error) {
	text, err := os.ReadFile(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !f.exists:
		return "", nil
	case err != nil:
		return "", fmt.Errorf("discover: write: %w", err)
	case !f.exists || sha256.Sum256(text) != f.was:
		return "", fmt.Errorf("discover: write: %s was changed meanwhile: nothing is written; discover again", f.path)
	}
	kept := f.path + now.Format(".20060102T150405.000")
	if err := os.Link(f.path, kept); err != nil {
		return "", fmt.Errorf("discover: write: keeping the old file: %w", err)
	}
	return kept, nil
}

// mode is that of the file there was.
func (f *file) mode() fs.FileMode {
	if info, err := os.Stat(f.path); err == nil {
		return info.Mode().Perm()
	}
	return 0o644
}

func syncFolder(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the inventory's own
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/fsnotify/fsnotify"
)

// folder is a folder of this machine. Symbolic links in it lead nowhere outside.
type folder struct {
	dir  string
	root *os.Root
}

// Folder opens a folder of this machine.
func Folder(dir string) (Place, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("source: %w", err)
	}
	return &folder{dir, root}, nil
}

func (f *folder) List(ctx context.Context, filter *Filter) ([]File, error) {
	if err := f.stillThere(); err != nil {
		return nil, err
	}
	return walk(ctx, filter, func(dir string) ([]fs.FileInfo, error) {
		d, err := f.root.Open(dir)
		if err != nil {
			return nil, err
		}
		entries, err := d.Readdir(-1) // does not follow links
		return entries, errors.Join(err, d.Close())
	})
}

// stillThere says whether the folder is the one that was opened: another may have been mounted or moved to its place.
func (f *folder) stillThere() error {
	opened, err := f.root.Stat(".")
	if err != nil {
		return err
	}
	now, err := os.Stat(f.dir)
	if err == nil && !os.SameFile(opened, now) {
		return fmt.Errorf("source: %s is another folder now", f.dir)
	}
	return err
}

func (f *folder) Open(path string) (io.ReadCloser, error) { return f.root.Open(path) }

func (f *folder) Stat(path string) (File, error) {
	info, err := f.root.Lstat(path)
	if err != nil {
		return File{}, err
	}
	return File{path, info.Size(), info.ModTime()}, nil
}

func (f *folder) Remove(path string) error { return f.root.Remove(path) }

func (f *folder) Move(from, to string) error {
	if !filepath.IsAbs(to) {
		to = filepath.Join(f.dir, to)
	}
	target := filepath.Join(to, filepath.FromSlash(from))
	if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
		return err
	}
	return os.Rename(filepath.Join(f.dir, filepath.FromSlash(from)), target)
}

func (f *folder) Close() error { return f.root.Close() }

// Notify sends on wake, without waiting, whenever something happens in the folder or in one below it, until ctx is done. That
// something was missed (a folder that is new, too many events) costs the time until the next listing and nothing else.
func Notify(ctx context.Context, dir string, depth int, wake chan<- struct{}) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("source: %w", err)
	}
	defer func() { _ = w.Close() }() // it was only read
	if err := watch(w, dir, depth); err != nil {
		return fmt.Errorf("source: %w", err)
	}
	for {
		select {
		case e, open := <-w.Events:
			if !open {
				return nil
			}
			if e.Has(fsnotify.Create) {
				_ = watch(w, e.Name, depth) // if it is a folder; the listing finds what is in it
			}
		case <-w.Errors: // events were lost
		case <-ctx.Done():
			return nil
		}
		select {
		case wake <- struct{}{}:
		default: // it is awake already
		}
	}
}

// watch adds a folder and those below it.
func watch(w *fsnotify.Watcher, dir string, depth int) error {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() {
		return err
	}
	if err := w.Add(dir); err != nil || depth == 0 {
		return err
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if e.IsDir() && err == nil {
			err = watch(w, filepath.Join(dir, e.Name()), depth-1)
		}
	}
	return err
}

// join puts a relative folder below another one.
func join(base, folder string) string {
	if path.IsAbs(folder) {
		return folder
	}
	return path.Join(base, folder)
}

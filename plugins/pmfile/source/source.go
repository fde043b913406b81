// Package source lists and fetches files where they lie: in a folder of this machine or of another one (SFTP), and knows when a
// file is complete.
package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// File is a file as a listing has it.
type File struct {
	Path string // below the place, with slashes
	Size int64
	Time time.Time // of its last change, by its own machine's clock
}

// Place is a folder with files. It is for one goroutine, and of no use after an error that is not about a single file.
type Place interface {
	// List is all files below the place that the filter lets through.
	List(ctx context.Context, f *Filter) ([]File, error)
	Open(path string) (io.ReadCloser, error)
	Stat(path string) (File, error)
	Remove(path string) error
	// Move moves a file below another folder, under its own path. The folder is on the same machine; a relative one lies in the place.
	Move(path, folder string) error
	Close() error
}

// Filter says which names are those of files to take.
type Filter struct {
	Match  []string // patterns of path.Match for names; one has to fit
	Ignore []string // and none of these
	Depth  int      // of folders within folders
	Max    int      // files in a listing: with more, the latest ones are taken
}

// Check says whether all patterns are patterns.
func (f *Filter) Check() error {
	for _, pattern := range slices.Concat(f.Match, f.Ignore) {
		if _, err := path.Match(pattern, ""); err != nil || pattern == "" || strings.Contains(pattern, "/") {
			return fmt.Errorf("%q: want a pattern for names, like *.xml", pattern)
		}
	}
	return nil
}

// takes says whether a file's name is one to take. What begins with a dot is being written.
func (f *Filter) takes(name string) bool {
	fits := func(pattern string) bool { ok, _ := path.Match(pattern, name); return ok }
	return !strings.HasPrefix(name, ".") && slices.ContainsFunc(f.Match, fits) && !slices.ContainsFunc(f.Ignore, fits)
}

// walk lists by reading one folder after the other.
func walk(ctx context.Context, f *Filter, read func(dir string) ([]fs.FileInfo, error)) ([]File, error) {
	var out []File
	type level struct {
		dir   string
		depth int
	}
	for todo := []level{{".", 0}}; len(todo) > 0; todo = todo[1:] {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		entries, err := read(todo[0].dir)
		if err != nil && (todo[0].depth == 0 || !errors.Is(err, fs.ErrNotExist)) {
			return nil, err
		}
		for _, e := range entries {
			at := path.Join(todo[0].dir, e.Name())
			switch {
			case strings.ContainsAny(e.Name(), "/\\\x00"): // no name of a file: another machine made it up
			case e.IsDir() && todo[0].depth < f.Depth && !strings.HasPrefix(e.Name(), "."):
				todo = append(todo, level{at, todo[0].depth + 1})
			case e.Mode().IsRegular() && f.takes(e.Name()):
				out = append(out, File{at, e.Size(), e.ModTime()})
			}
		}
	}
	if len(out) > f.Max { // what is kept in a folder for ever must not hide what is new
		slices.SortFunc(out, func(a, b File) int { return cmp.Or(b.Time.Compare(a.Time), strings.Compare(a.Path, b.Path)) })
		out = out[:f.Max]
	}
	return out, nil
}

// Settling knows how long files have looked the same.
type Settling struct {
	After time.Duration
	since map[string]sight
}

type sight struct {
	size int64
	time int64
	at   time.Time
}

// Ready are the files that have had one size and one time for as long as After, by this machine's clock: the writer's clock does
// not matter. The others are waiting.
func (s *Settling) Ready(files []File, now time.Time) (ready []File, waiting int) {
	next := make(map[string]sight, len(files))
	for _, f := range files {
		one, ok := s.since[f.Path]
		if !ok || one.size != f.Size || one.time != f.Time.UnixNano() {
			one = sight{f.Size, f.Time.UnixNano(), now}
		}
		next[f.Path] = one
		if now.Sub(one.at) >= s.After {
			ready = append(ready, f)
		}
	}
	s.since = next
	return ready, len(files) - len(ready)
}

// Unchanged is how long a file has looked as it does, as of the last Ready.
func (s *Settling) Unchanged(path string, now time.Time) time.Duration {
	one, ok := s.since[path]
	if !ok {
		return 0
	}
	return now.Sub(one.at)
}

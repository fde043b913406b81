package source_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/plugins/pmfile/source"
)

func write(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func folder(t *testing.T, dir string) source.Place {
	t.Helper()
	p, err := source.Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func list(t *testing.T, p source.Place, f source.Filter) string {
	t.Helper()
	files, err := p.List(t.Context(), &f)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(files))
	for _, f := range files {
		names = append(names, f.Path)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestWhichFilesAreListed(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "A.xml", "B.xml.gz", "C.txt", "D.xml.tmp", ".E.xml", "em/F.xml", "em/day/G.xml", ".hidden/H.xml")
	secret := filepath.Join(t.TempDir(), "secret.xml")
	write(t, filepath.Dir(secret), "secret.xml")
	if err := os.Symlink(secret, filepath.Join(dir, "link.xml")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Dir(secret), filepath.Join(dir, "linked")); err != nil {
		t.Fatal(err)
	}
	p := folder(t, dir)
	for i, name := range [...]string{"A.xml", "B.xml.gz", "C.txt", "D.xml.tmp"} {
		at := time.Unix(int64(1000-i), 0)
		if err := os.Chtimes(filepath.Join(dir, name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range [...]struct {
		filter source.Filter
		want   string
	}{
		{source.Filter{Match: []string{"*"}, Depth: 3, Max: 100}, "A.xml B.xml.gz C.txt D.xml.tmp em/F.xml em/day/G.xml"},
		{source.Filter{Match: []string{"*.xml", "*.gz"}, Ignore: []string{"A*"}, Depth: 1, Max: 100}, "B.xml.gz em/F.xml"},
		{source.Filter{Match: []string{"*"}, Depth: 0, Max: 2}, "A.xml B.xml.gz"},
	} {
		if got := list(t, p, c.filter); got != c.want {
			t.Errorf("%+v: %s, want %s", c.filter, got, c.want)
		}
	}
	if f, err := p.Open("link.xml"); err == nil {
		f.Close()
		t.Error("a link leads outside")
	}
}

func TestMovingAndRemoving(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "in/em/A.xml", "in/em/B.xml", "in/C.xml")
	p := folder(t, filepath.Join(dir, "in"))
	if err := errors.Join(p.Move("em/A.xml", "../done"), p.Move("em/B.xml", filepath.Join(dir, "far")), p.Remove("C.xml")); err != nil {
		t.Fatal(err)
	}
	for _, path := range [...]string{"done/em/A.xml", "far/em/B.xml"} {
		if _, err := os.Stat(filepath.Join(dir, path)); err != nil {
			t.Error(err)
		}
	}
	if _, err := p.Stat("C.xml"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("C.xml: %v", err)
	}
}

// A folder that another one took the place of is not listed any more: whoever opens it anew sees the new one.
func TestAFolderThatIsReplaced(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "in")
	write(t, dir, "A.xml")
	p := folder(t, dir)
	all := source.Filter{Match: []string{"*"}, Max: 10}
	if got := list(t, p, all); got != "A.xml" {
		t.Fatal(got)
	}
	if err := os.Rename(dir, dir+".old"); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "B.xml")
	if files, err := p.List(t.Context(), &all); err == nil {
		t.Errorf("the old folder is listed: %v", files)
	}
	if got := list(t, folder(t, dir), all); got != "B.xml" {
		t.Errorf("the new one has %s", got)
	}
}

func TestAFileIsReadAsItIs(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "A.xml")
	p := folder(t, dir)
	f, err := p.Open("A.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if info, statErr := p.Stat("A.xml"); err != nil || statErr != nil || string(text) != "A.xml" || info.Size != 5 {
		t.Errorf("%q, %+v, %v, %v", text, info, err, statErr)
	}
}

func TestSettling(t *testing.T) {
	s := source.Settling{After: 10 * time.Second}
	begin := time.Unix(1000, 0)
	at := func(seconds int, files ...source.File) string {
		ready, waiting := s.Ready(files, begin.Add(time.Duration(seconds)*time.Second))
		names := make([]string, 0, len(ready))
		for _, f := range ready {
			names = append(names, f.Path)
		}
		if waiting != len(files)-len(ready) {
			t.Errorf("%d wait of %d", waiting, len(files))
		}
		return strings.Join(names, " ")
	}
	a, b := source.File{Path: "a", Size: 1, Time: time.Unix(5, 0)}, source.File{Path: "b", Size: 1, Time: time.Unix(5, 0)}
	longer, touched := a, b
	longer.Size, touched.Time = 2, time.Unix(6, 0)
	for _, c := range [...]struct {
		seconds int
		files   []source.File
		want    string
	}{
		{0, []source.File{a}, ""}, {9, []source.File{a, b}, ""}, {10, []source.File{a, b}, "a"}, {11, []source.File{longer, b}, ""},
		{20, []source.File{longer, touched}, ""}, {21, []source.File{longer, touched}, "a"}, {29, []source.File{touched}, ""}, {30, []source.File{longer, touched}, "b"},
	} {
		if got := at(c.seconds, c.files...); got != c.want {
			t.Errorf("after %d s: %q are ready, want %q", c.seconds, got, c.want)
		}
	}
	if d := s.Unchanged("b", begin.Add(35*time.Second)); d != 15*time.Second || s.Unchanged("c", begin) != 0 {
		t.Errorf("b has not changed for %s", d)
	}
}

// Something new in the folder, and in a folder that is new itself, wakes whoever waits.
func TestNotify(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	wake, ended := make(chan struct{}, 1), make(chan error, 1)
	go func() { ended <- source.Notify(ctx, dir, 2, wake) }()
	// Until the folder is watched nothing is told, so there is always something new.
	awake := func(dir string) {
		t.Helper()
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ; n++ {
			write(t, dir, "file-"+time.Duration(n).String())
			select {
			case <-wake:
				return
			case <-tick.C:
			case <-ctx.Done():
				t.Fatal("nobody was woken")
			}
		}
	}
	awake(dir)
	awake(filepath.Join(dir, "em"))
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := source.Notify(t.Context(), filepath.Join(dir, "none"), 2, wake); err == nil {
		t.Error("a folder that is not there is watched")
	}
}

func TestPatterns(t *testing.T) {
	for _, bad := range [...]string{"", "[", "a/b"} {
		if err := (&source.Filter{Match: []string{bad}}).Check(); err == nil {
			t.Errorf("%q is a pattern", bad)
		}
	}
}

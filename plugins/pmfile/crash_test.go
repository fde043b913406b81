package pmfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/plugins/pmfile/ledger"
	"github.com/haidang-noc/haidang/plugins/pmfile/meas"
	"github.com/haidang-noc/haidang/plugins/pmfile/source"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// errCrash ends a run where a crash would.
var errCrash = errors.New("crash")

// spool is the agent's: lines are safe after a sync only, and lost with the process before.
type spool struct {
	unsafe, safe []string
}

func (s *spool) write(_ context.Context, lines []byte, points int) error {
	if points == 0 {
		return nil
	}
	s.unsafe = append(s.unsafe, strings.Split(strings.TrimSuffix(string(lines), "\n"), "\n")...)
	return nil
}

func (s *spool) sync(context.Context) error {
	s.safe, s.unsafe = append(s.safe, s.unsafe...), nil
	return nil
}

// bomb counts down the steps until the crash.
type bomb struct{ steps int }

func (b *bomb) tick() error {
	if b.steps--; b.steps == 0 {
		return errCrash
	}
	return nil
}

// crashing is a place whose steps may be the last ones.
type crashing struct {
	source.Place
	bomb *bomb
}

func (c crashing) Open(path string) (io.ReadCloser, error) {
	if err := c.bomb.tick(); err != nil {
		return nil, err
	}
	return c.Place.Open(path)
}

func (c crashing) Stat(path string) (source.File, error) {
	if path == "." && c.bomb.steps <= 0 {
		return source.File{}, errCrash
	}
	if err := c.bomb.tick(); err != nil {
		return source.File{}, err
	}
	return c.Place.Stat(path)
}

func (c crashing) Remove(path string) error {
	if err := c.bomb.tick(); err != nil {
		panic(errCrash)
	}
	return c.Place.Remove(path)
}

// world is a source, a ledger and a spool.
type world struct {
	t     rapid.TB
	dir   string
	spool spool
	now   time.Time
	reg   *prometheus.Registry
}

// count is the sum of a metric's samples, of those with the label value if one is given.
func (w *world) count(name, label string) (n float64) {
	families, err := w.reg.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			fits := label == ""
			for _, l := range m.GetLabel() {
				fits = fits || l.GetValue() == label
			}
			if f.GetName() == name && fits {
				n += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return n
}

func newWorld(t rapid.TB, dir string) *world {
	if err := os.MkdirAll(filepath.Join(dir, "in"), 0o750); err != nil {
		t.Fatal(err)
	}
	return &world{t: t, dir: dir, now: time.Date(2026, 10, 1, 6, 0, 0, 0, time.UTC)}
}

// start makes an intake as it is after the start of the process.
func (w *world) start(more string) (*intake, *ledger.Ledger) {
	in := New()
	text := "sources: [{name: em, dir: in, done: delete}]\nstate: state\nquarantine: {dir: quarantine}\nsettle: 10ms\n" + more
	if err := in.Configure(sdk.Config{Agent: "a1", Dir: w.dir, File: "agent.yaml", Line: 1, YAML: []byte(text), Log: slog.New(slog.DiscardHandler)}); err != nil {
		w.t.Fatal(err)
	}
	p, err := in.build(sink{w.spool.write, w.spool.sync}, func() time.Time { return w.now })
	if err != nil {
		w.t.Fatal(err)
	}
	w.reg = in.reg
	return p.intakes[0], p.ledger
}

// life lives until the source is empty or the bomb goes off.
func (w *world) life(b *bomb) (crashed bool) {
	in, l := w.start("")
	defer l.Close()
	defer func() {
		if r := recover(); r != nil {
			if r != errCrash { //nolint:errorlint // panicked with it
				panic(r)
			}
			crashed = true
		}
		if crashed {
			w.spool.unsafe = nil // lost with the process
		}
	}()
	write, sync := in.out.write, in.out.sync
	in.out.write = func(ctx context.Context, lines []byte, points int) error {
		return errors.Join(b.tick(), write(ctx, lines, points))
	}
	in.out.sync = func(ctx context.Context) error {
		if err := b.tick(); err != nil {
			return err
		}
		if err := sync(ctx); err != nil {
			return err
		}
		return b.tick() // the spool has them, and nobody is told
	}
	place, err := source.Folder(filepath.Join(w.dir, "in"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer place.Close()
	for range 4 {
		if _, err := in.round(context.Background(), crashing{place, b}); err != nil {
			if !errors.Is(err, errCrash) {
				w.t.Fatal(err)
			}
			return true
		}
		w.now = w.now.Add(time.Minute)
	}
	return false
}

func (w *world) put(name, text string) {
	path := filepath.Join(w.dir, "in", name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Chtimes(path, w.now, w.now); err != nil {
		w.t.Fatal(err)
	}
}

// content is a file with one value.
func content(element string, value int) string {
	return fmt.Sprintf(`<measCollecFile><fileHeader vendorName="V"/><measData><managedElement localDn="ManagedElement=%s"/><measInfo measInfoId="g">
<granPeriod duration="PT900S" endTime="2026-10-01T12:15:00+07:00"/><measTypes>RRC.ConnEstabAtt.sum</measTypes>
<measValue measObjLdn="ENBFunction=1,EUtranCellFDD=1"><measResults>%d</measResults></measValue></measInfo></measData></measCollecFile>`, element, value)
}

// Wherever a process dies, and however often: in the end the spool has the lines of every file, the source is empty, and what is in
// the spool twice says the same twice, time and revision included.
func TestACrashAtAnyStepLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "pmfile")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		w := newWorld(t, dir)
		n := rapid.IntRange(1, 5).Draw(t, "files")
		for i := range n {
			w.put(fmt.Sprintf("A%d.xml", i), content(fmt.Sprintf("e%d", i), i))
		}
		w.put("broken.xml", "<html/>")
		deaths := rapid.SliceOfN(rapid.IntRange(1, 4*n+8), 0, 4).Draw(t, "deaths")
		for _, steps := range deaths {
			w.life(&bomb{steps})
		}
		if w.life(&bomb{}) {
			t.Fatal("a life without a bomb ended")
		}
		got := map[string]bool{}
		for _, line := range w.spool.safe {
			got[line] = true
		}
		if len(got) != n || len(deaths) == 0 && len(w.spool.safe) != n {
			t.Fatalf("%d lines for %d files, %d of them different: %q", len(w.spool.safe), n, len(got), slices.Collect(maps.Keys(got)))
		}
		if left, _ := os.ReadDir(filepath.Join(dir, "in")); len(left) > 0 {
			t.Fatalf("%d files are left in the source", len(left))
		}
		if kept, _ := os.ReadDir(filepath.Join(dir, "quarantine")); len(kept) != 2 {
			t.Fatalf("the quarantine holds %v", kept)
		}
	})
}

// Whatever comes in what order, and again, under whatever name, of each content there is one line.
func TestEachContentCountsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "pmfile")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		w := newWorld(t, dir)
		distinct, taken, come := map[int]bool{}, 0.0, 0
		rounds := rapid.SliceOfN(rapid.SliceOfN(rapid.IntRange(0, 5), 0, 5), 1, 4).Draw(t, "rounds")
		for i, contents := range rounds {
			for j, value := range contents {
				w.put(fmt.Sprintf("A%d-%d.xml", i, j), content("e", value))
				distinct[value] = true
				come++
			}
			w.life(&bomb{}) // a new process each time
			taken += w.count("haidang_pmfile_files_total", "taken") + w.count("haidang_pmfile_files_total", "duplicate")
		}
		if len(w.spool.safe) != len(distinct) || int(taken) != come {
			t.Fatalf("%d lines for %d contents; %v of %d files counted", len(w.spool.safe), len(distinct), taken, come)
		}
	})
}

func TestAFileIsNotTakenWhileItIsWritten(t *testing.T) {
	w := newWorld(t, t.TempDir())
	in, l := w.start("patience: 1m\n")
	defer l.Close()
	place, err := source.Folder(filepath.Join(w.dir, "in"))
	if err != nil {
		t.Fatal(err)
	}
	defer place.Close()
	round := func(want int) {
		t.Helper()
		waiting, err := in.round(t.Context(), place)
		if err != nil || waiting != want {
			t.Fatalf("%d files wait, want %d: %v", waiting, want, err)
		}
		w.now = w.now.Add(10 * time.Second)
	}
	whole := content("e", 1)
	w.put("A.xml", whole[:40])
	w.put(".B.xml", whole)
	w.put("C.xml.tmp", whole)
	round(1) // seen for the first time
	round(1) // looks complete, and is cut: it may still grow
	w.put("A.xml", whole)
	round(1) // has changed
	round(0)
	if len(w.spool.safe) != 1 {
		t.Fatalf("lines: %q", w.spool.safe)
	}
	w.put("D.xml", whole[:50])
	round(1)
	for range 5 {
		round(1)
	}
	round(0) // a minute is over
	if got := w.count("haidang_pmfile_rejected_files_total", string(meas.Truncated)); got != 1 {
		t.Errorf("%v files rejected as truncated", got)
	}
}

func TestWhatIsDoneWithFiles(t *testing.T) {
	for done, want := range map[string][]string{
		"done: keep":                  {"in/sub/A.xml", "in/sub/B.xml"},
		"done: delete":                nil,
		"done: move, move_to: ../out": {"out/sub/A.xml", "out/sub/B.xml"},
	} {
		t.Run(done, func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			if err := os.MkdirAll(filepath.Join(w.dir, "in/sub"), 0o750); err != nil {
				t.Fatal(err)
			}
			w.put("sub/A.xml", content("e", 1))
			w.put("sub/B.xml", "<html/>")
			for range 2 { // two processes
				in, l := w.start("")
				in.done = disposal{strings.Fields(strings.ReplaceAll(done, ",", ""))[1], "../out"}
				place, err := source.Folder(filepath.Join(w.dir, "in"))
				if err != nil {
					t.Fatal(err)
				}
				for range 3 {
					if _, err := in.round(t.Context(), place); err != nil {
						t.Fatal(err)
					}
					w.now = w.now.Add(time.Minute)
				}
				place.Close()
				l.Close()
			}
			var got []string
			for _, dir := range [...]string{"in", "out"} {
				_ = filepath.WalkDir(filepath.Join(w.dir, dir), func(path string, e os.DirEntry, err error) error {
					if err == nil && !e.IsDir() {
						rel, _ := filepath.Rel(w.dir, path)
						got = append(got, rel)
					}
					return nil
				})
			}
			if !slices.Equal(got, want) || len(w.spool.safe) != 1 {
				t.Errorf("files %v, want %v; %d lines", got, want, len(w.spool.safe))
			}
			if kept, _ := os.ReadDir(filepath.Join(w.dir, "quarantine")); len(kept) != 2 {
				t.Errorf("quarantine: %v", kept)
			}
		})
	}
}

// A corrected file has a greater revision than the one before, so it counts, and what it was before is in the raw history.
func TestALaterFileHasAGreaterRevision(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.put("A.xml", content("e", 1))
	w.life(&bomb{})
	w.put("A.xml", content("e", 2))
	w.life(&bomb{})
	revision := func(line string) string {
		_, after, _ := strings.Cut(line, "revision=")
		before, _, _ := strings.Cut(after, "u")
		return before
	}
	if s := w.spool.safe; len(s) != 2 || revision(s[0]) >= revision(s[1]) {
		t.Errorf("lines: %q", s)
	}
}

func TestTheQuarantineIsBounded(t *testing.T) {
	w := newWorld(t, t.TempDir())
	for i := range 8 {
		w.put(fmt.Sprintf("A%d.xml", i), fmt.Sprintf("<html>%d</html>", i))
	}
	in, l := w.start("")
	defer l.Close()
	in.quarantine.files = 3
	place, err := source.Folder(filepath.Join(w.dir, "in"))
	if err != nil {
		t.Fatal(err)
	}
	defer place.Close()
	for range 3 {
		if _, err := in.round(t.Context(), place); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(time.Minute)
	}
	kept, err := os.ReadDir(filepath.Join(w.dir, "quarantine"))
	if err != nil || len(kept) != 6 {
		t.Fatalf("%v: %v", kept, err)
	}
	if got := w.count("haidang_pmfile_quarantine_discarded_total", ""); got != 5 {
		t.Errorf("%v files discarded", got)
	}
	for _, k := range kept {
		if !strings.HasSuffix(k.Name(), reasonSuffix) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(w.dir, "quarantine", k.Name()))
		if err != nil || !strings.Contains(string(text), "reason: not_pm\n") || !strings.Contains(string(text), "source: em\npath: A") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

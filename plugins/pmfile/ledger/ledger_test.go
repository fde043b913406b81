package ledger_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/plugins/pmfile/ledger"
)

func entry(n int) ledger.Entry {
	return ledger.Entry{
		File: ledger.File{Source: "s", Path: fmt.Sprintf("A%d.xml", n), Size: int64(n), Time: 1000}, At: int64(1000 + n),
		Content: ledger.Sum(sha256.Sum256(fmt.Append(nil, n))), Reported: map[string][]int64{"d": {int64(n)}},
	}
}

func open(t rapid.TB, dir string, o ledger.Options) (*ledger.Ledger, []ledger.Entry) {
	t.Helper()
	var all []ledger.Entry
	l, err := ledger.Open(dir, o, func(e *ledger.Entry) { all = append(all, *e) })
	if err != nil {
		t.Fatal(err)
	}
	return l, all
}

func add(t rapid.TB, l *ledger.Ledger, entries ...ledger.Entry) {
	t.Helper()
	if err := l.Add(entries...); err != nil {
		t.Fatal(err)
	}
}

func TestWhatWasAddedIsKnownAfterARestart(t *testing.T) {
	dir := t.TempDir()
	l, _ := open(t, dir, ledger.Options{Keep: time.Hour})
	add(t, l, entry(1), entry(2))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l, all := open(t, dir, ledger.Options{Keep: time.Hour})
	if len(all) != 2 || !l.Knows(entry(1).File) || !l.Has(entry(2).Content) || l.Knows(entry(3).File) || l.Has(entry(3).Content) {
		t.Errorf("known are %+v", all)
	}
	if got := all[0].Reported["d"]; !slices.Equal(got, []int64{1}) || all[0].Content != entry(1).Content {
		t.Errorf("read %+v", all[0])
	}
	other := entry(1).File
	other.Size++
	if l.Knows(other) {
		t.Error("a file of another size is known")
	}
}

// Wherever a crash cuts the file, whole lines stand, and what is added later is found.
func TestACrashLosesTheCutLineOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "ledger")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		n := rapid.IntRange(1, 5).Draw(t, "entries")
		l, _ := open(t, dir, ledger.Options{Keep: time.Hour})
		sizes := make([]int64, 0, n)
		path := filepath.Join(dir, ledger.Name)
		for i := range n {
			add(t, l, entry(i))
			s, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			sizes = append(sizes, s.Size())
		}
		l.Close()
		cut := rapid.Int64Range(0, sizes[n-1]).Draw(t, "cut")
		if err := os.Truncate(path, cut); err != nil {
			t.Fatal(err)
		}
		l, all := open(t, dir, ledger.Options{Keep: time.Hour})
		whole := 0
		for whole < n && sizes[whole] <= cut {
			whole++
		}
		if len(all) != whole || l.Stats().Damaged != 0 {
			t.Fatalf("%d entries of %d, cut at %d of %v", len(all), whole, cut, sizes)
		}
		add(t, l, entry(99))
		l.Close()
		l, all = open(t, dir, ledger.Options{Keep: time.Hour})
		defer l.Close()
		if len(all) != whole+1 || !l.Knows(entry(99).File) {
			t.Fatalf("after the crash %d entries, want %d", len(all), whole+1)
		}
	})
}

func TestADamagedLineIsLeftOut(t *testing.T) {
	dir := t.TempDir()
	l, _ := open(t, dir, ledger.Options{Keep: time.Hour})
	add(t, l, entry(1), entry(2), entry(3))
	l.Close()
	path := filepath.Join(dir, ledger.Name)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	l, all := open(t, dir, ledger.Options{Keep: time.Hour})
	defer l.Close()
	if len(all) != 2 || l.Stats().Damaged != 1 || l.Knows(entry(2).File) {
		t.Errorf("%d entries, %+v", len(all), l.Stats())
	}
}

func TestForgetting(t *testing.T) {
	dir := t.TempDir()
	o := ledger.Options{Keep: 100 * time.Second, Max: 5000}
	l, _ := open(t, dir, o)
	many := make([]ledger.Entry, 0, 6000)
	for i := range 6000 {
		many = append(many, entry(i)) // dealt with one second after the other, from 1000 on
	}
	add(t, l, many...)
	l.StillThere(entry(10).File, time.Unix(7000, 0))
	if err := l.Forget(time.Unix(1000, 0)); err != nil {
		t.Fatal(err)
	}
	if s := l.Stats(); s.Files != 5000 || s.Forgotten != 1000 || !l.Knows(entry(10).File) || l.Knows(entry(999).File) || !l.Knows(entry(1001).File) {
		t.Errorf("more than Max: %+v", s)
	}
	if err := l.Forget(time.Unix(7000, 0)); err != nil {
		t.Fatal(err)
	}
	known := func(l *ledger.Ledger) (n int) {
		for i := range 6000 {
			if l.Knows(entry(i).File) {
				n++
			}
		}
		return n
	}
	if n := known(l); n != 101 { // 100 seconds, and the one that is still there
		t.Errorf("%d are known", n)
	}
	add(t, l, entry(7000))
	l.Close()
	l, all := open(t, dir, o)
	defer l.Close()
	if len(all) != 102 || known(l) != 101 || !l.Knows(entry(10).File) || !l.Knows(entry(7000).File) {
		t.Errorf("after a restart %d entries, %d known", len(all), known(l))
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

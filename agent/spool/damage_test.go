package spool

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sys/unix"
)

// filled is a spool that was closed with n batches in several segments.
func filled(t *testing.T, n int) (*memory, map[uint64]string) {
	t.Helper()
	m := newMemory()
	s := mustOpen(t, testConfig(), m)
	texts := map[uint64]string{}
	for i := range n {
		text := fmt.Sprintf("batch %d %s", i, strings.Repeat("x", i*7%90))
		seq, err := s.Append(batch(text))
		if err != nil {
			t.Fatal(err)
		}
		texts[seq] = text
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return m, texts
}

func mustOpen(t *testing.T, cfg Config, m *memory) *Spool {
	t.Helper()
	s, err := openMemory(cfg, m)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// copyOf is the same disk again, to damage.
func (m *memory) copyOf() *memory {
	next := newMemory()
	for name, n := range m.names {
		next.names[name] = &inode{data: slices.Clone(n.data), synced: slices.Clone(n.data)}
	}
	next.durable = maps.Clone(next.names)
	return next
}

func (m *memory) segments() []string {
	var names []string
	for name := range m.names {
		if _, ok := parseSegmentName(name); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// drain reads and commits everything. A batch appended at the end makes the reader leave the last old segment.
func drain(t *testing.T, s *Spool) map[uint64]string {
	t.Helper()
	if _, err := s.Append(batch("the end")); err != nil {
		t.Fatal(err)
	}
	s.upkeep()
	got, last := map[uint64]string{}, uint64(0)
	for {
		r, err := poll(s)
		if errors.Is(err, context.Canceled) {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
		if r.Sequence <= last {
			t.Fatalf("%d came after %d", r.Sequence, last)
		}
		last = r.Sequence
		got[r.Sequence] = string(r.Batch.Frames)
		s.Commit(r.Sequence)
	}
}

// counted is the value of one counter.
func counted(t *testing.T, c prometheus.Collector) float64 {
	t.Helper()
	reg := prometheus.NewRegistry()
	reg.MustRegister(c)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	return families[0].GetMetric()[0].GetCounter().GetValue()
}

// check compares what came out with what went in: nothing else comes out, what is missing is counted and its numbers
// are not given to others.
func check(t *testing.T, s *Spool, want, got map[uint64]string) {
	t.Helper()
	missing := 0
	for seq, text := range want {
		switch out, ok := got[seq]; {
		case !ok:
			missing++
		case out != text:
			t.Fatalf("sequence %d: got %q, want %q", seq, out, text)
		}
	}
	if dropped := int(s.Stats().DroppedBatches); dropped < missing {
		t.Fatalf("%d batches are missing, %d are counted", missing, dropped)
	}
	if len(got) != len(want)-missing+1 { // and the end
		t.Fatalf("%d batches came out of %d, %d are missing", len(got), len(want), missing)
	}
}

func TestTornTailAtEveryByte(t *testing.T) {
	whole, texts := filled(t, 12)
	names := whole.segments()
	last := names[len(names)-1]
	size := len(whole.names[last].data)
	for cut := range size {
		m := whole.copyOf()
		m.names[last].data = m.names[last].data[:cut]
		delete(m.names, positionFile) // as if it had never been saved since
		m.names[positionFile] = &inode{}
		s := mustOpen(t, testConfig(), m)
		got := drain(t, s)
		for seq, text := range texts {
			if out, ok := got[seq]; ok && out != text && out != "the end" {
				t.Fatalf("cut at %d: sequence %d: got %q, want %q", cut, seq, out, text)
			}
		}
		first, _ := parseSegmentName(last)
		for seq := uint64(1); seq < first; seq++ {
			if got[seq] != texts[seq] {
				t.Fatalf("cut at %d: sequence %d of an earlier segment is gone", cut, seq)
			}
		}
	}
}

func TestEveryDamagedByteIsCounted(t *testing.T) {
	whole, texts := filled(t, 12)
	r := rand.New(rand.NewPCG(1, 2))
	for _, name := range whole.segments() {
		for at := range whole.names[name].data {
			m := whole.copyOf()
			m.names[name].data[at] ^= 1 << r.IntN(8)
			s := mustOpen(t, testConfig(), m)
			check(t, s, texts, drain(t, s))
			if n := counted(t, s.metrics.damagedSegments); n != 1 {
				t.Fatalf("%s byte %d: %v damaged segments", name, at, n)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if m.names[quarantine+"/"+name] == nil {
				t.Fatalf("%s byte %d: no quarantined file", name, at)
			}
		}
	}
}

func TestDamagedRangesAreCounted(t *testing.T) {
	whole, texts := filled(t, 20)
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		m := whole.copyOf()
		names := m.segments()
		data := m.names[names[r.IntN(len(names))]].data
		from := r.IntN(len(data))
		for i := from; i < min(len(data), from+r.IntN(200)); i++ {
			data[i] = byte(r.Uint32())
		}
		s := mustOpen(t, testConfig(), m)
		check(t, s, texts, drain(t, s))
	}
}

func TestALostTailNeverFreesItsNumbers(t *testing.T) {
	whole, _ := filled(t, 3)
	s := mustOpen(t, testConfig(), whole)
	var handedOut uint64
	for {
		r, err := poll(s)
		if err != nil {
			break
		}
		handedOut = r.Sequence
	}
	names := whole.segments()
	data := whole.names[names[len(names)-1]].data
	clear(data[len(data)-20:]) // the disk forgets the last record, and the position was never saved
	whole.names[positionFile] = &inode{}
	s = mustOpen(t, testConfig(), whole)
	seq, err := s.Append(batch("later"))
	if err != nil || seq <= handedOut {
		t.Fatalf("append = %d, %v after %d had been handed out", seq, err, handedOut)
	}
}

func TestWithoutAPositionTheSpoolGetsANewName(t *testing.T) {
	m, _ := filled(t, 2)
	before := mustOpen(t, testConfig(), m).ID()
	if again := mustOpen(t, testConfig(), m).ID(); again != before {
		t.Fatalf("the name changed from %s to %s", before, again)
	}
	m.names[positionFile] = &inode{}
	after := mustOpen(t, testConfig(), m).ID()
	if after == before || len(after) != 32 {
		t.Fatalf("the name is %s, was %s", after, before)
	}
}

func TestASegmentThatVanishesWhileOpen(t *testing.T) {
	m, texts := filled(t, 12)
	s := mustOpen(t, testConfig(), m)
	delete(m.names, m.segments()[1])
	check(t, s, texts, drain(t, s))
}

func TestAnUnreadableSegmentDoesNotStopTheOthers(t *testing.T) {
	for _, from := range []string{"start", "running"} {
		m, texts := filled(t, 12)
		bad := m.segments()[1]
		broken := func(op, name string) error {
			if op == "read" && name == bad {
				return unix.EIO
			}
			return nil
		}
		if from == "start" {
			m.fail = broken
		}
		s := mustOpen(t, testConfig(), m)
		m.fail = broken
		check(t, s, texts, drain(t, s))
		if m.names[quarantine+"/"+bad] == nil {
			t.Fatalf("%s: no quarantined file in %v", from, slices.Sorted(maps.Keys(m.names)))
		}
	}
}

func TestAPassingReadErrorLosesNothing(t *testing.T) {
	m, texts := filled(t, 6)
	s := mustOpen(t, testConfig(), m)
	m.fail = func(op, _ string) error {
		if op == "read" {
			return unix.ENOMEM
		}
		return nil
	}
	if _, err := poll(s); !errors.Is(err, unix.ENOMEM) || !strings.Contains(err.Error(), "spool: read 0000") {
		t.Fatalf("next = %v", err)
	}
	m.fail = nil
	check(t, s, texts, drain(t, s))
	if n := s.Stats().DroppedBatches; n != 0 {
		t.Fatalf("%d dropped", n)
	}
}

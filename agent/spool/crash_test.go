package spool

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"
)

func TestFullDisk(t *testing.T) {
	m := newMemory()
	s := mustOpen(t, testConfig(), m)
	want := map[uint64]string{}
	appendOne := func() error {
		text := fmt.Sprintf("batch %d", len(want))
		seq, err := s.Append(batch(text))
		if err == nil {
			want[seq] = text
		}
		return err
	}
	for range 9 {
		if err := appendOne(); err != nil {
			t.Fatal(err)
		}
	}
	for _, room := range []int64{0, 1, 50, 120} { // the batches end at different places of the write
		m.room = room
		var err error
		for range 4 {
			err = errors.Join(err, appendOne())
		}
		if !errors.Is(err, unix.ENOSPC) || !strings.Contains(err.Error(), "spool: append: ") {
			t.Fatalf("room %d: append = %v", room, err)
		}
	}
	r, err := poll(s)
	if err != nil || string(r.Batch.Frames) != "batch 0" {
		t.Fatalf("a full disk stops reading: %v", err)
	}
	s.Commit(r.Sequence)
	if err := s.savePosition(); err != nil {
		t.Fatalf("a full disk stops the position: %v", err)
	}
	delete(want, r.Sequence)
	m.room = -1
	if err := appendOne(); err != nil {
		t.Fatalf("space is back: %v", err)
	}
	s = mustOpen(t, testConfig(), m.afterCrash(rand.New(rand.NewPCG(1, 1))))
	check(t, s, want, drain(t, s))
	if n := s.Stats().DroppedBatches; n != 0 {
		t.Fatalf("%d dropped", n)
	}
}

func TestFreeSpaceWatermark(t *testing.T) {
	m := newMemory()
	cfg := testConfig()
	cfg.MinFree, m.free = 1000, 1010
	s := mustOpen(t, cfg, m)
	if _, err := s.Append(batch("x")); err == nil || !strings.Contains(err.Error(), "min_free_bytes (1000)") {
		t.Fatalf("append = %v", err)
	}
	m.free = 5000
	if _, err := s.Append(batch("x")); err != nil {
		t.Fatal(err)
	}
	if n := counted(t, s.metrics.appendErrors); n != 1 {
		t.Fatalf("%v errors counted", n)
	}
}

// After a failed fsync nothing behind the last good one counts as stored, and the spool goes on in a new
// segment.
func TestFailedSync(t *testing.T) {
	for _, policy := range []string{SyncAlways, SyncInterval} {
		m := newMemory()
		cfg := testConfig()
		cfg.Sync = policy
		s := mustOpen(t, cfg, m)
		want := map[uint64]string{}
		put := func(text string) error {
			seq, err := s.Append(batch(text))
			if err == nil {
				want[seq] = text
			}
			return err
		}
		if err := put("one"); err != nil {
			t.Fatal(err)
		}
		s.upkeep()
		m.fail = func(op, name string) error {
			if op == "sync" && name != positionFile {
				return unix.EIO
			}
			return nil
		}
		err := put("two")
		s.upkeep()
		m.fail = nil
		dropped := 0
		if policy == SyncAlways && !errors.Is(err, unix.EIO) {
			t.Fatalf("append = %v", err)
		} else if policy == SyncInterval {
			dropped = 1
		}
		if err := put("three"); err != nil {
			t.Fatal(err)
		}
		s.upkeep()
		if n := int(counted(t, s.metrics.droppedBatches.WithLabelValues(reasonSync))); n != dropped {
			t.Fatalf("%s: %d batches counted, want %d", policy, n, dropped)
		}
		check(t, s, want, drain(t, s))
	}
}

// The same story, with the power gone at each single operation of it in turn.
func TestCrashAtEveryOperation(t *testing.T) {
	for seed := range uint64(8) {
		for step := 1; ; step++ {
			m := newMemory()
			m.crashAt = step
			acked, handedOut := story(m)
			done := m.steps < step
			r := rand.New(rand.NewPCG(seed, uint64(step)))
			s := mustOpen(t, testConfig(), m.afterCrash(r))
			got := drain(t, s)
			for seq, text := range acked {
				if _, wasHanded := handedOut[seq]; got[seq] != text && !wasHanded {
					t.Fatalf("crash at step %d: acknowledged batch %d came out as %q, want %q", step, seq, got[seq], text)
				}
			}
			for seq, text := range handedOut {
				if out, ok := got[seq]; ok && out != text {
					t.Fatalf("crash at step %d: sequence %d was %q, is %q", step, seq, text, out)
				}
			}
			if done {
				break
			}
		}
	}
}

// story opens, fills, reads, commits, closes and reopens, as far as the disk allows.
func story(m *memory) (acked, handedOut map[uint64]string) {
	acked, handedOut = map[uint64]string{}, map[uint64]string{}
	for life := range 3 {
		s, err := openMemory(testConfig(), m)
		if err != nil {
			return acked, handedOut
		}
		for i := range 7 {
			text := fmt.Sprintf("life %d batch %d %0*d", life, i, 40*i, 0)
			if seq, err := s.Append(batch(text)); err == nil {
				acked[seq] = text
			}
			if i%2 == 0 {
				if r, err := poll(s); err == nil {
					handedOut[r.Sequence] = string(r.Batch.Frames)
					s.Commit(r.Sequence)
				}
				s.upkeep()
			}
		}
		_ = s.Close() // fails when the power is off
	}
	return acked, handedOut
}

func TestOpenFailsOnATakenRegistry(t *testing.T) {
	reg := prometheus.NewRegistry()
	cfg := testConfig()
	cfg.Dir = t.TempDir()
	deps := Deps{Log: zerolog.Nop(), Registerer: reg}
	s, err := Open(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(cfg, deps); err == nil {
		t.Fatal("two spools share a registry")
	}
	deps.Registerer = prometheus.NewRegistry()
	if _, err := Open(cfg, deps); err == nil || !strings.Contains(err.Error(), "in use by another agent") {
		t.Fatalf("a second agent: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(cfg, Deps{Log: zerolog.Nop(), Registerer: prometheus.NewRegistry()}); err != nil {
		t.Fatalf("after Close: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(cfg.Dir + "/spool-id"); err != nil {
		t.Fatal(err)
	}
}

// After kill -9 only the kernel has the last records. They are durable before they are handed out.
func TestRecordsOfAKilledProcessAreSyncedFirst(t *testing.T) {
	cfg := testConfig()
	cfg.Sync = SyncInterval
	m := newMemory()
	if _, err := mustOpen(t, cfg, m).Append(batch("x")); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, cfg, m) // the first one was killed
	if r, err := poll(s); err != nil || string(r.Batch.Frames) != "x" {
		t.Fatalf("next = %q, %v", r.Batch.Frames, err)
	}
	for _, n := range m.names {
		n.data = slices.Clone(n.synced) // the power goes
	}
	s = mustOpen(t, cfg, m)
	if r, err := poll(s); err != nil || string(r.Batch.Frames) != "x" {
		t.Fatalf("after the power cut next = %q, %v", r.Batch.Frames, err)
	}
}

// The position does not speak of what is not synced: losing that is no damage.
func TestAnUnsyncedTailIsNoDamage(t *testing.T) {
	cfg := testConfig()
	cfg.Sync = SyncInterval
	m := newMemory()
	s := mustOpen(t, cfg, m)
	for _, text := range []string{"synced", "not synced"} {
		s.upkeep()
		if _, err := s.Append(batch(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.savePosition(); err != nil {
		t.Fatal(err)
	}
	n := m.names[segmentName(1)]
	n.data = n.data[:len(n.data)-3]
	s = mustOpen(t, cfg, m)
	got := drain(t, mustOpen(t, testConfig(), m))
	if st := s.Stats(); st.DroppedBatches != 0 || got[1] != "synced" || counted(t, s.metrics.tornBytes) == 0 {
		t.Fatalf("%+v, got %v", st, got)
	}
}

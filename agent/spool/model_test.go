package spool

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"pgregory.net/rapid"
)

func testConfig() Config {
	c := DefaultConfig()
	c.Dir, c.SegmentBytes, c.MaxBytes, c.MinFree = "memory", 400, 1<<20, 0
	return c
}

func openMemory(cfg Config, m *memory) (*Spool, error) {
	return open(cfg, Deps{Log: zerolog.Nop(), Registerer: prometheus.NewRegistry()}, m)
}

func batch(text string) point.Batch {
	return point.Batch{Frames: []byte(text), Points: len(text), Raw: 2 * len(text)}
}

// poll is Next without waiting.
func poll(s *Spool) (Record, error) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return s.Next(ctx)
}

// model is what must be true of a spool whatever happens to it.
type model struct {
	t       *rapid.T
	cfg     Config
	disk    *memory
	spool   *Spool
	made    int
	acked   map[string]bool   // stored, says Append
	handed  map[uint64]string // by name; a name never changes its meaning
	seen    map[string]bool
	names   map[string]uint64 // spool-ids never change here
	last    uint64            // handed out since the last start
	dropped int               // counted in all lives
}

func (m *model) open() {
	s, err := openMemory(m.cfg, m.disk)
	if err != nil {
		m.t.Fatalf("open: %v", err)
	}
	m.spool, m.last = s, 0
	m.names[s.ID()]++
}

// leave adds up what this life of the spool has counted.
func (m *model) leave() { m.dropped += int(m.spool.Stats().DroppedBatches) }

func (m *model) append() {
	m.made++
	text := fmt.Sprintf("batch %d %0*d", m.made, rapid.IntRange(1, 150).Draw(m.t, "size"), 0)
	if _, err := m.spool.Append(batch(text)); err == nil {
		m.acked[text] = true
	}
}

func (m *model) read() {
	r, err := poll(m.spool)
	if err != nil {
		if !errors.Is(err, context.Canceled) && !errors.Is(err, errPower) {
			m.t.Fatalf("next: %v", err)
		}
		return
	}
	text := string(r.Batch.Frames)
	if r.Sequence <= m.last {
		m.t.Fatalf("%d came after %d", r.Sequence, m.last)
	}
	if before, ok := m.handed[r.Sequence]; ok && before != text {
		m.t.Fatalf("sequence %d was %q and is %q", r.Sequence, before, text)
	}
	if r.Batch.Points != len(text) || r.Batch.Raw != 2*len(text) {
		m.t.Fatalf("sequence %d: points %d, raw %d for %d bytes", r.Sequence, r.Batch.Points, r.Batch.Raw, len(text))
	}
	m.last, m.handed[r.Sequence], m.seen[text] = r.Sequence, text, true
}

func (m *model) commit() {
	if m.last > 0 {
		m.spool.Commit(m.last - uint64(rapid.IntRange(0, int(min(4, m.last-1))).Draw(m.t, "behind")))
	}
}

func (m *model) reopen() {
	m.leave()
	if err := m.spool.Close(); err != nil && !errors.Is(err, errPower) {
		m.t.Fatalf("close: %v", err)
	}
	m.open()
}

func (m *model) crash() {
	m.leave()
	seed := rapid.Uint64().Draw(m.t, "crash")
	m.disk = m.disk.afterCrash(rand.New(rand.NewPCG(seed, 1)))
	m.open()
}

// kill ends the process, and only that: the kernel still has everything, synced or not.
func (m *model) kill() {
	m.leave()
	m.open()
}

// powerCut lets the disk die in the middle of the operations to come.
func (m *model) powerCut() {
	m.disk.crashAt = m.disk.steps + rapid.IntRange(1, 12).Draw(m.t, "steps")
	for range rapid.IntRange(1, 6).Draw(m.t, "operations") {
		rapid.SampledFrom([]func(){m.append, m.append, m.read, m.commit, m.spool.upkeep}).Draw(m.t, "operation")()
	}
	m.crash()
}

// crashInOpen loses power while the spool recovers, then again and again.
func (m *model) crashInOpen() {
	m.leave()
	seed := rapid.Uint64().Draw(m.t, "crash")
	r := rand.New(rand.NewPCG(seed, 2))
	m.disk = m.disk.afterCrash(r)
	for step := 1; ; step++ {
		m.disk.crashAt = step
		s, err := openMemory(m.cfg, m.disk)
		if s != nil {
			m.dropped += int(s.Stats().DroppedBatches)
		}
		if err == nil && m.disk.steps < step {
			break
		}
		m.disk = m.disk.afterCrash(r)
	}
	m.disk.crashAt = 0
	m.open()
}

// settle reads what is left, after one more start, and compares.
func (m *model) settle() {
	m.reopen()
	for before := -1; before < len(m.handed)+int(m.last); {
		before = len(m.handed) + int(m.last)
		m.read()
	}
	m.append() // a new segment lets the reader leave the last one and count what is missing in it
	m.read()
	m.read()
	m.leave()
	missing := 0
	for text := range m.acked {
		if !m.seen[text] {
			missing++
		}
	}
	if missing > m.dropped {
		m.t.Fatalf("%d of %d acknowledged batches never came out, %d are counted", missing, len(m.acked), m.dropped)
	}
	if len(m.names) != 1 {
		m.t.Fatalf("the spool changed its name: %v", m.names)
	}
}

func newModel(t *rapid.T) *model {
	m := &model{
		t: t, cfg: testConfig(), disk: newMemory(), acked: map[string]bool{}, handed: map[uint64]string{},
		seen: map[string]bool{}, names: map[string]uint64{},
	}
	m.open()
	return m
}

func (m *model) run() {
	m.t.Repeat(map[string]func(*rapid.T){
		"append":      func(*rapid.T) { m.append() },
		"appendMore":  func(*rapid.T) { m.append(); m.append() },
		"read":        func(*rapid.T) { m.read() },
		"readMore":    func(*rapid.T) { m.read(); m.read() },
		"commit":      func(*rapid.T) { m.commit() },
		"upkeep":      func(*rapid.T) { m.spool.upkeep() },
		"reopen":      func(*rapid.T) { m.reopen() },
		"crash":       func(*rapid.T) { m.crash() },
		"kill":        func(*rapid.T) { m.kill() },
		"powerCut":    func(*rapid.T) { m.powerCut() },
		"crashInOpen": func(*rapid.T) { m.crashInOpen() },
	})
	m.settle()
}

func TestNothingAcknowledgedIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t)
		m.run()
		if m.dropped != 0 {
			t.Fatalf("%d batches counted as lost, below the cap and on a disk that keeps what it synced", m.dropped)
		}
	})
}

func TestWhatTheCapCostsIsCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t)
		m.cfg.MaxBytes = 1000
		m.reopen()
		m.run()
	})
}

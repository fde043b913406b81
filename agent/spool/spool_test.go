package spool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

func openDir(t testing.TB, edit func(*Config)) *Spool {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Dir, cfg.MinFree = t.TempDir(), 0
	if edit != nil {
		edit(&cfg)
	}
	s, err := Open(cfg, Deps{Log: zerolog.Nop(), Registerer: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// compressed is a batch as an input makes it: frames of line protocol, here two.
func compressed(t testing.TB, lines ...string) point.Batch {
	t.Helper()
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := point.Batch{Points: len(lines)}
	for _, part := range [][]string{lines[:len(lines)/2], lines[len(lines)/2:]} {
		text := strings.Join(part, "")
		b.Frames = enc.EncodeAll([]byte(text), b.Frames)
		b.Raw += len(text)
	}
	return b
}

// written fills a spool with batches and returns its segments and the text that is in them.
func written(t *testing.T) (segments []string, text string) {
	s := openDir(t, func(c *Config) { c.SegmentBytes = 600 })
	for i := range 20 {
		lines := []string{
			fmt.Sprintf("reach,agent=hn,device=r%d up=true %d\n", i, i),
			fmt.Sprintf("interface,agent=hn,device=r%d,ifname=xe\\ 1 in_octets=%du %d\n", i, i*i, i),
		}
		text += strings.Join(lines, "")
		if _, err := s.Append(compressed(t, lines...)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	segments, err := filepath.Glob(filepath.Join(s.cfg.Dir, "*"+segmentSuffix))
	if err != nil || len(segments) < 3 {
		t.Fatalf("segments %v, %v", segments, err)
	}
	return segments, text
}

func TestASegmentIsAZstdStream(t *testing.T) {
	segments, want := written(t)
	var got bytes.Buffer
	for _, name := range segments {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		dec, err := zstd.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&got, dec); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		dec.Close()
		_ = f.Close()
	}
	if got.String() != want {
		t.Fatalf("got %q, want %q", got.String(), want)
	}
}

func TestManyWritersShareASyncAndKeepOrder(t *testing.T) {
	s := openDir(t, func(c *Config) { c.SegmentBytes, c.MaxBytes = 4<<10, 8<<20 })
	const writers, each = 16, 40
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if _, err := s.Append(batch(fmt.Sprintf("%d %d", w, i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	next, last := make([]int, writers), uint64(0)
	for range writers * each {
		r, err := s.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var w, i int
		if _, err := fmt.Sscanf(string(r.Batch.Frames), "%d %d", &w, &i); err != nil {
			t.Fatal(err)
		}
		if r.Sequence <= last || next[w] != i {
			t.Fatalf("sequence %d after %d: writer %d sends %d, want %d", r.Sequence, last, w, i, next[w])
		}
		last, next[w] = r.Sequence, i+1
		s.Commit(r.Sequence)
	}
	wg.Wait()
	if st := s.Stats(); st.PendingBatches != 0 || st.PendingPoints != 0 || st.DroppedBatches != 0 || st.Bytes > 2*4<<10 {
		t.Fatalf("after everything is committed: %+v", st)
	}
}

// Writers overrun a reader that is slower than the cap allows: order holds, and what is not read is counted.
func TestDroppingBesideReading(t *testing.T) {
	s := openDir(t, func(c *Config) { c.SegmentBytes, c.MaxBytes = 2<<10, 6<<10 })
	const writers, each = 4, 150
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				if _, err := s.Append(batch(strings.Repeat("x", 100))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	ended := make(chan struct{})
	go func() { wg.Wait(); close(ended) }()
	read, last := 0, uint64(0)
	for done := false; !done; {
		r, err := poll(s)
		switch {
		case err == nil && r.Sequence <= last:
			t.Fatalf("%d came after %d", r.Sequence, last)
		case err == nil:
			s.Commit(last) // the newest stays uncommitted
			read, last = read+1, r.Sequence
		case errors.Is(err, context.Canceled):
			select {
			case <-ended:
				done = s.Stats().PendingBatches <= 1
			default:
			}
		default:
			t.Fatal(err)
		}
	}
	s.Commit(last)
	st := s.Stats()
	if st.PendingBatches != 0 || read+int(st.DroppedBatches) < writers*each || st.Bytes > 6<<10 {
		t.Errorf("%d read of %d: %+v", read, writers*each, st)
	}
}

// slowDisk makes fsync take a second, so that a test can see who waits for whom.
func slowDisk(m *memory) *memory {
	m.fail = func(op, _ string) error {
		if op == "sync" {
			m.mu.Unlock()
			time.Sleep(time.Second) // in a synctest bubble: no time passes
			m.mu.Lock()
		}
		return nil
	}
	return m
}

func TestGroupCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.SegmentBytes = 4000
		s := mustOpen(t, cfg, slowDisk(newMemory()))
		start := time.Now()
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				if _, err := s.Append(batch(fmt.Sprint(i))); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("ten batches took %v, want two syncs: one with the first batch, one with the others", took)
		}
	})
}

func TestNextSeesSyncedBatchesOnly(t *testing.T) {
	cfg := testConfig()
	cfg.Sync = SyncInterval
	s := mustOpen(t, cfg, newMemory())
	if _, err := s.Append(batch("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := poll(s); !errors.Is(err, context.Canceled) {
		t.Fatalf("an unsynced batch is readable: %v", err)
	}
	s.upkeep()
	if _, err := poll(s); err != nil {
		t.Fatal(err)
	}
}

func TestRunSyncsAndSaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Sync = SyncInterval
		m := newMemory()
		s := mustOpen(t, cfg, m)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		if _, err := s.Append(batch("x")); err != nil {
			t.Fatal(err)
		}
		r, err := s.Next(ctx) // waits for the tick
		if err != nil {
			t.Fatal(err)
		}
		s.Commit(r.Sequence)
		time.Sleep(2 * cfg.SyncInterval.D())
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		s.Stats()
		if s.pos.committed != r.Sequence {
			t.Fatalf("saved %d, want %d", s.pos.committed, r.Sequence)
		}
	})
}

func TestClose(t *testing.T) {
	s := openDir(t, nil)
	waiting := make(chan error)
	go func() {
		_, err := s.Next(context.Background())
		waiting <- err
	}()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-waiting; !errors.Is(err, ErrClosed) {
		t.Fatalf("next = %v", err)
	}
	if _, err := s.Append(batch("x")); !errors.Is(err, ErrClosed) {
		t.Fatalf("append = %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatalf("second close: %v", err)
	}
}

func TestSequenceGoesOnAfterEverythingWasShipped(t *testing.T) {
	m := newMemory()
	for want := uint64(1); want < 6; want++ {
		s := mustOpen(t, testConfig(), m)
		seq, err := s.Append(batch("x"))
		if err != nil || seq != want {
			t.Fatalf("append = %d, %v; want %d", seq, err, want)
		}
		if r, err := poll(s); err != nil || r.Sequence != want {
			t.Fatalf("next = %d, %v", r.Sequence, err)
		}
		s.Commit(seq)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if left := m.segments(); len(left) != 1 {
		t.Fatalf("segments left: %v", left)
	}
}

func TestTheCapDropsTheOldestAndCounts(t *testing.T) {
	cfg := testConfig()
	cfg.MaxBytes = 1000
	s := mustOpen(t, cfg, newMemory())
	const n = 40
	for i := range n {
		if _, err := s.Append(batch(fmt.Sprintf("batch %2d", i))); err != nil {
			t.Fatal(err)
		}
		if b := s.Stats().Bytes; b > int64(cfg.MaxBytes) {
			t.Fatalf("%d bytes, cap %d", b, cfg.MaxBytes)
		}
	}
	st := s.Stats()
	if st.PendingBatches+int(st.DroppedBatches) != n || st.DroppedPoints != 8*st.DroppedBatches || st.DroppedBatches == 0 {
		t.Fatalf("%+v", st)
	}
	if got := counted(t, s.metrics.droppedPoints.WithLabelValues(reasonCap)); uint64(got) != st.DroppedPoints {
		t.Fatalf("metric %v, stats %+v", got, st)
	}
	r, err := poll(s)
	if err != nil || string(r.Batch.Frames) != fmt.Sprintf("batch %2d", st.DroppedBatches) {
		t.Fatalf("oldest is %q, %v", r.Batch.Frames, err)
	}
}

func TestAppendRefusesWhatNoSegmentHolds(t *testing.T) {
	s := mustOpen(t, testConfig(), newMemory())
	_, err := s.Append(batch(strings.Repeat("x", 400)))
	if err == nil || !strings.Contains(err.Error(), "a batch of 400 bytes: want at most 352") {
		t.Fatalf("append = %v", err)
	}
}

func TestRejectKeepsTheBatchReadable(t *testing.T) {
	s := openDir(t, nil)
	if _, err := s.Append(compressed(t, "a b=1 2\n", "c d=1 2\n")); err != nil {
		t.Fatal(err)
	}
	r, err := s.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range rejectedKeep + 3 {
		if err := s.Reject(r, "413 Request Entity Too Large"); err != nil {
			t.Fatal(err)
		}
		r.Sequence++
	}
	files, err := filepath.Glob(filepath.Join(s.cfg.Dir, rejected, "*"))
	if err != nil || len(files) != rejectedKeep {
		t.Fatalf("%d files, %v; want the newest %d", len(files), err, rejectedKeep)
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	dec, err := zstd.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	if text, err := io.ReadAll(dec); err != nil || string(text) != "a b=1 2\nc d=1 2\n" {
		t.Fatalf("%q, %v", text, err)
	}
	if !bytes.Contains(raw, []byte("413 Request")) {
		t.Fatal("the reason is not in the file")
	}
}

func TestManyRejectAtATime(t *testing.T) {
	s := openDir(t, nil)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range rejectedKeep {
				if err := s.Reject(Record{Sequence: uint64(1 + i*8 + w), Batch: batch("x")}, "never"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	files, err := os.ReadDir(filepath.Join(s.cfg.Dir, rejected))
	if err != nil || len(files) != rejectedKeep {
		t.Errorf("%d files, %v; want %d", len(files), err, rejectedKeep)
	}
}

func TestInspect(t *testing.T) {
	segments, _ := written(t)
	dir := filepath.Dir(segments[0])
	raw, err := os.ReadFile(segments[1])
	if err != nil {
		t.Fatal(err)
	}
	raw[headerBytes+3] ^= 1
	if err := os.WriteFile(segments[1], raw, 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := Inspect(dir, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"spool-id ", "committed 0", filepath.Base(segments[0]), "whole", "damaged: 1 batches"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if err := Inspect(filepath.Join(dir, "none"), io.Discard); err == nil {
		t.Error("a missing folder is no error")
	}
}

func TestConfigMistakes(t *testing.T) {
	for want, edit := range map[string]func(*Config){
		"spool.dir: missing":                       func(c *Config) { c.Dir = "" },
		`spool.sync: "never": want always`:         func(c *Config) { c.Sync = "never" },
		"spool.sync_interval: 0s":                  func(c *Config) { c.SyncInterval = 0 },
		"spool.segment_bytes: 100: want at most h": func(c *Config) { c.SegmentBytes, c.MaxBytes = 100, conf.Bytes(199) },
	} {
		cfg := testConfig()
		edit(&cfg)
		if _, err := Open(cfg, Deps{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestCheckLooksAtTheFolderAndChangesNothing(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		dir:                          "",
		filepath.Join(dir, "a", "b"): "",
		file:                         "spool.dir: " + file + " is not a folder",
		filepath.Join(file, "spool"): "spool.dir: stat " + file + "/spool: not a directory",
	} {
		err := Config{Dir: path}.Check()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}

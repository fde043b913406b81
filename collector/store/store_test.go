package store

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
)

const ttl = time.Minute

func open(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(context.Background(), Config{Path: path, Partitions: 4}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func openNew(t testing.TB) *Store {
	return open(t, filepath.Join(t.TempDir(), "store.db"))
}

func acquire(t testing.TB, s *Store, partition int, owner string) Lease {
	t.Helper()
	l, ok, err := s.Acquire(context.Background(), partition, owner, ttl)
	if err != nil || !ok {
		t.Fatalf("acquire: %v, %v", ok, err)
	}
	return l
}

func commit(t testing.TB, s *Store, c Checkpoint) {
	t.Helper()
	if err := s.Commit(context.Background(), c); err != nil {
		t.Fatal(err)
	}
}

func TestCheckpointIsReadBack(t *testing.T) {
	ctx, s := context.Background(), openNew(t)
	l := acquire(t, s, 2, "a")
	if seq, spools, err := s.Load(ctx, 2); seq != 0 || spools != nil || err != nil {
		t.Fatal("new partition:", seq, spools, err)
	}
	commit(t, s, Checkpoint{
		Lease: l, LogSeq: 7, Spools: []byte("windows"),
		Blocks: []Block{{Day: 100, Hour: WholeDay, Data: []byte("x")}, {Day: 100, Hour: 3, Data: []byte("y")}, {Day: 101}},
	})
	blocks, err := s.Blocks(ctx, 2, 100)
	if diff := cmp.Diff([]Block{{2, 100, 3, []byte("y")}, {2, 100, WholeDay, []byte("x")}}, blocks); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	if seq, spools, err := s.Load(ctx, 2); seq != 7 || string(spools) != "windows" || err != nil {
		t.Fatal(seq, spools, err)
	}
	commit(t, s, Checkpoint{
		Lease: l, LogSeq: 1 << 62, Drop: []int32{100},
		Blocks: []Block{{Day: 100, Hour: 4, Data: []byte("z")}},
		Days:   []DayChunk{{Day: 100, Data: []byte("chunk"), Revision: 1, ClosedAt: 99}},
	})
	blocks, err = s.Blocks(ctx, 2, 100)
	if diff := cmp.Diff([]Block{{2, 100, 4, []byte("z")}}, blocks); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	if seq, _, err := s.Load(ctx, 2); seq != 1<<62 || err != nil {
		t.Fatal(seq, err)
	}
}

func TestCommitRefuses(t *testing.T) {
	ctx, s := context.Background(), openNew(t)
	l := acquire(t, s, 0, "a")
	commit(t, s, Checkpoint{Lease: l, LogSeq: 5})
	stale := l
	l = acquire(t, s, 0, "a")
	for name, test := range map[string]struct {
		c    Checkpoint
		want string
	}{
		"older epoch":     {Checkpoint{Lease: stale, LogSeq: 6}, ErrFenced.Error()},
		"other owner":     {Checkpoint{Lease: Lease{0, "b", l.Epoch}, LogSeq: 6}, ErrFenced.Error()},
		"other partition": {Checkpoint{Lease: Lease{1, "a", l.Epoch}, LogSeq: 6}, ErrFenced.Error()},
		"going back":      {Checkpoint{Lease: l, LogSeq: 4}, "below the committed one"},
		"hour":            {Checkpoint{Lease: l, LogSeq: 6, Blocks: []Block{{Day: 1}, {Day: 1, Hour: 25}}}, "hour 25, want 0 to 24"},
	} {
		err := s.Commit(ctx, test.c)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
		if want := test.want == ErrFenced.Error(); errors.Is(err, ErrFenced) != want {
			t.Errorf("%s: is ErrFenced: %v", name, !want)
		}
	}
	if seq, _, err := s.Load(ctx, 0); seq != 5 || err != nil {
		t.Error(seq, err)
	}
	if blocks, err := s.Blocks(ctx, 0, 1); len(blocks) != 0 || err != nil {
		t.Error(blocks, err)
	}
}

func TestViewShowsOneInstant(t *testing.T) {
	ctx, s := context.Background(), openNew(t)
	a, b := acquire(t, s, 0, "a"), acquire(t, s, 1, "a")
	commit(t, s, Checkpoint{Lease: a, Blocks: []Block{{Day: 10}, {Day: 12}}, Days: []DayChunk{{Day: 10, Revision: 1, ClosedAt: 5}}})
	commit(t, s, Checkpoint{Lease: b, Blocks: []Block{{Day: 11}}, Days: []DayChunk{{Day: 9, Revision: 2, ClosedAt: 6}}})
	err := s.View(ctx, func(v *View) error {
		before, err := v.Days(9, 12)
		if err != nil {
			return err
		}
		commit(t, s, Checkpoint{Lease: a, LogSeq: 1, Drop: []int32{10}, Days: []DayChunk{{Day: 11, Data: []byte("late"), Revision: 1}}})
		after, err := v.Days(9, 12)
		want := []DayState{
			{Partition: 1, Day: 9, Closed: true, Revision: 2, ClosedAt: 6},
			{Partition: 0, Day: 10, Open: true, Closed: true, Revision: 1, ClosedAt: 5},
			{Partition: 1, Day: 11, Open: true},
		}
		if diff := cmp.Diff(want, before) + cmp.Diff(want, after); diff != "" {
			t.Error(diff)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var chunks []DayChunk
	var blocks []Block
	err = s.View(ctx, func(v *View) error {
		return errors.Join(
			v.Chunks(10, 12, func(c DayChunk) error { chunks = append(chunks, c); return nil }),
			v.Blocks(0, 100, func(b Block) error { blocks = append(blocks, b); return nil }))
	})
	wantChunks := []DayChunk{{Day: 10, Revision: 1, ClosedAt: 5}, {Day: 11, Data: []byte("late"), Revision: 1}}
	wantBlocks := []Block{{Day: 12}, {Partition: 1, Day: 11}}
	if diff := cmp.Diff(wantChunks, chunks) + cmp.Diff(wantBlocks, blocks); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestViewPassesErrorsOn(t *testing.T) {
	s := openNew(t)
	commit(t, s, Checkpoint{Lease: acquire(t, s, 0, "a"), Days: []DayChunk{{Day: 1}, {Day: 2}}})
	stop, calls := errors.New("stop"), 0
	err := s.View(context.Background(), func(v *View) error {
		return v.Chunks(0, 9, func(DayChunk) error { calls++; return stop })
	})
	if !errors.Is(err, stop) || calls != 1 {
		t.Fatal(calls, err)
	}
}

func TestFirstSightOfADeviceWins(t *testing.T) {
	ctx, s := context.Background(), openNew(t)
	other := open(t, s.path) // as another process would
	first, err := s.Claim(ctx, 1, []string{"hni-olt-1", "hcm-olt-1", "hni-olt-1"})
	if diff := cmp.Diff(map[string]int{"hni-olt-1": 1, "hcm-olt-1": 1}, first); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	second, err := other.Claim(ctx, 2, []string{"hcm-olt-1", "huế-olt-1"})
	if diff := cmp.Diff(map[string]int{"hcm-olt-1": 1, "huế-olt-1": 2}, second); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	all, err := s.AllDevices(ctx)
	if diff := cmp.Diff(map[string]int{"hni-olt-1": 1, "hcm-olt-1": 1, "huế-olt-1": 2}, all); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	if _, err := s.Claim(ctx, 4, []string{"x"}); err == nil {
		t.Fatal("claimed for a partition that does not exist")
	}
}

func TestClaimsFromTwoProcessesAgree(t *testing.T) {
	ctx, s := context.Background(), openNew(t)
	stores := []*Store{s, open(t, s.path)}
	names := make([]string, 200)
	for i := range names {
		names[i] = "device-" + strconv.Itoa(i)
	}
	results := make([]map[string]int, 8)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() {
			results[i] = map[string]int{}
			for part := range slices.Chunk(names, 20) {
				got, err := stores[i%2].Claim(ctx, i%4, part)
				if err != nil {
					t.Error(err)
				}
				maps.Copy(results[i], got)
			}
		})
	}
	wg.Wait()
	for _, r := range results[1:] {
		if diff := cmp.Diff(results[0], r); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestMeta(t *testing.T) {
	ctx, s := context.Background(), openNew(t)
	if created, ok, err := s.Meta(ctx, "created_at_ms"); !ok || err != nil || len(created) != 13 {
		t.Fatal(created, ok, err)
	}
	if _, ok, err := s.Meta(ctx, "tower"); ok || err != nil {
		t.Fatal(ok, err)
	}
	for _, want := range []string{"lit", "dark"} {
		if err := s.SetMeta(ctx, "tower", want); err != nil {
			t.Fatal(err)
		}
		if got, _, err := s.Meta(ctx, "tower"); got != want || err != nil {
			t.Fatal(got, err)
		}
	}
}

func TestEverythingIsSynced(t *testing.T) {
	s := openNew(t)
	for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1"} {
		var got string
		if err := s.w.QueryRow("PRAGMA " + pragma).Scan(&got); got != want || err != nil {
			t.Errorf("%s is %s, want %s (%v)", pragma, got, want, err)
		}
	}
}

func TestPartitionsAreFixed(t *testing.T) {
	ctx, s := context.Background(), openNew(t)
	same, err := Open(ctx, Config{Path: s.path}, nil)
	if err != nil || same.Partitions() != 4 {
		t.Fatal(err)
	}
	if err := same.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, Config{Path: s.path, Partitions: 8}, nil); err == nil || !strings.Contains(err.Error(), "made with 4 partitions") {
		t.Fatal(err)
	}
	fresh, err := Open(ctx, Config{Path: filepath.Join(t.TempDir(), "new.db")}, nil)
	if err != nil || fresh.Partitions() != DefaultPartitions {
		t.Fatal(err)
	}
	if err := fresh.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestManyOpenANewStoreAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "with space & 100%.db")
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			s, err := Open(context.Background(), Config{Path: path, Partitions: 4}, nil)
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestReadOnly(t *testing.T) {
	ctx, s := context.Background(), openNew(t)
	commit(t, s, Checkpoint{Lease: acquire(t, s, 0, "a"), LogSeq: 3})
	r, err := Open(ctx, Config{Path: s.path, ReadOnly: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if seq, _, err := r.Load(ctx, 0); seq != 3 || err != nil || r.Partitions() != 4 {
		t.Error(seq, err)
	}
	if err := r.SetMeta(ctx, "a", "b"); err == nil {
		t.Error("wrote")
	}
	missing := filepath.Join(t.TempDir(), "missing.db")
	if _, err := Open(ctx, Config{Path: missing, ReadOnly: true}, nil); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("made a file")
	}
}

func TestOpenRefuses(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	newer := open(t, filepath.Join(dir, "newer.db"))
	if _, err := newer.w.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(dir, "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		cfg  Config
		want string
	}{
		"newer":           {Config{Path: newer.path}, "newer program: it has schema 999, this program knows up to"},
		"newer read-only": {Config{Path: newer.path, ReadOnly: true}, "newer program"},
		"not a database":  {Config{Path: text}, "text.db"},
		"no path":         {Config{}, "no path given"},
		"directory":       {Config{Path: filepath.Join(dir, "none", "x.db")}, "none"},
		"empty read-only": {Config{Path: empty, ReadOnly: true}, "schema version"},
	} {
		s, err := Open(ctx, test.cfg, nil)
		if err == nil {
			_ = s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}

func TestMetrics(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	s, err := Open(context.Background(), Config{Path: filepath.Join(t.TempDir(), "store.db")}, reg)
	if err != nil {
		t.Fatal(err)
	}
	l := acquire(t, s, 0, "a")
	commit(t, s, Checkpoint{Lease: l, Blocks: []Block{{Data: make([]byte, 10)}}, Days: []DayChunk{{Data: make([]byte, 5)}}})
	_ = s.Commit(context.Background(), Checkpoint{})
	_ = s.Commit(context.Background(), Checkpoint{Lease: l, Blocks: []Block{{Hour: 99}}})
	got := map[string]float64{}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, label := range m.GetLabel() {
				name += " " + label.GetValue()
			}
			got[name] = m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	if got["haidang_store_size_bytes"] == 0 {
		t.Error("no size")
	}
	delete(got, "haidang_store_size_bytes")
	want := map[string]float64{
		"haidang_store_commits_total ok": 1, "haidang_store_commits_total fenced": 1, "haidang_store_commits_total error": 1,
		"haidang_store_commit_bytes_total": 15, "haidang_store_commit_duration_seconds": 3,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left, err := reg.Gather(); len(left) != 0 || err != nil {
		t.Error(left, err)
	}
}

package store

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
)

const ttl = time.Minute

func open(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(context.Background(), Config{Path: path, Partitions: 4}, prometheus.NewRegistry())
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

func TestCheckpointIsReadBack(t *testing.T) {
	ctx, s := context.Background(), openNew(t)
	l := acquire(t, s, 2, "a")
	first := Checkpoint{
		Lease: l, LogSeq: 7, Spools: []byte("windows"),
		Blocks: []Block{{Day: 20000, Hour: 3, Data: []byte("x")}, {Day: 20000, Hour: WholeDay, Data: []byte("y")}, {Day: 20001, Data: nil}},
	}
	second := Checkpoint{
		Lease: l, LogSeq: 9, Drop: []int32{20000},
		Blocks: []Block{{Day: 20000, Hour: 4, Data: []byte("z")}},
		Days:   []DayChunk{{Day: 20000, Data: []byte("chunk"), Revision: 1, ClosedAt: 99}},
	}
	for _, c := range []Checkpoint{first, second} {
		if err := s.Commit(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	seq, spools, err := s.Load(ctx, 2)
	if err != nil || seq != 9 || len(spools) != 0 {
		t.Fatalf("position %d %q %v", seq, spools, err)
	}
	blocks, err := s.Blocks(ctx, 2, 20000)
	if diff := cmp.Diff([]Block{{2, 20000, 4, []byte("z")}}, blocks); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
}

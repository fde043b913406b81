package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestLeaseEndsByTheDatabasesClock(t *testing.T) {
	ctx, s := context.Background(), openNew(t)
	start := time.Now()
	if _, ok, err := s.Acquire(ctx, 0, "a", 50*time.Millisecond); !ok || err != nil {
		t.Fatal(ok, err)
	}
	for {
		l, ok, err := s.Acquire(ctx, 0, "b", ttl)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			if took := time.Since(start); took < 49*time.Millisecond || l.Epoch != 2 {
				t.Fatalf("epoch %d after %v", l.Epoch, took)
			}
			return
		}
	}
}

func TestLeaseArguments(t *testing.T) {
	ctx, s := context.Background(), openNew(t)
	for _, p := range []int{-1, 4} {
		if _, _, err := s.Acquire(ctx, p, "a", ttl); err == nil || !strings.Contains(err.Error(), "store has 0 to 3") {
			t.Error(err)
		}
	}
	if _, _, err := s.Acquire(ctx, 0, "", ttl); err == nil {
		t.Error("acquired for nobody")
	}
}

// Leases behave as the model says, whoever does what in which order and however time passes.
func TestLeasesFollowTheModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		s, err := Open(context.Background(), Config{Path: filepath.Join(dir, "s.db"), Partitions: 1}, nil)
		if err != nil {
			rt.Fatal(err)
		}
		defer s.Close()
		s.now = `(SELECT CAST(value AS BIGINT) FROM meta WHERE key = 'now')`
		m := &leaseModel{store: s}
		m.pass(rt)
		rt.Repeat(map[string]func(*rapid.T){
			"acquire": m.acquire, "renew": m.renew, "release": m.release, "commit": m.commit, "pass": m.pass,
		})
	})
}

type leaseModel struct {
	store   *Store
	now     int64
	owner   string // of the lease in force or run out; empty: released
	epoch   uint64
	expires int64
	seq     uint64
	given   []Lease // every lease ever given out
}

const modelTTL = 6 * time.Second

func (m *leaseModel) pass(rt *rapid.T) {
	m.now += rapid.SampledFrom([]int64{0, 1, 2000, 5999, 6000, 6001}).Draw(rt, "ms")
	if err := m.store.SetMeta(context.Background(), "now", strconv.FormatInt(m.now, 10)); err != nil {
		rt.Fatal(err)
	}
}

func (m *leaseModel) acquire(rt *rapid.T) {
	owner := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "owner")
	l, ok, err := m.store.Acquire(context.Background(), 0, owner, modelTTL)
	if want := m.epoch == 0 || m.expires <= m.now || m.owner == owner; ok != want || err != nil {
		rt.Fatalf("acquire by %s: %v %v, want %v", owner, ok, err, want)
	}
	if !ok {
		return
	}
	m.owner, m.epoch, m.expires = owner, m.epoch+1, m.now+modelTTL.Milliseconds()
	if want := (Lease{0, owner, m.epoch}); l != want {
		rt.Fatalf("got %+v, want %+v", l, want)
	}
	m.given = append(m.given, l)
}

// with draws a lease that was given out at some time and says whether it still counts.
func (m *leaseModel) with(rt *rapid.T, use func(Lease) error) bool {
	if len(m.given) == 0 {
		return false
	}
	l := rapid.SampledFrom(m.given).Draw(rt, "lease")
	mine := l.Owner == m.owner && l.Epoch == m.epoch
	err := use(l)
	if mine && err != nil || !mine && !errors.Is(err, ErrFenced) {
		rt.Fatalf("%+v: %v, want fenced: %v", l, err, !mine)
	}
	return mine
}

func (m *leaseModel) renew(rt *rapid.T) {
	if m.with(rt, func(l Lease) error { return m.store.Renew(context.Background(), l, modelTTL) }) {
		m.expires = m.now + modelTTL.Milliseconds()
	}
}

func (m *leaseModel) release(rt *rapid.T) {
	if m.with(rt, func(l Lease) error { return m.store.Release(context.Background(), l) }) {
		m.owner, m.expires = "", 0
	}
}

func (m *leaseModel) commit(rt *rapid.T) {
	c := Checkpoint{LogSeq: m.seq + 1, Blocks: []Block{{Data: fmt.Append(nil, m.seq+1)}}}
	if m.with(rt, func(l Lease) error { c.Lease = l; return m.store.Commit(context.Background(), c) }) {
		m.seq++
	}
	seq, _, err := m.store.Load(context.Background(), 0)
	if seq != m.seq || err != nil {
		rt.Fatalf("log sequence %d %v, want %d", seq, err, m.seq)
	}
}

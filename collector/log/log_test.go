package log

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/internal/point"
)

func embedded(dir string) Config {
	return Config{Partitions: 2, MaxBytes: 128 << 20, Dir: dir, MinFree: 1}
}

func open(t testing.TB, cfg Config) *Log {
	t.Helper()
	l, err := Open(t.Context(), cfg, zerolog.New(zerolog.NewTestWriter(t)), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func message(i int) Message {
	return Message{
		ID: fmt.Sprintf("spool/%d", i), Principal: "agent-hà-nội", Received: int64(i), Relayed: i%2 == 0,
		Batch: point.Batch{Frames: fmt.Appendf(nil, "frame %d", i), Points: i, Raw: 2 * i},
	}
}

func publish(t testing.TB, l *Log, partition, from, to int) {
	t.Helper()
	for i := from; i <= to; i++ {
		if err := l.Publish(t.Context(), partition, message(i)); err != nil {
			t.Fatal(err)
		}
	}
}

// readTo reads from a sequence until it has the message with sequence to.
func readTo(t testing.TB, l *Log, partition int, from, to uint64) (got []Message) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	next := from
	err := l.Read(ctx, partition, from, func(seq uint64, m Message) error {
		if seq != next {
			t.Errorf("got sequence %d, want %d", seq, next)
		}
		next++
		got = append(got, m)
		if seq == to {
			cancel()
		}
		return nil
	})
	if next != to+1 {
		t.Fatalf("read up to %d, want %d: %v", next-1, to, err)
	}
	return got
}

func TestPublishedIsRead(t *testing.T) {
	l := open(t, embedded(t.TempDir()))
	publish(t, l, 1, 1, 5)
	if diff := cmp.Diff([]Message{message(3), message(4), message(5)}, readTo(t, l, 1, 3, 5)); diff != "" {
		t.Fatal(diff)
	}
}

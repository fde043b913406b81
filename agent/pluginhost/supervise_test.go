package pluginhost

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

func TestACrashLoopSlowsDownAndAHealthyRunResetsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		// How long each run lasts, and the least and most pause after it.
		runs := []struct{ lasts, least, most time.Duration }{
			{0, 500 * time.Millisecond, time.Second},
			{0, time.Second, 2 * time.Second},
			{time.Minute, 2 * time.Second, 4 * time.Second},
			{0, 4 * time.Second, 8 * time.Second},
			{0, 8 * time.Second, 16 * time.Second},
			{0, 16 * time.Second, 32 * time.Second},
			{0, 30 * time.Second, time.Minute},
			{0, 30 * time.Second, time.Minute},
			{5 * time.Minute, 500 * time.Millisecond, time.Second},
			{0, time.Second, 2 * time.Second},
		}
		n := 0
		var ended time.Time
		repeat(ctx, restartDelay(), func(context.Context) error {
			if n > 0 {
				if p, want := time.Since(ended), runs[n-1]; p < want.least || p > want.most {
					t.Errorf("pause %d is %s; want %s to %s", n, p, want.least, want.most)
				}
			}
			if n == len(runs) {
				cancel()
				return nil
			}
			time.Sleep(runs[n].lasts)
			n++
			ended = time.Now()
			return errors.New("crashed")
		}, func(err error, _ time.Duration) {
			if err == nil || err.Error() != "crashed" {
				t.Errorf("failed got %v", err)
			}
		})
	})
}

func TestThePauseEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		tries := 0
		began := time.Now()
		repeat(ctx, backoff{least: time.Hour, most: time.Hour},
			func(context.Context) error { tries++; return errors.New("crashed") },
			func(error, time.Duration) { time.AfterFunc(time.Second, cancel) })
		if tries != 1 || time.Since(began) != time.Second {
			t.Errorf("%d tries, over after %s", tries, time.Since(began))
		}
	})
}

func TestDelaysStayInBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := restartDelay()
		for range rapid.IntRange(1, 30).Draw(t, "failures") {
			ran := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "ran"))
			if d := b.next(ran); d < b.least/2 || d > b.most {
				t.Fatalf("delay %s", d)
			}
		}
	})
}

package outbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/haidang-noc/haidang/internal/outbox"
)

func put(b *outbox.Box, writer, n int) {
	e := b.Open()
	defer b.Close()
	e.Begin([]byte(fmt.Sprintf("m,writer=%d", writer)))
	e.Int("n", int64(n))
	e.String("padding", strings.Repeat("x", 200))
	e.End(int64(n))
}

func TestAllLinesArriveInOrderAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const writers, lines = 4, 2000
		b := outbox.New()
		ctx, cancel := context.WithCancel(t.Context())
		var got bytes.Buffer
		points, largest := 0, 0
		done := make(chan error, 1)
		go func() {
			done <- b.Run(ctx, outbox.Sink{Write: func(_ context.Context, text []byte, n int) error {
				points += n
				largest = max(largest, len(text))
				if n != bytes.Count(text, []byte("\n")) || !bytes.HasSuffix(text, []byte("\n")) {
					t.Errorf("%d points in %d octets", n, len(text))
				}
				got.Write(text)
				return nil
			}})
		}()
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for n := range lines {
					put(b, w, n)
				}
			})
		}
		wg.Wait()
		cancel()
		if err := <-done; err != nil || points != writers*lines || largest > 128<<10 {
			t.Errorf("%d points, largest write %d, %v", points, largest, err)
		}
		var next [writers]int
		for line := range strings.Lines(got.String()) {
			var w, n int
			if _, err := fmt.Sscanf(line, "m,writer=%d n=%di", &w, &n); err != nil || next[w] != n {
				t.Fatalf("%q: want number %d (%v)", line[:40], next[w], err)
			}
			next[w]++
		}
	})
}

func TestABlockedAgentFillsTheBoxAndNobodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := outbox.New()
		ctx, cancel := context.WithCancel(t.Context())
		blocked, release := make(chan struct{}), make(chan struct{})
		done := make(chan error, 1)
		go func() {
			first := true
			done <- b.Run(ctx, outbox.Sink{Write: func(context.Context, []byte, int) error {
				if first {
					first = false
					close(blocked)
					<-release
				}
				return nil
			}})
		}()
		put(b, 0, 0)
		<-blocked
		for n := 0; !b.Full(); n++ {
			put(b, 0, n)
		}
		put(b, 0, 1) // what is under way still finds room
		close(release)
		synctest.Wait()
		cancel()
		if err := <-done; err != nil || b.Full() {
			t.Errorf("full %v, %v", b.Full(), err)
		}
	})
}

// An agent that takes its time, and gives up when it is told to, as the SDK does.
func TestTheEndLosesNothingThatIsBeingWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lines = 2000
		b := outbox.New()
		ctx, cancel := context.WithCancel(t.Context())
		points := 0
		done := make(chan error, 1)
		go func() {
			done <- b.Run(ctx, outbox.Sink{Write: func(ctx context.Context, _ []byte, n int) error {
				select {
				case <-time.After(time.Second):
				case <-ctx.Done():
					return ctx.Err()
				}
				points += n
				return nil
			}})
		}()
		for n := range lines {
			put(b, 0, n)
		}
		time.Sleep(500 * time.Millisecond) // of fake time: into the first of several writes
		cancel()
		if err := <-done; err != nil || points != lines {
			t.Errorf("%d of %d points, %v", points, lines, err)
		}
	})
}

func TestAnAgentThatHangsEndsRunInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := outbox.New()
		put(b, 0, 0)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := b.Run(ctx, outbox.Sink{Write: func(ctx context.Context, _ []byte, _ int) error {
			<-ctx.Done()
			return ctx.Err()
		}})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error: %v", err)
		}
	})
}

func TestAFailingAgentEndsRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := outbox.New()
		put(b, 0, 0)
		gone := errors.New("gone")
		err := b.Run(t.Context(), outbox.Sink{Write: func(context.Context, []byte, int) error { return gone }})
		if !errors.Is(err, gone) {
			t.Errorf("error: %v", err)
		}
	})
}

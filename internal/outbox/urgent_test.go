package outbox_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/internal/outbox"
)

// say writes a line.
func say(b *outbox.Box, text string, urgent bool) {
	e := b.Open()
	if urgent {
		defer b.CloseUrgent()
	} else {
		defer b.Close()
	}
	e.Begin([]byte("m"))
	e.String("f", text)
	e.End(1)
}

// agent takes lines.
type agent struct {
	mu    sync.Mutex
	text  bytes.Buffer
	syncs int
	block chan struct{} // if there is one, each Write waits for it
	fail  error
}

func (a *agent) sink() outbox.Sink {
	return outbox.Sink{
		Write: func(ctx context.Context, lines []byte, points int) error {
			if a.block != nil {
				select {
				case <-a.block:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			a.mu.Lock()
			defer a.mu.Unlock()
			if bytes.Count(lines, []byte("\n")) != points || len(lines) > 256<<10 {
				return errors.New("not what a batch takes")
			}
			a.text.Write(lines)
			return a.fail
		},
		Sync: func(context.Context) error {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.syncs++
			return nil
		},
	}
}

func (a *agent) lines() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return bytes.Count(a.text.Bytes(), []byte("\n"))
}

// Usual lines wait for company, urgent ones do not, and take the others along.
func TestUrgentLinesDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, a := outbox.New(), &agent{}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- b.Run(ctx, a.sink()) }()
		say(b, "usual", false)
		synctest.Wait()
		if a.lines() != 0 {
			t.Error("a usual line did not wait")
		}
		say(b, "urgent", true)
		synctest.Wait()
		if a.lines() != 2 || a.syncs != 1 {
			t.Errorf("%d lines and %d syncs at once", a.lines(), a.syncs)
		}
		say(b, "usual", false)
		time.Sleep(time.Second)
		synctest.Wait()
		if a.lines() != 3 || a.syncs != 1 {
			t.Errorf("%d lines and %d syncs a second later", a.lines(), a.syncs)
		}
		say(b, "last", false)
		cancel()
		if err := <-done; err != nil || a.lines() != 4 {
			t.Errorf("at the end %d lines, %v", a.lines(), err)
		}
	})
}

// Where the agent does not keep up, streams wait for room.
func TestRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, a := outbox.New(), &agent{block: make(chan struct{})}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- b.Run(ctx, a.sink()) }()
		long := strings.Repeat("x", 64<<10)
		say(b, long, true)
		synctest.Wait() // this one is being written
		for range 64 {
			say(b, long, false)
		}
		if b.Octets() < 4<<20 {
			t.Fatalf("%d octets wait", b.Octets())
		}
		got := make(chan error, 1)
		go func() { got <- b.Room(ctx) }()
		synctest.Wait()
		select {
		case <-got:
			t.Error("there is room in a full box")
		default:
		}
		a.block <- struct{}{}
		if err := <-got; err != nil {
			t.Error(err)
		}
		cancel()
		close(a.block)
		if err := <-done; err != nil {
			t.Error(err)
		}
		for range 64 {
			say(b, long, false)
		}
		if err := b.Room(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("room when all is over: %v", err)
		}
	})
}

// What fills the box ends when the agent fails, and what was filled at the end is written when it does not.
func TestAround(t *testing.T) {
	b, a := outbox.New(), &agent{fail: errors.New("gone")}
	err := b.Around(t.Context(), a.sink(), func(ctx context.Context) error {
		say(b, "x", true)
		<-ctx.Done()
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "gone") {
		t.Errorf("error %v", err)
	}
	b, a = outbox.New(), &agent{}
	over := errors.New("over")
	err = b.Around(t.Context(), a.sink(), func(context.Context) error {
		say(b, "last", false)
		return over
	})
	if !errors.Is(err, over) || a.lines() != 1 {
		t.Errorf("%d lines, %v", a.lines(), err)
	}
}

// Whatever is put, all of it arrives, in order and in whole lines.
func TestEverythingArrives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, a := outbox.New(), &agent{}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- b.Run(ctx, a.sink()) }()
		n := rapid.IntRange(0, 20).Draw(t, "lines")
		want := make([]string, 0, n)
		for range n {
			text := strings.Repeat(rapid.StringMatching(`[a-z]{1,4}`).Draw(t, "text"), rapid.SampledFrom([]int{1, 10000}).Draw(t, "times"))
			want = append(want, `m f="`+text+`" 1`+"\n")
			say(b, text, rapid.Bool().Draw(t, "urgent"))
		}
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if a.text.String() != strings.Join(want, "") {
			t.Fatalf("%d octets arrived", a.text.Len())
		}
	})
}

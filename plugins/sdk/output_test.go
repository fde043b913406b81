package sdk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/internal/wire"
)

// testOutput keeps what it sends.
type testOutput struct {
	*Output
	mu      sync.Mutex
	batches []*wire.Batch
}

func newTestOutput(t interface{ Fatal(...any) }) *testOutput {
	o := &testOutput{}
	out, err := newOutput(func(b *wire.Batch) error {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.batches = append(o.batches, b)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	o.Output = out
	return o
}

func (o *testOutput) sent() []*wire.Batch {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.batches
}

func (o *testOutput) text(t interface{ Fatal(...any) }) []byte {
	var text []byte
	for _, b := range o.sent() {
		var err error
		if text, err = point.Unpack(text, b.Frames, len(text)+wire.MaxText); err != nil {
			t.Fatal(err)
		}
	}
	return text
}

// frame is text that fills a batch, so that each further Write sends one.
func frame() []byte {
	return []byte(strings.Repeat(strings.Repeat("x", 255)+"\n", point.FrameBytes/256))
}

const frameLines = point.FrameBytes / 256

func TestWriteBlocksWhileTheWindowIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newTestOutput(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		written := 0
		var last error
		go func() {
			for {
				if last = o.Write(ctx, frame(), frameLines); last != nil {
					return
				}
				written++
			}
		}()
		for acked := range 100 {
			synctest.Wait()
			if len(o.sent()) != wire.Window+acked || written != len(o.sent())+1 {
				t.Fatalf("%d batches sent and %d frames written when %d are acknowledged", len(o.sent()), written, acked)
			}
			if err := o.window.acknowledge(uint64(acked + 1)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		cancel(errors.New("enough"))
		synctest.Wait()
		if last == nil || !strings.Contains(last.Error(), "16 batches wait for the agent: enough") {
			t.Errorf("the blocked Write returned %v", last)
		}
	})
}

func TestLinesWaitOneSecondAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newTestOutput(t)
		ctx, cancel := context.WithCancel(t.Context())
		go o.flushLoop(ctx)
		defer synctest.Wait()
		defer cancel()
		for i := range 3 {
			if err := o.Write(ctx, []byte("a b=1i\n"), 1); err != nil {
				t.Fatal(err)
			}
			time.Sleep(flushAfter - 1)
			synctest.Wait()
			if len(o.sent()) != i {
				t.Fatalf("round %d: sent before the second was over", i)
			}
			time.Sleep(time.Nanosecond)
			synctest.Wait()
			if len(o.sent()) != i+1 {
				t.Fatalf("round %d: not sent after a second", i)
			}
		}
	})
}

func TestAWaitingFlushLetsWritersFillTheBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newTestOutput(t)
		ctx, cancel := context.WithCancel(t.Context())
		go o.flushLoop(ctx)
		defer synctest.Wait()
		defer cancel()
		for range wire.Window {
			must(t, o.Write(ctx, []byte("a b=1i\n"), 1))
			must(t, o.flush(ctx))
		}
		must(t, o.Write(ctx, []byte("a b=2i\n"), 1))
		time.Sleep(2 * flushAfter) // flushLoop waits for a place
		must(t, o.Write(ctx, []byte("a b=3i\n"), 1))
		must(t, o.window.acknowledge(1))
		synctest.Wait()
		sent := o.sent()
		if n := len(sent); n != wire.Window+1 || sent[n-1].Points != 2 {
			t.Errorf("%d batches sent, the last has %d points", n, sent[n-1].Points)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Whatever is written in whatever pieces, the batches hold exactly that, each is one frame as point.Packer makes it,
// and none is larger than allowed.
func TestBatchesHoldWhatWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := newTestOutput(t)
		var want []byte
		for i := range rapid.IntRange(0, 12).Draw(t, "writes") {
			lines, points := drawLines(t, i)
			if err := o.Write(t.Context(), lines, points); err != nil {
				t.Fatal(err)
			}
			want = append(want, lines...)
			if err := o.window.acknowledge(uint64(len(o.sent()))); err != nil {
				t.Fatal(err)
			}
		}
		if err := o.flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(o.text(t), want) {
			t.Fatal("the text of the batches is not what was written")
		}
		for i, b := range o.sent() {
			checkPacked(t, b)
			if b.Sequence != uint64(i+1) {
				t.Fatalf("batch %d has sequence %d", i, b.Sequence)
			}
		}
	})
}

func drawLines(t *rapid.T, i int) (lines []byte, points int) {
	points = rapid.SampledFrom([]int{0, 1, 3, 900, 5000}).Draw(t, "lines")
	width := rapid.SampledFrom([]int{1, 60, 300}).Draw(t, "width")
	for n := range points {
		lines = fmt.Appendf(lines, "m,d=%d%s v=%di\n", i, strings.Repeat("x", width), n)
	}
	return lines, points
}

func checkPacked(t *rapid.T, b *wire.Batch) {
	text, err := point.Unpack(nil, b.Frames, point.FrameBytes)
	if err != nil {
		t.Fatal(err)
	}
	packer, err := point.NewPacker()
	if err != nil {
		t.Fatal(err)
	}
	if err := packer.Add(text, int(b.Points)); err != nil {
		t.Fatal(err)
	}
	if want := packer.Take(); !bytes.Equal(want.Frames, b.Frames) || want.Raw != int(b.Raw) ||
		bytes.Count(text, []byte("\n")) != int(b.Points) {
		t.Fatalf("a batch of %d points and %d bytes is not what the packer makes of its text", b.Points, b.Raw)
	}
}

func TestWriteRefusesWhatIsNotWholeLines(t *testing.T) {
	for name, c := range map[string]struct {
		lines  string
		points int
		want   string
	}{
		"no newline":  {"a b=1i", 1, "does not end with a newline"},
		"few points":  {"a b=1i\na b=2i\n", 1, "1 points are announced and there are 2 lines"},
		"many points": {"", 1, "1 points are announced and there are 0 lines"},
		"long line":   {strings.Repeat("x", point.FrameBytes) + "\n", 1, "a line of 262145 bytes; at most 262144"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newTestOutput(t)
			err := o.Write(t.Context(), []byte(c.lines), c.points)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v; want it to contain %q", err, c.want)
			}
			must(t, o.Write(t.Context(), []byte("a b=1i\n"), 1))
			must(t, o.flush(t.Context()))
			if string(o.text(t)) != "a b=1i\n" {
				t.Errorf("sent %q", o.text(t))
			}
		})
	}
}

func TestAcknowledgementsCountUp(t *testing.T) {
	w := newWindow()
	for i := range 3 {
		must(t, w.take(t.Context()))
		w.next(10 + i)
	}
	for _, c := range []struct {
		sequence uint64
		ok       bool
		left     int
	}{{0, true, 33}, {2, true, 12}, {1, true, 12}, {4, false, 12}, {3, true, 0}} {
		if err := w.acknowledge(c.sequence); (err == nil) != c.ok || w.unacknowledged() != c.left {
			t.Errorf("after %d: error %v, %d points left; want %d", c.sequence, err, w.unacknowledged(), c.left)
		}
	}
}

func TestSyncWaitsForTheSpool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newTestOutput(t)
		must(t, o.Sync(t.Context())) // nothing is nothing to wait for
		must(t, o.Write(t.Context(), []byte("a b=1i\n"), 1))
		synced := make(chan error, 1)
		go func() { synced <- o.Sync(t.Context()) }()
		synctest.Wait()
		select {
		case err := <-synced:
			t.Fatalf("Sync returned %v before the acknowledgement", err)
		default:
		}
		must(t, o.window.acknowledge(1))
		must(t, <-synced)

		ctx, cancel := context.WithCancel(t.Context())
		must(t, o.Write(ctx, []byte("a b=2i\n"), 1))
		go func() { synced <- o.Sync(ctx) }()
		synctest.Wait()
		cancel()
		if err := <-synced; !errors.Is(err, context.Canceled) {
			t.Errorf("Sync returned %v when its context ended", err)
		}
		go func() { synced <- o.Sync(t.Context()) }()
		synctest.Wait()
		o.window.leave()
		if err := <-synced; !errors.Is(err, errGone) {
			t.Errorf("Sync returned %v when the agent went", err)
		}
	})
}

func TestFinishSaysWhatIsLost(t *testing.T) {
	o := newTestOutput(t)
	must(t, o.Write(t.Context(), []byte("a b=1i\na b=2i\n"), 2))
	must(t, o.flush(t.Context()))
	must(t, o.Write(t.Context(), []byte("a b=3i\n"), 1))
	o.window.leave()
	if lost, err := o.finish(t.Context()); lost != 3 || !errors.Is(err, errGone) {
		t.Errorf("finish = %d, %v; want 3 points and that the agent is gone", lost, err)
	}
	if err := o.Write(t.Context(), []byte("a b=4i\n"), 1); err == nil {
		t.Error("a write after the end is taken")
	}
}

func TestFinishCountsABatchThatCouldNotBeSent(t *testing.T) {
	o := newTestOutput(t)
	o.send = func(*wire.Batch) error { return errors.New("broken pipe") }
	must(t, o.Write(t.Context(), []byte("a b=1i\n"), 1))
	if lost, err := o.finish(t.Context()); lost != 1 || !errors.Is(err, errGone) {
		t.Errorf("finish = %d, %v", lost, err)
	}
}

func TestPollKeepsToItsGrid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var rounds []time.Duration
		midnight := time.Now().Truncate(time.Minute)
		time.Sleep(25 * time.Second)
		err := Poll(ctx, time.Minute, 10*time.Second, func(context.Context) error {
			rounds = append(rounds, time.Since(midnight))
			switch len(rounds) {
			case 2:
				time.Sleep(130 * time.Second) // takes longer than two intervals
			case 4:
				cancel()
			}
			return nil
		})
		want := []time.Duration{70 * time.Second, 130 * time.Second, 310 * time.Second, 370 * time.Second}
		if err != nil || !slices.Equal(rounds, want) {
			t.Errorf("Poll = %v with rounds at %v; want %v", err, rounds, want)
		}
	})
}

func TestPollEndsWithItsFunction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		boom := errors.New("boom")
		if err := Poll(t.Context(), time.Second, -time.Hour, func(context.Context) error { return boom }); !errors.Is(err, boom) {
			t.Errorf("Poll = %v", err)
		}
		if err := Poll(t.Context(), 0, 0, nil); err == nil {
			t.Error("an interval of nothing is taken")
		}
	})
}

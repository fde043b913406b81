// Package outbox stands between an input's loops, which must never wait, and the agent, which may make its inputs wait: it
// gathers lines and writes them from a goroutine of its own. Where the agent does not keep up, pollers are told to begin
// no new round, and readers of streams wait for room, and their targets with them.
package outbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/haidang-noc/haidang/internal/point"
)

const (
	full   = 4 << 20                // text waiting at which there is no room
	chunk  = 128 << 10              // text handed to the agent at a time
	keep   = 1 << 20                // room that stays when a burst is over
	gather = 100 * time.Millisecond // how long lines may wait for company, unless one of them is urgent
	grace  = 5 * time.Second        // for the last lines at the end
)

// Sink is where lines go; both may block.
type Sink struct {
	Write func(ctx context.Context, lines []byte, points int) error
	Sync  func(ctx context.Context) error // sends what was written, and returns when the agent's spool has it; only urgent lines need it
}

// Box gathers lines from any number of goroutines.
type Box struct {
	mu      sync.Mutex
	lines   *point.Encoder // guarded by mu
	urgent  bool           // guarded by mu: a line must not wait
	room    chan struct{}  // guarded by mu: closed and replaced when lines were taken out
	waiting atomic.Int64   // text in lines
	filled  chan struct{}  // holds a token when lines wait
	hurry   chan struct{}  // holds a token when one is urgent
}

// New returns an empty box.
func New() *Box {
	return &Box{lines: new(point.Encoder), room: make(chan struct{}), filled: make(chan struct{}, 1), hurry: make(chan struct{}, 1)}
}

// Open locks the box and lends its encoder until Close.
func (b *Box) Open() *point.Encoder {
	b.mu.Lock()
	return b.lines
}

// Close ends what Open began. It never waits for the agent.
func (b *Box) Close() {
	n := len(b.lines.Bytes())
	b.waiting.Store(int64(n))
	b.mu.Unlock()
	if n > 0 {
		signal(b.filled)
	}
}

// CloseUrgent is Close for lines that are to be on their way to the agent's spool at once, with all that wait.
func (b *Box) CloseUrgent() {
	b.urgent = true
	b.Close()
	signal(b.hurry)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // told already
	}
}

// Octets is how much text waits.
func (b *Box) Octets() int { return int(b.waiting.Load()) }

// Full says that the agent does not keep up. Whoever polls begins no round then; the answers to
// what is under way still find room, so nothing that was asked is lost or taken for silence.
func (b *Box) Full() bool { return b.Octets() >= full }

// Room waits until there is room for more lines, or ctx is done. Whoever reads a stream asks before each message: what a
// message holds may exceed the limit, so the box is never larger than the limit and one message of every stream.
func (b *Box) Room(ctx context.Context) error {
	for {
		b.mu.Lock()
		room := b.room
		b.mu.Unlock()
		if !b.Full() {
			return nil
		}
		select {
		case <-room:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Around runs what fills the box, and writes meanwhile. When fill has ended, what is left is written; when that fails, fill's
// context is done.
func (b *Box) Around(ctx context.Context, to Sink, fill func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	writing, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var writer sync.WaitGroup
	var unwritten error
	writer.Go(func() {
		if unwritten = b.Run(writing, to); unwritten != nil {
			cancel()
		}
	})
	err := fill(ctx)
	stop()
	writer.Wait()
	return errors.Join(err, unwritten)
}

// Run writes what is gathered until ctx is done, and then what is left. The end of ctx does not interrupt a
// write under way, unless that takes longer than grace.
func (b *Box) Run(ctx context.Context, to Sink) error {
	writing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	defer stop()
	spare := new(point.Encoder)
	for more := true; more; {
		more = b.gathered(ctx)
		var err error
		if spare, err = b.empty(writing, spare, to); err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
	}
	return nil
}

// gathered waits until lines have come and had time for company; false once ctx is done.
func (b *Box) gathered(ctx context.Context) bool {
	select {
	case <-b.filled:
	case <-ctx.Done():
		return false
	}
	select {
	case <-b.hurry:
	case <-time.After(gather):
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// empty swaps the gathered lines for spare, writes them, and returns their encoder as the next spare.
func (b *Box) empty(ctx context.Context, spare *point.Encoder, to Sink) (*point.Encoder, error) {
	spare.Reset()
	spare, urgent := b.swap(spare)
	for text := spare.Bytes(); len(text) > 0; {
		n := cut(text)
		if err := to.Write(ctx, text[:n], bytes.Count(text[:n], []byte("\n"))); err != nil {
			return spare, err
		}
		text = text[n:]
	}
	if urgent {
		if err := to.Sync(ctx); err != nil {
			return spare, err
		}
	}
	if cap(spare.Bytes()) > keep {
		return new(point.Encoder), nil
	}
	return spare, nil
}

func (b *Box) swap(empty *point.Encoder) (gathered *point.Encoder, urgent bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	gathered, b.lines = b.lines, empty
	urgent, b.urgent = b.urgent, false
	b.waiting.Store(0)
	close(b.room)
	b.room = make(chan struct{})
	return gathered, urgent
}

// cut returns the length of as many whole lines as fit a chunk, at least one.
func cut(text []byte) int {
	if len(text) <= chunk {
		return len(text)
	}
	if i := bytes.LastIndexByte(text[:chunk], '\n'); i >= 0 {
		return i + 1
	}
	return bytes.IndexByte(text, '\n') + 1
}

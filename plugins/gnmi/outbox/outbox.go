// Package outbox stands between the streams of all targets and the agent: it gathers lines and writes them from a goroutine
// of its own. Where the agent does not keep up, streams wait for room, and their targets with them.
package outbox

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/haidang-noc/haidang/internal/point"
)

const (
	full   = 4 << 20                // text waiting at which streams read no further
	chunk  = 128 << 10              // text handed to the agent at a time
	gather = 100 * time.Millisecond // how long lines may wait for company, unless one of them is urgent
	grace  = 5 * time.Second        // for the last lines at the end
)

// Sink is where lines go; both may block.
type Sink struct {
	Write func(ctx context.Context, lines []byte, points int) error
	Sync  func(ctx context.Context) error // sends what was written, and returns when the agent's spool has it
}

// Box gathers lines from any number of goroutines.
type Box struct {
	mu     sync.Mutex
	lines  *point.Encoder // guarded by mu
	urgent bool           // guarded by mu: a line must not wait
	room   chan struct{}  // guarded by mu: closed and replaced when lines were taken out
	filled chan struct{}  // holds a token when lines wait
	hurry  chan struct{}  // holds a token when one is urgent
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

// Close ends what Open began; urgent lines are on their way to the agent's spool at once. It never waits for the agent.
func (b *Box) Close(urgent bool) {
	some := b.lines.Lines() > 0
	b.urgent = b.urgent || urgent
	b.mu.Unlock()
	if some {
		signal(b.filled)
	}
	if urgent {
		signal(b.hurry)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // told already
	}
}

// Octets is how much text waits.
func (b *Box) Octets() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.lines.Bytes())
}

// Room waits until there is room for more lines, or ctx is done. Whoever reads a stream asks before each message: what a
// message holds may exceed the limit, so the box is never larger than the limit and one message of every stream.
func (b *Box) Room(ctx context.Context) error {
	for {
		b.mu.Lock()
		some, room := len(b.lines.Bytes()) < full, b.room
		b.mu.Unlock()
		if some {
			return nil
		}
		select {
		case <-room:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Run writes lines until ctx is done, and then what is left.
func (b *Box) Run(ctx context.Context, to Sink) error {
	spare := new(point.Encoder)
	for b.wait(ctx) {
		var err error
		if spare, err = b.empty(ctx, spare, to); err != nil && ctx.Err() == nil {
			return err
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	_, err := b.empty(last, spare, to)
	return err
}

// wait returns when lines are to be written; false when ctx is done.
func (b *Box) wait(ctx context.Context) bool {
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
	b.mu.Lock()
	spare, b.lines = b.lines, spare
	urgent := b.urgent
	b.urgent = false
	close(b.room)
	b.room = make(chan struct{})
	b.mu.Unlock()
	for text := spare.Bytes(); len(text) > 0; {
		n := cut(text)
		if err := to.Write(ctx, text[:n], bytes.Count(text[:n], []byte("\n"))); err != nil {
			return spare, fmt.Errorf("gnmi: outbox: %w", err)
		}
		text = text[n:]
	}
	if urgent {
		if err := to.Sync(ctx); err != nil {
			return spare, fmt.Errorf("gnmi: outbox: %w", err)
		}
	}
	return spare, nil
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

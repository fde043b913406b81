// Package outbox stands between the polling loops, which must never wait, and the agent, which may
// make its plugins wait: it gathers lines and writes them from a goroutine of its own.
package outbox

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/haidang-noc/haidang/internal/point"
)

const (
	full   = 4 << 20                // text waiting at which pollers are asked to begin no new round
	chunk  = 128 << 10              // text handed to the agent at a time
	keep   = 1 << 20                // room that stays when a burst is over
	gather = 100 * time.Millisecond // how long lines may wait for company
	grace  = 5 * time.Second        // for the last lines at the end
)

// Write hands complete lines to the agent and may block.
type Write func(ctx context.Context, lines []byte, points int) error

// Box gathers lines from any number of goroutines.
type Box struct {
	mu      sync.Mutex
	lines   *point.Encoder // guarded by mu
	waiting atomic.Int64   // text in lines
	filled  chan struct{}  // holds a token when lines wait
}

// New returns an empty box.
func New() *Box {
	return &Box{lines: new(point.Encoder), filled: make(chan struct{}, 1)}
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
		select {
		case b.filled <- struct{}{}:
		default:
		}
	}
}

// Full says that the agent does not keep up. Whoever polls begins no round then; the answers to
// what is under way still find room, so nothing that was asked is lost or taken for silence.
func (b *Box) Full() bool { return b.waiting.Load() >= full }

// Run writes what is gathered until ctx is done, and then what is left. The end of ctx does not interrupt a
// write under way, unless that takes longer than grace.
func (b *Box) Run(ctx context.Context, write Write) error {
	writing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	defer stop()
	spare := new(point.Encoder)
	for more := true; more; {
		more = b.gathered(ctx)
		var err error
		if spare, err = b.empty(writing, spare, write); err != nil {
			return err
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
	case <-time.After(gather):
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// empty swaps the gathered lines for spare, writes them, and returns their encoder as the next spare.
func (b *Box) empty(ctx context.Context, spare *point.Encoder, write Write) (*point.Encoder, error) {
	spare.Reset()
	b.mu.Lock()
	spare, b.lines = b.lines, spare
	b.waiting.Store(0)
	b.mu.Unlock()
	text := spare.Bytes()
	for len(text) > 0 {
		n := cut(text)
		if err := write(ctx, text[:n], bytes.Count(text[:n], []byte("\n"))); err != nil {
			return spare, fmt.Errorf("snmp: outbox: %w", err)
		}
		text = text[n:]
	}
	if cap(spare.Bytes()) > keep {
		return new(point.Encoder), nil
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

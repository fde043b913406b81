// Package backlog holds encoded lines until the agent's spool takes them, on the accounts of the sources that they came from: so that
// a slow spool costs bounded memory, and each source its own.
package backlog

import (
	"context"
	"sync"

	"github.com/haidang-noc/haidang/internal/gate"
	"github.com/haidang-noc/haidang/internal/point"
)

// Backlog is what waits. One goroutine runs it, any may add.
type Backlog struct {
	gate *gate.Gate
	wake chan struct{}

	mu      sync.Mutex
	waiting *batch
	room    chan struct{} // closed when what waited has been written
}

// batch is encoded lines, and what they cost whom.
type batch struct {
	lines point.Encoder
	held  []hold
}

type hold struct {
	account *gate.Source
	octets  int
}

// New makes an empty backlog whose memory a gate accounts for.
func New(g *gate.Gate) *Backlog {
	return &Backlog{gate: g, wake: make(chan struct{}, 1), waiting: &batch{}, room: make(chan struct{})}
}

// overhead is what an addition costs beside its lines.
const overhead = 64

// Add lets encode write lines, and holds what they need on an account. Only one encode runs at a time.
func (b *Backlog) Add(account *gate.Source, encode func(*point.Encoder)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := len(b.waiting.lines.Bytes())
	encode(&b.waiting.lines)
	octets := len(b.waiting.lines.Bytes()) - before + overhead
	b.waiting.held = append(b.waiting.held, hold{account, octets})
	b.gate.Hold(account, octets)
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Wait returns once no more of the account waits than may, or when ctx is done: for sources that can be made to wait.
func (b *Backlog) Wait(ctx context.Context, account *gate.Source) error {
	for {
		b.mu.Lock()
		room := b.room
		b.mu.Unlock()
		if !b.gate.Full(account) {
			return nil
		}
		select {
		case <-room:
		case <-ctx.Done():
			return context.Cause(ctx) //nolint:wrapcheck // says enough
		}
	}
}

// Run writes what waits until stop is closed, and then what is left. Where write is slow, it waits with it.
func (b *Backlog) Run(ctx context.Context, stop <-chan struct{}, write func(ctx context.Context, lines []byte, points int) error) error {
	spare := &batch{}
	for last := false; !last; {
		select {
		case <-b.wake:
		case <-stop:
			last = true
		}
		full := b.swap(spare)
		if full.lines.Lines() > 0 {
			if err := write(ctx, full.lines.Bytes(), full.lines.Lines()); err != nil {
				return err
			}
		}
		b.release(full)
		full.lines.Reset()
		full.held = full.held[:0]
		spare = full
	}
	return nil
}

func (b *Backlog) swap(empty *batch) (full *batch) {
	b.mu.Lock()
	defer b.mu.Unlock()
	full, b.waiting = b.waiting, empty
	return full
}

func (b *Backlog) release(full *batch) {
	for _, h := range full.held {
		b.gate.Release(h.account, h.octets)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.room)
	b.room = make(chan struct{})
}

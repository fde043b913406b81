package sdk

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/haidang-noc/haidang/internal/wire"
)

// errGone is what a writer sees when there is nobody left to write to.
var errGone = errors.New("sdk: the agent is gone")

// window counts the batches that the host has not acknowledged, and the points in them.
type window struct {
	slots chan struct{} // one element for each batch on its way
	gone  chan struct{} // closed when no acknowledgement will come any more

	mu     sync.Mutex
	sent   uint64
	acked  uint64
	moved  chan struct{}    // closed and replaced when acked grows
	points [wire.Window]int // by sequence, modulo
}

func newWindow() *window {
	return &window{slots: make(chan struct{}, wire.Window), gone: make(chan struct{}), moved: make(chan struct{})}
}

// take waits for room for one batch.
func (w *window) take(ctx context.Context) error {
	select {
	case <-w.gone:
		return errGone
	default:
	}
	select {
	case w.slots <- struct{}{}:
		return nil
	case <-w.gone:
		return errGone
	case <-ctx.Done():
		return fmt.Errorf("sdk: %d batches wait for the agent: %w", wire.Window, context.Cause(ctx))
	}
}

// give takes back a take that no batch used.
func (w *window) give() { <-w.slots }

// next is the sequence of a batch for which a place was taken.
func (w *window) next(points int) uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent++
	w.points[w.sent%wire.Window] = points
	return w.sent
}

// acknowledge frees the places of all batches up to sequence. An earlier sequence changes nothing.
func (w *window) acknowledge(sequence uint64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if sequence > w.sent {
		return fmt.Errorf("sdk: the host acknowledges batch %d, but only %d were sent", sequence, w.sent)
	}
	if sequence <= w.acked {
		return nil
	}
	for ; w.acked < sequence; w.acked++ {
		w.points[(w.acked+1)%wire.Window] = 0
		<-w.slots
	}
	close(w.moved)
	w.moved = make(chan struct{})
	return nil
}

// drain waits until everything sent so far is acknowledged.
func (w *window) drain(ctx context.Context) error {
	w.mu.Lock()
	upTo := w.sent
	w.mu.Unlock()
	for {
		acked, moved := w.progress()
		if acked >= upTo {
			return nil
		}
		select {
		case <-moved:
		case <-w.gone:
			return errGone
		case <-ctx.Done():
			return fmt.Errorf("sdk: %d of %d batches are acknowledged: %w", acked, upTo, context.Cause(ctx))
		}
	}
}

func (w *window) progress() (acked uint64, moved <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.acked, w.moved
}

// unacknowledged counts the points on their way.
func (w *window) unacknowledged() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, p := range w.points {
		n += p
	}
	return n
}

// leave wakes every waiter: no acknowledgement will come.
func (w *window) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-w.gone:
	default:
		close(w.gone)
	}
}

package sdk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/internal/wire"
)

// flushAfter is how long a line waits for its batch to fill.
const flushAfter = time.Second

// Output takes the lines of an input to the agent. Its methods may be called from several goroutines.
//
// Memory is bounded: one batch's text, and at most 16 batches that the agent has not acknowledged. A batch is
// acknowledged once the agent's spool has synced it; while the agent cannot, Write blocks.
type Output struct {
	send   func(*wire.Batch) error
	window *window
	waits  chan struct{} // tells flushLoop that lines wait
	turn   chan struct{} // full while somebody owns the fields below: a lock that respects a context

	packer *point.Packer
	points int // in packer
	closed bool
}

// newOutput makes an output that hands each batch to send, one at a time.
func newOutput(send func(*wire.Batch) error) (*Output, error) {
	packer, err := point.NewPacker()
	if err != nil {
		return nil, err
	}
	return &Output{
		send:   send,
		window: newWindow(),
		waits:  make(chan struct{}, 1),
		turn:   make(chan struct{}, 1),
		packer: packer,
	}, nil
}

// Write copies complete, newline-terminated lines of line protocol, as many as points says. A line is at most
// 256 KiB; what one call hands over is divided at line ends where it fills more than one batch. Write blocks while
// 16 batches wait for the agent. It fails when lines is malformed, when ctx ends while it waits, and when the
// agent is gone; a batch or more from the beginning of lines may have been taken then, never a part of a line.
func (o *Output) Write(ctx context.Context, lines []byte, points int) error {
	if err := checkLines(lines, points); err != nil {
		return err
	}
	if err := o.own(ctx); err != nil {
		return err
	}
	defer o.disown()
	if o.closed {
		return errors.New("sdk: write: the input has already ended")
	}
	for len(lines) > point.FrameBytes {
		n := bytes.LastIndexByte(lines[:point.FrameBytes], '\n') + 1
		if err := o.add(ctx, lines[:n]); err != nil {
			return err
		}
		lines = lines[n:]
	}
	return o.add(ctx, lines)
}

func checkLines(lines []byte, points int) error {
	if len(lines) > 0 && lines[len(lines)-1] != '\n' {
		return errors.New("sdk: write: the last line does not end with a newline")
	}
	if n := bytes.Count(lines, []byte("\n")); n != points {
		return fmt.Errorf("sdk: write: %d points are announced and there are %d lines", points, n)
	}
	for rest := lines; len(rest) > point.FrameBytes; {
		n := bytes.IndexByte(rest, '\n') + 1
		if n > point.FrameBytes {
			return fmt.Errorf("sdk: write: a line of %d bytes; at most %d are allowed", n, point.FrameBytes)
		}
		rest = rest[n:]
	}
	return nil
}

// add puts lines that fit a batch into this one or the next. The caller owns the turn.
func (o *Output) add(ctx context.Context, lines []byte) error {
	if o.packer.Raw()+len(lines) > point.FrameBytes {
		if err := o.flush(ctx); err != nil {
			return err
		}
	}
	points := bytes.Count(lines, []byte("\n"))
	if err := o.packer.Add(lines, points); err != nil {
		return fmt.Errorf("sdk: write: %w", err)
	}
	o.points += points
	select {
	case o.waits <- struct{}{}:
	default: // flushLoop knows already
	}
	return nil
}

// Sync sends what is waiting and returns nil once all that was written before is in the agent's spool: what an input
// does before it forgets its source, a file for instance.
func (o *Output) Sync(ctx context.Context) error {
	if err := o.own(ctx); err != nil {
		return err
	}
	err := o.flush(ctx)
	o.disown()
	if err != nil {
		return err
	}
	return o.window.drain(ctx)
}

func (o *Output) own(ctx context.Context) error {
	select {
	case o.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("sdk: waiting for another writer: %w", context.Cause(ctx))
	}
}

func (o *Output) disown() { <-o.turn }

// flush waits for room in the window and sends the batch. The caller owns the turn.
func (o *Output) flush(ctx context.Context) error {
	if o.points == 0 {
		return nil
	}
	if err := o.window.take(ctx); err != nil {
		return err
	}
	return o.sendBatch()
}

// sendBatch sends the batch in a place of the window that the caller has taken.
func (o *Output) sendBatch() error {
	b := o.packer.Take()
	o.points = 0
	if err := o.send(wire.NewBatch(o.window.next(b.Points), b)); err != nil {
		o.window.leave()
		return fmt.Errorf("%w: %w", errGone, err)
	}
	return nil
}

// flushLoop sends what has waited for flushAfter, until ctx is done or the agent is gone.
func (o *Output) flushLoop(ctx context.Context) {
	for {
		select {
		case <-o.waits:
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(flushAfter):
		case <-ctx.Done():
			return
		}
		if err := o.flushWaiting(ctx); err != nil {
			return
		}
	}
}

// flushWaiting takes its place in the window before its turn, so that writers can go on filling the batch
// while the window is full.
func (o *Output) flushWaiting(ctx context.Context) error {
	if err := o.window.take(ctx); err != nil {
		return err
	}
	if err := o.own(ctx); err != nil {
		o.window.give()
		return err
	}
	defer o.disown()
	if o.points == 0 {
		o.window.give()
		return nil
	}
	return o.sendBatch()
}

// finish refuses further writes, sends what is left and waits until all is acknowledged. It returns the points
// that were not.
func (o *Output) finish(ctx context.Context) (lost int, err error) {
	if err := o.own(ctx); err != nil {
		return 0, err
	}
	o.closed = true
	err = o.flush(ctx)
	left := o.points
	o.disown()
	if err == nil {
		err = o.window.drain(ctx)
	}
	if err == nil {
		return 0, nil
	}
	return left + o.window.unacknowledged(), err
}

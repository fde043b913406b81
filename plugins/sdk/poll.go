package sdk

import (
	"context"
	"fmt"
	"time"

	"github.com/haidang-noc/haidang/internal/pause"
)

// Poll calls fn once in every interval until ctx is done (then it returns nil) or fn fails. Rounds begin where the
// wall clock is phase past a multiple of interval, so a restart does not shift them and inputs with
// different phases spread their load. A round that takes longer than interval costs the rounds it overlaps: they are
// left out, never made up for.
//
// What fails at a target (a timeout, a refusal) is something to report as a point, not an error of fn.
func Poll(ctx context.Context, interval, phase time.Duration, fn func(context.Context) error) error {
	if interval <= 0 {
		return fmt.Errorf("sdk: poll: the interval is %s; it must be longer than nothing", interval)
	}
	due := time.Now().Round(0) // the wall clock alone: the grid is the wall clock's
	for {
		due = nextRound(due, interval, phase)
		if !pause.For(ctx, time.Until(due)) {
			return nil
		}
		if err := fn(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		if now := time.Now().Round(0); now.After(due) { // else the clock was set back, and due is done already
			due = now
		}
	}
}

// nextRound is the first instant after t that is phase past a multiple of interval.
func nextRound(t time.Time, interval, phase time.Duration) time.Time {
	past := time.Duration(t.Add(-phase).UnixNano()) % interval
	if past < 0 {
		past += interval
	}
	return t.Add(interval - past)
}

package backlog

import (
	"context"
	"errors"
	"sync"
	"time"
)

// drainTimeout is how long what waits at the end has to be written.
const drainTimeout = 5 * time.Second

// Serve runs the sources that add to the backlog, and writes. They end in the order of the data's way: the sources when ctx is done,
// then the writing of what waits, which has drainTimeout. When one fails, all end, and its error is returned.
func (b *Backlog) Serve(ctx context.Context, sources []func(context.Context) error, write func(context.Context, []byte, int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	draining, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(drainTimeout, abandon) })()

	var adding, writing sync.WaitGroup
	stop := make(chan struct{})
	fail := func(err error) {
		if err != nil {
			cancel(err)
		}
	}
	for _, source := range sources {
		adding.Go(func() { fail(source(ctx)) })
	}
	writing.Go(func() { fail(b.Run(draining, stop, write)) })
	adding.Wait()
	close(stop)
	writing.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return err //nolint:wrapcheck // a source's own
	}
	return nil
}

package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc/status"

	"github.com/haidang-noc/haidang/internal/pause"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/internal/wire"
)

// carrier takes the batches of one run of one input to deliver, in order and one at a time.
type carrier struct {
	host    *Host
	input   string
	stream  wire.Input_RunClient
	metrics *inputMetrics

	send   sync.Mutex // one sender at a time: acknowledgements and stop
	last   uint64     // sequence of the last batch that was delivered
	inHand int        // points of a batch that is not yet
}

// carry runs the input until it ends. When ctx is done it asks the input to stop and goes on carrying until the
// input has nothing left or the stop timeout is over.
func (h *Host) carry(ctx context.Context, input string, client wire.InputClient) error {
	streamCtx, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	stream, err := client.Run(streamCtx)
	if err != nil {
		return plain(err)
	}
	c := &carrier{host: h, input: input, stream: stream, metrics: h.metrics.of(input)}
	defer context.AfterFunc(ctx, func() { c.askToStop(streamCtx, abort) })()

	err = c.loop(streamCtx)
	c.countLost()
	switch {
	case !errors.Is(err, io.EOF):
		return plain(err)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return errors.New("the input was stopped by somebody else")
}

// askToStop sends stop and, if the stream has not ended by then, aborts it after the stop timeout.
func (c *carrier) askToStop(streamCtx context.Context, abort func()) {
	if err := c.tell(&wire.FromHost{Stop: true}); err != nil {
		return // the stream has ended: loop knows why
	}
	if pause.For(streamCtx, c.host.config.StopTimeout.D()) {
		c.host.log.Warn().Str("input", c.input).Msg("the input does not stop in time")
		abort()
	}
}

// loop delivers until the stream ends.
func (c *carrier) loop(ctx context.Context) error {
	for {
		m, err := c.stream.Recv()
		if err != nil {
			return err
		}
		b := m.Content()
		c.inHand = b.Points
		if err := c.check(m.Sequence, b); err != nil {
			return err
		}
		if err := c.deliver(ctx, b); err != nil {
			return err
		}
		c.last, c.inHand = m.Sequence, 0
		c.metrics.delivered(b)
		_ = c.tell(&wire.FromHost{Acknowledged: c.last}) // it fails with the stream, whose error comes from Recv
	}
}

// check refuses what only a broken plugin sends.
func (c *carrier) check(sequence uint64, b point.Batch) error {
	switch {
	case sequence != c.last+1:
		return fmt.Errorf("the plugin sent batch %d after %d", sequence, c.last)
	case len(b.Frames) == 0 || b.Points == 0 || b.Raw == 0 || b.Raw > wire.MaxText:
		return fmt.Errorf("the plugin sent a batch of %d bytes, %d points and %d bytes of text (at most %d)",
			len(b.Frames), b.Points, b.Raw, wire.MaxText)
	}
	return nil
}

// deliver tries until the batch is durable or ctx is done.
func (c *carrier) deliver(ctx context.Context, b point.Batch) error {
	wait := backoff{least: 100 * time.Millisecond, most: 5 * time.Second}
	log := c.host.log.With().Str("input", c.input).Logger()
	for failures := 0; ; failures++ {
		err := c.host.deliver(ctx, c.input, b)
		if err == nil {
			if failures > 0 {
				log.Info().Int("failures", failures).Msg("batches are taken again")
			}
			return nil
		}
		c.metrics.deliverErrors.Inc()
		if failures == 0 {
			log.Error().Err(err).Msg("a batch was not taken; the input waits")
		}
		if !pause.For(ctx, wait.next(0)) {
			return fmt.Errorf("a batch was not taken: %w", err)
		}
	}
}

func (c *carrier) tell(m *wire.FromHost) error {
	c.send.Lock()
	defer c.send.Unlock()
	return c.stream.Send(m)
}

// countLost counts the points that the input collected and nobody made durable. A plugin that ended in order knows
// them; of one that did not, only the batch in hand is known.
func (c *carrier) countLost() {
	lost := c.inHand
	if lost == 0 { // the stream has ended, so its trailer is there
		if v := c.stream.Trailer().Get(wire.LostPoints); len(v) == 1 {
			lost, _ = strconv.Atoi(v[0])
		}
	}
	if lost > 0 {
		c.metrics.lostPoints.Add(float64(lost))
		c.host.log.Warn().Str("input", c.input).Int("points", lost).Msg("points were lost with the end of the input")
	}
}

// plain is an error without the wrapping of gRPC.
func plain(err error) error {
	if s, ok := status.FromError(err); ok && err != nil {
		return errors.New(s.Message())
	}
	return err
}

package pluginhost

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/haidang-noc/haidang/internal/pause"
)

// restartDelay is the pause before a plugin is started again. One that has run for a while starts afresh.
func restartDelay() backoff {
	return backoff{least: time.Second, most: time.Minute, healthy: 5 * time.Minute}
}

// backoff doubles a delay with each failure in a row. Half of the delay is random, so that the agents of a nation do
// not act in step.
type backoff struct {
	least, most time.Duration
	healthy     time.Duration // after this long without a failure, the delay is the least again

	last time.Duration
}

// next is the delay after a failure that came this long after the last attempt began.
func (b *backoff) next(after time.Duration) time.Duration {
	switch {
	case b.last == 0 || b.healthy > 0 && after >= b.healthy:
		b.last = b.least
	default:
		b.last = min(2*b.last, b.most)
	}
	return b.last/2 + rand.N(b.last/2) //nolint:gosec // spreads load; guards nothing
}

// repeat calls try until ctx is done; between two calls it waits as b says and tells failed.
func repeat(ctx context.Context, b backoff, try func(context.Context) error, failed func(error, time.Duration)) {
	for {
		began := time.Now()
		err := try(ctx)
		if ctx.Err() != nil {
			return
		}
		delay := b.next(time.Since(began))
		failed(err, delay)
		if !pause.For(ctx, delay) {
			return
		}
	}
}

// keepRunning runs an input until ctx is done.
func (h *Host) keepRunning(ctx context.Context, in Input) {
	m := h.metrics.of(in.Type)
	log := h.log.With().Str("input", in.Type).Logger()
	defer m.state(stopped)
	repeat(ctx, restartDelay(),
		func(ctx context.Context) error {
			m.state(starting)
			return h.runOnce(ctx, in)
		},
		func(err error, delay time.Duration) {
			m.state(waiting)
			m.restarts.Inc()
			log.Error().Err(err).Stringer("again_in", delay.Round(time.Millisecond)).Msg("input ended")
		})
}

// runOnce starts the plugin and carries its batches until it ends.
func (h *Host) runOnce(ctx context.Context, in Input) error {
	p, err := h.start(ctx, in)
	if err != nil {
		return err
	}
	defer p.stop()
	h.log.Info().Str("input", in.Type).Str("version", p.version).Str("pid", p.client.ID()).Msg("input runs")
	h.metrics.of(in.Type).state(running)
	h.running.enter(in.Type, p.input)
	defer h.running.leave(in.Type)
	return h.carry(ctx, in.Type, p.input)
}

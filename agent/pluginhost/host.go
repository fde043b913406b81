// Package pluginhost runs the agent's inputs: one plugin process for each configured input type. It takes their
// batches, hands each to the spool and acknowledges it once the spool has synced it; it never looks inside.
//
// A batch that the plugin has sent but that was not acknowledged when either process died is lost: to the NOC it
// is a poll that did not happen. What was acknowledged is in the spool.
package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/internal/wire"
)

// Deliver makes a batch of an input durable. It may block; the batch is acknowledged when it returns nil, and
// handed over again when it returns an error.
type Deliver func(ctx context.Context, input string, b point.Batch) error

// Host owns the plugin processes.
type Host struct {
	config  Config
	deliver Deliver
	log     zerolog.Logger
	metrics *metrics
	running roster
}

// New makes a host; it starts nothing. Check and Once need no deliver.
func New(c Config, deliver Deliver, log zerolog.Logger, reg prometheus.Registerer) (*Host, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("pluginhost: %w", err)
	}
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	m, err := newMetrics(reg, c.Inputs)
	if err != nil {
		return nil, fmt.Errorf("pluginhost: %w", err)
	}
	return &Host{config: c, deliver: deliver, log: log, metrics: m}, nil
}

// Run keeps every input running until ctx is done. Then it stops them: what they have collected is still handed to
// deliver, so that must go on working until Run has returned. An input that cannot run is tried again for ever,
// because the agent must go on shipping what the others collect.
func (h *Host) Run(ctx context.Context) error {
	for _, in := range h.config.Inputs {
		if in.SHA256 == "" {
			h.log.Warn().Str("input", in.Type).Msg("the plugin runs without a checksum: set sha256")
		}
	}
	var all sync.WaitGroup
	for _, in := range h.config.Inputs {
		all.Go(func() { h.keepRunning(ctx, in) })
	}
	<-ctx.Done()
	all.Wait()
	return ctx.Err()
}

// Check starts every plugin, lets it check its configuration and stops it.
func (h *Host) Check(ctx context.Context) error {
	var errs []error
	for _, in := range h.config.Inputs {
		p, err := h.start(ctx, in)
		if err != nil {
			errs = append(errs, fmt.Errorf("input %s: %w", in.Type, err))
			continue
		}
		p.stop()
	}
	return errors.Join(errs...)
}

// Once runs one round of an input and writes its lines to w.
func (h *Host) Once(ctx context.Context, input string, w io.Writer) error {
	in, err := h.find(input)
	if err != nil {
		return err
	}
	p, err := h.start(ctx, in)
	if err != nil {
		return fmt.Errorf("input %s: %w", input, err)
	}
	defer p.stop()
	stream, err := p.input.Once(ctx, &wire.OnceRequest{})
	for err == nil {
		var b *wire.Batch
		if b, err = stream.Recv(); err == nil {
			err = writeLines(w, b)
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return fmt.Errorf("input %s: %w", input, plain(err))
}

func (h *Host) find(input string) (Input, error) {
	var types []string
	for _, in := range h.config.Inputs {
		if in.Type == input {
			return in, nil
		}
		types = append(types, in.Type)
	}
	return Input{}, fmt.Errorf("input %s is not configured: there are %v", input, types)
}

func writeLines(w io.Writer, b *wire.Batch) error {
	text, err := point.Unpack(nil, b.Frames, wire.MaxText)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// Package run starts a daemon's actors together and stops them together.
package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/oklog/run"
	"github.com/rs/zerolog"
)

// ErrSignal is what the Signals actor ends with: a stop that was asked for.
var ErrSignal = errors.New("stopped by signal")

// Group is a set of named actors. The first one that ends cancels all others; Run waits for them.
type Group struct{ actors []actor }

type actor struct {
	name string
	do   func(context.Context) error
}

// Add names an actor. It must return soon after its context is done.
func (g *Group) Add(name string, do func(context.Context) error) {
	g.actors = append(g.actors, actor{name, do})
}

// Run starts every actor and returns when all have ended. The log names the one that ended first. A
// stop by signal or by ctx is no error.
func (g *Group) Run(ctx context.Context, log zerolog.Logger) error {
	var group run.Group
	for _, a := range g.actors {
		ctx, cancel := context.WithCancel(ctx)
		group.Add(func() error {
			err := a.do(ctx)
			log.Debug().Str("actor", a.name).Err(err).Msg("actor ended")
			return &ended{a.name, err}
		}, func(error) { cancel() })
	}
	return verdict(ctx, group.Run(), log)
}

func verdict(ctx context.Context, err error, log zerolog.Logger) error {
	var first *ended
	if !errors.As(err, &first) {
		return err
	}
	switch {
	case errors.Is(first.err, ErrSignal):
		log.Info().Msg(first.err.Error())
		return nil
	case first.err == nil || errors.Is(first.err, context.Canceled):
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("%s ended before it was asked to", first.name)
	}
	log.Error().Str("actor", first.name).Err(first.err).Msg("actor failed, stopping")
	return first
}

type ended struct {
	name string
	err  error
}

func (e *ended) Error() string { return e.name + ": " + e.err.Error() }
func (e *ended) Unwrap() error { return e.err }

// Signals is the actor that ends on SIGINT or SIGTERM.
func Signals(ctx context.Context) error {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(c)
	select {
	case s := <-c:
		return fmt.Errorf("%w %s", ErrSignal, s)
	case <-ctx.Done():
		return ctx.Err()
	}
}

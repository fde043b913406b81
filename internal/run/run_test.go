package run_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/internal/run"
)

func wait(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestFirstToEndStopsAllAndIsNamed(t *testing.T) {
	var log bytes.Buffer
	var g run.Group
	stopped := false
	g.Add("patient", func(ctx context.Context) error {
		defer func() { stopped = true }()
		return wait(ctx)
	})
	g.Add("broken", func(context.Context) error { return errors.New("disk on fire") })
	err := g.Run(t.Context(), zerolog.New(&log))
	if err == nil || err.Error() != "broken: disk on fire" {
		t.Errorf("Run = %v", err)
	}
	if !stopped {
		t.Error("Run returned before the other actor had ended")
	}
	if !strings.Contains(log.String(), `"actor":"broken"`) {
		t.Errorf("the log does not name the actor: %s", log.String())
	}
}

func TestAnActorThatJustEndsIsAnError(t *testing.T) {
	var g run.Group
	g.Add("quitter", func(context.Context) error { return nil })
	if err := g.Run(t.Context(), zerolog.Nop()); err == nil || !strings.Contains(err.Error(), "quitter") {
		t.Errorf("Run = %v", err)
	}
}

func TestCancellationIsNoError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var g run.Group
	g.Add("patient", wait)
	g.Add("canceller", func(ctx context.Context) error { cancel(); return wait(ctx) })
	if err := g.Run(ctx, zerolog.Nop()); err != nil {
		t.Errorf("Run = %v", err)
	}
}

func TestSignalStops(t *testing.T) {
	// A handler of the test's own is in place before Signals installs its: no signal ends the test.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGTERM)
	defer signal.Stop(caught)
	var g run.Group
	g.Add("signals", run.Signals)
	g.Add("sender", func(ctx context.Context) error {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-tick.C:
				if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
					return err
				}
			}
		}
	})
	if err := g.Run(t.Context(), zerolog.Nop()); err != nil {
		t.Errorf("Run = %v", err)
	}
}

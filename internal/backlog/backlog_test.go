package backlog_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/haidang-noc/haidang/internal/backlog"
	"github.com/haidang-noc/haidang/internal/gate"
	"github.com/haidang-noc/haidang/internal/point"
)

func line(e *point.Encoder) {
	e.Begin([]byte("m"))
	e.Bool("up", true)
	e.End(1)
}

// A source that has filled its account waits until what it added is written; what is left at the end is written, too.
func TestAFullSourceWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := gate.New(gate.Config{Memory: 1000, SourceMemory: 200, Strangers: 9})
		account, _ := g.Enter(netip.MustParseAddr("10.0.0.1"), gate.Limit{Rate: 1, Burst: 99}, time.Now())
		b := backlog.New(g)
		for !g.Full(account) {
			b.Add(account, line)
		}
		var written strings.Builder
		writing, stop, waited, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1), make(chan error, 1)
		go func() { waited <- b.Wait(t.Context(), account) }()
		go func() {
			ended <- b.Run(t.Context(), stop, func(_ context.Context, lines []byte, _ int) error {
				<-writing
				written.Write(lines)
				return nil
			})
		}()
		synctest.Wait()
		select {
		case <-waited:
			t.Fatal("it did not wait")
		default:
		}
		close(writing)
		if err := <-waited; err != nil || g.Held() != 0 {
			t.Errorf("%v, %d held", err, g.Held())
		}
		b.Add(account, line)
		close(stop)
		if err := <-ended; err != nil || !strings.HasSuffix(written.String(), "m up=true 1\n") || g.Held() != 0 {
			t.Errorf("%v, %q", err, written.String())
		}
	})
}

func TestAFailureEndsIt(t *testing.T) {
	g := gate.New(gate.Config{Memory: 100, SourceMemory: 100, Strangers: 9})
	account, _ := g.Enter(netip.MustParseAddr("10.0.0.1"), gate.Limit{Rate: 1, Burst: 9}, time.Now())
	b := backlog.New(g)
	b.Add(account, line)
	b.Add(account, line)
	want := errors.New("gone")
	if err := b.Run(t.Context(), nil, func(context.Context, []byte, int) error { return want }); !errors.Is(err, want) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Wait(ctx, account); err == nil {
		t.Error("it waits for what nobody writes")
	}
}

package plugintest

import (
	"context"
	"log/slog"
	"strings"
	"testing"
)

// Listening is a log for an input that is sent to, and the addresses that it tells there: those of the records "listening",
// room for as many as there are endpoints.
func Listening(t testing.TB, endpoints int) (*slog.Logger, <-chan string) {
	found := make(chan string, endpoints)
	return slog.New(listening{slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}), found}), found
}

type listening struct {
	slog.Handler
	found chan<- string
}

// Handle implements slog.Handler.
func (l listening) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "listening" {
		r.Attrs(func(endpoint slog.Attr) bool {
			address := endpoint.Value.String()
			if _, rest, ok := strings.Cut(address, "://"); ok {
				address = rest
			}
			l.found <- address
			return false
		})
	}
	return l.Handler.Handle(ctx, r)
}

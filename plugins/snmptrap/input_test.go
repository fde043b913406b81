package snmptrap_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
	"github.com/haidang-noc/haidang/plugins/snmptrap"
)

// address is a log handler that catches the address at which the input listens.
type address struct {
	slog.Handler
	found chan string
}

func (a address) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "taking notifications" {
		r.Attrs(func(at slog.Attr) bool {
			a.found <- at.Value.String()
			return false
		})
	}
	return a.Handler.Handle(ctx, r)
}

// run runs the input, calls send once it listens, and returns the lines when there are as many as wanted.
func run(t *testing.T, yaml string, want int, send func(addr string)) plugintest.Lines {
	t.Helper()
	t.Setenv("TEST_COMMUNITY", "public")
	t.Setenv("TEST_AUTH", authPassword)
	t.Setenv("TEST_PRIV", privPassword)
	found := make(chan string, 1)
	log := slog.New(address{slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}), found})
	config := sdk.Config{Agent: "a1", File: "agent.yaml", Line: 1, Dir: t.TempDir(), Log: log,
		YAML: []byte("listen: ['127.0.0.1:0']\n" + yaml)}
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		send(<-found)
	}()
	lines := plugintest.Run(t, snmptrap.New(), config, func(lines plugintest.Lines) bool { return len(lines) >= want })
	<-sent
	return lines
}

const (
	authPassword = "auth-pass-12345"
	privPassword = "priv-pass-12345"
	community    = "credentials: [{name: c, version: 2c, community: 'env:TEST_COMMUNITY'}]\n"
	local        = "devices: [{device: d1, address: 127.0.0.1}]\n"
)

func has(lines plugintest.Lines, part string) bool {
	return strings.Contains(strings.Join(lines, "\n"), part)
}

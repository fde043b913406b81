// Package plugintest runs an input in a test, in process but over the wire that the agent uses, and
// compares its lines with golden files.
package plugintest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/haidang-noc/haidang/internal/wire"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// Configure gives the input its configuration as the agent does and returns the input's verdict.
func Configure(t testing.TB, in sdk.Input, c sdk.Config) error {
	t.Helper()
	return configure(t, serve(t, in, c.Log), c)
}

// Once configures the input, runs one round of it and returns the lines. The error is that of the round.
func Once(t testing.TB, in sdk.Input, c sdk.Config) (Lines, error) {
	t.Helper()
	client := serve(t, in, c.Log)
	must(t, configure(t, client, c))
	stream, err := client.Once(t.Context(), &wire.OnceRequest{})
	must(t, err)
	var lines Lines
	for {
		b, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return lines, plain(err)
		}
		lines = append(lines, unpack(t, b)...)
	}
}

// Run configures and runs the input, acknowledging every batch, until enough says so of the lines so far. Then it
// stops the input as the agent does and returns all lines, those of the last flush included. The test fails when the
// input ends by itself or ends with an error.
func Run(t testing.TB, in sdk.Input, c sdk.Config, enough func(Lines) bool) Lines {
	t.Helper()
	client := serve(t, in, c.Log)
	must(t, configure(t, client, c))
	stream, err := client.Run(t.Context())
	must(t, err)
	var lines Lines
	for stopped := false; ; {
		b, err := stream.Recv()
		if errors.Is(err, io.EOF) && stopped {
			return lines
		}
		must(t, err)
		lines = append(lines, unpack(t, b)...)
		stopped = stopped || enough(lines)
		must(t, stream.Send(&wire.FromHost{Acknowledged: b.Sequence, Stop: stopped}))
	}
}

// serve puts the input behind gRPC in memory; the test's end takes it down.
func serve(t testing.TB, in sdk.Input, log *slog.Logger) wire.InputClient {
	t.Helper()
	if log == nil {
		log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	listener := bufconn.Listen(wire.MaxMessage)
	server := grpc.NewServer(grpc.MaxRecvMsgSize(wire.MaxSettings), grpc.WaitForHandlers(true))
	wire.RegisterInputServer(server, sdk.NewService(context.Background(), in, log, new(slog.LevelVar)))
	go func() { _ = server.Serve(listener) }() // ends with server.Stop
	t.Cleanup(server.Stop)

	conn, err := grpc.NewClient("passthrough:///input",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return wire.NewInputClient(conn)
}

func configure(t testing.TB, client wire.InputClient, c sdk.Config) error {
	t.Helper()
	_, err := client.Configure(t.Context(), &wire.Settings{
		Agent: c.Agent, Yaml: c.YAML, File: c.File, Line: uint32(c.Line), Dir: c.Dir, Level: "debug",
	})
	return plain(err)
}

// plain is the error without gRPC's wrapping: what the agent shows.
func plain(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(status.Convert(err).Message())
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(fmt.Errorf("plugintest: %w", err))
	}
}

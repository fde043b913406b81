package sdk

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/haidang-noc/haidang/internal/wire"
)

// Serve is the main function of a plugin: it serves the input to the agent that started the process and returns
// when the agent lets go. The process ends at once when the agent dies.
//
// A panic in the goroutine that calls the input is caught; one in a goroutine that the input started ends the
// process, as everywhere in Go, and the agent starts it again.
func Serve(in Input) {
	if h := wire.Handshake(); os.Getenv(h.MagicCookieKey) != h.MagicCookieValue {
		fmt.Fprintf(os.Stderr, "%s is an input of haidang-agent and is started by it.\n"+
			"To see what it collects: haidang-agent once --config agent.yaml INPUT\n", os.Args[0])
		os.Exit(2)
	}
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	level := new(slog.LevelVar)
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	service := NewService(stop, in, log, level)
	service.measureProcess()
	go endWithAgent(os.Stdin)
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: wire.Handshake(),
		Plugins:         plugin.PluginSet{wire.Name: &wire.Plugin{Service: service}},
		GRPCServer:      newServer,
		Logger:          hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, Output: os.Stderr, JSONFormat: true}),
	})
}

func newServer(opts []grpc.ServerOption) *grpc.Server {
	return grpc.NewServer(append(opts, grpc.MaxRecvMsgSize(wire.MaxSettings))...)
}

// endWithAgent ends the process when the pipe, whose other end the agent holds, is closed. On Linux the kernel
// also kills the process with its agent; elsewhere the pipe is all there is.
func endWithAgent(pipe io.Reader) {
	_, _ = io.Copy(io.Discard, pipe) // however reading ends, the agent is gone
	os.Exit(1)
}

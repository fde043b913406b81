// Haidang-input-test is an input that behaves well or badly, as its configuration says in one word.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/haidang-noc/haidang/internal/wire"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

func main() {
	if os.Getenv("TEST_PROTOCOL") != "" {
		serveFuture()
		return
	}
	sdk.Serve(&input{})
}

type input struct {
	mode string
	log  *slog.Logger
	key  []byte
}

func (in *input) Configure(c sdk.Config) error {
	in.mode, in.log = strings.TrimSpace(string(c.YAML)), c.Log
	in.key = c.Key("test", sdk.Tag{Key: "device", Value: "d1"})
	switch in.mode {
	case "refuse":
		return fmt.Errorf("%s:%d: mode: refuse is not allowed", c.File, c.Line)
	case "die-early":
		os.Exit(7)
	}
	return nil
}

func (in *input) Run(ctx context.Context, out *sdk.Output) error {
	in.log.Debug("debug line")
	in.log.Warn("warn line", "device", "d1", "count", 3, "input", "mine")
	switch in.mode {
	case "count":
		return in.write(ctx, out, 0, 20_000)
	case "flood":
		for i := 0; ; i += 1000 {
			if err := in.write(ctx, out, i, i+1000); err != nil {
				return nil
			}
		}
	case "pid":
		return in.writePID(ctx, out)
	case "last-words":
		<-ctx.Done()
		return in.write(context.WithoutCancel(ctx), out, 0, 1)
	case "print":
		fmt.Println("printed to stdout")
		fmt.Fprintln(os.Stderr, "printed to stderr")
	case "fail":
		return errors.New("no such community")
	case "panic":
		_ = in.write(ctx, out, 0, 3)
		panic("index out of everything")
	case "crash":
		go func() { panic("in a goroutine") }()
	case "hang":
		select {}
	}
	<-ctx.Done()
	return nil
}

// write writes the lines from number first up to, not including, end.
func (in *input) write(ctx context.Context, out *sdk.Output, first, end int) error {
	for i := first; i < end; i++ {
		if err := out.Write(ctx, fmt.Appendf(nil, "%s n=%di %d\n", in.key, i, 1_700_000_000_000_000_000+i), 1); err != nil {
			return err
		}
	}
	if end == 20_000 {
		<-ctx.Done()
	}
	return nil
}

func (in *input) writePID(ctx context.Context, out *sdk.Output) error {
	return sdk.Poll(ctx, 50*time.Millisecond, 0, func(ctx context.Context) error {
		if err := out.Write(ctx, fmt.Appendf(nil, "%s pid=%di\n", in.key, os.Getpid()), 1); err != nil {
			return err
		}
		return out.Flush(ctx)
	})
}

func (in *input) Once(ctx context.Context, out *sdk.Output) error {
	if in.mode == "environment" {
		for _, v := range os.Environ() {
			name, _, _ := strings.Cut(v, "=")
			if err := out.Write(ctx, fmt.Appendf(nil, "env,name=%s set=true\n", name), 1); err != nil {
				return err
			}
		}
		return nil
	}
	if err := in.write(ctx, out, 0, 2); err != nil {
		return err
	}
	return errors.New("d2 does not answer")
}

// future speaks a protocol that is not there yet.
type future struct{ wire.UnimplementedInputServer }

func (future) Describe(context.Context, *wire.DescribeRequest) (*wire.Description, error) {
	return &wire.Description{Name: "test", Version: "v9.0.0", Protocol: 2}, nil
}

func serveFuture() {
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: wire.Handshake(),
		Plugins:         plugin.PluginSet{wire.Name: &wire.Plugin{Service: future{}}},
		GRPCServer:      func(o []grpc.ServerOption) *grpc.Server { return grpc.NewServer(o...) },
	})
}

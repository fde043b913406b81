// Haidang-input-test is an input that behaves well or badly, as its configuration says in one word.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/plugins/sdk"
)

func main() {
	switch os.Getenv("TEST_SERVE") {
	case "future":
		serve(future{})
	case "raw":
		serve(raw{})
	default:
		sdk.Serve(&input{})
	}
}

type input struct {
	mode string
	log  *slog.Logger
	key  []byte
}

func (in *input) Configure(c sdk.Config) error {
	in.mode, in.log = strings.TrimSpace(string(c.YAML)), c.Log
	in.key = c.Key("test", sdk.Tag{Key: "device", Value: "d1"})
	in.measure(c.Metrics)
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
	case "bench":
		return in.writeFrames(ctx, out)
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
		return out.Sync(ctx)
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

// writeFrames writes as fast as it is let: counters of interfaces, 256 KiB at a time.
func (in *input) writeFrames(ctx context.Context, out *sdk.Output) error {
	var lines sdk.Encoder
	for i := 0; len(lines.Bytes()) < 255<<10; i++ {
		lines.Begin(in.key)
		for _, field := range []string{"in_octets", "out_octets", "in_ucast_pkts", "out_ucast_pkts"} {
			lines.Uint(field, rand.Uint64N(1e12))
		}
		for _, field := range []string{"in_errors", "out_errors", "in_discards", "out_discards"} {
			lines.Uint(field, rand.Uint64N(100))
		}
		lines.End(1_700_000_000_000_000_000 + int64(i))
	}
	for out.Write(ctx, lines.Bytes(), lines.Lines()) == nil {
	}
	return nil
}

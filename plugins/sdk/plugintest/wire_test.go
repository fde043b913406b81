package plugintest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/internal/wire"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// script is an input made of functions.
type script struct {
	configure func() error
	run       func(context.Context, *sdk.Output) error
}

func (s script) Configure(sdk.Config) error {
	if s.configure == nil {
		return nil
	}
	return s.configure()
}

func (s script) Run(ctx context.Context, out *sdk.Output) error { return s.run(ctx, out) }

func (s script) Once(ctx context.Context, out *sdk.Output) error { return s.run(ctx, out) }

// run starts a script; the log of its side of the wire goes to the buffer, which is safe to read when the stream is over.
func run(t *testing.T, s script) (wire.Input_RunClient, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	client := serve(t, s, slog.New(slog.NewTextHandler(&log, nil)))
	must(t, configure(t, client, sdk.Config{}))
	stream, err := client.Run(t.Context())
	must(t, err)
	return stream, &log
}

// drain acknowledges everything until the stream ends and returns the lines.
func drain(t *testing.T, stream wire.Input_RunClient) (Lines, error) {
	t.Helper()
	var lines Lines
	for {
		b, err := stream.Recv()
		if err != nil {
			return lines, err
		}
		lines = append(lines, unpack(t, b)...)
		_ = stream.Send(&wire.FromHost{Acknowledged: b.Sequence}) // shows in Recv
	}
}

func TestAHostThatDoesNotAcknowledgeHoldsTheInputUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		frame := []byte(strings.Repeat("x", point.FrameBytes-1) + "\n")
		written, received := 0, 0
		stream, _ := run(t, script{run: func(ctx context.Context, out *sdk.Output) error {
			for out.Write(ctx, frame, 1) == nil {
				written++
			}
			return nil
		}})
		over := make(chan struct{})
		go func() {
			defer close(over)
			for {
				if _, err := stream.Recv(); err != nil {
					return
				}
				received++
			}
		}()
		for acked := range uint64(5) {
			must(t, stream.Send(&wire.FromHost{Acknowledged: acked}))
			synctest.Wait()
			if received != wire.Window+int(acked) || written != received+1 {
				t.Fatalf("%d batches received, %d written, %d acknowledged", received, written, acked)
			}
		}
		must(t, stream.Send(&wire.FromHost{Stop: true}))
		synctest.Wait()
		must(t, stream.Send(&wire.FromHost{Acknowledged: uint64(received)}))
		synctest.Wait()
		must(t, stream.Send(&wire.FromHost{Acknowledged: uint64(received)}))
		<-over
		if received != written {
			t.Errorf("%d batches received of %d written", received, written)
		}
	})
}

func TestWhatWasWrittenBeforeAPanicIsDelivered(t *testing.T) {
	stream, log := run(t, script{run: func(ctx context.Context, out *sdk.Output) error {
		must(t, out.Write(ctx, []byte("a b=1i\n"), 1))
		panic("boom")
	}})
	lines, err := drain(t, stream)
	if len(lines) != 1 || status.Convert(err).Message() != "panic in Run: boom" {
		t.Errorf("%d lines and the error %v", len(lines), err)
	}
	if !strings.Contains(log.String(), "wire_test.go") {
		t.Errorf("the log has no stack: %s", log)
	}
	if got := stream.Trailer().Get(wire.LostPoints); len(got) != 1 || got[0] != "0" {
		t.Errorf("lost points = %v", got)
	}
}

func TestAnInputThatEndsByItselfFails(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"without an error": {nil, "the input ended although nobody stopped it"},
		"with an error":    {errors.New("no route"), "no route"},
	} {
		t.Run(name, func(t *testing.T) {
			stream, _ := run(t, script{run: func(context.Context, *sdk.Output) error { return c.err }})
			if _, err := drain(t, stream); status.Convert(err).Message() != c.want {
				t.Errorf("error = %v; want %q", err, c.want)
			}
		})
	}
}

func TestAnInputMayReturnTheErrorOfItsContext(t *testing.T) {
	stream, _ := run(t, script{run: func(ctx context.Context, _ *sdk.Output) error {
		<-ctx.Done()
		return ctx.Err()
	}})
	must(t, stream.Send(&wire.FromHost{Stop: true}))
	if _, err := drain(t, stream); !errors.Is(err, io.EOF) {
		t.Errorf("error = %v", err)
	}
}

func TestAHostThatIsGoneEndsTheInput(t *testing.T) {
	writes := make(chan error, 1)
	stream, _ := run(t, script{run: func(ctx context.Context, out *sdk.Output) error {
		<-ctx.Done()
		for {
			if err := out.Write(context.Background(), []byte("a b=1i\n"), 1); err != nil {
				writes <- err
				return err
			}
			if err := out.Sync(context.Background()); err != nil {
				writes <- err
				return err
			}
		}
	}})
	must(t, stream.CloseSend())
	if err := <-writes; !strings.Contains(err.Error(), "the agent is gone") {
		t.Errorf("the last write returned %v", err)
	}
}

func TestAWrongAcknowledgementEndsTheInput(t *testing.T) {
	stream, log := run(t, script{run: func(ctx context.Context, _ *sdk.Output) error {
		<-ctx.Done()
		return nil
	}})
	must(t, stream.Send(&wire.FromHost{Acknowledged: 1}))
	_, _ = drain(t, stream)
	if !strings.Contains(log.String(), "the host acknowledges batch 1, but only 0 were sent") {
		t.Errorf("log: %s", log)
	}
}

func TestConfigureComesFirst(t *testing.T) {
	client := serve(t, script{}, nil)
	stream, err := client.Run(t.Context())
	must(t, err)
	if _, err := stream.Recv(); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("Run = %v", err)
	}
	once, err := client.Once(t.Context(), &wire.OnceRequest{})
	must(t, err)
	if _, err := once.Recv(); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("Once = %v", err)
	}
}

func TestAPanicInConfigureIsNotTheOperatorsMistake(t *testing.T) {
	client := serve(t, script{configure: func() error { panic("nil map") }}, nil)
	_, err := client.Configure(t.Context(), &wire.Settings{})
	if status.Code(err) != codes.Internal || !strings.Contains(err.Error(), "panic in Configure: nil map") {
		t.Errorf("Configure = %v", err)
	}
}

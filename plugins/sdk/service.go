package sdk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/haidang-noc/haidang/internal/wire"
)

// Service is an input behind the wire protocol: Serve puts it into a plugin process, plugintest into a test.
// The author of an input needs neither.
type Service struct {
	wire.UnimplementedInputServer
	in    Input
	stop  context.Context // done when the process itself is asked to end
	log   *slog.Logger
	level *slog.LevelVar
	ready atomic.Bool // Configure has succeeded

	metrics *prometheus.Registry // the input's
}

// NewService makes the service of an input. When stop is done, a running input is stopped as if the host
// had asked for it. The host's log level is written to level.
func NewService(stop context.Context, in Input, log *slog.Logger, level *slog.LevelVar) *Service {
	return &Service{in: in, stop: stop, log: log, level: level, metrics: prometheus.NewRegistry()}
}

// Describe tells which input this is. The name is that of the main package it was built from.
func (s *Service) Describe(context.Context, *wire.DescribeRequest) (*wire.Description, error) {
	d := &wire.Description{Protocol: wire.Protocol}
	if info, ok := debug.ReadBuildInfo(); ok {
		d.Name = strings.TrimPrefix(path.Base(info.Path), wire.BinaryPrefix)
		d.Version = info.Main.Version
	}
	return d, nil
}

// Configure hands the input its configuration.
func (s *Service) Configure(_ context.Context, m *wire.Settings) (*wire.Configured, error) {
	if err := s.level.UnmarshalText([]byte(m.Level)); err != nil {
		s.level.Set(slog.LevelInfo)
	}
	c := Config{Agent: m.Agent, YAML: m.Yaml, File: m.File, Line: int(m.Line), Dir: m.Dir, Log: s.log, Metrics: s.metrics}
	err := s.guard("Configure", func() error { return s.in.Configure(c) })
	var p *panicked
	switch {
	case errors.As(err, &p):
		return nil, status.Error(codes.Internal, err.Error())
	case err != nil:
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	s.ready.Store(true)
	return &wire.Configured{}, nil
}

// Run runs the input until the host says stop, or the connection or the process ends.
func (s *Service) Run(stream wire.Input_RunServer) error {
	if err := s.configured(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	defer context.AfterFunc(s.stop, cancel)()
	out, err := newOutput(stream.Send)
	if err != nil {
		return asStatus(err)
	}
	go s.receive(stream, out, cancel)
	go out.flushLoop(ctx)

	err = s.guard("Run", func() error { return s.in.Run(ctx, out) })
	if err == nil && ctx.Err() == nil {
		err = errors.New("the input ended although nobody stopped it")
	}
	lost, lostErr := out.finish(stream.Context())
	if lostErr != nil {
		s.log.Error("the input ended with points that the agent never acknowledged", "points", lost, "error", lostErr)
	}
	stream.SetTrailer(metadata.Pairs(wire.LostPoints, strconv.Itoa(lost)))
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // what an input returns that was stopped
	}
	return asStatus(err)
}

// receive handles what the host sends while the input runs; stop is called when the input has to end.
func (s *Service) receive(stream wire.Input_RunServer, out *Output, stop func()) {
	defer stop()
	defer out.window.leave()
	for {
		m, err := stream.Recv()
		if err != nil {
			return // the stream is over
		}
		if err := out.window.acknowledge(m.Acknowledged); err != nil {
			s.log.Error(err.Error())
			return
		}
		if m.Stop {
			stop()
		}
	}
}

// Once runs one round of the input. The host takes batches as fast as it can write them; nothing is spooled.
func (s *Service) Once(_ *wire.OnceRequest, stream wire.Input_OnceServer) error {
	if err := s.configured(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	out, err := newOutput(stream.Send)
	if err != nil {
		return asStatus(err)
	}
	out.send = func(b *wire.Batch) error {
		if err := stream.Send(b); err != nil {
			return err
		}
		return out.window.acknowledge(b.Sequence)
	}
	go out.flushLoop(ctx)
	err = s.guard("Once", func() error { return s.in.Once(ctx, out) })
	if _, lostErr := out.finish(ctx); err == nil {
		err = lostErr
	}
	return asStatus(err)
}

func (s *Service) configured() error {
	if !s.ready.Load() {
		return status.Error(codes.FailedPrecondition, "the input is not configured")
	}
	return nil
}

func asStatus(err error) error {
	if err == nil {
		return nil
	}
	return status.Error(codes.Unknown, err.Error())
}

// panicked is the error that guard makes of a panic.
type panicked struct {
	method string
	value  any
}

func (p *panicked) Error() string { return fmt.Sprintf("panic in %s: %v", p.method, p.value) }

// guard calls a method of the input. A panic goes into the log with its stack and comes back as an error, so that
// what the input has written before is still delivered.
func (s *Service) guard(method string, call func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			s.log.Error("the input panicked", "method", method, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			err = &panicked{method: method, value: v}
		}
	}()
	return call()
}

package mdt

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/haidang-noc/haidang/internal/listen"
	"github.com/haidang-noc/haidang/plugins/mdt/envelope"
)

// octets is a message of gRPC as it came.
type octets []byte

// verbatim is a codec that leaves messages as they are: they are read where they are needed, without a copy for each field.
type verbatim struct{}

// Name is that of the codec that devices ask for.
func (verbatim) Name() string { return "proto" }

// Marshal gives a message's octets.
func (verbatim) Marshal(v any) (mem.BufferSlice, error) {
	m, ok := v.(*octets)
	if !ok {
		return nil, fmt.Errorf("mdt: %T is no message", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(*m)}, nil
}

// Unmarshal takes a message's octets into the memory of the one before.
func (verbatim) Unmarshal(data mem.BufferSlice, v any) error {
	m, ok := v.(*octets)
	if !ok {
		return fmt.Errorf("mdt: %T is no message", v)
	}
	if n := data.Len(); n > cap(*m) {
		*m = make([]byte, n)
	} else {
		*m = (*m)[:n]
	}
	data.CopyTo(*m)
	return nil
}

const (
	ciscoMethod  = "/mdt_dialout.gRPCMdtDialout/MdtDialout"
	huaweiMethod = "/huawei_dialout.gRPCDataservice/dataPublish"
	argsOverhead = 64 << 10 // of what a message is wrapped in, at most
)

// serveGRPC takes streams of both services until ctx is done.
func (t *intake) serveGRPC(ctx context.Context, l net.Listener, scheme string) error {
	options := []grpc.ServerOption{
		grpc.ForceServerCodecV2(verbatim{}),
		grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error { return t.stream(stream, scheme) }),
		grpc.MaxRecvMsgSize(int(t.setup.MaxMessage) + argsOverhead),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.ConnectionTimeout(listen.HandshakeTimeout),
		grpc.WaitForHandlers(true),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionIdle: t.setup.Idle.D(), Time: time.Minute, Timeout: 20 * time.Second}),
	}
	if c := t.setup.tls[scheme]; c != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(c)))
	}
	server := grpc.NewServer(options...)
	defer context.AfterFunc(ctx, server.Stop)()
	if err := server.Serve(l); err != nil && ctx.Err() == nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("mdt: %w", err)
	}
	return nil
}

// maxStreams bounds the streams of a connection: a device has one for each of its subscriptions.
const maxStreams = 32

// stream takes the messages of a stream until its device ends it.
func (t *intake) stream(s grpc.ServerStream, scheme string) error {
	as := cisco
	switch method, _ := grpc.MethodFromServerStream(s); method {
	case ciscoMethod:
	case huaweiMethod:
		as = huawei
	default:
		t.metrics.refused.WithLabelValues("method").Inc()
		return status.Errorf(codes.Unimplemented, "mdt: %s: want %s or %s", method, ciscoMethod, huaweiMethod)
	}
	t.metrics.connections.Inc()
	defer t.metrics.connections.Dec()
	from := source(s.Context())
	received := t.metrics.messages.WithLabelValues(scheme)
	whole := parts{most: int(t.setup.MaxMessage)}
	var message octets
	for {
		if err := s.RecvMsg(&message); err != nil {
			return nil //nolint:nilerr // the device has ended it, or is gone
		}
		args, err := envelope.ReadArgs(message)
		if err == nil {
			args.Data, err = whole.add(args, as)
		}
		if err != nil {
			t.metrics.dropped.WithLabelValues(reasonOf(err)).Inc()
			return status.Errorf(codes.InvalidArgument, "%v", err)
		}
		if len(args.Data) == 0 {
			t.note(args)
			continue
		}
		received.Inc()
		t.metrics.octets.Add(float64(len(args.Data)))
		if err := t.take(s.Context(), args.Data, as, from); err != nil {
			return status.FromContextError(err).Err()
		}
	}
}

func reasonOf(err error) string {
	if errors.Is(err, errLength) {
		return "too_long"
	}
	return "framing"
}

// note counts what a device says in place of data.
func (t *intake) note(a envelope.Args) {
	switch {
	case len(a.Errors) > 0:
		t.metrics.dropped.WithLabelValues("device_error").Inc()
	case len(a.JSON) > 0:
		t.metrics.dropped.WithLabelValues("huawei_json").Inc()
	}
}

// parts puts messages together that come in parts.
type parts struct {
	most    int
	waiting []byte
}

// add is the whole message, once it is there.
func (p *parts) add(a envelope.Args, as encoding) ([]byte, error) {
	if as != cisco || a.Total == 0 {
		return a.Data, nil
	}
	if a.Total > uint64(p.most) || len(p.waiting)+len(a.Data) > p.most {
		return nil, errLength
	}
	p.waiting = append(p.waiting, a.Data...)
	if uint64(len(p.waiting)) < a.Total {
		return nil, nil
	}
	whole := p.waiting
	p.waiting = p.waiting[:0] // valid until the next part
	return whole, nil
}

// source is the address that a stream comes from.
func source(ctx context.Context) netip.Addr {
	if p, ok := peer.FromContext(ctx); ok {
		if a, ok := p.Addr.(*net.TCPAddr); ok {
			return a.AddrPort().Addr().Unmap()
		}
	}
	return netip.Addr{}
}

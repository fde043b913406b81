package session

import (
	"context"
	"net"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Names of gNMI's calls.
const (
	capabilitiesCall = "/gnmi.gNMI/Capabilities"
	subscribeCall    = "/gnmi.gNMI/Subscribe"
)

// What may wait of a stream before the target has to wait: with hundreds of targets this is what they cost.
const (
	window     = 256 << 10
	readBuffer = 16 << 10
	headers    = 64 << 10
)

// keepAlive finds out that the other end is gone, below HTTP/2: targets end connections that are pinged too often.
func keepAlive() net.KeepAliveConfig {
	return net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}
}

// dial makes a connection; it is opened by the first call.
func (s *Session) dial() (*grpc.ClientConn, error) {
	secure := insecure.NewCredentials()
	if s.device.Login.TLS != nil {
		config, err := s.device.Login.TLS()
		if err != nil {
			return nil, err
		}
		secure = credentials.NewTLS(config)
	}
	dialer := &net.Dialer{Timeout: s.cfg.Timeout, KeepAliveConfig: keepAlive()}
	return grpc.NewClient("passthrough:///"+s.device.Address,
		grpc.WithTransportCredentials(secure),
		grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			return dialer.DialContext(ctx, "tcp", address)
		}),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(codec{}), grpc.MaxCallRecvMsgSize(s.cfg.MaxMessage)),
		grpc.WithInitialWindowSize(window), grpc.WithInitialConnWindowSize(window),
		grpc.WithReadBufferSize(readBuffer), grpc.WithWriteBufferSize(0), grpc.WithMaxHeaderListSize(headers),
		grpc.WithDisableServiceConfig(), grpc.WithDisableRetry(), grpc.WithIdleTimeout(0))
}

// login adds user and password to the calls made with the context.
func (s *Session) login(ctx context.Context) (context.Context, error) {
	l := &s.device.Login
	if l.Username == "" {
		return ctx, nil
	}
	password := ""
	if l.Password != nil {
		var err error
		if password, err = l.Password(); err != nil {
			return ctx, err
		}
	}
	return metadata.AppendToOutgoingContext(ctx, "username", l.Username, "password", password), nil
}

// capabilities asks what the target can do. One that does not know the question is taken to be able to do everything.
func (s *Session) capabilities(ctx context.Context, conn *grpc.ClientConn) (ability, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	var answer gpb.CapabilityResponse
	err := conn.Invoke(ctx, capabilitiesCall, &gpb.CapabilityRequest{}, &answer)
	if status.Code(err) == codes.Unimplemented {
		return ability{unknown: true}, nil
	}
	return abilityOf(&answer), err
}

package listen

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// HandshakeTimeout is how long a peer has for the handshake of TLS.
const HandshakeTimeout = 10 * time.Second

const acceptPause = 100 * time.Millisecond

// Serve hands connections over, each to a goroutine, until ctx is done, and then waits for those that are open to end. It closes
// the listener.
func Serve(ctx context.Context, l net.Listener, take func(net.Conn)) error {
	defer context.AfterFunc(ctx, func() { _ = l.Close() })()
	var open sync.WaitGroup
	defer open.Wait()
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			open.Go(func() { take(conn) })
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("listen: %w", err)
		default: // the connection was gone before it was taken, or there are no more files: others may be given back
			select {
			case <-time.After(acceptPause):
			case <-ctx.Done():
			}
		}
	}
}

// Secure is a connection under TLS, after its handshake.
func Secure(ctx context.Context, conn net.Conn, config *tls.Config) (net.Conn, error) {
	secured := tls.Server(conn, config)
	limited, cancel := context.WithTimeout(ctx, HandshakeTimeout)
	defer cancel()
	if err := secured.HandshakeContext(limited); err != nil {
		return nil, fmt.Errorf("listen: handshake: %w", err)
	}
	return secured, nil
}

package log

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Publish appends the message to a stream and returns when it is durable. ErrFull and ErrTooLarge
// say that it was not taken; after any other error it may have been, and the caller sends it again
// under the same ID. The frames are the caller's again when Publish returns. Calls run side by side:
// throughput comes from several callers.
func (l *Log) Publish(ctx context.Context, stream int, m Message) error {
	if err := l.check(stream); err != nil {
		return fmt.Errorf("log: publish: %w", err)
	}
	start := time.Now()
	err := l.publish(ctx, stream, m)
	l.metrics.published(stream%l.cfg.Partitions, len(m.Batch.Frames), time.Since(start), err)
	if err != nil {
		return fmt.Errorf("log: publish to %s: %w", l.name(stream), err)
	}
	return nil
}

func (l *Log) publish(ctx context.Context, stream int, m Message) error {
	msg, err := m.encode(l.subject(stream))
	if err != nil {
		return err
	}
	if err := l.checkDisk(stream); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	ack, err := l.js.PublishMsg(ctx, msg)
	if err != nil {
		return l.publishError(err)
	}
	if ack.Duplicate {
		l.metrics.duplicates.Inc()
	}
	return nil
}

// checkDisk stops writing before the disk is full: a server that once failed to write takes nothing
// more until it is started anew. Relays may go further than new data: what fills the disk may be the log
// itself, and then nothing but passing on empties it.
func (l *Log) checkDisk(stream int) error {
	if l.server == nil {
		return nil
	}
	have, err := free(l.cfg.Dir)
	if err != nil {
		return err
	}
	keep := l.cfg.MinFree
	if _, relays := l.split(stream); relays {
		keep /= 2
	}
	if have < keep {
		return fmt.Errorf("%d bytes free on the disk of %s, %d must stay free: %w", have, l.cfg.Dir, keep, ErrFull)
	}
	return nil
}

func (l *Log) publishError(err error) error {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return apiError(api)
	}
	if l.server != nil {
		l.server.heal()
	}
	if errors.Is(err, nats.ErrReconnectBufExceeded) {
		return errors.New("not connected to the log's server")
	}
	return err
}

// Error codes of JetStream that nats.go has no names for.
const (
	codeNoResources  jetstream.ErrorCode = 10023
	codeStorageLimit jetstream.ErrorCode = 10047
	codeMsgTooLarge  jetstream.ErrorCode = 10054
	codeStoreFailed  jetstream.ErrorCode = 10077
)

// apiError tells "full" and "too large" from all else the server may say.
func apiError(err *jetstream.APIError) error {
	switch {
	case err.ErrorCode == codeMsgTooLarge:
		return fmt.Errorf("%w: %w", ErrTooLarge, err)
	case err.ErrorCode == codeNoResources, err.ErrorCode == codeStorageLimit,
		err.ErrorCode == codeStoreFailed && strings.Contains(err.Description, "maximum bytes exceeded"):
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

// Package log is the durable, replayable log between ingest and the partitions: two NATS JetStream
// streams per partition, in a server inside this process or in a cluster elsewhere, through the same
// code.
//
// A stream is known by a number: p is what partition p was sent, Relays(p) what other partitions pass on
// to it. They have bounds of their own, so that new data never takes the room that passing on needs.
//
// What Publish accepted is on disk (or, in a cluster, on a quorum) when it returns. Read gives it
// back in order and without gaps from any sequence on. The reader keeps the position; the log has no
// durable consumers.
package log

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

const (
	// MaxMessage is the most bytes of frames that one message may have.
	MaxMessage = 8 << 20
	// MinShare is the least that each partition's share of the log may be.
	MinShare = 4 * MaxMessage
	// headerRoom is for the headers of a message beside MaxMessage.
	headerRoom = 64 << 10

	ackTimeout = 10 * time.Second
	apiTimeout = 10 * time.Second
)

var (
	// ErrFull says that the log has no room until its readers have come further (or the disk has
	// been cleared); the message was not taken.
	ErrFull = errors.New("log is full")
	// ErrTooLarge says that the message is larger than the log takes.
	ErrTooLarge = errors.New("message is too large")
)

// Config says where the log is. With URL it is that external server or cluster, without it a server
// in this process that keeps its files in Dir. An external server with one replica must run with
// sync_interval: always, or a power failure takes what was acknowledged in its last two minutes; a
// client cannot see that setting. With three replicas a message is on two of them when it counts.
type Config struct {
	Partitions int
	MaxBytes   int64         // of all partitions together, each has its equal share, a quarter of it for relays
	Dedupe     time.Duration // how long message ids are remembered; 0: two minutes
	Positions  []uint64      // per partition the sequence its checkpoint stands at; nil: all new

	Dir     string // embedded: made if it does not exist
	MinFree int64  // embedded: bytes the disk must keep free for others; 0: 256 MiB. Relays may take half of it

	URL         string // external: nats://host:4222[,nats://host2:4222…]
	Credentials string // external: .creds file; empty: none
	RootCA      string // external: PEM file of the authority that signed the server's certificate
	Replicas    int    // external: copies of each message; 0: 3
}

func (c *Config) defaults() error {
	switch {
	case c.Partitions < 1:
		return fmt.Errorf("%d partitions, want at least 1", c.Partitions)
	case c.Positions != nil && len(c.Positions) != c.Partitions:
		return fmt.Errorf("%d positions for %d partitions", len(c.Positions), c.Partitions)
	case c.MaxBytes/int64(c.Partitions) < MinShare:
		return fmt.Errorf("max bytes %d is too little for %d partitions, want at least %d", c.MaxBytes, c.Partitions, MinShare*c.Partitions)
	case c.Dir == "" && c.URL == "":
		return errors.New("neither directory nor URL given")
	}
	if c.Dedupe == 0 {
		c.Dedupe = 2 * time.Minute
	}
	if c.MinFree == 0 {
		c.MinFree = 256 << 20
	}
	switch {
	case c.URL == "":
		c.Replicas = 1
	case c.Replicas == 0:
		c.Replicas = 3
	}
	return nil
}

// Log is an open log. Its methods may be called from several goroutines.
type Log struct {
	cfg     Config
	log     zerolog.Logger
	server  *server // nil: external
	conn    *nats.Conn
	js      jetstream.JetStream
	metrics *metrics
	close   func() error // once
}

// Open starts or reaches the server and makes the streams that are missing. The next sequence of a
// partition is always above its position, also if its stream was lost: a position never names two
// messages. ctx bounds opening only; reg may be nil.
func Open(ctx context.Context, cfg Config, log zerolog.Logger, reg prometheus.Registerer) (*Log, error) {
	if err := cfg.defaults(); err != nil {
		return nil, fmt.Errorf("log: open: %w", err)
	}
	l := &Log{cfg: cfg, log: log, metrics: newMetrics()}
	l.close = sync.OnceValue(l.shutdown)
	if err := l.open(ctx, reg); err != nil {
		return nil, fmt.Errorf("log: open %s: %w", l.where(), errors.Join(err, l.Close()))
	}
	return l, nil
}

func (l *Log) open(ctx context.Context, reg prometheus.Registerer) (err error) {
	if l.cfg.URL == "" {
		if l.server, err = startServer(ctx, l.cfg, l.log, l.metrics.lost); err != nil {
			return err
		}
	}
	if l.conn, err = l.connect("haidang-collector"); err != nil {
		return err
	}
	if err := l.checkServer(); err != nil {
		return err
	}
	if l.js, err = jetstream.New(l.conn, jetstream.WithDefaultTimeout(apiTimeout)); err != nil {
		return err
	}
	if err := l.ensureStreams(ctx); err != nil {
		return err
	}
	return l.metrics.register(reg, l)
}

// where names the log for error messages, without any password in it.
func (l *Log) where() string {
	if l.cfg.URL == "" {
		return l.cfg.Dir
	}
	return redact(l.cfg.URL)
}

// Close ends all connections and the embedded server. What was acknowledged is safe without it.
func (l *Log) Close() error { return l.close() }

func (l *Log) shutdown() error {
	l.metrics.unregister()
	if l.conn != nil {
		l.conn.Close()
	}
	if l.server != nil {
		return l.server.stop()
	}
	return nil
}

// Partitions is the number of partitions.
func (l *Log) Partitions() int { return l.cfg.Partitions }

// Relays is the stream of what other partitions pass on to this one.
func (l *Log) Relays(partition int) int { return l.cfg.Partitions + partition }

// split says which partition a stream is of, and whether it is of its relays.
func (l *Log) split(stream int) (partition int, relays bool) {
	return stream % l.cfg.Partitions, stream >= l.cfg.Partitions
}

func (l *Log) check(stream int) error {
	if stream < 0 || stream >= 2*l.cfg.Partitions {
		return fmt.Errorf("stream %d: log has 0 to %d", stream, 2*l.cfg.Partitions-1)
	}
	return nil
}

func (l *Log) name(stream int) string {
	partition, relays := l.split(stream)
	if relays {
		return fmt.Sprintf("HAIDANG_RELAYS_%d", partition)
	}
	return streamName(partition)
}

func (l *Log) subject(stream int) string {
	partition, relays := l.split(stream)
	if relays {
		return fmt.Sprintf("haidang.relays.%d", partition)
	}
	return fmt.Sprintf("haidang.partition.%d", partition)
}

func streamName(partition int) string { return fmt.Sprintf("HAIDANG_%d", partition) }

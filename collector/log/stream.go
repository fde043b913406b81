package log

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// limit is how many bytes a stream may hold.
func (l *Log) limit(stream int) int64 {
	share := l.cfg.MaxBytes / int64(l.cfg.Partitions)
	if _, relays := l.split(stream); relays {
		return share / 4
	}
	return share - share/4
}

func (l *Log) streamConfig(stream int) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:        l.name(stream),
		Description: "Hải Đăng: accepted batches of one partition",
		Subjects:    []string{l.subject(stream)},
		Retention:   jetstream.LimitsPolicy,
		Storage:     jetstream.FileStorage,
		Discard:     jetstream.DiscardNew,
		MaxBytes:    l.limit(stream),
		MaxMsgSize:  MaxMessage + headerRoom,
		Duplicates:  l.cfg.Dedupe,
		Replicas:    l.cfg.Replicas,
		DenyDelete:  true, // only Purge takes messages away
	}
}

func (l *Log) ensureStreams(ctx context.Context) error {
	for n := range 2 * l.cfg.Partitions {
		if err := l.ensureStream(ctx, n); err != nil {
			return fmt.Errorf("stream %s: %w", l.name(n), err)
		}
	}
	_, err := l.js.Stream(ctx, streamName(l.cfg.Partitions))
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("log has a stream %s, but there are only %d partitions: it belongs to another store", streamName(l.cfg.Partitions), l.cfg.Partitions)
}

func (l *Log) ensureStream(ctx context.Context, n int) error {
	stream, err := l.js.CreateOrUpdateStream(ctx, l.streamConfig(n))
	if err != nil {
		return err
	}
	if n >= len(l.cfg.Positions) { // nobody keeps a position of relays: they are read from the first that is left
		return nil
	}
	return l.advance(ctx, stream, n)
}

// advance moves the end of a stream that stops below the partition's position up to it. That stream
// is new, or a damaged disk cut its end off: everything in it is applied, so it is no loss, whereas a
// sequence given out again would be skipped as applied.
func (l *Log) advance(ctx context.Context, stream jetstream.Stream, partition int) error {
	last, position := stream.CachedInfo().State.LastSeq, l.cfg.Positions[partition]
	if last >= position {
		return nil
	}
	l.log.Warn().Int("partition", partition).Uint64("last", last).Uint64("position", position).
		Msg("log ends below the checkpoint: messages after the checkpoint, if there were any, are lost")
	if err := stream.Purge(ctx, jetstream.WithPurgeSequence(position+1)); err != nil {
		return fmt.Errorf("move end from %d to %d: %w", last, position, err)
	}
	info, err := stream.Info(ctx)
	if err == nil && info.State.LastSeq != position {
		err = fmt.Errorf("move end from %d to %d: it is now %d", last, position, info.State.LastSeq)
	}
	return err
}

// State says what a stream holds.
type State struct {
	First, Last uint64 // sequences; First is Last+1 if there are no messages
	Messages    uint64
	Bytes       uint64
}

// State asks the server what a stream holds.
func (l *Log) State(ctx context.Context, stream int) (State, error) {
	if err := l.check(stream); err != nil {
		return State{}, fmt.Errorf("log: state: %w", err)
	}
	found, err := l.js.Stream(ctx, l.name(stream))
	if err != nil {
		return State{}, fmt.Errorf("log: state of %s: %w", l.name(stream), err)
	}
	s := found.CachedInfo().State
	return State{First: max(s.FirstSeq, 1), Last: s.LastSeq, Messages: s.Msgs, Bytes: s.Bytes}, nil
}

// Last is the sequence of the stream's newest message, 0 if there never was one. A reader that has
// had it has caught up with the moment of the call.
func (l *Log) Last(ctx context.Context, stream int) (uint64, error) {
	s, err := l.State(ctx, stream)
	return s.Last, err
}

// Purge gives back the room of all messages below the sequence. Only what every reader has
// checkpointed may go.
func (l *Log) Purge(ctx context.Context, stream int, below uint64) error {
	if err := l.check(stream); err != nil {
		return fmt.Errorf("log: purge: %w", err)
	}
	state, err := l.State(ctx, stream)
	if err != nil {
		return err
	}
	below = min(below, state.Last+1) // beyond the end a purge would also skip sequences
	if below <= state.First {
		return nil
	}
	found, err := l.js.Stream(ctx, l.name(stream))
	if err == nil {
		err = found.Purge(ctx, jetstream.WithPurgeSequence(below))
	}
	if err != nil {
		return fmt.Errorf("log: purge %s below %d: %w", l.name(stream), below, err)
	}
	return nil
}

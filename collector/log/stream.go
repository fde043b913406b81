package log

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

func (l *Log) streamConfig(partition int) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:        streamName(partition),
		Description: "Hải Đăng: accepted batches of one partition",
		Subjects:    []string{subject(partition)},
		Retention:   jetstream.LimitsPolicy,
		Storage:     jetstream.FileStorage,
		Discard:     jetstream.DiscardNew,
		MaxBytes:    l.cfg.MaxBytes / int64(l.cfg.Partitions),
		MaxMsgSize:  MaxMessage + headerRoom,
		Duplicates:  l.cfg.Dedupe,
		Replicas:    l.cfg.Replicas,
		DenyDelete:  true, // only Purge takes messages away
	}
}

func (l *Log) ensureStreams(ctx context.Context) error {
	for p := range l.cfg.Partitions {
		if err := l.ensureStream(ctx, p); err != nil {
			return fmt.Errorf("stream %s: %w", streamName(p), err)
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

func (l *Log) ensureStream(ctx context.Context, partition int) error {
	stream, err := l.js.CreateOrUpdateStream(ctx, l.streamConfig(partition))
	if err != nil {
		return err
	}
	if l.cfg.Positions == nil {
		return nil
	}
	return l.advance(ctx, stream, partition)
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

// State says what a partition of the log holds.
type State struct {
	First, Last uint64 // sequences; First is Last+1 if there are no messages
	Messages    uint64
	Bytes       uint64
}

// State asks the server what a partition of the log holds.
func (l *Log) State(ctx context.Context, partition int) (State, error) {
	if err := l.checkPartition(partition); err != nil {
		return State{}, fmt.Errorf("log: state: %w", err)
	}
	stream, err := l.js.Stream(ctx, streamName(partition))
	if err != nil {
		return State{}, fmt.Errorf("log: state of partition %d: %w", partition, err)
	}
	s := stream.CachedInfo().State
	return State{First: max(s.FirstSeq, 1), Last: s.LastSeq, Messages: s.Msgs, Bytes: s.Bytes}, nil
}

// Last is the sequence of the partition's newest message, 0 if there never was one. A reader that has
// had it has caught up with the moment of the call.
func (l *Log) Last(ctx context.Context, partition int) (uint64, error) {
	s, err := l.State(ctx, partition)
	return s.Last, err
}

// Purge gives back the room of all messages below the sequence. Only what every reader has
// checkpointed may go.
func (l *Log) Purge(ctx context.Context, partition int, below uint64) error {
	if err := l.checkPartition(partition); err != nil {
		return fmt.Errorf("log: purge: %w", err)
	}
	state, err := l.State(ctx, partition)
	if err != nil {
		return err
	}
	below = min(below, state.Last+1) // beyond the end a purge would also skip sequences
	if below <= state.First {
		return nil
	}
	stream, err := l.js.Stream(ctx, streamName(partition))
	if err == nil {
		err = stream.Purge(ctx, jetstream.WithPurgeSequence(below))
	}
	if err != nil {
		return fmt.Errorf("log: purge partition %d below %d: %w", partition, below, err)
	}
	return nil
}

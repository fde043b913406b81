package log

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// readAhead is how many bytes one reader may have on the way to it; more than one largest message.
const readAhead = MaxMessage + headerRoom + 4<<20

// GapError says that messages are missing from the log that nobody purged: they are lost. A reader
// that wants to go on without them reads from To+1.
type GapError struct {
	Stream   string
	From, To uint64 // first and last missing sequence
}

func (e *GapError) Error() string {
	return fmt.Sprintf("messages %d to %d of %s are missing from the log and were not purged", e.From, e.To, e.Stream)
}

// Read calls fn with every message of a stream from the sequence on, inclusive, in order, once
// each and without gaps, and waits for new ones until ctx ends or fn fails; it returns that error.
// It survives a lost connection. What was purged is passed over; anything else that is missing is a
// *GapError, and fn has then had all messages before it. fn owns the message.
func (l *Log) Read(ctx context.Context, stream int, from uint64, fn func(seq uint64, m Message) error) error {
	if err := l.check(stream); err != nil {
		return fmt.Errorf("log: read: %w", err)
	}
	r := reader{Log: l, stream: stream, next: max(from, 1), fn: fn}
	if err := r.run(ctx); err != nil {
		return fmt.Errorf("log: read %s at %d: %w", l.name(stream), r.next, err)
	}
	return nil
}

type reader struct {
	*Log
	stream int
	next   uint64
	fn     func(uint64, Message) error
}

// run reads over a connection of its own, so that a reader behind neither delays publishing nor
// fills what the server is ready to hold for one client.
func (r *reader) run(ctx context.Context) error {
	conn, err := r.connect("haidang-reader-" + r.name(r.stream))
	if err != nil {
		return err
	}
	defer conn.Close()
	js, err := jetstream.New(conn, jetstream.WithDefaultTimeout(apiTimeout))
	if err != nil {
		return err
	}
	if err := r.checkEnd(ctx); err != nil {
		return err
	}
	messages, err := r.messages(ctx, js)
	if err != nil {
		return err
	}
	defer messages.Stop()
	for {
		msg, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return err
		}
		if err := r.take(ctx, msg); err != nil {
			return err
		}
	}
}

func (r *reader) messages(ctx context.Context, js jetstream.JetStream) (jetstream.MessagesContext, error) {
	consumer, err := js.OrderedConsumer(ctx, r.name(r.stream), jetstream.OrderedConsumerConfig{
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       r.next,
		InactiveThreshold: time.Minute,
	})
	if err != nil {
		return nil, err
	}
	return consumer.Messages(jetstream.PullMaxBytes(readAhead))
}

// checkEnd refuses to wait beyond the log's end for sequences that would then be given out again.
func (r *reader) checkEnd(ctx context.Context) error {
	last, err := r.Last(ctx, r.stream)
	if err == nil && r.next > last+1 {
		err = fmt.Errorf("log ends at %d: it is older than the position, or another log", last)
	}
	return err
}

func (r *reader) take(ctx context.Context, msg jetstream.Msg) error {
	meta, err := msg.Metadata()
	if err != nil {
		return err
	}
	seq := meta.Sequence.Stream
	if seq != r.next {
		if err := r.explainGap(ctx, seq); err != nil {
			return err
		}
	}
	m, err := decode(msg.Headers(), msg.Data())
	if err != nil {
		r.metrics.foreign.Inc()
		r.log.Warn().Str("stream", r.name(r.stream)).Uint64("seq", seq).Err(err).Msg("passed over a message that is not ours")
	} else if err := r.fn(seq, m); err != nil {
		return err
	}
	r.next = seq + 1
	return nil
}

// explainGap accepts a jump to seq only if everything before it was purged.
func (r *reader) explainGap(ctx context.Context, seq uint64) error {
	state, err := r.State(ctx, r.stream)
	if err != nil {
		return err
	}
	if seq < r.next || state.First < seq {
		return &GapError{Stream: r.name(r.stream), From: r.next, To: seq - 1}
	}
	r.metrics.skipped.Add(float64(seq - r.next))
	r.log.Warn().Str("stream", r.name(r.stream)).Uint64("from", r.next).Uint64("to", seq-1).
		Msg("these messages were purged before they were read")
	return nil
}

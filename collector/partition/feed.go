package partition

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/collector/log"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/internal/point"
)

// maxText is the most text that one batch may hold: what ingest lets in, and room for times that it
// wrote into lines that had none.
const maxText = 96 << 20

// batch is one message of the log, unpacked.
type batch struct {
	seq      uint64 // in its stream
	relayed  bool   // its stream is the one of relays
	id       string
	spool    string // empty: no exactly-once
	sequence uint64
	origin   int // the partition that passed it on, or -1
	sender   string
	received int64
	text     []byte
}

// readOwn feeds what was sent to the partition to the owner, from the first sequence that no checkpoint covers.
func (o *owner) readOwn(ctx context.Context) error {
	return o.read(ctx, o.ID, o.saved+1, o.feed)
}

// readRelays feeds what others passed on, from the first that is left: every checkpoint purges what it covers.
func (o *owner) readRelays(ctx context.Context) error {
	left, err := o.Queue.State(ctx, o.relays())
	if err != nil {
		return err
	}
	return o.read(ctx, o.relays(), left.First, o.passed)
}

// relays is the stream of what others pass on to this partition.
func (o *owner) relays() int { return o.Queue.Relays(o.ID) }

// read feeds a stream to the owner from a sequence on.
func (o *owner) read(ctx context.Context, stream int, from uint64, feed chan<- batch) error {
	unpack, err := point.NewUnpacker(maxText)
	if err != nil {
		return err
	}
	for {
		err := o.Queue.Read(ctx, stream, from, func(seq uint64, m log.Message) error {
			from = seq + 1
			b := o.unpack(unpack, seq, m)
			b.relayed = stream != o.ID
			select {
			case feed <- b:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		var gap *log.GapError
		if !errors.As(err, &gap) || gap.To < from {
			return err
		}
		o.m.lost.Add(float64(gap.To - gap.From + 1))
		o.Log.Error().Err(err).Msg("accepted batches are missing from the log: going on without them")
		from = gap.To + 1
	}
}

// unpack makes a batch of a message; one that cannot be read is empty, and counted.
func (o *owner) unpack(unpack *point.Unpacker, seq uint64, m log.Message) batch {
	b, err := newBatch(seq, m)
	if err == nil {
		var room []byte
		select {
		case room = <-o.recycled:
		default:
		}
		b.text, err = unpack.Unpack(room[:0], m.Batch.Frames)
	}
	if err != nil { // ingest lets no such batch through; a foreign writer to the log might
		o.m.unreadable.Add(float64(max(m.Batch.Points, 1)))
		o.Log.Error().Err(err).Uint64("log_sequence", seq).Str("sender", m.Principal).Msg("batch dropped: it cannot be read")
		b.text = nil
	}
	return b
}

// newBatch takes the message id apart: <spool>/<sequence>, with /<partition> if it was passed on.
func newBatch(seq uint64, m log.Message) (batch, error) {
	b := batch{seq: seq, id: m.ID, origin: -1, sender: m.Principal, received: m.Received}
	if m.ID == "" {
		return b, nil
	}
	parts := strings.Split(m.ID, "/")
	var err error
	switch len(parts) {
	case 3:
		b.origin, err = strconv.Atoi(parts[2])
		if err != nil {
			break
		}
		fallthrough
	case 2:
		b.spool = parts[0]
		b.sequence, err = strconv.ParseUint(parts[1], 10, 64)
	default:
		err = errors.New("want spool/sequence or spool/sequence/partition")
	}
	if err != nil {
		return batch{seq: seq}, fmt.Errorf("message id %q: %w", m.ID, err)
	}
	return b, nil
}

// maxRelay is the most text that is passed on as one message: whatever its lines are like, it fits.
const maxRelay = log.MaxMessage / 2

// passOn publishes the lines of other partitions' devices to their streams of relays. It must be durable
// there before our checkpoint covers the batch; after a crash it is repeated under the same id. What must
// be cut has no id: then a repetition is applied again, and changes nothing.
func (o *owner) passOn(ctx context.Context, b batch) error {
	if len(o.foreign) == 0 {
		return nil
	}
	foreign := o.foreign
	o.foreign = map[int][]byte{} // of what is applied while this one waits
	for home, text := range foreign {
		id := ""
		if b.spool != "" && len(text) <= maxRelay {
			id = fmt.Sprintf("%s/%d", b.id, o.ID)
		}
		for len(text) > 0 {
			n := cut(text, maxRelay)
			m := log.Message{ID: id, Principal: b.sender, Received: b.received, Relayed: true, Batch: o.pack(text[:n])}
			if err := o.publish(ctx, home, m, b.relayed); err != nil {
				return fmt.Errorf("pass on to partition %d: %w", home, err)
			}
			o.m.passedOn.Add(float64(m.Batch.Points))
			text = text[n:]
		}
	}
	return nil
}

// cut is the length of the lines that text begins with and that fit limit, but at least of one line.
func cut(text []byte, limit int) int {
	if len(text) <= limit {
		return len(text)
	}
	if n := bytes.LastIndexByte(text[:limit], '\n') + 1; n > 0 {
		return n
	}
	return bytes.IndexByte(text, '\n') + 1
}

// pack compresses complete lines, each of which counts as a point.
func (o *owner) pack(lines []byte) point.Batch {
	var line []byte
	for w := point.NewWalker(lines); w.Next(); {
		line = appendLine(line[:0], &w)
		if err := o.packer.Add(line, 1); err != nil { // no KPI has lines of this length
			o.m.tooLong.Inc()
		}
	}
	return o.packer.Take()
}

// publish waits while the other partition has no room for relays, and empties our own streams as far as it can: others
// may be waiting for that. Partitions never wait for each other in a circle: relays are not passed on again,
// so each owner can always apply those that it has, while it waits with a batch of its own. (Only a store older than
// its log makes relays of relays; those wait by themselves.)
func (o *owner) publish(ctx context.Context, home int, m log.Message, relayed bool) error {
	passed := o.passed
	if relayed {
		passed = nil
	}
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := o.Queue.Publish(ctx, o.Queue.Relays(home), m)
		if !errors.Is(err, log.ErrFull) {
			return err
		}
		if o.unsaved() {
			if err := o.commit(ctx, store.Checkpoint{}); err != nil {
				return err
			}
		}
		if err := o.meanwhile(ctx, pause, passed); err != nil {
			return err
		}
	}
}

// meanwhile applies what others passed on and answers questions until the pause is over.
func (o *owner) meanwhile(ctx context.Context, pause time.Duration, passed <-chan batch) error {
	over := time.NewTimer(pause)
	defer over.Stop()
	for {
		select {
		case b := <-passed:
			if err := o.take(ctx, b); err != nil {
				return err
			}
		case r := <-o.requests:
			r.done <- r.do(ctx, o)
		case <-over.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

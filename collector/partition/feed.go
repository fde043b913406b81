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
	seq      uint64 // in the log
	id       string
	spool    string // empty: no exactly-once
	sequence uint64
	origin   int // the partition that passed it on, or -1
	sender   string
	received int64
	text     []byte
}

// read feeds the log to the owner from the first sequence that no checkpoint covers.
func (o *owner) read(ctx context.Context) error {
	unpack, err := point.NewUnpacker(maxText)
	if err != nil {
		return err
	}
	from := o.saved + 1
	for {
		err := o.Queue.Read(ctx, o.ID, from, func(seq uint64, m log.Message) error {
			from = seq + 1
			return o.push(ctx, unpack, seq, m)
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

func (o *owner) push(ctx context.Context, unpack *point.Unpacker, seq uint64, m log.Message) error {
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
	select {
	case o.feed <- b:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
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

// passOn publishes the lines of other partitions' devices to their streams. It must be durable there
// before our checkpoint covers the batch; after a crash it is repeated under the same id. What must be
// cut has no id: then a repetition is applied again, and changes nothing.
func (o *owner) passOn(ctx context.Context, b batch) error {
	for home, text := range o.foreign {
		if len(text) == 0 {
			continue
		}
		o.foreign[home] = text[:0]
		id := ""
		if b.spool != "" && len(text) <= maxRelay {
			id = fmt.Sprintf("%s/%d", b.id, o.ID)
		}
		for len(text) > 0 {
			n := cut(text, maxRelay)
			m := log.Message{ID: id, Principal: b.sender, Received: b.received, Relayed: true, Batch: o.pack(text[:n])}
			if err := o.publish(ctx, home, m); err != nil {
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

// publish waits while the other partition's stream is full, and empties our own as far as it can: its
// owner may be waiting for that.
func (o *owner) publish(ctx context.Context, home int, m log.Message) error {
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := o.Queue.Publish(ctx, home, m)
		if !errors.Is(err, log.ErrFull) {
			return err
		}
		if o.seq != o.saved {
			if err := o.commit(ctx, store.Checkpoint{}); err != nil {
				return err
			}
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

package partition

import (
	"encoding/binary"
	"sort"
)

// stream names one numbered sequence of batches: a spool, as this partition sees it. Lines that another
// partition passed on come as a stream of their own, for the same spool sequence reaches us twice then.
type stream struct {
	Spool  string
	Origin int // the partition that passed it on; -1: straight from ingest
}

// window remembers which batches of a stream were applied: the highest sequence and, as bits, the 63
// below it. A shipper never has a sequence in flight 64 above its lowest unacknowledged one, so whatever
// lies below the window was applied, or refused for good, before.
type window struct {
	high uint64
	seen uint64 // bit i: high-i was applied
	used uint64 // log sequence that the partition had come to with the last batch
}

// has says whether seq was applied.
func (w *window) has(seq uint64) bool {
	return seq <= w.high && (w.high-seq >= 64 || w.seen>>(w.high-seq)&1 == 1)
}

// mark notes that seq was applied.
func (w *window) mark(seq uint64) {
	if seq > w.high {
		w.seen <<= seq - w.high
		w.high = seq
	}
	w.seen |= 1 << (w.high - seq)
}

// windows are the dedupe state of a partition; they are saved with the log position.
type windows map[stream]*window

// maxStreams is how many streams are remembered. A client that makes up a spool for every batch must
// not make the windows grow; forgetting one costs nothing but the work of applying a batch again.
const maxStreams = 4096

func (w windows) has(s stream, seq uint64) bool {
	one, ok := w[s]
	return ok && one.has(seq)
}

// mark notes that a batch was applied, and where in the log the partition was then.
func (w windows) mark(s stream, seq, logSeq uint64) {
	one, ok := w[s]
	if !ok {
		one = &window{}
		w[s] = one
	}
	one.mark(seq)
	one.used = logSeq
	if len(w) > maxStreams {
		w.forget(len(w) / 2)
	}
}

// forget drops the n streams that were not heard of for longest.
func (w windows) forget(n int) {
	keys := w.sorted()
	sort.SliceStable(keys, func(i, j int) bool { return w[keys[i]].used < w[keys[j]].used })
	for _, k := range keys[:n] {
		delete(w, k)
	}
}

// sorted lists the streams in a fixed order.
func (w windows) sorted() []stream {
	keys := make([]stream, 0, len(w))
	for k := range w {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		if keys[i].Spool != keys[j].Spool {
			return keys[i].Spool < keys[j].Spool
		}
		return keys[i].Origin < keys[j].Origin
	})
	return keys
}

// append writes the windows in a fixed order, so that equal states are equal bytes.
func (w windows) append(out []byte) []byte {
	out = binary.AppendUvarint(out, uint64(len(w)))
	for _, k := range w.sorted() {
		out = binary.AppendUvarint(out, uint64(len(k.Spool)))
		out = append(out, k.Spool...)
		out = binary.AppendVarint(out, int64(k.Origin))
		out = binary.AppendUvarint(out, w[k].high)
		out = binary.AppendUvarint(out, w[k].seen)
		out = binary.AppendUvarint(out, w[k].used)
	}
	return out
}

// windows reads what append wrote.
func (r *reader) windows() windows {
	w := windows{}
	for n := r.uvarint(); n > 0 && !r.bad; n-- {
		k := stream{Spool: string(r.bytes(r.uvarint())), Origin: int(r.varint())}
		w[k] = &window{high: r.uvarint(), seen: r.uvarint(), used: r.uvarint()}
	}
	return w
}

// reader takes varints off a slice and turns bad instead of failing at each step.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	return v * uint64(r.skip(n))
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.rest)
	return v * int64(r.skip(n))
}

func (r *reader) bytes(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.bad = true
		return nil
	}
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}

// skip drops n bytes and returns 1, or marks the reader bad and returns 0.
func (r *reader) skip(n int) int {
	if n <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return 1
}

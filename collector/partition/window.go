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
}

// admit says whether seq is new, and marks it.
func (w *window) admit(seq uint64) bool {
	switch {
	case seq > w.high:
		if shift := seq - w.high; shift < 64 {
			w.seen <<= shift
		} else {
			w.seen = 0
		}
		w.high = seq
		w.seen |= 1
		return true
	case w.high-seq >= 64:
		return false
	}
	bit := uint64(1) << (w.high - seq)
	fresh := w.seen&bit == 0
	w.seen |= bit
	return fresh
}

// windows are the dedupe state of a partition; they are saved with the log position.
type windows map[stream]*window

func (w windows) admit(s stream, seq uint64) bool {
	one, ok := w[s]
	if !ok {
		one = &window{}
		w[s] = one
	}
	return one.admit(seq)
}

// append writes the windows in a fixed order, so that equal states are equal bytes.
func (w windows) append(out []byte) []byte {
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
	out = binary.AppendUvarint(out, uint64(len(keys)))
	for _, k := range keys {
		out = binary.AppendUvarint(out, uint64(len(k.Spool)))
		out = append(out, k.Spool...)
		out = binary.AppendVarint(out, int64(k.Origin))
		out = binary.AppendUvarint(out, w[k].high)
		out = binary.AppendUvarint(out, w[k].seen)
	}
	return out
}

// windows reads what append wrote.
func (r *reader) windows() windows {
	w := windows{}
	for n := r.uvarint(); n > 0 && !r.bad; n-- {
		k := stream{Spool: string(r.bytes(r.uvarint())), Origin: int(r.varint())}
		w[k] = &window{high: r.uvarint(), seen: r.uvarint()}
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

package icmp

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/haidang-noc/haidang/plugins/probe/train"
)

// Ping is ICMP echo as a protocol of trains.
type Ping struct {
	v6  bool
	raw bool
	id  uint16
}

// NewPing makes the protocol for one socket. A raw one sees the replies to others, too, and tells its own by an identifier.
func NewPing(v6, raw bool) *Ping {
	return &Ping{v6: v6, raw: raw, id: uint16(rand.Uint32())} //nolint:gosec // the runtime's generator is strong
}

// Key is random.
func (p *Ping) Key(_ time.Time, random uint64) uint64 { return random }

// Append adds an echo request.
func (p *Ping) Append(dst []byte, t *train.Target, key uint64, sequence uint32) []byte {
	return Append(dst, p.v6, Echo{p.id, uint16(sequence), key}, t.Size)
}

// Parse reads an echo reply.
func (p *Ping) Parse(text []byte, _ time.Time) (train.Reply, error) {
	r, err := Parse(text, p.v6)
	if p.raw && (errors.Is(err, ErrOther) || err == nil && r.ID != p.id) {
		err = train.ErrNotOurs
	}
	return train.Reply{Key: r.Key, Sequence: uint32(r.Sequence)}, err
}

// Genuine compares the sequence number and the padding, which is zeros.
func (p *Ping) Genuine(t *train.Target, sequence uint32, r *train.Reply, text []byte) bool {
	return uint16(sequence) == uint16(r.Sequence) && len(text) == max(t.Size, Least)
}

package stamp

import (
	"time"

	"github.com/haidang-noc/haidang/plugins/probe/train"
)

// Clock is what a side says of its clock.
type Clock func() Estimate

// Sender is STAMP's Session-Sender as a protocol of trains. With authentication, each target's Secret is its *Key.
type Sender struct {
	authenticated bool
	clock         Clock
}

// NewSender makes the protocol for one socket.
func NewSender(authenticated bool, clock Clock) *Sender { return &Sender{authenticated, clock} }

// guess is the part of a timestamp's fraction, less than a quarter of a microsecond, that is random: a reply holds the
// timestamp again, and one who did not see the packet cannot know it.
const guess = 1<<10 - 1

// Key is the packet's timestamp.
func (s *Sender) Key(now time.Time, random uint64) uint64 {
	return uint64(At(now))&^guess | random&guess
}

// Append adds a test packet.
func (s *Sender) Append(dst []byte, t *train.Target, key uint64, sequence uint32) []byte {
	return AppendTest(dst, Test{Sequence: sequence, Sent: Timestamp(key), Error: s.clock(), Session: t.Session}, s.key(t), t.Size)
}

func (s *Sender) key(t *train.Target) *Key {
	k, _ := t.Secret.(*Key)
	if !s.authenticated {
		return nil
	}
	return k
}

// Parse reads a reflector's packet.
func (s *Sender) Parse(text []byte, at time.Time) (train.Reply, error) {
	r, err := ParseReply(text, s.authenticated)
	if err != nil {
		return train.Reply{}, err
	}
	out := train.Reply{Key: uint64(r.Test.Sent), Sequence: r.Test.Sequence, Reflector: r.Sequence, Session: r.Session}
	d := &out.Delays
	d.Known, d.Dwell = r.Received != 0 && r.Sent != 0, r.Sent.Sub(r.Received)
	d.There, d.Back = r.Received.Sub(r.Test.Sent), At(at).Sub(r.Sent)
	d.Error, d.Synced = r.Error.Error()
	d.Synced = d.Synced && r.SameScale()
	return out, nil
}

// Genuine checks the sequence number, the session's (which reflectors without RFC 8972 leave empty) and the code.
func (s *Sender) Genuine(t *train.Target, sequence uint32, r *train.Reply, text []byte) bool {
	if r.Sequence != sequence || r.Session != 0 && r.Session != t.Session {
		return false
	}
	if key := s.key(t); key != nil {
		return key.Check(text) == nil
	}
	return !s.authenticated
}

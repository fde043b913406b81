package engine

import (
	"time"

	"github.com/haidang-noc/haidang/internal/usm"
)

// sender is an authoritative engine elsewhere.
type sender struct {
	boots uint32
	time  uint32    // the latest it was heard with
	at    time.Time // when that was
	keys  map[*usm.User]*usm.Keys
}

// senderKeys finds or makes the keys of a user on an engine. New ones are not kept: that is learn's, for engines that
// have proved to hold them.
func (r *Receiver) senderKeys(u *usm.User, id []byte) *usm.Keys {
	if s := r.senders[string(id)]; s != nil && s.keys[u] != nil {
		return s.keys[u]
	}
	return u.Localize(id)
}

// learn takes the engine's clock from a message that was verified, if it is timely, and keeps the keys.
func (r *Receiver) learn(m *usm.Message, u *usm.User, k *usm.Keys, now time.Time) reason {
	s := r.senders[string(m.Engine)]
	if s == nil {
		if len(r.senders) >= maxSenders {
			return tooManyEngines
		}
		s = &sender{}
		r.senders[string(m.Engine)] = s
	}
	if s.keys == nil {
		s.keys = map[*usm.User]*usm.Keys{}
	}
	s.keys[u] = k
	if !s.timely(m.Boots, m.Time, now) {
		return timeWindow
	}
	return none
}

// timely says whether a message is no older than the window, and sets the clock by it if it is the latest.
func (s *sender) timely(boots, seconds uint32, now time.Time) bool {
	if boots == usm.MaxBoots {
		return false
	}
	if s.at.IsZero() || boots > s.boots || boots == s.boots && seconds > s.time {
		s.boots, s.time, s.at = boots, seconds, now
		return true
	}
	estimate := int64(s.time) + int64(now.Sub(s.at)/time.Second)
	return boots == s.boots && int64(seconds)+usm.Window >= estimate
}

// replays remembers the authentication codes of the messages taken within two windows: nobody but the holder of the
// key can make another message with one of them. When more come than it may hold, the oldest are forgotten early.
type replays struct {
	young, old map[[12]byte]struct{}
	turned     time.Time
}

const (
	maxReplays    = 1 << 17 // in each half
	replaysTurned = 2 * usm.Window * time.Second
)

// again says whether the code was seen before, and remembers it.
func (r *replays) again(mac []byte, now time.Time) bool {
	key := [12]byte(mac) // every protocol's code has as many octets or more
	if now.Sub(r.turned) > replaysTurned || len(r.young) >= maxReplays {
		r.young, r.old, r.turned = map[[12]byte]struct{}{}, r.young, now
	}
	if _, ok := r.young[key]; ok {
		return true
	}
	if _, ok := r.old[key]; ok {
		return true
	}
	r.young[key] = struct{}{}
	return false
}

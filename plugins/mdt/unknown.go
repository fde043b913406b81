package mdt

import (
	"log/slog"
	"net/netip"
	"sync"
	"time"
)

// unknown tells the log of what is not known: each thing once, and again after an hour, a bounded number of things.
type unknown struct {
	log *slog.Logger
	now func() time.Time

	mu   sync.Mutex
	said map[string]time.Time
}

const (
	saidAgain = time.Hour
	maxSaid   = 1000 // different things; with more nothing is said until some are old
	maxShown  = 256  // octets of a path
)

func newUnknown(log *slog.Logger) *unknown {
	return &unknown{log: log, now: time.Now, said: map[string]time.Time{}}
}

// path says that no table has a sensor path.
func (u *unknown) path(device string, path []byte) {
	shown := string(path[:min(len(path), maxShown)])
	if u.first("path " + shown) {
		u.log.Warn("no table has this sensor path: its rows are not written", "path", shown, "device", device)
	}
}

// source says that no device has an address.
func (u *unknown) source(addr netip.Addr) {
	if u.first("source " + addr.String()) {
		u.log.Warn("no device has this address: its telemetry is not written", "address", addr.String())
	}
}

// message says why messages of a device cannot be read.
func (u *unknown) message(device string, err error) {
	if u.first("message " + device) {
		u.log.Warn("a message cannot be read", "device", device, "error", err)
	}
}

// first says whether a thing was not said for a while.
func (u *unknown) first(thing string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := u.now()
	if at, ok := u.said[thing]; ok && now.Sub(at) < saidAgain {
		return false
	}
	if len(u.said) >= maxSaid {
		for old, at := range u.said {
			if now.Sub(at) >= saidAgain {
				delete(u.said, old)
			}
		}
		if len(u.said) >= maxSaid {
			return false
		}
	}
	u.said[thing] = now
	return true
}

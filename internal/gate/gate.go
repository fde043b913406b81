// Package gate bounds what a source that sends unasked may cost an input: datagrams or octets a second, and octets of memory
// while they wait. A source that storms loses its own, or is read more slowly; those of others pass.
package gate

import (
	"net/netip"
	"sync"
	"time"
)

// Limit is a token bucket: so many a second in the long run, so many at once.
type Limit struct {
	Rate, Burst float64
	Known       bool // the source has an account of its own, however many strangers there are
}

// Config says how much is allowed.
type Config struct {
	Memory       int // octets that wait, of all sources
	SourceMemory int // octets that wait, of one source
	Strangers    int // sources that are not known, told apart; further ones share one account
}

// Reason is why a datagram does not pass; Pass is none.
type Reason string

// The reasons.
const (
	Pass         Reason = ""
	Rate         Reason = "rate"          // the source sends too many
	SourceMemory Reason = "source_memory" // too much of the source waits
	Memory       Reason = "memory"        // too much of all sources waits
)

// Gate is what all sources have to pass. Its methods may be called from several goroutines.
type Gate struct {
	mu      sync.Mutex
	cfg     Config
	sources map[netip.Addr]*Source
	strange int    // of them are not known
	crowd   Source // of all those that found no place of their own
	held    int
	swept   time.Time
}

// Source is the account of one source.
type Source struct {
	tokens float64
	at     time.Time // when tokens was right
	limit  Limit
	held   int
}

// New makes a gate.
func New(cfg Config) *Gate { return &Gate{cfg: cfg, sources: map[netip.Addr]*Source{}} }

// Enter takes a token of the source at addr for a datagram that comes now. Whoever keeps anything of it holds that on
// the source's account.
func (g *Gate) Enter(addr netip.Addr, limit Limit, now time.Time) (*Source, Reason) {
	return g.Take(addr, limit, 1, now)
}

// Take takes so many tokens, or none.
func (g *Gate) Take(addr netip.Addr, limit Limit, tokens float64, now time.Time) (*Source, Reason) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.source(addr, limit, now)
	s.fill(now)
	switch {
	case s.tokens < tokens:
		return s, Rate
	case s.held >= g.cfg.SourceMemory:
		return s, SourceMemory
	case g.held >= g.cfg.Memory:
		return s, Memory
	}
	s.tokens -= tokens
	return s, Pass
}

// Debit takes tokens of the source at addr, more than it has if need be, and says how long to wait until it is out of
// debt: for streams, whose sender can be made to wait.
func (g *Gate) Debit(addr netip.Addr, limit Limit, tokens float64, now time.Time) (*Source, time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.source(addr, limit, now)
	s.fill(now)
	s.tokens -= tokens
	return s, max(0, time.Duration(-s.tokens/limit.Rate*float64(time.Second)))
}

// Full says whether as much of the source, or of all, waits as may.
func (g *Gate) Full(s *Source) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return s.held >= g.cfg.SourceMemory || g.held >= g.cfg.Memory
}

// Hold puts octets on the source's account. It may pass the bound by what one datagram needs.
func (g *Gate) Hold(s *Source, octets int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s.held += octets
	g.held += octets
}

// Release takes them off again.
func (g *Gate) Release(s *Source, octets int) { g.Hold(s, -octets) }

// Held is how many octets wait in all.
func (g *Gate) Held() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.held
}

func (g *Gate) source(addr netip.Addr, limit Limit, now time.Time) *Source {
	if s := g.sources[addr]; s != nil {
		return s
	}
	if !limit.Known && !g.place(now) {
		if g.crowd.at.IsZero() {
			g.crowd.open(limit, now)
		}
		return &g.crowd
	}
	s := &Source{}
	s.open(limit, now)
	g.sources[addr] = s
	return s
}

// place takes a place for a stranger, if there is one.
func (g *Gate) place(now time.Time) bool {
	if g.strange >= g.cfg.Strangers {
		g.sweep(now)
	}
	if g.strange >= g.cfg.Strangers {
		return false
	}
	g.strange++
	return true
}

// sweep forgets the strangers that are as good as new, at most once a second: made-up addresses cost no more.
func (g *Gate) sweep(now time.Time) {
	if now.Sub(g.swept) < time.Second {
		return
	}
	g.swept = now
	for addr, s := range g.sources {
		if s.fill(now); !s.limit.Known && s.held == 0 && s.tokens >= s.limit.Burst {
			delete(g.sources, addr)
			g.strange--
		}
	}
}

func (s *Source) open(limit Limit, now time.Time) {
	s.limit, s.tokens, s.at = limit, limit.Burst, now
}

// fill adds the tokens that time has earned.
func (s *Source) fill(now time.Time) {
	if earned := now.Sub(s.at).Seconds(); earned > 0 {
		s.tokens = min(s.tokens+earned*s.limit.Rate, s.limit.Burst)
		s.at = now
	}
}

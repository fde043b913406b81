// Package session remembers who is logged in to the board, and slows down those who guess passwords.
package session

import (
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/haidang-noc/haidang/collector/principal"
)

// Config bounds sessions.
type Config struct {
	Idle    time.Duration // one that is not used for this long ends
	Longest time.Duration // and every one after this
	Max     int           // of all users; beyond it the least recently used one ends
	PerUser int           // of one user, likewise
}

// Sessions are those that are open. They live in memory: a restart ends them all. Safe for concurrent
// use.
type Sessions struct {
	Config
	now  func() time.Time
	mu   sync.Mutex
	open map[[sha256.Size]byte]*session // by the digest of the cookie, so that no comparison leaks it
}

type session struct {
	user        *principal.User
	began, used time.Time
}

// New makes an empty set.
func New(c Config, now func() time.Time) *Sessions {
	return &Sessions{Config: c, now: now, open: map[[sha256.Size]byte]*session{}}
}

// Begin opens a session and returns the secret that its cookie holds.
func (s *Sessions) Begin(u *principal.User) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	s.limit(s.Max, func(*session) bool { return true })
	s.limit(s.PerUser, func(o *session) bool { return o.user.Name == u.Name })
	secret := rand.Text()
	now := s.now()
	s.open[sha256.Sum256([]byte(secret))] = &session{u, now, now}
	return secret
}

// Find is the user to whom the secret was given, as the session began, or nil. It counts as use.
func (s *Sessions) Find(secret string) *principal.User {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := sha256.Sum256([]byte(secret))
	o := s.open[key]
	if o == nil {
		return nil
	}
	if s.over(o) {
		delete(s.open, key)
		return nil
	}
	o.used = s.now()
	return o.user
}

// End closes a session, if it is there.
func (s *Sessions) End(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, sha256.Sum256([]byte(secret)))
}

// Len is how many sessions are open.
func (s *Sessions) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	return len(s.open)
}

func (s *Sessions) over(o *session) bool {
	now := s.now()
	return now.Sub(o.used) > s.Idle || now.Sub(o.began) > s.Longest
}

func (s *Sessions) sweep() {
	for key, o := range s.open {
		if s.over(o) {
			delete(s.open, key)
		}
	}
}

// limit makes room for one more among those that of chooses.
func (s *Sessions) limit(most int, of func(*session) bool) {
	n := 0
	var oldest [sha256.Size]byte
	var used time.Time
	for key, o := range s.open {
		if !of(o) {
			continue
		}
		if n == 0 || o.used.Before(used) {
			oldest, used = key, o.used
		}
		n++
	}
	if n >= most && n > 0 {
		delete(s.open, oldest)
	}
}

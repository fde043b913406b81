package session

import (
	"sync"
	"time"
)

// Limiter lets each key do something a few times at once, and then once per interval.
// It is safe for concurrent use.
type Limiter struct {
	every time.Duration
	burst int
	max   int // keys it remembers; a stranger that does not fit is refused
	now   func() time.Time
	mu    sync.Mutex
	due   map[string]time.Time // when the key will have paid for all it did
}

// NewLimiter makes a Limiter of at most max keys.
func NewLimiter(every time.Duration, burst, limit int, now func() time.Time) *Limiter {
	return &Limiter{every: every, burst: burst, max: limit, now: now, due: map[string]time.Time{}}
}

// Wait is how long the key has to wait before it may; zero if it may now. It does not count as doing.
func (l *Limiter) Wait(key string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	due, known := l.due[key]
	if !known && len(l.due) >= l.max {
		l.sweep(now)
		if len(l.due) >= l.max {
			return l.every
		}
	}
	return max(max(due.Sub(now), 0)-time.Duration(l.burst-1)*l.every, 0)
}

// Count notes that the key did it.
func (l *Limiter) Count(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if _, known := l.due[key]; !known && len(l.due) >= l.max {
		l.sweep(now)
		if len(l.due) >= l.max {
			return
		}
	}
	due := l.due[key]
	if due.Before(now) {
		due = now
	}
	l.due[key] = due.Add(l.every)
}

// Forget lets the key begin anew.
func (l *Limiter) Forget(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.due, key)
}

func (l *Limiter) sweep(now time.Time) {
	for key, due := range l.due {
		if due.Before(now) {
			delete(l.due, key)
		}
	}
}

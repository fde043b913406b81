// Package session remembers who is logged in to the board, and slows down those who guess passwords.
package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sync"
	"time"

	"github.com/haidang-noc/haidang/collector/store"
)

// Config bounds sessions.
type Config struct {
	Idle    time.Duration // one that is not used for this long ends
	Longest time.Duration // and every one after this
	Max     int           // of all users; beyond it the least recently used one ends
	PerUser int           // of one user, likewise
}

// User is who a session belongs to, and a mark of the password that they logged in with.
type User struct{ Name, Password string }

// Sessions are those that are open. They are in the store by the digests of their cookies, so a restart ends none
// of them, and who reads the store cannot log in with what stands there. Beginning and ending one is durable when the call
// returns; its use is written down with Keep. Safe for concurrent use.
type Sessions struct {
	Config
	store *store.Store
	now   func() time.Time
	mu    sync.Mutex
	open  map[string]*session // by the digest of the cookie, so that no comparison leaks it
	ended map[string]bool     // since Keep began last
	turn  int                 // of Keep
}

type session struct {
	User
	began, used time.Time
	saved       time.Time // its use, as the store has it
	turn        int       // of Keep when it was begun
}

// New reads the open sessions.
func New(ctx context.Context, c Config, s *store.Store, now func() time.Time) (*Sessions, error) {
	out := &Sessions{Config: c, store: s, now: now, open: map[string]*session{}, ended: map[string]bool{}}
	return out, out.Keep(ctx)
}

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Begin opens a session and returns the secret that its cookie holds.
func (s *Sessions) Begin(ctx context.Context, u User) (string, error) {
	secret := rand.Text()
	key, row, dropped := s.begin(secret, u)
	if err := s.store.SaveSessions(ctx, []store.Session{row}, nil, dropped); err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.open, key)
		return "", err
	}
	return secret, nil
}

func (s *Sessions) begin(secret string, u User) (key string, row store.Session, dropped []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	dropped = append(s.sweep(), s.limit(s.Max, func(*session) bool { return true })...)
	dropped = append(dropped, s.limit(s.PerUser, func(o *session) bool { return o.Name == u.Name })...)
	now := s.now()
	key = digest(secret)
	o := &session{User: u, began: now, used: now, saved: now, turn: s.turn}
	s.open[key] = o
	return key, o.row(key), dropped
}

func (o *session) row(key string) store.Session {
	return store.Session{Digest: key, Name: o.Name, Password: o.Password, Began: o.began.Unix(), Used: o.used.Unix()}
}

// Find is the user to whom the secret was given, as the session began; false: nobody. It counts as use.
func (s *Sessions) Find(secret string) (User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.open[digest(secret)]
	if o == nil || s.over(o) {
		return User{}, false
	}
	o.used = s.now()
	return o.User, true
}

// End closes a session, if it is there: at once here, and in the store when it returns nil.
func (s *Sessions) End(ctx context.Context, secret string) error {
	key := digest(secret)
	s.mu.Lock()
	_, here := s.open[key]
	delete(s.open, key)
	s.ended[key] = true
	s.mu.Unlock()
	if !here {
		return nil
	}
	return s.store.SaveSessions(ctx, nil, nil, []string{key})
}

// Len is how many sessions are open.
func (s *Sessions) Len() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.open {
		if !s.over(o) {
			n++
		}
	}
	return n
}

// Keep writes down which sessions were used, drops those that are over, and takes over what another collector on
// the same store has begun or ended. It is called now and then; a kill forgets what was used since.
func (s *Sessions) Keep(ctx context.Context) error {
	used, dropped := s.changes()
	if len(used)+len(dropped) > 0 {
		if err := s.store.SaveSessions(ctx, nil, used, dropped); err != nil {
			return err
		}
	}
	rows, err := s.store.Sessions(ctx)
	if err != nil {
		return err
	}
	s.takeOver(rows)
	return nil
}

func (s *Sessions) changes() (used []store.Session, dropped []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn++
	dropped = s.sweep()
	clear(s.ended)
	for key, o := range s.open {
		if o.used.After(o.saved) {
			used, o.saved = append(used, o.row(key)), o.used
		}
	}
	return used, dropped
}

// takeOver makes the open sessions those of the store, but for what was begun or ended here while they were read.
func (s *Sessions) takeOver(rows []store.Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stored := make(map[string]bool, len(rows))
	for _, r := range rows {
		stored[r.Digest] = true
		if s.open[r.Digest] == nil && !s.ended[r.Digest] {
			at := time.Unix(r.Used, 0)
			s.open[r.Digest] = &session{User: User{r.Name, r.Password}, began: time.Unix(r.Began, 0), used: at, saved: at}
		}
	}
	for key, o := range s.open {
		if !stored[key] && o.turn < s.turn {
			delete(s.open, key)
		}
	}
}

func (s *Sessions) over(o *session) bool {
	now := s.now()
	return now.Sub(o.used) > s.Idle || now.Sub(o.began) > s.Longest
}

// sweep drops what is over and says which.
func (s *Sessions) sweep() (dropped []string) {
	for key, o := range s.open {
		if s.over(o) {
			dropped = append(dropped, key)
		}
	}
	return s.drop(dropped)
}

// limit makes room for one more among those that of chooses.
func (s *Sessions) limit(most int, of func(*session) bool) []string {
	var all []string
	for key, o := range s.open {
		if of(o) {
			all = append(all, key)
		}
	}
	slices.SortFunc(all, func(a, b string) int { return s.open[a].used.Compare(s.open[b].used) })
	return s.drop(all[:max(len(all)-most+1, 0)])
}

func (s *Sessions) drop(keys []string) []string {
	for _, key := range keys {
		delete(s.open, key)
		s.ended[key] = true
	}
	return keys
}

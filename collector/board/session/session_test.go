package session

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/store"
)

func user(name string) User { return User{name, "mark of " + name} }

// clock is a time that a test moves.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func newStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Path: filepath.Join(t.TempDir(), "s.db"), Partitions: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// desk is what a test does with sessions, without their errors.
type desk struct {
	*Sessions
	*testing.T
}

func sit(t *testing.T, c Config, s *store.Store, now func() time.Time) desk {
	t.Helper()
	d := desk{T: t}
	d.reopen(c, s, now)
	return d
}

func (d *desk) reopen(c Config, s *store.Store, now func() time.Time) {
	d.Helper()
	var err error
	if d.Sessions, err = New(d.Context(), c, s, now); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) begin(name string) string {
	d.Helper()
	secret, err := d.Begin(d.Context(), user(name))
	if err != nil {
		d.Fatal(err)
	}
	return secret
}

func (d *desk) end(secret string) {
	d.Helper()
	if err := d.End(d.Context(), secret); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) keep() {
	d.Helper()
	if err := d.Keep(d.Context()); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) open(secret string) bool {
	_, ok := d.Find(secret)
	return ok
}

func TestSessionsEnd(t *testing.T) {
	c := &clock{time.Unix(1_790_000_000, 0)}
	d := sit(t, Config{Idle: time.Hour, Longest: 3 * time.Hour, Max: 10, PerUser: 2}, newStore(t), c.now)
	a := d.begin("lan")
	if got, ok := d.Find(a); !ok || got != user("lan") || d.open("") || d.open(a+"x") {
		t.Fatal("found wrongly")
	}
	for range 3 {
		c.t = c.t.Add(59 * time.Minute)
		if !d.open(a) {
			t.Fatal("a session in use ended")
		}
	}
	c.t = c.t.Add(10 * time.Minute)
	if d.open(a) {
		t.Error("a session outlived its longest time")
	}
	b := d.begin("lan")
	c.t = c.t.Add(61 * time.Minute)
	if d.open(b) || d.Len() != 0 {
		t.Error("an idle session lives")
	}
	e := d.begin("lan")
	d.end(e)
	d.end("nothing")
	if d.open(e) {
		t.Error("a session that was ended lives")
	}
}

// A restart ends nothing that was not over, and brings nothing back; what was used since Keep looks older, not
// younger. Neither secrets nor anything that opens a session are in the store.
func TestSessionsOutliveARestart(t *testing.T) {
	c := &clock{time.Unix(1_790_000_000, 0)}
	s, config := newStore(t), Config{Idle: time.Hour, Longest: 3 * time.Hour, Max: 10, PerUser: 5}
	d := sit(t, config, s, c.now)
	used, left, out := d.begin("lan"), d.begin("lan"), d.begin("noc")
	d.end(out)
	c.t = c.t.Add(50 * time.Minute)
	if !d.open(used) {
		t.Fatal("a session ended early")
	}
	d.keep()
	rows, err := s.Sessions(t.Context())
	if err != nil || len(rows) != 2 {
		t.Fatal(rows, err)
	}
	for _, r := range rows {
		if r.Digest == used || d.open(r.Digest) {
			t.Errorf("who reads the store is logged in with %q", r.Digest)
		}
	}
	d.reopen(config, s, c.now)
	if got, ok := d.Find(used); !ok || got != user("lan") || !d.open(left) || d.open(out) {
		t.Error("after the restart others are logged in than before")
	}
	d.reopen(config, s, c.now) // killed: this last use was not written down
	c.t = c.t.Add(30 * time.Minute)
	if !d.open(used) || d.open(left) {
		t.Error("what was used 50 minutes in is open for an hour, what was not is over")
	}
	d.keep()
	if rows, err = s.Sessions(t.Context()); err != nil || len(rows) != 1 {
		t.Errorf("what is over stays in the store: %v, %v", rows, err)
	}
}

// Two collectors on one store: who logs in or out at one is in or out at the other after Keep.
func TestSessionsOfTwoCollectors(t *testing.T) {
	c := &clock{time.Unix(1_790_000_000, 0)}
	s, config := newStore(t), Config{Idle: time.Hour, Longest: 3 * time.Hour, Max: 10, PerUser: 5}
	a, b := sit(t, config, s, c.now), sit(t, config, s, c.now)
	secret := a.begin("lan")
	b.keep()
	if !b.open(secret) {
		t.Fatal("the other one does not know the session")
	}
	c.t = c.t.Add(time.Minute)
	_ = b.open(secret)
	a.end(secret)
	b.keep()
	a.keep()
	if a.open(secret) || b.open(secret) {
		t.Error("a session that was ended lives")
	}
}

// A session that cannot be written down is none, and one that cannot be dropped from the store is over here.
func TestSessionsWithoutAStore(t *testing.T) {
	c := &clock{time.Unix(1_790_000_000, 0)}
	s := newStore(t)
	d := sit(t, Config{Idle: time.Hour, Longest: 3 * time.Hour, Max: 10, PerUser: 5}, s, c.now)
	secret := d.begin("lan")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Begin(t.Context(), user("lan")); err == nil || d.Len() != 1 {
		t.Errorf("%d sessions, %v", d.Len(), err)
	}
	if err := d.End(t.Context(), secret); err == nil || d.open(secret) {
		t.Errorf("ended: %v", err)
	}
	if d.Keep(t.Context()) == nil {
		t.Error("kept without a store")
	}
}

// Whatever happens, restarts included, bounds hold, the newest session of a user is open, and each leads to its
// own user.
func TestSessionBounds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := &clock{time.Unix(1_790_000_000, 0)}
		s, config := newStore(t), Config{Idle: time.Hour, Longest: 3 * time.Hour, Max: 5, PerUser: 2}
		d := sit(t, config, s, c.now)
		given := map[string]string{}
		for range rapid.IntRange(1, 20).Draw(rt, "steps") {
			c.t = c.t.Add(time.Duration(rapid.IntRange(0, 30).Draw(rt, "minutes")) * time.Minute)
			name := fmt.Sprint(rapid.IntRange(0, 4).Draw(rt, "user"))
			secret := d.begin(name)
			given[secret] = name
			switch rapid.IntRange(0, 3).Draw(rt, "then") {
			case 0:
				d.keep()
			case 1:
				d.reopen(config, s, c.now)
			}
			if got, ok := d.Find(secret); !ok || got != user(name) {
				rt.Fatalf("%s is not logged in", name)
			}
			count := map[string]int{}
			for secret, name := range given {
				if o := d.Sessions.open[digest(secret)]; o != nil {
					count[name]++
					if o.User != user(name) {
						rt.Fatalf("%s is %s", name, o.Name)
					}
				}
			}
			if d.Len() > 5 || count[name] > 2 {
				rt.Fatalf("%d sessions, %d of %s", d.Len(), count[name], name)
			}
		}
		if err := s.Close(); err != nil {
			rt.Fatal(err)
		}
	})
}

func TestLimiter(t *testing.T) {
	c := &clock{time.Unix(1_790_000_000, 0)}
	l := NewLimiter(time.Minute, 3, 2, c.now)
	for range 3 {
		if l.Wait("a") != 0 {
			t.Fatal("refused within the burst")
		}
		l.Count("a")
	}
	if got := l.Wait("a"); got != time.Minute {
		t.Errorf("wait %s, want 1m", got)
	}
	c.t = c.t.Add(time.Minute)
	if l.Wait("a") != 0 {
		t.Error("refused after the wait")
	}
	l.Count("a")
	l.Count("b")
	if l.Wait("stranger") == 0 {
		t.Error("more keys than it remembers")
	}
	l.Count("stranger")
	if len(l.due) != 2 {
		t.Errorf("%d keys remembered", len(l.due))
	}
	c.t = c.t.Add(time.Hour)
	if l.Wait("stranger") != 0 || len(l.due) != 0 {
		t.Error("what is paid is not forgotten")
	}
	for range 3 {
		l.Count("a")
	}
	l.Forget("a")
	if l.Wait("a") != 0 {
		t.Error("Forget does not forget")
	}
}

// In any stretch of time nobody does it more often than the burst and one per interval.
func TestLimiterRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &clock{time.Unix(1_790_000_000, 0)}
		l := NewLimiter(10*time.Second, 4, 10, c.now)
		begin, done := c.t, 0
		for range rapid.IntRange(1, 100).Draw(t, "tries") {
			c.t = c.t.Add(time.Duration(rapid.IntRange(0, 15).Draw(t, "seconds")) * time.Second)
			if l.Wait("k") == 0 {
				l.Count("k")
				done++
			}
			if most := 4 + int(c.t.Sub(begin)/(10*time.Second)) + 1; done > most {
				t.Fatalf("%d times in %s", done, c.t.Sub(begin))
			}
		}
	})
}

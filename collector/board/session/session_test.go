package session

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/principal"
)

func user(name string) *principal.User {
	return &principal.User{Principal: principal.Principal{Name: name}}
}

// clock is a time that a test moves.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func TestSessionsEnd(t *testing.T) {
	c := &clock{time.Unix(1_790_000_000, 0)}
	s := New(Config{Idle: time.Hour, Longest: 3 * time.Hour, Max: 10, PerUser: 2}, c.now)
	a := s.Begin(user("lan"))
	if s.Find(a) == nil || s.Find("") != nil || s.Find(a+"x") != nil {
		t.Fatal("found wrongly")
	}
	for range 3 {
		c.t = c.t.Add(59 * time.Minute)
		if s.Find(a) == nil {
			t.Fatal("a session in use ended")
		}
	}
	c.t = c.t.Add(10 * time.Minute)
	if s.Find(a) != nil {
		t.Error("a session outlived its longest time")
	}
	b := s.Begin(user("lan"))
	c.t = c.t.Add(61 * time.Minute)
	if s.Find(b) != nil || s.Len() != 0 {
		t.Error("an idle session lives")
	}
	d := s.Begin(user("lan"))
	s.End(d)
	s.End("nothing")
	if s.Find(d) != nil {
		t.Error("a session that was ended lives")
	}
}

// Whatever happens, bounds hold, the newest session of a user is open, and each leads to its own user.
func TestSessionBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &clock{time.Unix(1_790_000_000, 0)}
		s := New(Config{Idle: time.Hour, Longest: 3 * time.Hour, Max: 5, PerUser: 2}, c.now)
		given := map[string]string{}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			c.t = c.t.Add(time.Duration(rapid.IntRange(0, 30).Draw(t, "minutes")) * time.Minute)
			name := fmt.Sprint(rapid.IntRange(0, 4).Draw(t, "user"))
			secret := s.Begin(user(name))
			given[secret] = name
			if got := s.Find(secret); got == nil || got.Name != name {
				t.Fatalf("%s is not logged in", name)
			}
			count := map[string]int{}
			for secret, name := range given {
				if u := s.open[sha256.Sum256([]byte(secret))]; u != nil {
					count[name]++
					if u.user.Name != name {
						t.Fatalf("%s is %s", name, u.user.Name)
					}
				}
			}
			if s.Len() > 5 || count[name] > 2 {
				t.Fatalf("%d sessions, %d of %s", s.Len(), count[name], name)
			}
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

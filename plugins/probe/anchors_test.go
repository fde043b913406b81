package probe

import (
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/plugins/probe/train"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// court is a judge with one anchor, at an instant that tests move.
type court struct {
	*judge
	now time.Time
}

func newCourt() *court {
	m := newMetrics(prometheus.NewRegistry())
	return &court{judge: &judge{writer: newWriter(m), metrics: m, anchors: 1, log: slog.New(slog.DiscardHandler)}, now: time.Unix(1_800_000_000, 0)}
}

// round is an anchor's, of the last second.
func (c *court) round(answers int) {
	c.anchor(&train.Round{Began: c.now.Add(-time.Second), Ended: c.now, Sent: 3, Answers: answers})
}

func (c *court) find(took time.Duration, lossy bool) {
	var e sdk.Encoder
	e.Begin([]byte("probe,target=t"))
	e.Bool("up", !lossy)
	e.End(c.now.UnixNano())
	c.settle(finding{method: methodICMP, began: c.now.Add(-took), ended: c.now, lossy: lossy}, &e)
}

func (c *court) written() int { return len(c.writer.lines) }

// Steps are seconds with what happens in them: a good or bad round of the anchor, a finding with or without losses.
func TestLossesAreBelievedBetweenTwoAnswersOfAnAnchor(t *testing.T) {
	for name, c := range map[string]struct {
		steps   string // one a second: g, b: the anchor's round; l: losses; c: none; a dot: nothing
		written int
		waiting int
	}{
		"no losses need no witness":        {"c", 1, 0},
		"answers before and after":         {"g.l.g", 1, 0},
		"not decided yet":                  {"g.l.", 0, 1},
		"the anchor's round began before":  {"gl", 0, 1},
		"an anchor that never answered":    {"l....g", 0, 0},
		"no answer after":                  {"g.l.b....b....b....b....b", 0, 0},
		"no answer, then an answer soon":   {"g.l.b....b....g", 1, 0},
		"no answer for long before":        {"g....b....b....b....b.l.g", 0, 0},
		"several wait, the order does not": {"g.l.l.c.l.g", 4, 0},
	} {
		t.Run(name, func(t *testing.T) {
			court := newCourt()
			for _, step := range c.steps {
				court.now = court.now.Add(time.Second)
				switch step {
				case 'g':
					court.round(3)
				case 'b':
					court.round(0)
				case 'l':
					court.find(time.Second, true)
				case 'c':
					court.find(time.Second, false)
				}
			}
			if got := court.written(); got != c.written || len(court.doubtful) != c.waiting {
				t.Errorf("%d written, %d wait; want %d and %d", got, len(court.doubtful), c.written, c.waiting)
			}
		})
	}
}

func TestWithoutAnchorsEverythingIsBelieved(t *testing.T) {
	c := newCourt()
	c.anchors = 0
	c.find(time.Second, true)
	if c.written() != 1 {
		t.Error("a loss was not written")
	}
}

func TestTheAccountOfTrafficOutlivesARestart(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2026, 10, 1, 16, 0, 0, 0, time.UTC) // 23:00 in Việt Nam
	open := func() *budget {
		b, err := openBudget(dir, 1000)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	b := open()
	if b.take(now, 600) != "" || b.take(now, 600) != "budget" {
		t.Error("600 of 1000 octets fit once")
	}
	b = open()
	if b.take(now, 600) != "budget" || b.take(now, 400) != "" {
		t.Error("a restart changed the account")
	}
	b.giveBack(300)
	if b.take(now, 300) != "" || b.take(now, 1) != "budget" {
		t.Error("what is given back can be taken again")
	}
	if b.take(now.Add(2*time.Hour), 1000) != "" {
		t.Error("a new day has a new account")
	}
}

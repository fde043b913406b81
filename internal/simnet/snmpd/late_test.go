package snmpd

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/internal/simnet/udp"
)

// Answers leave in the order in which they are due, each once, none before its time, and not later than the clock is looked at.
func TestLate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		begin := time.Unix(1_800_000_000, 0)
		l := newLate(nil, nil, prometheus.NewCounter(prometheus.CounterOpts{Name: "x"}))
		delays := rapid.SliceOfN(rapid.IntRange(0, 50), 1, 300).Draw(t, "delays")
		for i, d := range delays {
			l.add([]byte{byte(i), byte(i >> 8)}, udp.Peer{}, Delivery{Delay: time.Duration(d) * time.Millisecond}, begin)
		}
		left, last := len(delays), -1
		for now := begin; left > 0; {
			due, wait := l.take(nil, now)
			for _, a := range due {
				d := delays[int(a.text[0])|int(a.text[1])<<8]
				if d < last || begin.Add(time.Duration(d)*time.Millisecond).After(now.Add(early)) {
					t.Fatalf("%d ms at %v, after %d ms", d, now.Sub(begin), last)
				}
				last = d
			}
			if left -= len(due); len(due) == 0 {
				now = now.Add(wait)
			}
		}
		if due, wait := l.take(nil, begin.Add(time.Hour)); len(due) > 0 || wait != time.Hour {
			t.Fatalf("%d more answers, next in %v", len(due), wait)
		}
	})
}

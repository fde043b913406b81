package snmp_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

// cycle is a dialog that notes how long each round took to its last answer.
type cycle struct {
	poll.Dialog
	begun time.Time
	took  []time.Duration
}

func (c *cycle) Begin(now time.Time) *ber.Request {
	c.begun = now
	return c.Dialog.Begin(now)
}

func (c *cycle) Answer(a poll.Answer) *ber.Request {
	next := c.Dialog.Answer(a)
	if next == nil {
		c.took = append(c.took, time.Since(c.begun))
	}
	return next
}

// A thousand devices every five seconds; then a twentieth of them dies and another takes 1.5 s to answer. How long a
// round takes for the others, in milliseconds.
func BenchmarkIll(b *testing.B) {
	n := startNation(b, 1000)
	engine := ours(b, n.all, politeLimits())
	engine.round(b) // learns
	var healthy []*cycle
	var dead, slow []*subject
	for i := range engine.targets {
		t := &engine.targets[i]
		t.Every = 5 * time.Second
		switch leaf := n.all[i].leaf; {
		case leaf && len(dead) < len(n.all)/20:
			dead = append(dead, n.all[i])
		case leaf && len(slow) < len(n.all)/20:
			slow = append(slow, n.all[i])
		default:
			c := &cycle{Dialog: t.Dialog}
			t.Dialog = c
			healthy = append(healthy, c)
		}
	}
	polled := func(name string) {
		ctx, cancel := context.WithTimeout(b.Context(), 25*time.Second)
		defer cancel()
		if err := engine.engine.Run(ctx, engine.targets); err != nil {
			b.Fatal(err)
		}
		var all []time.Duration
		for _, c := range healthy {
			all = append(all, c.took...)
			c.took = nil
		}
		slices.Sort(all)
		b.ReportMetric(float64(len(all)), name+"-rounds")
		b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, name+"-p50")
		b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, name+"-p99")
	}
	for b.Loop() {
		polled("well")
		n.slow(b, dead, 0)
		n.slow(b, slow, 1500*time.Millisecond)
		polled("ill")
		n.heal(b)
	}
}

package noc

import (
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/point"
)

// Each backbone node of the whole nation has more than 20,000 devices behind it, gateways stand before what is behind them, and
// the victims of the faults are not behind the first node.
func TestNation(t *testing.T) {
	n := newNation(83_000, []string{"01", "48"})
	for node := range backbones {
		if behind := n.behind(node); len(behind) <= 20_000 || behind[0] != node {
			t.Errorf("node %d has %d behind it", node, len(behind)-1)
		}
	}
	for i, d := range n.devices {
		if d.parent >= i || d.parent < 0 != (i < backbones) || d.province == "" != (i < backbones) {
			t.Fatalf("device %d: %+v", i, d)
		}
	}
}

func TestPolls(t *testing.T) {
	n := newNation(10, []string{"01"})
	lines := 0
	for s := point.NewScanner(n.polls(time.Unix(5, 0), false, 0, 9), point.Options{}); s.Next(); lines++ {
		if s.Err() != nil || s.Line().Time != 5e9 {
			t.Errorf("%v, time %d", s.Err(), s.Line().Time)
		}
	}
	if lines != 2 {
		t.Errorf("%d lines", lines)
	}
}

func TestSum(t *testing.T) {
	if got := sum("# HELP a{ x\na{b=\"1\"} 2\na{b=\"2\"} 3e1\nab 7\n", "a{"); got != 32 {
		t.Errorf("%v", got)
	}
}

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Two arms of the shipped ring are up, one fails: the ring is up and has lost its protection.
func TestARingOnMetrics(t *testing.T) {
	s := start(t, files(t, nil))
	s.until("/-/ready", anything)
	var lines strings.Builder
	for _, ago := range []time.Duration{90 * time.Second, 60 * time.Second, 30 * time.Second} {
		at := time.Now().Add(-ago).Unix()
		for port, oper := range map[string]int{"rn-hni-1,ifname=100GE0/1/0": 1, "rn-hpg-1,ifname=100GE0/1/1": 1, "rn-qnh-1,ifname=100GE0/1/1": 2} {
			fmt.Fprintf(&lines, "interface,device=%s admin=1i,oper=%di,interval_s=120i %d000000000\n", port, oper, at)
		}
	}
	if status, text := s.do("POST", "/api/v2/write", "token-of-agent-0123456789", lines.String()); status != 204 {
		t.Fatal(status, text)
	}
	for _, want := range []string{
		`haidang_composite_state{composite="ring-north",province="vn",state="degraded",system="ring-north"} 1`,
		`haidang_composite_state{composite="ring-north",province="vn",state="up",system="ring-north"} 0`,
		`haidang_change_freeze{province="vn"}`, `haidang_alert_sensitivity_ratio{province="01"}`,
	} {
		s.until("/metrics", func(text string) bool { return strings.Contains(text, want) })
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
}

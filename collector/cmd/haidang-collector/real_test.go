//go:build real

package main

import (
	"os/exec"
	"strings"
	"testing"
)

// promtool finds nothing to say about the running collector's metrics.
func TestPromtool(t *testing.T) {
	s := start(t, files(t, nil))
	text := s.until("/metrics", func(text string) bool { return strings.Contains(text, "haidang_availability_ratio{") })
	cmd := exec.CommandContext(t.Context(), "promtool", "check", "metrics")
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

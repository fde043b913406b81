package snmptrap

import (
	"testing"

	"github.com/haidang-noc/haidang/internal/point"
)

// checkLine fails if a line is not one that the collector takes.
func checkLine(t *testing.T, line string) {
	t.Helper()
	s := point.NewScanner([]byte(line+"\n"), point.Options{})
	n := 0
	for s.Next() {
		n++
	}
	if n != 1 || len(line) > 64<<10 {
		t.Errorf("not a line: %q", line)
	}
}

//go:build real

package spool

import (
	"os/exec"
	"testing"
)

func TestZstdcatPrintsASegment(t *testing.T) {
	segments, want := written(t)
	got, err := exec.Command("zstdcat", segments...).Output()
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Fatalf("zstdcat prints %q, want %q", got, want)
	}
}

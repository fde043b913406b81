package plugintest

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/internal/wire"
)

// Lines is line protocol, one element for each line, without newlines.
type Lines []string

// unpack takes the lines out of a batch.
func unpack(t testing.TB, b *wire.Batch) Lines {
	t.Helper()
	text, err := point.Unpack(nil, b.Frames, wire.MaxText)
	must(t, err)
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// Sorted is the lines in alphabetical order: for inputs that ask several targets at a time.
func (l Lines) Sorted() Lines { return slices.Sorted(slices.Values(l)) }

// WithoutTimes is the lines without their timestamps: for inputs that use the clock of the machine.
func (l Lines) WithoutTimes() Lines {
	stamp := regexp.MustCompile(` -?[0-9]+$`)
	out := make(Lines, len(l))
	for i, line := range l {
		out[i] = stamp.ReplaceAllString(line, "")
	}
	return out
}

// Golden compares the lines with the file at path, which holds line protocol. With UPDATE_GOLDEN=1 in the environment
// it writes the file instead: read the difference before committing it.
func (l Lines) Golden(t testing.TB, path string) {
	t.Helper()
	got := strings.Join(l, "\n") + "\n"
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		must(t, os.WriteFile(path, []byte(got), 0o644)) //nolint:gosec // a file of the repository
		return
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s: lines differ (-file +input):\n%s", path, diff)
	}
}

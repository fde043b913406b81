package conf_test

import (
	"testing"

	"github.com/haidang-noc/haidang/internal/conf"
)

func TestPathsBeginAtTheirFile(t *testing.T) {
	for path, want := range map[string]string{"": "", "a/b": "/etc/haidang/a/b", "../a": "/etc/a", "/a": "/a"} {
		if got := conf.Path("/etc/haidang", path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}

package plugintest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Files writes files, by their paths, into a new folder: what lies beside a configuration.
func Files(t testing.TB, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return dir
}

// Refused fails the test unless err, which Configure gave for something, says all of want.
func Refused(t testing.TB, err error, something string, want ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%q: no mistake found", something)
		return
	}
	for _, part := range want {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q: %v; want %q in it", something, err, part)
		}
	}
}

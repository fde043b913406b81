package pmfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

// site is a folder with a configuration and files that come.
type site struct {
	dir, in string
}

func newSite(t *testing.T) *site {
	t.Helper()
	dir := t.TempDir()
	s := &site{dir, filepath.Join(dir, "in")}
	if err := os.Mkdir(s.in, 0o750); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) config(more string) sdk.Config {
	text := "sources: [{name: em, dir: in, done: delete}]\nstate: state\nquarantine: {dir: quarantine}\nscan: 100ms\nsettle: 20ms\n" + more
	return sdk.Config{Agent: "a1", Dir: s.dir, File: "agent.yaml", Line: 1, YAML: []byte(text)}
}

func (s *site) put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.in, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func testdata(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFilesBecomePoints(t *testing.T) {
	s := newSite(t)
	s.put(t, "A20261001.1200+0700-1215+0700_enb1.xml", testdata(t, "lte.xml"))
	lines := plugintest.Run(t, New(), s.config(""), func(l plugintest.Lines) bool { return len(l) >= 3 })
	strip(lines)
	lines.Golden(t, "testdata/lte.lp")
}

// strip takes out the revision, which is the time of the file.
func strip(lines plugintest.Lines) {
	for i, line := range lines {
		before, after, found := strings.Cut(line, ",revision=")
		if found {
			_, after, _ = strings.Cut(after, "u")
			lines[i] = before + after
		}
	}
}

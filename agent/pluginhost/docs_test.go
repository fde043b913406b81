package pluginhost_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/agent/pluginhost"
	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/loopback"
)

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// The example in the page for authors is built, tested with its own test and run by a host.
func TestTheExampleForAuthorsWorks(t *testing.T) {
	dir := buildExample(t)
	golden := filepath.Join(dir, "testdata", "dead.lp")
	if err := os.Mkdir(filepath.Dir(golden), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(golden, []byte("reach,agent=a1,device=d1,method=tcp up=false,interval_s=60i\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	command(t, dir, "./tcp.test")

	open, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	yaml := fmt.Appendf(nil, "interval: 60s\ntargets:\n  - {device: d1, address: %q}\n  - {device: d2, address: %q}\n",
		open.Addr(), loopback.Address(t))
	config := pluginhost.Config{Agent: "a1", Plugins: dir, Inputs: []pluginhost.Input{
		{Type: "tcp", Config: conf.Section{File: "agent.yaml", Line: 4, Text: yaml}}}}
	h, err := pluginhost.New(config, nil, zerolog.Nop(), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := h.Once(t.Context(), "tcp", &text); err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`^reach,agent=a1,device=d1,method=tcp up=true,rtt_ms=[0-9.e-]+,interval_s=60i \d{19}
reach,agent=a1,device=d2,method=tcp up=false,interval_s=60i \d{19}
$`)
	if !want.Match(text.Bytes()) {
		t.Errorf("the example prints\n%s", text.String())
	}
}

// buildExample builds the program of the page and returns its folder.
func buildExample(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/plugin-author.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := goBlock.FindAllSubmatch(page, -1)
	if len(blocks) != 2 {
		t.Fatalf("the page has %d blocks of Go; want the input and its test", len(blocks))
	}
	dir := t.TempDir()
	home, err := filepath.Abs("../../plugins/tcp/cmd/haidang-input-tcp")
	if err != nil {
		t.Fatal(err)
	}
	replace := map[string]string{}
	for i, name := range []string{"main.go", "main_test.go"} {
		replace[filepath.Join(home, name)] = filepath.Join(dir, name)
		if err := os.WriteFile(filepath.Join(dir, name), blocks[i][1], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	overlay := filepath.Join(dir, "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(overlay, text, 0o644); err != nil {
		t.Fatal(err)
	}
	const pkg = "github.com/haidang-noc/haidang/plugins/tcp/cmd/haidang-input-tcp"
	command(t, ".", "go", "build", "-overlay", overlay, "-o", filepath.Join(dir, "haidang-input-tcp"), pkg)
	command(t, ".", "go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", filepath.Join(dir, "tcp.test"), pkg)
	return dir
}

func command(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", c, err, out)
	}
}

//go:build e2e

package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const month = "2026-10"

// kill -9 of agent, plugin and collector at random moments, the collector away for a while, batches
// delivered again: the scorecards are those of the undisturbed run, byte for byte.
func TestKillsDoNotShow(t *testing.T) {
	nation := root("internal/e2e/testdata/nation.yaml")
	plugins := buildReplay(t)

	calm := newSite(t, nation)
	file := calm.month("300s", "--agent", "agent-01", "--heartbeats")
	want := calm.play(t, plugins, file, func(*troublemaker) {})
	if len(want) < 2*4 {
		t.Fatalf("only %d scorecards", len(want))
	}
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			s := newSite(t, nation)
			kills := 0
			got := s.play(t, plugins, file, func(m *troublemaker) {
				m.round(rand.New(rand.NewPCG(seed, 1)))
				kills = m.kills
			})
			if kills < 3 {
				t.Errorf("only %d kills: the run was too short to prove anything", kills)
			}
			t.Logf("%d kills", kills)
			equal(t, got, want)
		})
	}
}

func equal(t *testing.T, got, want map[string]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d scorecards, want %d", len(got), len(want))
	}
	for name, text := range want {
		if got[name] == text {
			continue
		}
		a, b := strings.Split(text, "\n"), strings.Split(got[name], "\n")
		for i := range a {
			if i >= len(b) || a[i] != b[i] {
				t.Errorf("%s differs first in line %d: %q, undisturbed %q", name, i+1, at(b, i), a[i])
				break
			}
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(end)"
}

func buildReplay(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("go", "build", "-o", filepath.Join(dir, "haidang-input-replay"), "./replay")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build the replay input: %v\n%s", err, out)
	}
	return dir
}

// play sends a file through agent and collector, lets the troublemaker in while it plays, and returns
// the scorecards in the end.
func (s *site) play(t *testing.T, plugins, file string, trouble func(*troublemaker)) map[string]string {
	s.t = t
	s.collectorConfig("collector.yaml", s.listen, eagerClosing)
	s.replayAgent(plugins, file)
	m := &troublemaker{site: s, collector: s.collector(), agent: s.agent()}
	trouble(m)
	s.until("the file is played", func() bool { return exists(s.path("played")) })
	s.until("the spool is shipped", func() bool { return s.unsent() == 0 })
	s.settled()
	got := s.scorecards("collector.yaml", month)
	m.agent.stop()
	m.collector.stop()
	equal(t, s.scorecards("collector.yaml", month), got) // stopping changes nothing
	return got
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// unsent is how many batches the agent still has to ship; -1 while it does not say.
func (s *site) unsent() float64 {
	m := metrics(s.agentAddress())
	if v, ok := m["haidang_spool_pending_batches"]; ok {
		return v
	}
	return -1
}

func (s *site) agentAddress() string {
	for line := range strings.Lines(read(s.t, s.path("agent.yaml"))) {
		if a, ok := strings.CutPrefix(line, "listen: "); ok {
			return strings.TrimSpace(a)
		}
	}
	return ""
}

// troublemaker kills.
type troublemaker struct {
	*site
	collector, agent *daemon
	kills            int
}

// round kills at random until the file is played.
func (m *troublemaker) round(r *rand.Rand) {
	for m.kills < 40 && !exists(m.path("played")) {
		m.pause(time.Duration(100+r.IntN(700)) * time.Millisecond)
		switch r.IntN(4) {
		case 0:
			m.agent.kill()
			m.pause(time.Duration(r.IntN(300)) * time.Millisecond)
			m.agent = m.site.agent()
		case 1:
			m.killPlugin()
		case 2:
			m.collector.kill()
			m.collector = m.site.collector()
		case 3: // away for a while
			m.collector.kill()
			m.pause(time.Duration(500+r.IntN(1500)) * time.Millisecond)
			m.collector = m.site.collector()
		}
		m.kills++
	}
}

func (m *troublemaker) pause(d time.Duration) {
	select {
	case <-time.After(d):
	case <-m.t.Context().Done():
	}
}

// killPlugin ends the agent's child.
func (m *troublemaker) killPlugin() {
	out, err := exec.Command("ps", "-o", "pid=", "--ppid", strconv.Itoa(m.agent.cmd.Process.Pid)).Output()
	if err != nil { // it has none at the moment
		return
	}
	for field := range strings.FieldsSeq(string(out)) {
		if pid, err := strconv.Atoi(field); err == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may just have ended
		}
	}
}

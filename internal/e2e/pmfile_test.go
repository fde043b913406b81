//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/internal/loopback"
)

// cellKPI is a KPI of radio cells as the simulated network knows it, and as a scorecard shows it.
type cellKPI struct {
	Province   string `json:"province"`
	Technology string `json:"technology"`
	KPI        string `json:"kpi"`
	Value      string `json:"value"` // exact: a fraction
}

// cellSpread is how cells are spread over a mean, by both.
type cellSpread struct {
	Province   string `json:"province"`
	Technology string `json:"technology"`
	KPI        string `json:"kpi"`
	P95        string `json:"p95"` // exact: a fraction
}

// radioCard is what the test reads of a scorecard.
type radioCard struct {
	Scope struct {
		Code string `json:"code"`
	} `json:"scope"`
	Radio []struct {
		Technology string `json:"technology"`
		KPI        string `json:"kpi"`
		Value      *struct {
			Num string `json:"num"`
			Den string `json:"den"`
		} `json:"value"`
	} `json:"radio"`
	Spread []struct {
		Technology string `json:"technology"`
		KPI        string `json:"kpi"`
		P95        *struct {
			Num string `json:"num"`
			Den string `json:"den"`
		} `json:"p95"`
	} `json:"radio_spread"`
}

// Five days of measurement files of two element managers, one of which speaks a vendor's dialect, is taken by an agent that is killed
// on the way: every KPI of radio cells on the scorecards is what the simulated network says of itself.
func TestMeasurementFilesBecomeRadioKPIs(t *testing.T) {
	s := newSite(t, root("internal/e2e/testdata/pm.yaml"))
	s.write("collector.yaml", strings.Replace(read(t, s.path("collector.yaml")), "links: links.csv,", "links: links.csv, cells: cells.csv,", 1))
	s.write("targets.yaml", strings.Replace(read(t, s.path("targets.yaml")), "  min_coverage: 0.90\n", "  min_coverage: 0.10\n", 1)) // five days of a month
	files := s.path("pm")
	s.output("haidang-simnet", "pm", "--config", s.nation, "--from", "2026-10-01T00:00:00+07:00", "--to", "2026-10-06T00:00:00+07:00", "--out", files)
	if err := os.WriteFile(s.path("pm/A20261001.0000+0700-0015+0700_cut.xml"), []byte("<measCollecFile><fileHeader/>"), 0o600); err != nil {
		t.Fatal(err)
	}
	total := s.left(files)
	s.pmAgent()
	c := s.collector()
	agent := s.agent()
	s.until("a third of the files is taken", func() bool { return s.left(files) < total*2/3 })
	agent.kill()
	s.agent()
	s.until("all files are taken", func() bool { return s.left(files) == 0 })
	s.until("the spool is empty", func() bool { return s.unsent() == 0 })
	s.settled()
	cards := s.scorecards("collector.yaml", month)
	c.stop()

	if kept, err := os.ReadDir(s.path("quarantine")); err != nil || len(kept) != 2 {
		t.Errorf("the quarantine holds %v, want the cut file and its reason: %v", kept, err)
	}
	var want struct {
		Cells   []cellKPI    `json:"cells"`
		Spreads []cellSpread `json:"spreads"`
	}
	decode(t, s.output("haidang-simnet", "truth", "--config", s.nation, "--month", month, "--interval", "300s", "--cells", "--polls=false", "--until", "2026-10-06T00:00:00+07:00"), &want)
	kpis, spreads := radioKPIs(t, cards)
	compareRadio(t, want.Cells, kpis)
	compareSpreads(t, want.Spreads, spreads)
}

// pmAgent writes the configuration of an agent that takes the files of a folder.
func (s *site) pmAgent() {
	s.write("agent.yaml", fmt.Sprintf(`name: agent-01
listen: %s
heartbeat: 1h
spool: {dir: spool}
collector: {url: "http://%s", token: env:E2E_AGENT, retry_min: 50ms, retry_max: 500ms}
plugins: %s
inputs:
  - type: pmfile
    config:
      sources: [{name: em, dir: pm, done: delete}]
      cells: cells.csv
      state: state
      quarantine: {dir: quarantine}
      settle: 100ms
      patience: 0s
`, loopback.Address(s.t), s.listen, root("bin")))
}

// left is the number of files in a folder.
func (s *site) left(dir string) int {
	s.t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		s.t.Fatal(err)
	}
	return len(entries)
}

func radioKPIs(t *testing.T, cards map[string]string) (all map[cellKPI]bool, spreads map[cellSpread]bool) {
	t.Helper()
	all, spreads = map[cellKPI]bool{}, map[cellSpread]bool{}
	for name, text := range cards {
		if !strings.HasSuffix(name, ".json") {
			continue
		}
		var got radioCard
		decode(t, text, &got)
		for _, k := range got.Radio {
			if k.Value == nil {
				continue
			}
			all[cellKPI{strings.TrimPrefix(got.Scope.Code, "vn"), k.Technology, k.KPI, fraction(k.Value.Num, k.Value.Den)}] = true
		}
		for _, k := range got.Spread {
			if k.P95 != nil {
				spreads[cellSpread{strings.TrimPrefix(got.Scope.Code, "vn"), k.Technology, k.KPI, fraction(k.P95.Num, k.P95.Den)}] = true
			}
		}
	}
	return all, spreads
}

func fraction(num, den string) string {
	if den == "1" {
		return num
	}
	return num + "/" + den
}

// compareSpreads holds the 95th percentiles of both provinces; Huawei's map tells latency and users of all classes together.
func compareSpreads(t *testing.T, want []cellSpread, got map[cellSpread]bool) {
	t.Helper()
	compared := map[string]int{}
	for _, w := range want {
		if w.Province == "" || w.Province != "01" && (w.KPI == "voice_latency_dl" || w.KPI == "active_users_dl") {
			continue
		}
		if !got[w] {
			t.Errorf("no scorecard has %+v", w)
		}
		compared[w.Province]++
	}
	t.Logf("compared: %v", compared)
	if compared["01"] != 13 || compared["48"] < 3 {
		t.Errorf("too little was compared: %v", compared)
	}
}

// compareRadio holds what the truth knows against the scorecards. Huawei's counters, as far as the map has them, tell no classes
// and no added bearers: what depends on these is known of the province with standard names only.
func compareRadio(t *testing.T, want []cellKPI, got map[cellKPI]bool) {
	t.Helper()
	partial := []string{"voice_setup", "voice_drop", "added_bearer_setup", "retainability", "voice_retainability", "busy_throughput_dl", "prb_ul", "prb_full_dl", "prb_full_ul", "cqi_mean"}
	compared := map[string]int{}
	for _, w := range want {
		if w.Province != "01" && w.Technology == "lte" && slices.Contains(partial, w.KPI) {
			continue
		}
		if !got[w] {
			t.Errorf("no scorecard has %+v", w)
		}
		compared[w.Province]++
	}
	t.Logf("compared: %v", compared)
	if len(compared) != 3 || compared["01"] < 20 || compared["48"] < 15 {
		t.Errorf("too little was compared: %v", compared)
	}
}

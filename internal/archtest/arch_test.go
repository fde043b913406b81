// Package archtest holds the house's rules as tests: who may import whom, and that every package says what it is.
package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/haidang-noc/haidang/"

type pkg struct {
	ImportPath  string
	Doc         string
	Imports     []string
	TestImports []string
	GoFiles     []string
}

// list asks the go command for every package of the module, whatever build tags its tests have.
func list(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Doc,Imports,TestImports,GoFiles", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func under(path string, trees ...string) bool {
	for _, tree := range trees {
		if path == module+tree || strings.HasPrefix(path, module+tree+"/") {
			return true
		}
	}
	return false
}

// rule: packages below From may import, of this module, only what is below Allow.
type rule struct {
	from  string
	allow []string
}

var rules = []rule{
	{"agent", []string{"agent", "internal/point", "internal/wire", "internal/pause", "internal/conf", "internal/run", "internal/obs"}},
	{"collector", []string{"collector", "internal/point", "internal/conf", "internal/run", "internal/obs"}},
	{"collector/model", nil},
	{"collector/kpi", []string{"collector/kpi", "collector/model"}},
	{"collector/scorecard", []string{"collector/scorecard", "collector/kpi", "collector/model"}},
	{"collector/inventory", []string{"collector/inventory", "collector/model", "collector/kpi/ran", "collector/kpi/score", "internal/conf"}}, // which suffixes of counters are causes, which KPIs are computed
	{"collector/log", []string{"collector/log", "internal/point", "internal/conf"}},
	{"collector/store", []string{"collector/store", "internal/conf"}},
	{"plugins/sdk", []string{"plugins/sdk", "internal/point", "internal/wire", "internal/conf", "internal/pause"}},
	{"plugins", []string{"plugins", "configs", "internal/point", "internal/wire", "internal/conf", "internal/ber", "internal/devices", "internal/backlog", "internal/gate", "internal/listen", "internal/outbox", "internal/pause", "internal/usm"}},
	{"internal/point", []string{"internal/point"}},
	{"internal/conf", nil},
	{"internal/run", nil},
	{"internal/obs", nil},
	{"internal/devices", []string{"internal/devices", "internal/conf"}},
	{"internal/backlog", []string{"internal/gate", "internal/point"}},
	{"internal/gate", []string{"internal/pause"}},
	{"internal/outbox", []string{"internal/point"}},
	{"internal/pause", nil},
	{"internal/listen", []string{"internal/conf"}},
	{"internal/ber", nil},
	{"internal/usm", []string{"internal/usm", "internal/ber", "internal/conf"}},
	{"internal/wire", []string{"internal/wire", "internal/point"}},
	{"internal/simnet", []string{"internal/simnet", "internal/point", "internal/conf", "internal/run", "internal/obs"}},
}

func TestImports(t *testing.T) {
	checked := 0
	for _, p := range list(t) {
		for _, r := range rules {
			if !under(p.ImportPath, r.from) {
				continue
			}
			checked++
			for _, i := range p.Imports {
				if strings.HasPrefix(i, module) && !under(i, r.allow...) {
					t.Errorf("%s imports %s: packages below %s may import only %v", p.ImportPath, i, r.from, r.allow)
				}
			}
		}
	}
	if checked < len(rules) {
		t.Errorf("only %d of %d rules met a package: is a folder renamed?", checked, len(rules))
	}
}

// The KPI engine is arithmetic: no clock, no files, no network, no log.
func TestKPIIsPure(t *testing.T) {
	banned := []string{"os", "net", "log", "io/fs", "database/sql", "github.com/rs/zerolog"}
	for _, p := range list(t) {
		if !under(p.ImportPath, "collector/kpi", "collector/model") {
			continue
		}
		for _, i := range p.Imports {
			for _, b := range banned {
				if i == b || strings.HasPrefix(i, b+"/") {
					t.Errorf("%s imports %s", p.ImportPath, i)
				}
			}
		}
	}
}

// An input never sees the agent, and no other input.
func TestInputsStandAlone(t *testing.T) {
	for _, p := range list(t) {
		rest, ok := strings.CutPrefix(p.ImportPath, module+"plugins/")
		if !ok {
			continue
		}
		own, _, _ := strings.Cut(rest, "/")
		for _, i := range p.Imports {
			if under(i, "plugins") && !under(i, "plugins/"+own, "plugins/sdk") {
				t.Errorf("%s imports another input: %s", p.ImportPath, i)
			}
		}
	}
}

func TestPackagesSayWhatTheyAre(t *testing.T) {
	for _, p := range list(t) {
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package sentence", p.ImportPath)
		}
		for _, bad := range []string{"helper", "helpers", "util", "utils", "common", "base", "misc", "manager"} {
			if p.ImportPath[strings.LastIndex(p.ImportPath, "/")+1:] == bad {
				t.Errorf("%s: a package is named for what it holds", p.ImportPath)
			}
		}
	}
}

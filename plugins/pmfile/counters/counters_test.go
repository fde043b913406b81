package counters_test

import (
	"strings"
	"testing"
	"testing/fstest"

	shipped "github.com/haidang-noc/haidang/configs/counters"
	"github.com/haidang-noc/haidang/plugins/pmfile/counters"
)

func folder(text string) counters.Folder {
	return counters.Folder{Name: "own", Files: fstest.MapFS{"m.yaml": {Data: []byte(text)}}}
}

func TestShippedMaps(t *testing.T) {
	m, err := counters.Load(counters.Folder{Files: shipped.Files()})
	if err != nil {
		t.Fatal(err)
	}
	huawei := m.Table("HUAWEI TECHNOLOGIES CO.,LTD", "BTS3900")
	if r := huawei.Rule("L.Thrp.bits.DL", "any"); r == nil || r.Name != "DRB.IPVolDl.sum" || r.Scale != 0.001 || !r.Verified {
		t.Errorf("L.Thrp.bits.DL: %+v", r)
	}
	if r := huawei.Rule("L.ChMeas.PRB.DL.Used.Avg", ""); r == nil || r.Over == "" || r.Verified {
		t.Errorf("L.ChMeas.PRB.DL.Used.Avg: %+v", r)
	}
	for name, vendor := range map[string]string{"Ericsson AB": "ericsson", "Nokia": "nokia", "NSN": "nokia", "ZTE": "other", "": "other", "Hua": "other"} {
		table := m.Table(name, "")
		if table.Vendor() != vendor {
			t.Errorf("%s is %s, want %s", name, table.Vendor(), vendor)
		}
		if table.Rule("L.Thrp.bits.DL", "") != nil || !table.IsStandard("RRC.ConnEstabAtt.mo-Data") || table.IsStandard("pmRrcConnEstabAtt") || table.IsStandard("RRC.Conn") {
			t.Errorf("%s: what is standard", name)
		}
	}
	for vendor, version := range m.Versions() {
		if version == "" {
			t.Errorf("%s has no version", vendor)
		}
	}
}

func TestTheMoreParticularRowWins(t *testing.T) {
	const head = "version: 1\nvendor: v\nnames: [v]\ncounters:\n"
	m, err := counters.Load(folder(head+`
  - {counter: a, name: N.any, unit_in: s, status: memory}
  - {counter: a, name: N.g, unit_in: s, group: g, status: memory}
  - {counter: a, name: N.r1, unit_in: s, release: R1, status: memory}
  - {counter: a, name: N.r12, unit_in: s, release: R1.2, status: memory}
`), folder(head+"  - {counter: a, name: N.own, unit_in: s, scale: 7, release: R1, status: verified}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [...]struct{ release, group, want string }{
		{"", "", "N.any"}, {"R2", "g", "N.g"}, {"R1.1", "", "N.own"}, {"R1.1", "g", "N.own"}, {"R1.2.3", "", "N.r12"},
	} {
		if r := m.Table("V", c.release).Rule("a", c.group); r == nil || r.Name != c.want {
			t.Errorf("release %q, group %q: %+v, want %s", c.release, c.group, r, c.want)
		}
	}
}

func TestMistakesNameTheirPlace(t *testing.T) {
	const head = "version: 1\nvendor: v\nnames: [v]\ncounters:\n"
	for text, want := range map[string]string{
		"counters: [{counter: a}]":           "own/m.yaml: vendor: want",
		"vendor: v\nversion: 1":              "names: want",
		"vendor: v\nnames: [v]":              "version: want",
		"version: 1\nvendor: v\nnames: ['']": "names: an empty one",
		"vendr: v":                           "own/m.yaml:1",
		head + "  - {counter: a, name: 'N x', unit_in: s, status: memory}":                                                    "own/m.yaml:5: name: ",
		head + "  - {name: N, unit_in: s, status: memory}":                                                                    "own/m.yaml:5: counter: ",
		head + "  - {counter: a, name: N, unit_in: furlong, status: memory}":                                                  "own/m.yaml:5: unit_in: counter \"a\": \"furlong\": want one of",
		head + "  - {counter: a, name: N, unit_in: s, scale: 0, status: memory}":                                              "own/m.yaml:5: scale: ",
		head + "  - {counter: a, name: N, unit_in: s, status: sure}":                                                          "own/m.yaml:5: status: ",
		head + "  - {counter: a, name: N, unit_in: s, over: a, status: memory}":                                               "own/m.yaml:5: minus: ",
		head + "  - {counter: a, name: N, unit_in: s, status: memory, unit: s}":                                               "own/m.yaml:5",
		head + "  - {counter: a, name: N, unit_in: s, status: memory}\n  - {counter: a, name: M, unit_in: s, status: memory}": "own/m.yaml:6: counter: counter \"a\": the same counter as in line 5",
		head + "  - {counter: a, name: N, unit_in: s, status: memory}\n  - {counter: b, name: N, unit_in: s, status: memory}": "own/m.yaml:6: name: counter \"b\": the same name as in line 5",
	} {
		if _, err := counters.Load(folder(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n%v, want %s", text, err, want)
		}
	}
}

package profile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/plugins/snmp/poll"
	"github.com/haidang-noc/haidang/plugins/snmp/profile"
)

func shipped(t testing.TB) *profile.Set {
	t.Helper()
	set, err := profile.Load("")
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// folder writes files into a new folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTheLongestPrefixMatches(t *testing.T) {
	set := shipped(t)
	for oid, want := range map[string]string{
		".1.3.6.1.4.1.999999.1":     "standard",
		"":                          "standard",
		"not an OID":                "standard",
		"1.3.6.1.4.1.2011.2.123":    "huawei-olt",
		"1.3.6.1.4.1.2011.2.1234":   "huawei-vrp",
		"1.3.6.1.4.1.2011.2.25.1":   "huawei-rtn",
		"1.3.6.1.4.1.2011.2.360.1":  "huawei-vrp",
		".1.3.6.1.4.1.6527.1.3.25":  "nokia-sros",
		"1.3.6.1.4.1.637.61.1":      "nokia-isam",
		"1.3.6.1.4.1.9.1.2984":      "cisco",
		"1.3.6.1.4.1.1271.3":        "ciena-waveserver",
		"1.3.6.1.4.1.1271.1.2.22":   "ciena-saos",
		"1.3.6.1.4.1.193.81.1.1.3":  "ericsson-minilink",
		"1.3.6.1.4.1.193.218.1.17":  "ericsson-ssr",
		"1.3.6.1.4.1.3902.1082.1":   "zte-olt",
		"1.3.6.1.4.1.3902.3.100.20": "zte-router",
	} {
		if got := set.Match(oid).Name; got != want {
			t.Errorf("%q matches %s, want %s", oid, got, want)
		}
	}
}

const lamps = `profile: lamps
title: lamps of the test
match: [1.3.6.1.4.1.99999.7]
extends: [host]
tested: true
tables:
  - name: lamp
    every: 10m
    floor: 5m
    index: [floor]
    columns: {heat: 1.3.6.1.4.1.99999.7.1}
    lines:
      - measurement: sensor
        tags: {object: "lamp {floor}"}
        fields: {temp_c: {of: heat, unit: 0.1 Cel}}
`

// A folder adds to what is shipped, and what has the name of something shipped takes its place.
func TestAFolderAddsAndOverrides(t *testing.T) {
	set, err := profile.Load(folder(t, map[string]string{
		"lamps.yaml": lamps,
		"mine.yaml":  strings.NewReplacer("profile: lamps", "profile: mikrotik", "99999.7]", "14988]").Replace(lamps),
		"README":     "not a profile",
	}))
	if err != nil {
		t.Fatal(err)
	}
	lamp := set.Match("1.3.6.1.4.1.99999.7.3")
	names := make([]string, 0, len(lamp.Plan.Tables))
	for _, table := range lamp.Plan.Tables {
		names = append(names, table.Name)
	}
	if lamp.Name != "lamps" || strings.Join(names, " ") != "hr_processor hr_storage lamp" {
		t.Errorf("%s: %v", lamp.Name, names)
	}
	if p := set.Match("1.3.6.1.4.1.14988.1"); p.Title != "lamps of the test" || len(p.Plan.Tables) != 3 {
		t.Errorf("%s: %s, %d tables", p.Name, p.Title, len(p.Plan.Tables))
	}
}

// Every mistake names file, line and key, and says what is wanted.
func TestMistakes(t *testing.T) {
	set := shipped(t)
	for name, c := range map[string]struct{ old, new, want string }{
		"no such key":         {"floor: 5m", "flor: 5m", `lamps.yaml:9:5: unknown field "flor"`},
		"name":                {"name: lamp", "name: Lamp", `lamps.yaml:7:11: tables[0].name: "Lamp": want a name of small letters`},
		"below the floor":     {"every: 10m", "every: 1m", "lamps.yaml:8:12: tables[0].every: 1m0s: want at least the floor of 5m0s"},
		"not a duration":      {"every: 10m", "every: soon", `lamps.yaml:8:12: every: "soon" is not a duration`},
		"OID":                 {"99999.7.1}", "99999.x}", `lamps.yaml:11:21: tables[0].columns.heat: ber: object identifier "1.3.6.1.4.1.99999.x"`},
		"index":               {"[floor]", "['floor:tall']", `lamps.yaml:10:13: tables[0].index[0]: "floor:tall": want NAME or NAME:KIND`},
		"no index":            {"    index: [floor]\n", "", "tables[0].name: want either an index or scalar: true"},
		"measurement":         {"measurement: sensor", "measurement: senzor", `lamps.yaml:13:22: tables[0].lines[0].measurement: "senzor": want one of bgp, `},
		"tag":                 {"object:", "lamp:", "tables[0].lines[0].tags.lamp: want one of object, sensor"},
		"template":            {"{floor}", "{flor}", "lamps.yaml:14:24: tables[0].lines[0].tags.object: \"lamp {flor}\": {flor}: want a learned column, a part of the index"},
		"polled tag":          {"{floor}", "{heat}", "tables[0].lines[0].tags.object: a polled column changes: want one under learn"},
		"field":               {"temp_c:", "heat_c:", "tables[0].lines[0].fields.heat_c.of: sensor has no such field: want one of charge_ah, "},
		"column":              {"of: heat", "of: hat", `lamps.yaml:15:31: tables[0].lines[0].fields.temp_c.of: "hat": "hat": want a column of the table (heat, floor)`},
		"unit":                {"0.1 Cel", "0.1 degrees", `lamps.yaml:15:43: tables[0].lines[0].fields.temp_c.unit: "0.1 degrees": want a unit such as`},
		"another dimension":   {"0.1 Cel", "mV", `fields.temp_c.unit: "mV": want a unit of temperature for the field temp_c`},
		"unused":              {"{heat:", "{cold: 1.3.6.1.4.1.99999.7.2, heat:", "lamps.yaml:11:21: tables[0].columns.cold: nothing uses this column"},
		"condition":           {"fields: {", "where: {heat: warm}\n        fields: {", `where.heat: "warm": want numbers, each alone or behind one of ! < >`},
		"no such parent":      {"[host]", "[hosts]", `lamps.yaml:4:11: extends[0]: "hosts": there is no such profile`},
		"prefix taken":        {"99999.7]", "9]", "is matched by profile"},
		"circle":              {"[host]", "[lamps]", "lamps.yaml:4:10: extends: lamps → lamps: goes round in a circle"},
		"without nothing":     {"extends: [host]", "extends: [host]\nwithout: [lamp]", `without[0]: "lamp": no table of this name is inherited`},
		"tested":              {"tested: true\n", "", "tested: want true or false"},
		"not YAML":            {"tables:", "tables: [", "lamps.yaml:"},
		"sum":                 {"Cel}}", "Cel}}\n        system: {temp_c: average temp_c}", `system.temp_c: "average temp_c": want mean, max or first`},
		"tables of one name":  {"tables:", "tables:\n" + lampTable(), "there is one of this name already"},
		"kind of a known one": {"unit: 0.1 Cel", "unit: 0.1 Cel, kind: float", `kind: "float": the measurement says it already`},
		"name of an enum":     {"unit: 0.1 Cel", "names: {1: hot}", `names: "hot": want a number`},
		"rows out of bounds":  {"floor: 5m", "max_rows: 100000", "max_rows: 100000: want 1 to 65536"},
		"derived of nothing":  {"    lines:", "    derive: {deck: {of: flor, match: x}}\n    lines:", `derive.deck.of: "flor": want one of heat, floor`},
		"lookup without by":   {"    lines:", "    lookup: {who: {oid: 1.3.6.1}}\n    lines:", "lookup.who.by: is empty"},
		"anchor":              {"    lines:", "    anchors: [floor]\n    lines:", `anchors[0]: "floor": want one of columns or learn`},
		"expression":          {"of: heat", "of: heat +", `"heat +": it ends early`},
		"too much in a name":  {"tested: true", "tested: true\nmatches: []", `unknown field "matches"`},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(lamps, c.old, c.new, 1)
			if text == lamps {
				t.Fatal("nothing is wrong with it")
			}
			err := set.Check("lamps.yaml", []byte(text))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "lamps.yaml:") {
				t.Errorf("error: %v\nwant it to say: %s", err, c.want)
			}
		})
	}
}

func lampTable() string { return lamps[strings.Index(lamps, "  - name"):] }

func TestTwoFilesOfOneName(t *testing.T) {
	_, err := profile.Load(folder(t, map[string]string{"a.yaml": lamps, "b.yaml": lamps}))
	if err == nil || !strings.Contains(err.Error(), `b.yaml:1:10: profile: "lamps" is in `) {
		t.Error(err)
	}
	if _, err := profile.Load(filepath.Join(t.TempDir(), "nowhere")); err == nil {
		t.Error("a folder that is not there is no mistake")
	}
}

// The configuration sets intervals, and no floor is undercut by accident.
func TestRetime(t *testing.T) {
	every := func(c *poll.Cadences, round time.Duration) (time.Duration, error) {
		set, err := profile.Load(folder(t, map[string]string{"lamps.yaml": lamps}))
		if err != nil {
			t.Fatal(err)
		}
		err = set.Retime(c, round)
		p, _ := set.Named("lamps")
		return p.Plan.Tables[2].Every, err
	}
	wish := func(table string, w poll.Wish) *poll.Cadences {
		var c poll.Cadences
		if err := c.Set(table, w); err != nil {
			t.Fatal(err)
		}
		return &c
	}
	for name, c := range map[string]struct {
		wishes *poll.Cadences
		round  time.Duration
		want   time.Duration
		wrong  string
	}{
		"as shipped":     {&poll.Cadences{}, time.Minute, 10 * time.Minute, ""},
		"as wished":      {wish("lamp", poll.Wish{Every: 7 * time.Minute}), time.Minute, 7 * time.Minute, ""},
		"no rounds more": {&poll.Cadences{}, time.Hour, time.Hour, ""},
		"floor":          {wish("lamp", poll.Wish{Every: time.Minute, File: "a.yaml", Line: 3}), time.Minute, 0, "a.yaml:3: every: 1m0s is below the floor of table lamp"},
		"in full":        {wish("lamp", poll.Wish{Every: time.Minute, BelowFloor: true}), time.Minute, time.Minute, ""},
		"unknown":        {wish("limp", poll.Wish{Every: time.Hour, File: "a.yaml", Line: 3}), time.Minute, 0, `a.yaml:3: table: "limp"`},
	} {
		got, err := every(c.wishes, c.round)
		if c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) || c.wrong == "" && (err != nil || got != c.want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// What is shipped says of each device family whether it was tried, and writes what docs/telemetry.md lays down.
func TestShipped(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/telemetry.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range profile.Measurements() {
		_, row, found := strings.Cut(string(doc), "| `"+m+"` |")
		row, _, _ = strings.Cut(row, "\n")
		if !found {
			t.Errorf("docs/telemetry.md has no measurement %s", m)
			continue
		}
		for _, field := range profile.Fields(m) {
			if !strings.Contains(row, "`"+field+"`") {
				t.Errorf("docs/telemetry.md does not say that %s has the field %s", m, field)
			}
		}
	}
	var list strings.Builder
	if err := shipped(t).List(&list); err != nil || !strings.Contains(list.String(), "nec-pasolink       no ") {
		t.Errorf("%v\n%s", err, list.String())
	}
	for _, p := range shipped(t).All() {
		var text strings.Builder
		if err := p.Show(&text); err != nil || !strings.Contains(text.String(), p.Title) {
			t.Errorf("%s: %v\n%s", p.Name, err, text.String())
		}
	}
}

// Whatever a file holds, it is read or refused, and in time.
func FuzzLoad(f *testing.F) {
	f.Add(lamps)
	f.Add(strings.Replace(lamps, "of: heat", "of: shift(heat, 3 * (floor?9 - 9))", 1))
	f.Add("profile: a\ntables: [{lines: [{fields: {x: }}]}]\n")
	set := shipped(f)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<14 {
			return
		}
		if err := set.Check("f.yaml", []byte(text)); err != nil && !strings.Contains(err.Error(), "f.yaml") {
			t.Errorf("%v", err)
		}
	})
}

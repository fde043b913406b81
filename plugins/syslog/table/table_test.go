package table_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	shipped "github.com/haidang-noc/haidang/configs/syslog"
	"github.com/haidang-noc/haidang/plugins/syslog/table"
)

func load(t testing.TB) *table.Table {
	t.Helper()
	var tab table.Table
	if err := tab.Add(shipped.Files(), "*.yaml"); err != nil {
		t.Fatal(err)
	}
	if err := tab.Compile(); err != nil {
		t.Fatal(err)
	}
	return &tab
}

func TestWhatMessagesMean(t *testing.T) {
	tab := load(t)
	for _, c := range []struct {
		text, name string
		tells      table.Tells
		ifname     string
		object     string
	}{
		{"%LINK-3-UPDOWN: Interface GigabitEthernet0/1, changed state to down", "linkDown", table.Down, "Gi0/1", ""},
		{"%LINK-3-UPDOWN - - - Interface Ethernet0/1, changed state to up", "linkUp", table.Up, "Ethernet0/1", ""}, // by way of a relay
		{"ifmgr[1]: %PKT_INFRA-LINK-3-UPDOWN : Interface GigabitEthernet0/0/0/1, changed state to Down", "linkDown", table.Down, "GigabitEthernet0/0/0/1", ""},
		{"ifmgr[1]: %PKT_INFRA-LINK-5-CHANGED : Interface Optics0/2/0/0, changed state to Down", "", 0, "", ""},
		{"%LINK-5-CHANGED: Interface FastEthernet1, changed state to administratively down", "linkShut", table.Shut, "Fa1", ""},
		{"%LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet0/1, changed state to down", "lineProtocolDown", table.Nothing, "Gi0/1", ""},
		{"%%01IFNET/2/linkDown_active(l):CID=1;x (ifName=10GE1/0/24, AdminStatus=UP, OperStatus=DOWN, Reason=y)", "linkDown", table.Down, "10GE1/0/24", ""},
		{"1 2026 mib2d - SNMP_TRAP_LINK_DOWN [junos@2636.1 snmp-interface-index=\"7\" admin-status=\"up(1)\" operational-status=\"down(2)\" interface-name=\"ge-0/0/7\"]", "linkDown", table.Down, "ge-0/0/7", ""},
		{"craftd[1]: Major alarm set, FPC 3 Hard errors", "majorAlarm", table.Alarm, "", "FPC 3 Hard errors"},
		{"SR: SNMP-WARNING-linkDown-2004 [p1]:  Interface p1 is not operational", "linkDown", table.Down, "p1", ""},
		{"%LINK-3-UPDOWN: nothing that is known", "", 0, "", ""},
		{"%SYS-5-CONFIG_I: Configured from console by vty0", "", 0, "", ""},
		{"", "", 0, "", ""},
	} {
		m, ok := tab.Match([]byte(c.text))
		if ok != (c.name != "") || ok && (m.Name != c.name || m.Tells != c.tells || m.IfName != c.ifname || m.Object != c.object) {
			t.Errorf("%q: %v, %+v", c.text, ok, m)
		}
	}
}

const row = "{name: a, word: SOMEWORD, severity: major"

func TestMistakesNameTheirPlace(t *testing.T) {
	for text, want := range map[string]string{
		"messages: []": "t.yaml:1: vendor:",
		"vendor: v\nmessages:\n  - " + row + ", severty: x}":                                                        "t.yaml:3:",
		"vendor: v\nmessages:\n  - {word: SOMEWORD, severity: major}":                                               "t.yaml:3: name:",
		"vendor: v\nmessages:\n  - {name: a, word: W, severity: major}":                                             "t.yaml:3: word:",
		"vendor: v\nmessages:\n  - {name: a, word: SOMEWORD, severity: fatal}":                                      "t.yaml:3: severity:",
		"vendor: v\nmessages:\n  - " + row + ", pattern: '('}":                                                      "t.yaml:3: pattern:",
		"vendor: v\nmessages:\n  - " + row + ", pattern: '(?P<port>x)'}":                                            `group "port": want ifname or object`,
		"vendor: v\nmessages:\n  - " + row + ", up: true}":                                                          "t.yaml:3: pattern: message \"a\": want a group (?P<ifname>",
		"vendor: v\nmessages:\n  - " + row + ", up: true, ok: true}":                                                "t.yaml:3: up:",
		"vendor: v\nmessages:\n  - " + row + ", ok: true, object: x}":                                               "t.yaml:3: sensor:",
		"vendor: v\nmessages:\n  - " + row + ", ok: true, sensor: fan}":                                             "t.yaml:3: object:",
		"vendor: v\nmessages:\n  - " + row + ", object: x}":                                                         "t.yaml:3: object:",
		"vendor: v\nmessages:\n  - " + row + ", seen: x, untested: true}":                                           "t.yaml:3: untested:",
		"vendor: v\nshorten: {Gi0: G}\nmessages: []":                                                                "t.yaml:1: shorten:",
		"vendor: v\nmessages:\n  - " + row + ", pattern: a$, example: SOMEWORD b}":                                  "t.yaml:3: example:",
		"vendor: v\nmessages:\n  - " + row + "}\n  - {name: b, word: SOMEWORD, severity: major, example: SOMEWORD}": "t.yaml:4: example:",
	} {
		var tab table.Table
		err := tab.AddFile("t.yaml", []byte(text))
		if err == nil {
			err = tab.Compile()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// Whatever words there are, every one that is in a text is found, at all its places.
func TestAllWordsAreFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfNDistinct(rapid.StringMatching("[abc]{6,9}"), 1, 12, func(s string) string { return s }).Draw(t, "words")
		text := rapid.StringMatching("[abcd]{0,60}").Draw(t, "text")
		var yaml strings.Builder
		yaml.WriteString("vendor: v\nmessages:\n")
		for _, w := range words {
			fmt.Fprintf(&yaml, "  - {name: %s, word: %s, severity: major}\n", w, w)
		}
		var tab table.Table
		if err := tab.AddFile("t.yaml", []byte(yaml.String())); err != nil {
			t.Fatal(err)
		}
		if err := tab.Compile(); err != nil {
			t.Fatal(err)
		}
		first, end := "", len(text)+1 // that which ends first, the longest of those
		for _, w := range words {
			if at := strings.Index(text, w); at >= 0 && (at+len(w) < end || at+len(w) == end && len(w) > len(first)) {
				first, end = w, at+len(w)
			}
		}
		if m, ok := tab.Match([]byte(text)); ok != (first != "") || ok && m.Name != first {
			t.Fatalf("%q in %q: %v, %+v", first, text, ok, m)
		}
	})
}

func FuzzMatch(f *testing.F) {
	tab := load(f)
	f.Add([]byte("%LINK-3-UPDOWN: Interface GigabitEthernet0/1, changed state to down"))
	f.Add([]byte("SNMP_TRAP_LINK_DOWN SNMP_TRAP_LINK_DOWN admin-status=\"up(1)\" interface-name=\"x\""))
	f.Fuzz(func(t *testing.T, text []byte) {
		if m, ok := tab.Match(text); ok && (len(m.IfName) > 260 || len(m.Object) > 255 || m.Meaning == nil) {
			t.Errorf("%q: %+v", text, m)
		}
	})
}

//go:build conformance

package ifmib_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/ifmib"
	"github.com/haidang-noc/haidang/plugins/snmp/snmptest"
)

// Recordings of real devices: every interface of every one is written with the values recorded.
func TestConformanceRecordings(t *testing.T) {
	shared := os.Getenv("SHARED")
	if shared == "" {
		t.Fatal("SHARED is not set: want the folder with data/snmprec")
	}
	files, err := filepath.Glob(filepath.Join(shared, "data", "snmprec", "*.snmprec"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings in %s (%v)", shared, err)
	}
	good, interfaces := 0, 0
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".snmprec")
		ok := t.Run(name, func(t *testing.T) {
			for _, maxPDU := range []int{1472, 65507} {
				interfaces += checkRecording(t, file, maxPDU)
			}
			checkExpected(t, file)
		})
		if ok {
			good++
		}
	}
	fmt.Printf("SNMP recordings: %d of %d, %d interfaces\n", good, len(files), interfaces/2)
}

func recording(t *testing.T, file string) []snmptest.Recorded {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, _, err := snmptest.ReadRecording(f)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func replay(t *testing.T, file string, maxPDU int) (r *rig, lines []string) {
	t.Helper()
	r = newRig(t, func(c *ifmib.Config) { c.MaxPDU, c.MaxInterfaces = maxPDU, 20000 })
	r.agent.Load(recording(t, file))
	r.round()
	lines = r.round()
	equal(t, "up", field(lines[0], "up"), "true")
	equal(t, "incomplete rounds", r.metric("haidang_snmp_rounds_incomplete_total"), 0)
	return r, of(lines, "interface")
}

// checkRecording compares every line with what the file says, read by other means than a walk.
func checkRecording(t *testing.T, file string, maxPDU int) int {
	t.Helper()
	_, lines := replay(t, file, maxPDU)
	table := map[string]string{}
	for _, r := range recording(t, file) {
		if name := strings.Trim(fmt.Sprint(r.Name), "[]"); r.Tag == ber.OctetString && len(r.Value) == 8 {
			table[name] = fmt.Sprint(binary.BigEndian.Uint64(r.Value)) // if it is a counter
		} else {
			table[name] = r.Text
		}
	}
	byPackets := map[string][]string{} // lines by a value that tells most interfaces apart
	for _, l := range lines {
		byPackets[field(l, "in_octets")] = append(byPackets[field(l, "in_octets")], l)
	}
	rows := 0
	for name := range table {
		index, ok := strings.CutPrefix(name, "1 3 6 1 2 1 2 2 1 8 ")
		if !ok || strings.Contains(index, " ") {
			continue
		}
		rows++
		octets, wide := table["1 3 6 1 2 1 31 1 1 1 6 "+index]
		if _, both := table["1 3 6 1 2 1 31 1 1 1 10 "+index]; !wide || !both {
			octets = table["1 3 6 1 2 1 2 2 1 10 "+index]
		}
		if octets != "" && !anyHas(byPackets[octets+"u"], "oper", table[name]) {
			t.Errorf("no line has in_octets %s and oper %s of ifIndex %s", octets, table[name], index)
		}
	}
	if rows > len(lines) {
		t.Errorf("%d lines of %d rows", len(lines), rows)
	}
	return rows
}

func anyHas(lines []string, key, value string) bool {
	for _, l := range lines {
		if field(l, key) == value+"i" {
			return true
		}
	}
	return false
}

// checkExpected compares with another program's reading of the same device.
func checkExpected(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(filepath.Dir(file), "expected", strings.TrimSuffix(filepath.Base(file), ".snmprec")+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Ports []struct {
			IfIndex      uint64
			IfName       string
			IfOperStatus string // absent where IF-MIB has no state: nothing to write then
		}
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	_, lines := replay(t, file, 1472)
	have := map[string]bool{}
	for _, n := range names(lines) {
		plain := strings.NewReplacer(`\ `, " ", `\,`, ",", `\=`, "=").Replace(n)
		have[plain] = true
		base, _, _ := strings.Cut(plain, "#")
		have[base] = true
	}
	for _, p := range want.Ports {
		fromIfMib := p.IfIndex < 1<<32 && p.IfOperStatus != ""
		const hidden = "private" // what the source of the recordings wrote over names
		if fromIfMib && p.IfName != "" && p.IfName != hidden && !have[strings.TrimSpace(p.IfName)] {
			t.Errorf("there is no interface %q", p.IfName)
		}
	}
}

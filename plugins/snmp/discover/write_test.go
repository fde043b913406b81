package discover_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/plugins/snmp/discover"
)

const head = "device,address,province,system,site,parent,vendor,role,subscribers,capacity_mbps,primary_method,agent,profile,valid_from,valid_to"

// What no rule tells is listed and left out, with the links to it and as a parent, until someone says so.
func TestIncompleteRows(t *testing.T) {
	t.Parallel()
	s := start(t, 60)
	c, dir := s.config(t, s.all()...), t.TempDir()
	c.Rules.Rules = c.Rules.Rules[:len(c.Rules.Rules)-1]              // nobody knows 5G
	c.Rules.Rules = append(c.Rules.Rules[:6:6], c.Rules.Rules[7:]...) // nor MAN-E
	p := discovered(t, c, dir)
	report := text(t, p)
	for _, want := range []string{"devices of which no rule says enough", "  ha-noi-gnb-0001  127.77.0.", ": no system\n", "links of which no rule says enough", ": no class\n"} {
		if !strings.Contains(report, want) {
			t.Errorf("no %q in\n%s", want, report)
		}
	}
	if _, _, err := p.Write(discover.Choice{}); err != nil {
		t.Fatal(err)
	}
	devices := table(t, dir, "devices.csv")
	for name, d := range devices {
		if d["system"] == "" || d["parent"] != "" && devices[d["parent"]] == nil {
			t.Errorf("%s: %v", name, d)
		}
	}
	for name, l := range table(t, dir, "links.csv") {
		if l["class"] == "" || devices[l["a_device"]] == nil || devices[l["b_device"]] == nil {
			t.Errorf("%s: %v", name, l)
		}
	}
	if _, _, err := discovered(t, c, dir).Write(discover.Choice{Incomplete: true}); err != nil {
		t.Fatal(err)
	}
	devices = table(t, dir, "devices.csv")
	if d := devices["ha-noi-gnb-0001"]; len(devices) != 60 || d["system"] != "" || d["province"] != "01" || d["parent"] != "ha-noi-agg-001" {
		t.Errorf("%d devices, %v", len(devices), d)
	}
	if again := discovered(t, c, dir); again.Changes(discover.Choice{Incomplete: true}) != 0 || !strings.Contains(text(t, again), ": no system\n") {
		t.Error(text(t, again))
	}
}

// Rows that nothing changes keep their bytes, be they quoted, ended by CR LF or of the past; what people wrote stays, and what
// they left empty is filled in.
func TestPeoplesRows(t *testing.T) {
	t.Parallel()
	s := start(t, 60)
	c, dir := s.config(t, s.all()...), t.TempDir()
	first := s.Address(0).String()
	port := strconv.Itoa(s.port)
	rows := []string{"\ufeff" + head,
		`old-router,10.9.9.9,01,man-e,,,,,0,0,,,,2020-01-01,2021-01-01`,
		`"elsewhere","10.9.9.8","01","man-e","a ""site""",,,,0,0,,,,2020-01-01,`,
		`vn2-p-01,` + first + ":" + port + `,,vn2,HNI-GDI,,,core,5,0,snmp,,,2020-01-01,`}
	path := filepath.Join(dir, "devices.csv")
	if err := os.WriteFile(path, []byte(strings.Join(rows, "\r\n")+"\r\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	p := discovered(t, c, dir)
	if report := text(t, p); !strings.Contains(report, "! vn2-p-01  role is core here and p by the rules: it stays") || !strings.Contains(report, "~ vn2-p-01  "+first+":"+port+"  vendor=nokia\n") {
		t.Error(report)
	}
	if _, _, err := p.Write(discover.Choice{}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join(rows[:3], "\r\n") + "\r\n" + `vn2-p-01,` + first + ":" + port + ",,vn2,HNI-GDI,,nokia,core,5,0,snmp,,,2020-01-01,\r\n"
	if !strings.HasPrefix(string(got), want) || strings.Count(string(got), "\r\n") != 63 {
		t.Errorf("%q\nwant %q", got, want)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v %v", info, err)
	}
}

// A file that somebody changes between discovery and writing is left alone, and so is one that cannot be understood.
func TestWritingOverOthers(t *testing.T) {
	t.Parallel()
	s := start(t, 60)
	c, dir := s.config(t, s.all()...), t.TempDir()
	path := filepath.Join(dir, "devices.csv")
	if err := os.WriteFile(path, []byte(head+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := discovered(t, c, dir)
	theirs := head + "\nmine,10.0.0.1,01,man-e,,,,,0,0,,,,2020-01-01,\n"
	if err := os.WriteFile(path, []byte(theirs), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Write(discover.Choice{}); err == nil || !strings.Contains(err.Error(), "changed meanwhile") {
		t.Error(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != theirs {
		t.Errorf("%q %v", got, err)
	}
	for bad, want := range map[string]string{"device,address\n": "devices.csv:1", head + "\n\"\n": "devices.csv", head + "\nx,,,,,,,,,,,,,soon,\n": `"soon" is not a time`} {
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := discover.Compare(c, nil, discover.Inventory{Dir: dir, Now: time.Now()}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", bad, err, want)
		}
	}
}

// A gateway that is given up takes its links with it; what hung below it is still there.
func TestRetiring(t *testing.T) {
	t.Parallel()
	s := start(t, 60)
	dir := t.TempDir()
	if err := s.WriteInventory(dir, s.port); err != nil {
		t.Fatal(err)
	}
	s.faults(t, fault.Fault{Kind: fault.WrongID, Device: "ha-noi-enb-0001"})
	c := s.config(t, s.all()...)
	c.Ask, _ = asking(t, 100_000, 300*time.Millisecond)
	p := discovered(t, c, dir)
	if d, l := count(p.Devices), count(p.Links); d[discover.Gone] != 1 || l[discover.Gone] != 1 {
		t.Fatal(text(t, p))
	}
	if _, _, err := p.Write(discover.Choice{Retire: true}); err != nil {
		t.Fatal(err)
	}
	ended := 0
	for _, r := range table(t, dir, "links.csv") {
		if r["valid_to"] != "" {
			ended++
		}
	}
	if ended != 1 {
		t.Errorf("%d links ended, want 1", ended)
	}
}

// An operator whose names are not those that devices tell keeps them.
func TestKeptNames(t *testing.T) {
	t.Parallel()
	s := start(t, 60)
	dir := t.TempDir()
	if err := s.WriteInventory(dir, s.port); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"devices.csv", "links.csv"} {
		edit(t, filepath.Join(dir, file), func(lines []string) []string {
			for i, l := range lines {
				lines[i] = strings.ReplaceAll(l, "ha-noi-agg-001,", "HNI/AGG/1,")
			}
			return lines
		})
	}
	c := s.config(t, s.all()...)
	c.Rules.Names.Keep = true
	p := discovered(t, c, dir)
	if report := text(t, p); p.Changes(discover.Choice{Incomplete: true, Retire: true}) != 0 || !strings.Contains(report, `! HNI/AGG/1  calls itself "ha-noi-agg-001": it keeps its name`) {
		t.Error(report)
	}
}

// What people plan begins when they planned it; until then what is seen holds.
func TestPlannedRows(t *testing.T) {
	t.Parallel()
	s := start(t, 60)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"devices.csv": head + "\nvn2-p-01,10.9.9.9,,vn2,,,,,0,0,,,,2999-01-01,\nvn2-p-02,10.9.9.8,,vn2,,,,,0,0,,,,2998-01-01,\nvn2-p-02,10.9.9.7,,vn2,,,,,0,0,,,,2997-01-01,2998-01-01\n",
		"links.csv": "link,a_device,a_ifname,b_device,b_ifname,class,capacity_mbps,valid_from,valid_to\n" +
			"planned,vn2-p-01,400GE0/1/1,vn2-p-02,,transport,0,2999-01-01,\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := s.config(t, s.all()...)
	p := discovered(t, c, dir)
	if _, _, err := p.Write(discover.Choice{}); err != nil {
		t.Fatal(err)
	}
	accepted(t, dir)
	rows := table(t, dir, "devices.csv") // of several rows, the last
	if a, b := rows["vn2-p-01"]["valid_to"], rows["vn2-p-02"]["valid_to"]; a != "2999-01-01" || b != "2997-01-01" {
		t.Errorf("%q %q", a, b)
	}
	if again := discovered(t, c, dir); again.Changes(discover.Choice{Incomplete: true, Retire: true}) != 0 {
		t.Error(text(t, again))
	}
}

package pmfile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

func TestHowObjectsAreCalled(t *testing.T) {
	for _, c := range [...]struct{ local, ldn, element, object string }{
		{"nodedntest", "ManagedElement=nodedntest,GNBCUCPFunction=1,NRCellCU=32", "nodedntest", "ManagedElement=nodedntest,GNBCUCPFunction=1,NRCellCU=32"},
		{"enb1", "ENBFunction=1,EUtranCellFDD=1", "enb1", "ManagedElement=enb1,ENBFunction=1,EUtranCellFDD=1"},
		{"SubNetwork=VN,MeContext=M,ManagedElement=R", "RncFunction=1,UtranCell=9", "R", "ManagedElement=R,RncFunction=1,UtranCell=9"},
		{"SubNetwork=VN,MeContext=M,ManagedElement=R", "ManagedElement=R,ENodeBFunction=1", "R", "ManagedElement=R,ENodeBFunction=1"},
		{"SubNetwork=VN,MeContext=M,ManagedElement=R", "MeContext=M,ManagedElement=R,ENodeBFunction=1", "R", "ManagedElement=R,ENodeBFunction=1"},
		{"SubNetwork=VN,ManagedElement=R", "SubNetwork=VN,ManagedElement=R", "R", "ManagedElement=R"},
		{"SubNetwork=VN,ManagedElement=R", "", "R", "ManagedElement=R"},
		{"bs=18", "Mp.bsNo=18,Port=1", "bs=18", "bs=18,Mp.bsNo=18,Port=1"},
		{"bs=18", "bs=18,Port=1", "bs=18", "bs=18,Port=1"},
		{"bs=18", "bs=181,Port=1", "bs=18", "bs=18,bs=181,Port=1"},
		{"", "Cell=1", "", "Cell=1"},
		{"a", "MyManagedElement=b,Cell=1", "a", "ManagedElement=a,MyManagedElement=b,Cell=1"},
	} {
		if n := nameOf(c.local, "", c.ldn); n.element != c.element || n.object != c.object {
			t.Errorf("%q, %q: element %q, object %q; want %q, %q", c.local, c.ldn, n.element, n.object, c.element, c.object)
		}
	}
}

func TestWhoseAnObjectIs(t *testing.T) {
	s := newSite(t)
	s.write(t, "cells.csv", cellColumns+`
c1,enb-old,"ManagedElement=e1,ENBFunction=1,EUtranCellFDD=1",lte,20,,,2026-10-01
c1,enb-new,"ManagedElement=e1,ENBFunction=1,EUtranCellFDD=1",lte,20,,2026-10-01,
c2,gnb,"ManagedElement=e2,GNBCUCPFunction=1,NRCellCU=1|ManagedElement=e2,GNBDUFunction=1,NRCellDU=1",nr,,273,,
`)
	p := newPlaces()
	if err := p.readCells(s.dir + "/cells.csv"); err != nil {
		t.Fatal(err)
	}
	p.elements["e3"] = "configured"
	october := time.Date(2026, 10, 1, 0, 0, 0, 0, time.FixedZone("", 7*3600)).Unix()
	for _, c := range [...]struct {
		object string
		at     int64
		want   string
	}{
		{"ManagedElement=e1,ENBFunction=1,EUtranCellFDD=1", october - 1, "enb-old lte"},
		{"ManagedElement=e1,ENBFunction=1,EUtranCellFDD=1", october, "enb-new lte"},
		{"ManagedElement=e1,ENBFunction=1,EUtranCellFDD=1,EUtranRelation=7", october, "enb-new lte"},
		{"ManagedElement=e1,ENBFunction=1", october, "e1 lte"}, // e1 is two devices
		{"ManagedElement=e2,GNBDUFunction=1,NRCellDU=1", 0, "gnb nr"},
		{"ManagedElement=e2,Power=1", 0, "gnb "},
		{"ManagedElement=e3,Power=1", 0, "configured "},
		{"ManagedElement=e4,NRCellCU=1", 0, "e4 nr"},
	} {
		device, rat := p.device(nameOf("", "", c.object), c.at)
		if got := device + " " + rat; got != c.want {
			t.Errorf("%s: %s, want %s", c.object, got, c.want)
		}
	}
	if len(p.owners) != 3 || p.owners[0].to != october || p.owners[1].from != october {
		t.Errorf("rows: %+v", p.owners)
	}
}

// once writes the lines of one file, without their revision.
func once(t *testing.T, more, text string) plugintest.Lines {
	t.Helper()
	s := newSite(t)
	s.put(t, "A.xml", text)
	lines, err := plugintest.Once(t, New(), s.config(more))
	if err != nil {
		t.Fatal(err)
	}
	strip(lines)
	return lines
}

// vendorFile is a file of a vendor with one measurement.
func vendorFile(vendor, types, results string) string {
	return `<measCollecFile><fileHeader vendorName="` + vendor + `"/><measData><managedElement localDn="e"/><measInfo measInfoId="g"><granPeriod duration="PT15M" endTime="2026-10-01T12:15:00+07:00"/>
<measTypes>` + types + `</measTypes><measValue measObjLdn="EUtranCellFDD=1"><measResults>` + results + `</measResults></measValue></measInfo></measData></measCollecFile>`
}

func TestAVendorsCountersGetStandardNames(t *testing.T) {
	lines := once(t, "", vendorFile("HUAWEI Technologies",
		"L.RRC.ConnReq.Att L.Thrp.bits.DL L.ChMeas.PRB.DL.Used.Avg L.ChMeas.PRB.DL.Avail L.ChMeas.PRB.UL.Used.Avg L.Own L.RRC.ConnReq.Att RRC.ConnEstabAtt.sum period_s L.Hist",
		"100 1500000 25 100 7 1 99 98 1 1,2"))
	want := `pm,agent=a1,device=e,group=g,object=ManagedElement\=e\,EUtranCellFDD\=1,rat=lte RRC.ConnEstabAtt.sum=100,DRB.IPVolDl.sum=1500,RRU.PrbTotDl=25,` +
		`L.ChMeas.PRB.DL.Avail=100,L.ChMeas.PRB.UL.Used.Avg=7,L.Own=1,L.Hist="1,2",period_s=900i 1790831700000000000`
	if len(lines) != 1 || lines[0] != want {
		t.Errorf("got  %s\nwant %s", strings.Join(lines, "\n"), want)
	}
	if lines := once(t, "", vendorFile("Someone", "L.RRC.ConnReq.Att", "1")); !strings.Contains(lines[0], " L.RRC.ConnReq.Att=1,") {
		t.Errorf("another vendor's: %s", lines[0])
	}
	if lines := once(t, "vectors: false\n", vendorFile("Someone", "a b", "1 1,2")); strings.Contains(lines[0], "1,2") || !strings.Contains(lines[0], " a=1,") {
		t.Errorf("without vectors: %s", lines[0])
	}
}

// Once says what is wrong with a file, and takes nothing away.
func TestOnceChangesNothing(t *testing.T) {
	s := newSite(t)
	s.put(t, "A.xml", vendorFile("V", "a", "1"))
	s.put(t, "B.xml", "<html/>")
	for range 2 {
		lines, err := plugintest.Once(t, New(), s.config(""))
		if len(lines) != 1 || err == nil || !strings.Contains(err.Error(), "B.xml: meas: not_pm") {
			t.Errorf("%q, %v", lines, err)
		}
	}
}

// What would be in the future, or has names that are too long, is not written.
func TestWhatCannotBeWrittenIsCounted(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.put("A.xml", strings.Replace(vendorFile("V", "a b", "1 2"), "2026-10-01T12:15", "2026-10-01T14:15", 1)) // it is 13:00
	w.put("B.xml", strings.Replace(vendorFile("V", "a", "1"), "measInfoId=\"g\"", "measInfoId=\""+strings.Repeat("g", 600)+"\"", 1))
	w.put("C.xml", vendorFile("V", "a a b c", "1 2 NIL"))
	w.life(&bomb{})
	if len(w.spool.safe) != 1 || !strings.Contains(w.spool.safe[0], " a=1,") || !strings.Contains(w.spool.safe[0], "suspect=true") {
		t.Errorf("lines %q", w.spool.safe)
	}
	for reason, want := range map[string]float64{"future": 2, "name": 1, "repeated": 1, "missing": 1} {
		if got := w.count("haidang_pmfile_dropped_values_total", reason); got != want {
			t.Errorf("%s: %v values, want %v", reason, got, want)
		}
	}
}

// An element whose clock is more than 300 s ahead is believed in its period, and doubted in its clock.
func TestAClockThatIsAhead(t *testing.T) {
	w := newWorld(t, t.TempDir())
	for name, end := range map[string]string{"A.xml": "2026-10-01T13:05", "B.xml": "2026-10-01T13:09"} { // it is 13:00
		w.put(name, strings.Replace(vendorFile("V", "a", "1"), "2026-10-01T12:15", end, 1))
	}
	w.life(&bomb{})
	for _, line := range w.spool.safe {
		if ahead := strings.HasSuffix(line, " 1790834940000000000"); strings.Contains(line, ",clock_suspect=true,") != ahead {
			t.Errorf("line %s", line)
		}
	}
	if n := w.count("haidang_pmfile_clock_suspect_files_total", ""); len(w.spool.safe) != 2 || n != 1 {
		t.Errorf("%v files of %d are suspect, want 1 of 2", n, len(w.spool.safe))
	}
}

// A line has an end, however much a file has for it.
func TestALineIsNeverTooLong(t *testing.T) {
	var types, results strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&types, "counter.with.a.name.%d ", i)
		fmt.Fprintf(&results, "%d ", i)
	}
	if lines := once(t, "", vendorFile("V", types.String(), results.String())); len(lines) != 1 || len(lines[0]) > 256<<10 || len(lines[0]) < 50<<10 {
		t.Errorf("%d lines, the first of %d bytes", len(lines), len(lines[0]))
	}
}

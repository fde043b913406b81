//go:build conformance

package ran

import (
	"encoding/xml"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
)

// pmFile is as much of a PM file as this test needs. Reading them properly is an input's work.
type pmFile struct {
	Data []struct {
		Info []struct {
			ID     string `xml:"measInfoId,attr"`
			Period struct {
				Duration string `xml:"duration,attr"`
				End      string `xml:"endTime,attr"`
			} `xml:"granPeriod"`
			Types []struct {
				P    string `xml:"p,attr"`
				Name string `xml:",chardata"`
			} `xml:"measType"`
			List   string `xml:"measTypes"`
			Values []struct {
				Object  string `xml:"measObjLdn,attr"`
				Suspect bool   `xml:"suspect"`
				Results string `xml:"measResults"`
				R       []struct {
					P     string `xml:"p,attr"`
					Value string `xml:",chardata"`
				} `xml:"r"`
			} `xml:"measValue"`
		} `xml:"measInfo"`
	} `xml:"measData"`
}

// standard are the vendor's names of one manufacturer's counters, as far as their meaning is that of the
// standard's.
func standard(object string) map[string]string {
	switch {
	case strings.Contains(object, "EUtranCell"):
		return map[string]string{"pmRrcConnEstabAtt": "RRC.ConnEstabAtt.sum", "pmRrcConnEstabSucc": "RRC.ConnEstabSucc.sum",
			"pmS1SigConnEstabAtt": "S1SIG.ConnEstabAtt.sum", "pmS1SigConnEstabSucc": "S1SIG.ConnEstabSucc.sum",
			"pmErabEstabAttInit": "ERAB.EstabInitAttNbr.sum", "pmErabEstabSuccInit": "ERAB.EstabInitSuccNbr.sum",
			"pmErabEstabAttAdded": "ERAB.EstabAddAttNbr.sum", "pmErabEstabSuccAdded": "ERAB.EstabAddSuccNbr.sum",
			"pmErabRelAbnormalEnbAct": "ERAB.RelActNbr.sum", "pmSessionTimeUe": "ERAB.SessionTimeUE",
			"pmPdcpVolDlDrb": "DRB.IPVolDl.sum", "pmUeThpTimeDl": "DRB.IPTimeDl.sum",
			"pmCellHoExeAttLteIntraF": "HO.OutAttTarget.sum", "pmCellHoExeSuccLteIntraF": "HO.OutSuccTarget.sum",
			"pmCellDowntimeMan": "RRU.CellUnavailableTime.ManualIntervention", "pmCellDowntimeAuto": "RRU.CellUnavailableTime.Fault"}
	case strings.Contains(object, "NRCellCU"):
		return map[string]string{"pmRrcConnEstabAtt": "RRC.ConnEstabAtt", "pmRrcConnEstabSucc": "RRC.ConnEstabSucc",
			"pmUeCtxtEstabAtt": "UECNTX.ConnEstabAtt.sum", "pmUeCtxtEstabSucc": "UECNTX.ConnEstabSucc.sum", "pmDrbEstabAtt5qi": "DRB.EstabAtt.sum", "pmDrbEstabSucc5qi": "DRB.EstabSucc.sum",
			"pmHoPrepAttOutInterGnb": "MM.HoPrepInterReq", "pmHoPrepSuccOutInterGnb": "MM.HoPrepInterSucc", "pmHoExeAttOutInterGnb": "MM.HoExeInterReq", "pmHoExeSuccOutInterGnb": "MM.HoExeInterSucc",
			"pmHoExeAttOutIntraGnb": "MM.HoExeIntraReq", "pmHoExeSuccOutIntraGnb": "MM.HoExeIntraSucc", "pmPduSessionEstabAtt": "SM.PDUSessionSetupReq", "pmPduSessionEstabSucc": "SM.PDUSessionSetupSucc"}
	case strings.Contains(object, "EnergyMeter"):
		return map[string]string{"pmConsumedEnergy": "PEE.Energy"}
	case strings.Contains(object, "NRCellDU"):
		return map[string]string{"pmCellDowntimeMan": "RRU.CellUnavailableTime.ManualIntervention", "pmCellDowntimeAuto": "RRU.CellUnavailableTime.Fault",
			"pmMacRBSymUsedPdschTypeA": "RRU.PrbUsedDl", "pmMacRBSymAvailDl": "RRU.PrbAvailDl"}
	}
	return nil
}

// lines makes pm lines of a file: one for each object and period, since groups repeat.
func (f *pmFile) lines() []told {
	merged := map[string]*told{}
	var order []string
	for _, d := range f.Data {
		for _, info := range d.Info {
			end, err := time.Parse(time.RFC3339, info.Period.End)
			if err != nil {
				continue
			}
			period, err := time.ParseDuration(strings.ToLower(strings.TrimPrefix(info.Period.Duration, "PT")))
			if err != nil {
				continue // of a test of other things
			}
			names := map[string]string{}
			for _, one := range info.Types {
				names[one.P] = one.Name
			}
			for i, name := range strings.Fields(info.List) {
				names[strconv.Itoa(i+1)] = name
			}
			for _, v := range info.Values {
				kind := LTE
				switch {
				case strings.Contains(v.Object, "NRCell"):
					kind = NR
				case strings.Contains(v.Object, "EnergyMeter"):
					kind = Site
				}
				key := v.Object + info.Period.End
				m := merged[key]
				if m == nil {
					m = &told{device: "site", object: v.Object, kind: kind, group: "all", end: end.Unix(), period: int64(period / time.Second), counters: map[string]float64{}}
					merged[key] = m
					order = append(order, key)
				}
				m.suspect = m.suspect || v.Suspect
				for i, value := range strings.Fields(v.Results) {
					v.R = append(v.R, struct {
						P     string `xml:"p,attr"`
						Value string `xml:",chardata"`
					}{strconv.Itoa(i + 1), value})
				}
				for _, r := range v.R {
					name := names[r.P]
					if as := standard(v.Object)[name]; as != "" {
						name = as
					}
					if number, err := strconv.ParseFloat(strings.TrimSpace(r.Value), 64); err == nil { // a vector is no number
						if name == "PEE.Energy" { // in Wh
							number /= 1000
						}
						m.counters[name] = number
					}
				}
			}
		}
	}
	var out []told
	for _, key := range order {
		out = append(out, *merged[key])
	}
	return out
}

// The real files go through both stages. Only one of them has counters of LTE and NR cells whose meaning is
// known; it is of a base station that is switched on and carries no traffic, so success rates have no value.
func TestConformanceSampleFiles(t *testing.T) {
	dir := os.Getenv("SHARED")
	if dir == "" {
		t.Fatal("SHARED must name the folder of the shared material")
	}
	files, read, useful := 0, 0, 0
	err := filepath.WalkDir(filepath.Join(dir, "data", "pm-xml"), func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".xml") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		var f pmFile
		dec := xml.NewDecoder(strings.NewReader(string(text)))
		if dec.Decode(&f) != nil {
			return nil // deliberately broken ones
		}
		read++
		reader := NewReader()
		for _, m := range f.lines() {
			if one, ok := m.report(t, reader); ok {
				useful++
				if !strings.Contains(path, "seliitdus00487") && one.Has != 0 {
					t.Errorf("%s: %s: counters that nobody mapped were read", path, m.object)
				}
			}
		}
		if strings.Contains(path, "seliitdus00487") {
			checkStation(t, f.lines())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("PM files: %d of %d read, %d reports of cells in them", read, files, useful)
}

func checkStation(t *testing.T, lines []told) {
	var cells []Cell
	for _, n := range []string{"1", "2"} {
		c := cell("lte"+n, LTE, 100)
		c.Objects = []string{"ManagedElement=seliitdus00487,ENodeBFunction=1,EUtranCellFDD=" + n}
		cells = append(cells, c)
	}
	for _, n := range []string{"1", "2", "31", "32"} {
		c := cell("nr"+n, NR, 273)
		c.Objects = []string{"ManagedElement=seliitdus00487,GNBCUCPFunction=1,NRCellCU=" + n, "ManagedElement=seliitdus00487,GNBDUFunction=1,NRCellDU=" + n}
		cells = append(cells, c)
	}
	day := model.DayOf(lines[0].end - 450)
	days := folded(t, lines)[day]
	var own []report.Day
	for i := range days {
		if rows, _ := NewPlan("", cells, staying(cells)).rows(&days[i]); len(rows) > 0 {
			own = append(own, days[i])
		}
	}
	if len(own) != 10 {
		t.Fatalf("%d objects of cells, want 2 LTE, 4 CU and 4 DU", len(own))
	}
	r := Evaluate(NewPlan("p", cells, staying(cells)).Sum(day, days), rules(), model.DaySeconds, model.DaySeconds)
	done := 0
	for _, x := range []struct {
		kind, name string
		value      *big.Rat // nil: no attempts, so no value
	}{
		{LTE, "rrc_setup", nil}, {LTE, "signalling_setup", nil}, {LTE, "bearer_setup", nil}, {LTE, "added_bearer_setup", nil}, {LTE, Accessibility, nil},
		{LTE, "retainability", nil}, {LTE, "drop", nil}, {LTE, "throughput_dl", nil}, {LTE, Mobility, nil}, {LTE, Availability, new(big.Rat)}, {LTE, Gross, new(big.Rat)},
		{NR, "rrc_setup", nil}, {NR, "signalling_setup", nil}, {NR, "bearer_setup", nil}, {NR, Accessibility, nil}, {NR, "pdu_session_setup", nil}, {NR, Mobility, nil},
		{NR, "prb_used_dl", new(big.Rat)}, {Site, "energy", big.NewRat(130, 1000)}, {NR, Availability, big.NewRat(1, 2)}, {NR, Gross, big.NewRat(1, 2)},
	} {
		k := r.Find("", x.kind, x.name)
		switch {
		case k == nil:
			t.Errorf("%s %s: its counters were not read", x.kind, x.name)
		case (k.Value == nil) != (x.value == nil) || k.Value != nil && k.Value.Cmp(x.value) != 0:
			t.Errorf("%s %s = %v, want %v", x.kind, x.name, k.Value, x.value)
		case k.Coverage == nil || k.Coverage.Cmp(big.NewRat(1, 96)) != 0:
			t.Errorf("%s %s: coverage %v, want one period of a day", x.kind, x.name, k.Coverage)
		default:
			done++
			t.Logf("%s %s = %v from the file's counters", x.kind, x.name, k.Value)
		}
	}
	t.Logf("KPIs of the station: %d of 21", done)
}

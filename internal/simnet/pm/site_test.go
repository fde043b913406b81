package pm_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
	"github.com/haidang-noc/haidang/internal/simnet/pm"
)

// noon is the end of a period on a working day.
var noon = time.Date(2026, 10, 6, 12, 0, 0, 0, nation.Local)

func build(t *testing.T, faults ...fault.Fault) *nation.Overlay {
	t.Helper()
	cfg := nation.Defaults()
	cfg.Provinces = "../../../configs/provinces/provinces-34.csv"
	n, err := nation.Build(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for i := range faults {
		faults[i].ID = fmt.Sprint("f", i)
	}
	o, err := n.Overlay(faults)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// counters are all of a site in the period, under object and name; of the objects only the last part.
func counters(o *nation.Overlay, s *pm.Site, end time.Time) map[string]float64 {
	all := map[string]float64{}
	for g := range s.Count(o, fault.TickOf(end)) {
		for _, v := range g.Values {
			all[g.Object[strings.LastIndexByte(g.Object, ',')+1:]+" "+v.Name] = v.Value
		}
	}
	return all
}

func TestEveryCellCountsWhatItCan(t *testing.T) {
	o := build(t)
	sites, congested, cells := pm.Sites(o.Network), 0, 0
	for i := range sites {
		all := counters(o, &sites[i], noon)
		for name, v := range all {
			success := strings.NewReplacer("Succ", "Att", "PrepInterSucc", "PrepInterReq", "ExeInterSucc", "ExeInterReq",
				"ExeIntraSucc", "ExeIntraReq", "SetupSucc", "SetupReq").Replace(name)
			if most, ok := all[success]; v < 0 || ok && v > most {
				t.Fatalf("site %d: %s = %v of %v", i, name, v, most)
			}
			if strings.HasSuffix(name, "RRU.PrbTotDl") {
				cells++
				if v > 80 {
					congested++
				}
			}
		}
	}
	if cells != 3*len(sites) || congested*10 > cells {
		t.Errorf("%d of %d cells of %d sites are congested", congested, cells, len(sites))
	}
}

func TestAFaultShowsInTheCounters(t *testing.T) {
	quiet := build(t)
	sites := pm.Sites(quiet.Network)
	s := &sites[0]
	name := quiet.Devices[s.Device].Name
	link := quiet.Links[quiet.LinkOf(nation.Port{Device: s.Device})].Name
	span := func(f fault.Fault, from, to time.Duration) fault.Fault {
		f.From, f.To = fault.Time{Time: noon.Add(from)}, fault.Time{Time: noon.Add(to)}
		return f
	}
	const total, power, transport = "EUtranCellFDD=1 RRU.CellUnavailableTime.sum", "EUtranCellFDD=1 RRU.CellUnavailableTime.Fault",
		"EUtranCellFDD=1 RRU.CellUnavailableTime.TransportProblem"
	const volume = "EUtranCellFDD=1 DRB.IPVolDl.9"
	usual := counters(quiet, s, noon)

	cut := counters(build(t, span(fault.Fault{Kind: fault.LinkDown, Link: link}, -10*time.Minute, -5*time.Minute)), s, noon)
	if cut[total] != 300 || cut[transport] != 300 || cut[power] != 0 || cut[volume] >= usual[volume] {
		t.Errorf("a link that was down for 300 s: %v s, %v of %v kbit", cut[total], cut[volume], usual[volume])
	}
	reboot := counters(build(t, span(fault.Fault{Kind: fault.Reboot, Device: name}, -3*time.Minute, -time.Minute)), s, noon)
	if reboot[total] != 120 || reboot[power] != 120 || reboot[volume] >= usual[volume]/5 {
		t.Errorf("a reboot of 120 s: %v s, %v of %v kbit", reboot[total], reboot[volume], usual[volume])
	}
	dead := counters(build(t, span(fault.Fault{Kind: fault.Dead, Device: name}, -time.Minute, time.Minute)), s, noon)
	if len(dead) != 0 {
		t.Errorf("a site without power has counted: %v", dead)
	}
	parent := quiet.Devices[quiet.Devices[s.Device].Parent].Name
	behind := counters(build(t, span(fault.Fault{Kind: fault.Dead, Device: parent}, -20*time.Minute, time.Minute)), s, noon)
	if behind[total] != 900 || behind[transport] != 900 || behind[volume] != 0 {
		t.Errorf("behind a dead gateway: %v s, %v kbit", behind[total], behind[volume])
	}
}

func TestEnds(t *testing.T) {
	var got []string
	for end := range pm.Ends(noon.Add(-31*time.Minute), noon.Add(time.Minute)) {
		got = append(got, time.Unix(0, end.UnixNano()).In(nation.Local).Format("15:04"))
	}
	if want := "11:30 11:45 12:00"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func BenchmarkCount(b *testing.B) {
	cfg := nation.Defaults()
	cfg.Provinces = "../../../configs/provinces/provinces-34.csv"
	n, err := nation.Build(cfg)
	if err != nil {
		b.Fatal(err)
	}
	o, _ := n.Overlay(nil)
	sites := pm.Sites(n)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		for range sites[i%len(sites)].Count(o, fault.TickOf(noon)) {
		}
	}
}

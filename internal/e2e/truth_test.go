//go:build e2e

package e2e

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// stateTime is a device's or link's month as the simulated network knows it.
type stateTime struct {
	Up           int64 `json:"up_s"`
	Down         int64 `json:"down_s"`
	Unknown      int64 `json:"unknown_s"`
	MaintDown    int64 `json:"maint_down_s"`
	MaintUnknown int64 `json:"maint_unknown_s"`
	Excluded     int64 `json:"excluded_s"`
	Outages      int64 `json:"outages"`
	Flaps        int64 `json:"flaps"`
}

func (s *stateTime) add(o stateTime) {
	s.Up += o.Up
	s.Down += o.Down
	s.Unknown += o.Unknown
	s.MaintDown += o.MaintDown
	s.MaintUnknown += o.MaintUnknown
	s.Excluded += o.Excluded
	s.Outages += o.Outages
	s.Flaps += o.Flaps
}

type truth struct {
	Devices []struct {
		Device string `json:"device"`
		stateTime
	} `json:"devices"`
	Links []struct {
		Link string `json:"link"`
		stateTime
		Evaluated bool `json:"evaluated"`
		Congested bool `json:"congested"`
	} `json:"links"`
	Composites []struct {
		Composite string `json:"composite"`
		stateTime
		Degraded int64 `json:"degraded_s"`
	} `json:"composites"`
}

// group is what one row of availability says.
type group struct {
	Level   string `json:"level"`
	Key     string `json:"key"`
	Seconds struct {
		Up           int64 `json:"up"`
		Down         int64 `json:"down"`
		Unknown      int64 `json:"unknown"`
		MaintDown    int64 `json:"maintenance_down"`
		MaintUnknown int64 `json:"maintenance_unknown"`
		Excluded     int64 `json:"excluded"`
	} `json:"seconds"`
	Outages int64 `json:"outages"`
	Flaps   int64 `json:"flaps"`
}

func (g *group) time() stateTime {
	return stateTime{g.Seconds.Up, g.Seconds.Down, g.Seconds.Unknown, g.Seconds.MaintDown, g.Seconds.MaintUnknown, g.Seconds.Excluded, g.Outages, g.Flaps}
}

// card is what the test reads of a scorecard.
type card struct {
	Scope struct {
		Code string `json:"code"`
	} `json:"scope"`
	Availability []group `json:"availability"`
	Composites   []struct {
		Name         string `json:"name"`
		Degraded     int64  `json:"degraded_seconds"`
		Availability group  `json:"availability"`
	} `json:"composites"`
	Congestion []struct {
		Class     string `json:"class"`
		Evaluated int    `json:"evaluated"`
		Congested int    `json:"congested"`
	} `json:"congestion"`
}

// A whole simulated month, its faults, windows and dependencies, sent in disorder and partly three
// times: every sum of every scorecard is what the simulated network says of itself, worked out second by
// second by other code.
func TestScorecardsEqualTheTruth(t *testing.T) {
	s := newSite(t, root("internal/e2e/testdata/nation.yaml"))
	s.write("collector.yaml", strings.Replace(read(t, s.path("collector.yaml")), "links: links.csv,", "links: links.csv, composites: composites.csv, freezes: freezes.csv, measured: measured.csv, thresholds: "+root("configs/score_thresholds.csv")+",", 1))
	c := s.collector()
	s.send("300s", "--disorder", "11")
	s.settled()
	cards := s.scorecards("collector.yaml", month)
	c.stop()

	var want truth
	text := s.output("haidang-simnet", "truth", "--config", s.nation, "--month", month, "--interval", "300s")
	decode(t, text, &want)
	compareLists(t, cards, text)
	groups := s.groups(want)
	checked := 0
	for name, text := range cards {
		if !strings.HasSuffix(name, ".json") {
			continue
		}
		var got card
		decode(t, text, &got)
		for _, a := range got.Availability {
			key := fmt.Sprintf("%s %s %s", got.Scope.Code, a.Level, a.Key)
			sum := a.time()
			if w, ok := groups[key]; !ok || w != sum {
				t.Errorf("%s:\n got %+v\nwant %+v", key, sum, w)
			}
			delete(groups, key)
			checked++
		}
		if got.Scope.Code == "vn" {
			checked += congestion(t, got, want, s.classes()) + composites(t, got, want)
		}
	}
	for key, w := range groups {
		if w != (stateTime{}) {
			t.Errorf("%s is on no scorecard, the truth has %+v", key, w)
		}
	}
	t.Logf("%d groups compared", checked)
	if checked < 30 {
		t.Errorf("only %d groups compared", checked)
	}
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}

// rows reads an inventory file as maps by column.
func (s *site) rows(name string) (out []map[string]string) {
	s.t.Helper()
	f, err := os.Open(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range all[1:] {
		row := map[string]string{}
		for i, column := range all[0] {
			row[column] = r[i]
		}
		out = append(out, row)
	}
	return out
}

func (s *site) classes() map[string]string {
	out := map[string]string{}
	for _, r := range s.rows("links.csv") {
		out[r["link"]] = r["class"]
	}
	return out
}

// groups adds the truth up to what scorecards show: scope, level and system or class.
func (s *site) groups(w truth) map[string]stateTime {
	province, system := map[string]string{}, map[string]string{}
	for _, r := range s.rows("devices.csv") {
		province[r["device"]], system[r["device"]] = r["province"], r["system"]
	}
	out := map[string]stateTime{}
	add := func(scope, level, key string, v stateTime) {
		k := fmt.Sprintf("%s %s %s", scope, level, key)
		sum := out[k]
		sum.add(v)
		out[k] = sum
	}
	for _, d := range w.Devices {
		add("vn", "device", system[d.Device], d.stateTime)
		if p := province[d.Device]; p != "" {
			add(p, "device", system[d.Device], d.stateTime)
		}
	}
	ends := map[string][2]string{}
	for _, r := range s.rows("links.csv") {
		ends[r["link"]] = [2]string{province[r["a_device"]], province[r["b_device"]]}
	}
	classes := s.classes()
	for _, l := range w.Links {
		add("vn", "link", classes[l.Link], l.stateTime)
		a, b := ends[l.Link][0], ends[l.Link][1]
		if a != "" {
			add(a, "link", classes[l.Link], l.stateTime)
		}
		if b != "" && b != a {
			add(b, "link", classes[l.Link], l.stateTime)
		}
	}
	return out
}

// congestion compares the nation's classes and returns how many.
func congestion(t *testing.T, got card, want truth, classes map[string]string) int {
	evaluated, congested := map[string]int{}, map[string]int{}
	for _, l := range want.Links {
		if l.Evaluated {
			evaluated[classes[l.Link]]++
		}
		if l.Congested {
			congested[classes[l.Link]]++
		}
	}
	some := 0
	for _, c := range got.Congestion {
		if c.Evaluated != evaluated[c.Class] || c.Congested != congested[c.Class] {
			t.Errorf("%s: %d of %d links congested, the truth has %d of %d", c.Class, c.Congested, c.Evaluated, congested[c.Class], evaluated[c.Class])
		}
		some += c.Congested
	}
	if some == 0 {
		t.Error("no link is congested: the comparison proves little")
	}
	return len(got.Congestion)
}

// composites compares the systems with redundancy and returns how many.
func composites(t *testing.T, got card, want truth) int {
	all, degraded := map[string]stateTime{}, map[string]int64{}
	for _, c := range got.Composites {
		all[c.Name], degraded[c.Name] = c.Availability.time(), c.Degraded
	}
	for _, c := range want.Composites {
		if all[c.Composite] != c.stateTime || degraded[c.Composite] != c.Degraded {
			t.Errorf("%s: %+v, %d s degraded, the truth has %+v, %d s", c.Composite, all[c.Composite], degraded[c.Composite], c.stateTime, c.Degraded)
		}
	}
	if len(all) != len(want.Composites) || len(all) < 5 {
		t.Errorf("%d systems with redundancy, the truth has %d", len(all), len(want.Composites))
	}
	return len(all)
}

//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// lists is what the truth lists beside seconds.
type lists struct {
	Peaks []struct {
		Composite string `json:"composite"`
		In        oneWay `json:"in"`
		Out       oneWay `json:"out"`
		Congested bool   `json:"congested"`
	} `json:"peaks"`
	Frozen []struct {
		ID     string `json:"id"`
		Scope  string `json:"scope"`
		Freeze string `json:"freeze"`
		From   int64  `json:"from"`
		To     int64  `json:"to"`
	} `json:"frozen_windows"`
	Measured []struct {
		Province string `json:"province"`
		measured
	} `json:"measured"`
	Links []struct {
		Link      string `json:"link"`
		P95In     int    `json:"p95_in_permille"`
		P95Out    int    `json:"p95_out_permille"`
		DropDays  int    `json:"drop_days"`
		Congested bool   `json:"congested"`
	} `json:"links"`
}

// oneWay is a peak's direction as the truth has it; a scorecard has the time as text.
type oneWay struct {
	At      int64 `json:"at"`
	Kbps    int64 `json:"kbps"`
	Mbps    int64 `json:"capacity_mbps"`
	Largest int64 `json:"largest_mbps"`
}

func (o oneWay) String() string {
	return fmt.Sprint(stamp(o.At), o.Kbps, o.Mbps, o.Largest)
}

type measured struct {
	Service string `json:"service"`
	KPI     string `json:"kpi"`
	Num     int64  `json:"numerator"`
	Den     int64  `json:"denominator"`
	Status  string `json:"status"`
}

// listing is what the test reads of a scorecard's lists.
type listing struct {
	Scope struct {
		Code string `json:"code"`
	} `json:"scope"`
	Composites []struct {
		Name string `json:"name"`
		Peak *struct {
			In        peakOneWay `json:"in"`
			Out       peakOneWay `json:"out"`
			Congested bool       `json:"n1_congested"`
		} `json:"peak"`
	} `json:"composites"`
	Frozen []struct {
		ID     string `json:"id"`
		Scope  string `json:"scope"`
		Freeze string `json:"freeze"`
		Start  string `json:"start"`
		End    string `json:"end"`
	} `json:"frozen_windows"`
	Measured []measured `json:"measured"`
	Links    []struct {
		Link     string `json:"link"`
		DropDays int    `json:"drop_days"`
	} `json:"congested_links"`
}

type peakOneWay struct {
	At      string `json:"at"`
	Kbps    int64  `json:"kbps"`
	Mbps    int64  `json:"capacity_mbps"`
	Largest int64  `json:"largest_mbps"`
}

func (o peakOneWay) String() string { return fmt.Sprint(o.At, o.Kbps, o.Mbps, o.Largest) }

func stamp(unix int64) string {
	return time.Unix(unix, 0).In(time.FixedZone("", 7*3600)).Format(time.RFC3339)
}

// compareLists holds the scorecards' lists against the truth's, as lines of text: N-1 of cables, what freezes took of
// windows, what others measured, and how often congested links dropped too much.
func compareLists(t *testing.T, cards map[string]string, truthText string) {
	t.Helper()
	var want lists
	decode(t, truthText, &want)
	got := map[string]bool{}
	for name, text := range cards {
		if !strings.HasSuffix(name, ".json") {
			continue
		}
		var card listing
		decode(t, text, &card)
		for _, line := range card.lines() {
			got[line] = true
		}
	}
	kinds := map[string]int{}
	for _, line := range want.lines() {
		kind, _, _ := strings.Cut(line, " ")
		kinds[kind]++
		if !got[line] {
			t.Errorf("on no scorecard: %s", line)
		}
		delete(got, line)
	}
	for line := range got {
		t.Errorf("not true: %s", line)
	}
	if kinds["peak"] == 0 || kinds["frozen"] < 2 || kinds["measured"] < 9 || kinds["drops"] == 0 || !slices.ContainsFunc(want.lines(), isCongested) {
		t.Errorf("the truth has %v: the comparison proves little", kinds)
	}
}

func isCongested(line string) bool {
	return strings.HasPrefix(line, "peak") && strings.HasSuffix(line, "true")
}

func (w *lists) lines() (out []string) {
	for _, p := range w.Peaks {
		out = append(out, fmt.Sprintf("peak %s in %s out %s %v", p.Composite, p.In, p.Out, p.Congested))
	}
	for _, f := range w.Frozen {
		out = append(out, fmt.Sprintf("frozen %s %s %s %s %s", f.ID, f.Scope, f.Freeze, stamp(f.From), stamp(f.To)))
	}
	for _, m := range w.Measured {
		out = append(out, fmt.Sprintf("measured %s %+v", m.Province, m.measured))
	}
	for _, l := range w.Links {
		if l.Congested {
			out = append(out, fmt.Sprintf("drops %s %d", l.Link, l.DropDays))
		}
	}
	return out
}

// lines are the nation's own, and of a province what was measured there.
func (c *listing) lines() (out []string) {
	province := c.Scope.Code
	if province == "vn" {
		province = ""
	}
	for _, m := range c.Measured {
		out = append(out, fmt.Sprintf("measured %s %+v", province, m))
	}
	if province != "" {
		return out
	}
	for _, k := range c.Composites {
		if k.Peak != nil {
			out = append(out, fmt.Sprintf("peak %s in %s out %s %v", k.Name, k.Peak.In, k.Peak.Out, k.Peak.Congested))
		}
	}
	for _, f := range c.Frozen {
		out = append(out, fmt.Sprintf("frozen %s %s %s %s %s", f.ID, f.Scope, f.Freeze, f.Start, f.End))
	}
	for _, l := range c.Links {
		out = append(out, fmt.Sprintf("drops %s %d", l.Link, l.DropDays))
	}
	return out
}

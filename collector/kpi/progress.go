package kpi

import (
	"time"

	"github.com/haidang-noc/haidang/collector/model"
)

// NoBaseline is the status of a progress whose value at the year's start nobody knows.
const NoBaseline Status = "no_baseline"

// Progress is how far the year's plan is built: (now − year's start) / planned.
type Progress struct {
	Goal       *model.Goal
	Start, Now int64 // Start is 0 without a baseline
	Ratio      Number
	Status     Status // OK or NoBaseline
}

// ProgressOf counts the goals of the year that holds the instant at, by the inventory of that instant
// and of the year's start. An inventory that does not reach back to it is no baseline.
func ProgressOf(inv *model.Inventory, at int64) []Progress {
	year := time.Unix(at, 0).In(model.Local).Year()
	first := model.Month{Year: year, Month: time.January}.Start()
	began := false
	for i := range inv.Devices {
		began = began || inv.Devices[i].Covers(first)
	}
	var out []Progress
	for i := range inv.Goals {
		g := &inv.Goals[i]
		if g.Year != year {
			continue
		}
		p := Progress{Goal: g, Now: count(inv, g, at), Status: OK}
		switch {
		case g.Start != nil:
			p.Start = *g.Start
		case began && g.Measure != model.Given:
			p.Start = count(inv, g, first)
		default:
			p.Status = NoBaseline
		}
		if p.Status == OK {
			p.Ratio = Quo(p.Now-p.Start, g.Planned)
		}
		out = append(out, p)
	}
	return out
}

// count is a goal's value at an instant.
func count(inv *model.Inventory, g *model.Goal, at int64) (n int64) {
	if g.Measure == model.Given {
		return g.Now
	}
	counted := map[string]bool{} // devices
	sites := map[string]bool{}
	for i := range inv.Devices {
		d := &inv.Devices[i]
		if !d.Covers(at) || !ofSystems(g.Systems, d.System) {
			continue
		}
		counted[d.Name] = true
		sites[d.Site] = d.Site != ""
		if g.Measure == model.CountSubscribers {
			n += d.Subscribers
		}
	}
	delete(sites, "")
	switch g.Measure {
	case model.CountSites:
		n = int64(len(sites))
	case model.CountDevices:
		n = int64(len(counted))
	case model.CountCapacity:
		for i := range inv.Links {
			if l := &inv.Links[i]; l.Covers(at) && counted[l.A.Device] {
				n += l.CapacityMbps
			}
		}
	}
	return n
}

func ofSystems(systems []model.System, s model.System) bool {
	for _, one := range systems {
		if one == s {
			return true
		}
	}
	return len(systems) == 0
}

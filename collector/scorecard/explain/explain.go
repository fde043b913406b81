// Package explain says what made a number: the sums behind it, what was left out of them and why, and
// what would have had to be different to meet the target. It computes nothing anew; it reads the
// month's result.
package explain

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// Availability explains one system's, or link class's, availability in one scope.
type Availability struct {
	Group    kpi.Availability
	NameVI   string
	NameEN   string
	Outages  []kpi.Outage   // the longest first
	Planned  []model.Window // approved in time: what is down in them is no down time
	Late     []model.Window // approved too late: they change nothing
	Unknown  []Share        // entities with unknown time, most first
	Excluded []Share        // entities that were out of service for a part
	Heavy    []Weight       // down time by weight, the most first
	// Needed is by how many seconds of down time less the target would have been met; 0: it is met, or
	// nothing is tested.
	Needed int64
	// Enough is how many of the longest outages would have had to be avoided for that.
	Enough int
	// Unseen is by how many seconds less of unknown time there would have been enough data; 0: there is.
	Unseen int64
	// NeededWeight and UnseenWeight are the same of seconds times weight, where the target tests those; empty: none.
	NeededWeight, UnseenWeight string
}

// Share is one entity's part of some seconds.
type Share struct {
	Name    string
	Seconds int64
}

// Weight is one entity's down time and what each of its seconds counts.
type Weight struct {
	Name            string
	Seconds, Weight int64
}

// MonthAvailability explains the availability of every group of a province ("" the nation), or only of
// the system or link class named. It is an error if there is none.
func MonthAvailability(result *kpi.MonthResult, inv *model.Inventory, province, system string) ([]Availability, error) {
	var out []Availability
	for i := range result.Availability {
		g := &result.Availability[i]
		if g.Province != province || system != "" && system != string(g.System)+string(g.Class) {
			continue
		}
		out = append(out, availability(result, inv, g))
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("explain: availability: nothing of system %q in province %q in %s", system, province, result.Month)
	}
	return out, nil
}

// MonthTagged explains the availability of the devices of a province ("" the nation) that have a tag. None is no error.
func MonthTagged(result *kpi.MonthResult, inv *model.Inventory, province string) (out []Availability) {
	for i := range result.Tagged {
		g := &result.Tagged[i]
		if g.Province != province {
			continue
		}
		tagged := map[string]bool{}
		for k := range inv.Devices {
			if d := &inv.Devices[k]; d.Tagged(string(g.System)) && d.From < result.End && d.To > result.From {
				tagged[d.Name] = true
			}
		}
		out = append(out, explained(result, inv, g, func(level kpi.Level, name string, _ model.System, _ model.LinkClass) bool {
			return level == kpi.LevelDevice && tagged[name]
		}))
	}
	return out
}

func availability(result *kpi.MonthResult, inv *model.Inventory, g *kpi.Availability) Availability {
	return explained(result, inv, g, func(level kpi.Level, _ string, system model.System, class model.LinkClass) bool {
		return level == g.Level && system == g.System && class == g.Class
	})
}

// explained is a group with what happened to its members.
func explained(result *kpi.MonthResult, inv *model.Inventory, g *kpi.Availability, member func(level kpi.Level, name string, system model.System, class model.LinkClass) bool) Availability {
	a := Availability{Group: *g, NameVI: string(g.System) + string(g.Class), NameEN: string(g.System) + string(g.Class)}
	if t := inv.Targets.Availability[g.System]; t.NameVI != "" && g.Level == kpi.LevelDevice {
		a.NameVI, a.NameEN = t.NameVI, t.NameEN
	}
	for i := range result.Outages {
		o := &result.Outages[i]
		if within(g.Province, o.Province, o.Provinces) && member(o.Level, o.Name, o.System, o.Class) {
			a.Outages = append(a.Outages, *o)
		}
	}
	slices.SortStableFunc(a.Outages, func(x, y kpi.Outage) int { return cmp.Compare(y.Seconds, x.Seconds) })
	members := map[string]bool{}
	for i := range result.Entities {
		e := &result.Entities[i]
		if within(g.Province, e.Province, e.Provinces) && member(e.Level, e.Name, e.System, e.Class) {
			members[e.Name] = true
			a.Unknown = appendShare(a.Unknown, e.Name, e.Sums.Unknown)
			a.Excluded = appendShare(a.Excluded, e.Name, e.Sums.Excluded)
			if e.Weight > 0 && e.Sums.Down > 0 {
				a.Heavy = append(a.Heavy, Weight{e.Name, e.Sums.Down, e.Weight})
			}
		}
	}
	mostFirst(a.Unknown)
	mostFirst(a.Excluded)
	slices.SortStableFunc(a.Heavy, func(x, y Weight) int {
		return big.NewInt(0).Mul(big.NewInt(y.Seconds), big.NewInt(y.Weight)).Cmp(big.NewInt(0).Mul(big.NewInt(x.Seconds), big.NewInt(x.Weight)))
	})
	a.windows(result, inv, members)
	a.needed()
	a.unseen(inv.Targets.MaxUnknownMonth)
	return a
}

// within says whether a device or link belongs to a scope; the nation holds all.
func within(scope, province string, provinces []string) bool {
	return scope == "" || province == scope || slices.Contains(provinces, scope)
}

func appendShare(all []Share, name string, seconds int64) []Share {
	if seconds == 0 {
		return all
	}
	return append(all, Share{name, seconds})
}

func mostFirst(all []Share) {
	slices.SortStableFunc(all, func(a, b Share) int { return cmp.Compare(b.Seconds, a.Seconds) })
}

// windows are those of the period that cover a member, or a device at the end of a member link.
func (a *Availability) windows(result *kpi.MonthResult, inv *model.Inventory, members map[string]bool) {
	devices := members
	if a.Group.Level == kpi.LevelLink {
		devices = map[string]bool{}
		for i := range inv.Links {
			if l := &inv.Links[i]; members[l.Name] {
				devices[l.A.Device], devices[l.B.Device] = true, true
			}
		}
	}
	for i := range inv.Windows {
		w := &inv.Windows[i]
		own := w.Kind == model.ScopeLink && a.Group.Level == kpi.LevelLink && members[w.Key]
		if w.Start >= result.End || w.End <= result.From || !own && !covers(inv.Meant(w.Scope(), w.Start), w, inv.Devices, devices) {
			continue
		}
		if w.Planned() {
			a.Planned = append(a.Planned, *w)
		} else {
			a.Late = append(a.Late, *w)
		}
	}
}

// covers says whether the scope, as it was meant, covers one of the devices while the window lasts.
func covers(s model.Scope, w *model.Window, rows []model.Device, devices map[string]bool) bool {
	return slices.ContainsFunc(rows, func(d model.Device) bool {
		return devices[d.Name] && d.From < w.End && d.To > w.Start && d.In(s)
	})
}

// needed solves (U + x) / all >= target for the least whole x.
func (a *Availability) needed() {
	t, s := a.Group.Target, a.Group.Sums
	if t.Den == 0 {
		return
	}
	if a.Group.Test.Weighted {
		a.NeededWeight = needed(a.Group.Tested(), t)
		return
	}
	all := s.Up + s.Down
	if a.Group.Test.Gross {
		all += s.MaintDown
	}
	a.Needed = max(ceilQuo(t.Num, all, t.Den)-s.Up, 0)
	for rest := a.Needed; rest > 0 && a.Enough < len(a.Outages); a.Enough++ {
		rest -= a.Outages[a.Enough].Seconds
	}
}

// unseen solves (X - y) / (U + D + X) <= limit for the least whole y: unknown time that would have
// been seen as up or down.
func (a *Availability) unseen(limit model.Ratio) {
	s := a.Group.Sums
	if limit.Den == 0 || a.Group.Target.Den == 0 {
		return
	}
	if a.Group.Test.Weighted {
		a.UnseenWeight = beyond(a.Group.WUnknownShare, limit)
		return
	}
	all := big.NewInt(s.Up + s.Down + s.Unknown)
	allowed := all.Mul(all, big.NewInt(limit.Num))
	allowed.Div(allowed, big.NewInt(limit.Den))
	a.Unseen = max(s.Unknown-allowed.Int64(), 0)
}

// ceilQuo is a·b/c, rounded up, without overflow in between.
func ceilQuo(a, b, c int64) int64 {
	n := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
	n.Add(n, big.NewInt(c-1))
	return n.Div(n, big.NewInt(c)).Int64()
}

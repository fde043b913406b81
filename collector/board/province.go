package board

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/collector/view"
)

// nation is the address of what belongs to no province: the national systems.
const nation = "vn"

// provincePage is one province, or the nation's own.
type provincePage struct {
	Code     string
	Names    names
	Tally    *tally
	Strip    []card
	Rows     []row
	Days     []dayBar
	Peak     int64 // the longest down time of a day
	Months   trend
	Devices  []deviceRow
	Troubled int // devices that had an outage this month
	Total    int
	Links    []linkRow
	Rings    []compositeRow // systems with redundancy
	Outages  []outageRow
	More     int // outages beyond those shown
	Cards    []publication
}

// linkRow is one link in a list.
type linkRow struct {
	*kpi.LinkMonth
	Device string // where it is measured, if the caller may see that
}

// dayBar is the down time of all devices on one day of the month.
type dayBar struct {
	Day     model.Day
	Seconds int64
	Height  int // of the peak, per cent
	Outages int
}

// String is the day as people write it.
func (d dayBar) String() string { return d.Day.Time().Format("02/01") }

// FirstDay and LastDay are the ends of the chart.
func (p *provincePage) FirstDay() string { return p.Days[0].String() }

// LastDay is today.
func (p *provincePage) LastDay() string { return p.Days[len(p.Days)-1].String() }

// deviceRow is one device in a list.
type deviceRow struct {
	Name    string
	Systems names
	Sums    kpi.Sums
	Net     kpi.Number
	Since   int64 // of an outage that goes on; 0: none
}

// outageRow is one outage in a list.
type outageRow struct {
	*kpi.Outage
	Names  names // of the system or class
	Places []names
}

const (
	maxDevices = 60
	maxOutages = 100
	maxLinks   = 20
)

func (b *Board) province(v *visit) error {
	r, err := b.latest()
	if err != nil {
		return err
	}
	code, scope, err := placeOf(v, r)
	if err != nil {
		return err
	}
	p := &provincePage{Code: code, Names: provinceNames(r, scope)}
	for _, x := range b.alarms(r, v.who) {
		if x.Home() == code || slices.Contains(x.Provinces, scope) {
			p.Rows = append(p.Rows, x)
		}
	}
	p.Tally = tallies(p.Rows)[""]
	p.Strip = strip(r, v.who, scope)
	p.outages(r, scope)
	p.devices(r, scope)
	p.links(r, v.who, scope)
	p.Rings = compositesOf(r, scope)
	months, err := b.Store.ScopeMonths(v.r.Context(), monthsBefore(r.Month, 12).String(), r.Month.String())
	if err != nil {
		return err
	}
	p.Months = trendOf(r, months, code)
	if p.Cards, err = b.published(v, code); err != nil {
		return err
	}
	return b.show(v, http.StatusOK, "province", p.Names.in(v.words), p)
}

// placeOf is the province that the address names, and its code in the results.
func placeOf(v *visit, r *view.Result) (code, scope string, err error) {
	code = v.r.PathValue("code")
	if scope = code; code == nation {
		scope = ""
	}
	switch {
	case !v.who.MaySee(scope):
		return "", "", refuse(http.StatusForbidden, "error.scope", code)
	case code != nation && r.Inventory.Province(code, r.At.Unix()) == nil:
		return "", "", refuse(http.StatusNotFound, "error.province", code)
	}
	return code, scope, nil
}

func (p *provincePage) outages(r *view.Result, scope string) {
	first := r.Month.First()
	last := model.DayOf(max(r.End-1, r.From))
	for d := first; d <= last; d++ {
		p.Days = append(p.Days, dayBar{Day: d})
	}
	for i := range r.Outages {
		o := &r.Outages[i]
		places := placesOf(o)
		if !belongs(places, scope) {
			continue
		}
		p.Outages = append(p.Outages, outageRowOf(r, o))
		if o.Level == kpi.LevelDevice {
			p.addDown(o)
		}
	}
	for i := range p.Days {
		p.Peak = max(p.Peak, p.Days[i].Seconds)
	}
	for i := range p.Days {
		if p.Peak > 0 {
			p.Days[i].Height = int((100*p.Days[i].Seconds + p.Peak - 1) / p.Peak)
		}
	}
	slices.SortStableFunc(p.Outages, func(a, b outageRow) int { return cmp.Compare(b.From, a.From) })
	if p.More = len(p.Outages) - maxOutages; p.More > 0 {
		p.Outages = p.Outages[:maxOutages]
	}
}

// belongs says whether something of these provinces is of one scope: of the nation, if it is of none.
func belongs(places []string, scope string) bool {
	if scope == "" {
		return len(places) == 0
	}
	return slices.Contains(places, scope)
}

// addDown spreads an outage over its days.
func (p *provincePage) addDown(o *kpi.Outage) {
	for i := range p.Days {
		day := &p.Days[i]
		if s := min(o.To, day.Day.End()) - max(o.From, day.Day.Start()); s > 0 {
			day.Seconds += s
			if model.DayOf(o.From) == day.Day {
				day.Outages++
			}
		}
	}
}

func outageRowOf(r *view.Result, o *kpi.Outage) outageRow {
	out := outageRow{Outage: o, Names: classNames(o.Class)}
	if o.Level == kpi.LevelDevice {
		out.Names = systemNames(r, o.System)
	}
	for _, code := range placesOf(o) {
		out.Places = append(out.Places, provinceNames(r, code))
	}
	return out
}

// devices lists those that are down, and then those that were down longest this month.
func (p *provincePage) devices(r *view.Result, scope string) {
	since := map[string]int64{}
	for _, o := range p.Outages {
		if o.Open && o.Level == kpi.LevelDevice {
			since[o.Name] = o.From
		}
	}
	for i := range r.Entities {
		e := &r.Entities[i]
		if e.Level != kpi.LevelDevice || e.Province != scope {
			continue
		}
		p.Total++
		if e.Sums.Down > 0 || e.Sums.Unknown > 0 {
			p.Devices = append(p.Devices, deviceRow{e.Name, systemNames(r, e.System), e.Sums, e.Sums.Net(), since[e.Name]})
		}
	}
	p.Troubled = len(p.Devices)
	slices.SortStableFunc(p.Devices, func(a, b deviceRow) int {
		return cmp.Or(cmp.Compare(min(b.Since, 1), min(a.Since, 1)), cmp.Compare(b.Sums.Down, a.Sums.Down), cmp.Compare(b.Sums.Unknown, a.Sums.Unknown))
	})
	p.Devices = p.Devices[:min(len(p.Devices), maxDevices)]
}

// links lists the busiest.
func (p *provincePage) links(r *view.Result, who *principal.Principal, scope string) {
	for i := range r.Links {
		if l := &r.Links[i]; belongs(l.Provinces, scope) {
			row := linkRow{LinkMonth: l}
			if d := r.Inventory.Device(l.Port.Device, r.At.Unix()); d != nil && who.MaySee(d.Province) {
				row.Device = d.Name
			}
			p.Links = append(p.Links, row)
		}
	}
	slices.SortStableFunc(p.Links, func(a, b linkRow) int { return cmp.Compare(b.P95, a.P95) })
	p.Links = p.Links[:min(len(p.Links), maxLinks)]
}

// monthsBefore is the month n months before.
func monthsBefore(m model.Month, n int) model.Month {
	at := m.First()
	for range n {
		at = model.MonthOf((at - 1).Start()).First()
	}
	return model.MonthOf(at.Start())
}

// trend is how the numbers of the published months went, one row for each system.
type trend struct {
	Months []string
	Rows   []trendRow
}

type trendRow struct {
	Names names
	Cells []store.ScopeMonth // beside Months; without Month: nothing was published
}

// trendOf picks the availability of one scope's systems out of the published numbers.
func trendOf(r *view.Result, all []store.ScopeMonth, code string) trend {
	var t trend
	column := map[string]int{}
	for _, m := range all {
		if _, ok := column[m.Month]; !ok && m.Scope == code {
			column[m.Month] = len(t.Months)
			t.Months = append(t.Months, m.Month)
		}
	}
	place := map[string]int{}
	for _, m := range all {
		system, device := strings.CutPrefix(m.Key, string(kpi.LevelDevice)+":")
		if m.Scope != code || m.Measure != scorecard.MeasureAvailability || !device {
			continue
		}
		i, ok := place[m.Key]
		if !ok {
			i = len(t.Rows)
			place[m.Key] = i
			t.Rows = append(t.Rows, trendRow{systemNames(r, model.System(system)), make([]store.ScopeMonth, len(t.Months))})
		}
		t.Rows[i].Cells[column[m.Month]] = m
	}
	return t
}

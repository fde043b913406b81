package ran

import (
	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
)

// judge says of a report whether it is about a time in service, and whether a planned window covers more
// than half of it.
type judge func(r *report.Report) (serves, planned bool)

// always is the judge of days that no window and no edge of validity touches.
func always(*report.Report) (serves, planned bool) { return true, false }

// of adds up an object's reports. Planned periods are in no counter KPI.
func (s *Sums) of(day model.Day, rows *report.Set, of judge) {
	*s = Sums{}
	var h hours
	for r := range rows.All(day) {
		serves, planned := of(r)
		if !serves {
			continue
		}
		s.time(r, planned)
		s.consumption(r)
		if !planned {
			s.period(r)
			h.period(r)
		}
	}
	s.busy(&h)
}

// Trim replaces the reports of the objects that touched does not name by their sums: they are all that
// the KPIs of such a day need. days is changed.
func Trim(day model.Day, days []report.Day, touched func(d *report.Day) bool) {
	var s Sums
	for i := range days {
		d := &days[i]
		if counts(d.Kind) && !d.Rows.Empty() && !touched(d) {
			s.of(day, &d.Rows, always)
			d.Sums = s.AppendTo(nil)
			d.Rows = report.Set{}
		}
	}
}

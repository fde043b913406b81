package report

import (
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// Fold joins the groups of one object on one local day into one series of reports, in any order of the
// groups. Suspect reports are left out; where one group's reports overlap, the earlier one counts; an item
// that two groups report is taken from the group that is first by name, so groups must be sorted. The
// names are left empty.
func Fold(day model.Day, groups []*Set) Day {
	out := Day{Date: day}
	var rows []Report
	for _, g := range groups {
		covered := int64(0)
		for r := range g.All(day) {
			if r.Conflict {
				out.Conflicts++
			}
			switch {
			case r.Suspect:
				out.Suspect++
			case r.Start() >= covered:
				covered = r.End
				rows = append(rows, *r)
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b Report) int {
		if a.End != b.End {
			return int(a.End - b.End)
		}
		return int(a.Period - b.Period)
	})
	for i := 0; i < len(rows); {
		one := rows[i]
		one.Revision, one.Conflict = 0, false
		for i++; i < len(rows) && rows[i].End == one.End && rows[i].Period == one.Period; i++ {
			fill(&one, &rows[i])
		}
		out.Rows.Add(day, &one)
	}
	return out
}

// fill adds the items that r has and one has not.
func fill(one, r *Report) {
	fresh := r.Has &^ one.Has
	for item := range r.Values {
		if fresh&(1<<item) != 0 {
			one.Put(item, r.Values[item])
		}
	}
}

package report

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// Fold joins the groups of one object on one local day into one series of reports, in any order of the
// groups. Suspect reports are left out; where one group's reports overlap, the earlier one counts; an item
// that two groups report is taken from the group that is first by name, so groups must be sorted. The
// names are left empty.
func Fold(day model.Day, groups []*Set) Day {
	out := Day{Date: day}
	all, order := out.counted(day, groups)
	for i := 0; i < len(order); {
		one := &all[order[i]]
		one.Revision, one.Conflict = 0, false
		for i++; i < len(order); i++ {
			r := &all[order[i]]
			if r.End != one.End || r.Period != one.Period {
				break
			}
			fill(one, r)
		}
		out.Rows.Add(day, one)
	}
	return out
}

// counted are the reports that count, and their order: by end and period, then by group.
func (d *Day) counted(day model.Day, groups []*Set) (all []Report, order []int32) {
	n := 0
	for _, g := range groups {
		n += g.count()
	}
	all, order = make([]Report, 0, n), make([]int32, 0, n)
	for _, g := range groups {
		covered := int64(0)
		for r := range g.All(day) {
			if r.Conflict {
				d.Conflicts++
			}
			switch {
			case r.Suspect:
				d.Suspect++
			case r.Start() >= covered:
				covered = r.End
				order = append(order, int32(len(all)))
				all = append(all, *r)
			}
		}
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(all[a].End, all[b].End), cmp.Compare(all[a].Period, all[b].Period), cmp.Compare(a, b))
	})
	return all, order
}

// fill adds the items that r has and one has not.
func fill(one, r *Report) {
	for fresh := r.Has &^ one.Has; fresh != 0; fresh &= fresh - 1 {
		item := bits.TrailingZeros64(fresh)
		one.Put(item, r.Values[item])
	}
}

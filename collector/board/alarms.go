package board

import (
	"cmp"
	"slices"

	"github.com/haidang-noc/haidang/collector/alarm"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/view"
)

// row is one alarm of a list.
type row struct {
	*alarm.Alarm
	Places  []names
	Systems names // empty: the alarm is of no system
	Cause   string
	Sev     string // key of the words
	From    int64
	Rose    bool // it is up again, and watched
}

// Device is the device whose page tells more, if there is one.
func (r row) Device() string {
	if r.Kind == alarm.Device {
		return r.Name
	}
	return r.Of // of a part
}

// Redundant is the system with redundancy whose page tells more, if it is one.
func (r row) Redundant() string {
	if r.Kind == alarm.Composite {
		return r.Name
	}
	return ""
}

// tally counts what is wrong.
type tally struct {
	Critical, Major, Open, Unsure int
	Severe                        int // critical and major ones
	Unowned                       int // of the severe ones and the others: those that nobody acknowledged
	Oldest                        *row
}

func (t *tally) add(r *row) {
	switch r.Severity {
	case alarm.Critical:
		t.Critical++
		t.Severe++
	case alarm.Major:
		t.Major++
		t.Severe++
	case alarm.Indeterminate:
		t.Unsure++
	default:
		t.Open++
	}
	if r.Acknowledged == nil {
		t.Unowned++
	}
}

// Total is how many alarms there are.
func (t *tally) Total() int { return t.Severe + t.Open + t.Unsure }

// alarms are those that somebody is to be told of, within the caller's provinces: the worst first, among
// equals those that nobody has, then the newest.
func (b *Board) alarms(r *view.Result, who *principal.Principal) []row {
	var rows []row
	for _, a := range b.openAlarms(who) {
		if a.Told() {
			rows = append(rows, rowOf(r, a))
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(rank(a.Severity), rank(b.Severity)), cmp.Compare(held(a), held(b)), cmp.Compare(b.From, a.From))
	})
	return rows
}

func rowOf(r *view.Result, a alarm.Alarm) row {
	out := row{Alarm: &a, Cause: "cause." + string(a.Cause), Sev: "severity." + string(a.Severity), From: a.Since.Unix(), Rose: !a.UpSince.IsZero()}
	for _, code := range a.Provinces {
		out.Places = append(out.Places, provinceNames(r, code))
	}
	if len(out.Places) == 0 {
		out.Places = []names{provinceNames(r, "")}
	}
	if a.System != "" {
		out.Systems = systemNames(r, a.System)
	}
	return out
}

// rank orders severities, the worst first.
func rank(s alarm.Severity) int {
	return slices.Index([]alarm.Severity{alarm.Critical, alarm.Major, alarm.Minor, alarm.Warning, alarm.Indeterminate}, s)
}

func held(r row) int {
	if r.Acknowledged == nil {
		return 0
	}
	return 1
}

// tallies are the numbers of each province, and of all together under "".
func tallies(rows []row) map[string]*tally {
	out := map[string]*tally{"": {}}
	for i := range rows {
		r := &rows[i]
		if all := out[""]; all.Oldest == nil || worseOf(r, all.Oldest) {
			all.Oldest = r
		}
		out[""].add(r)
		for _, code := range r.Provinces {
			if out[code] == nil {
				out[code] = &tally{}
			}
			out[code].add(r)
		}
	}
	return out
}

// worseOf says whether a is to be named before b where there is room for one: severe ones first, then the
// longest.
func worseOf(a, b *row) bool {
	severe := func(r *row) int { return min(rank(r.Severity), 2) }
	if d := severe(a) - severe(b); d != 0 {
		return d < 0
	}
	return a.From < b.From
}

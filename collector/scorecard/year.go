package scorecard

import (
	"cmp"
	"slices"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// YearSchema names the shape of a Year.
const YearSchema = "haidang.scorecard-year/1"

// Year is the numbers of a year, computed from the year's counters, and how many of its published months met
// each target. It is computed when it is asked for, and never published.
type Year struct {
	Schema        string        `json:"schema"`
	Year          int           `json:"year"`
	From          string        `json:"from"`
	Until         string        `json:"until"`
	Complete      bool          `json:"complete"` // the period is the whole year
	UnitSet       string        `json:"unit_set"`
	GeneratedFrom Digests       `json:"generated_from"`
	Published     []YearMonth   `json:"published"`
	Verdicts      []YearVerdict `json:"verdicts"`
	SpeedGrowth   []SpeedGrowth `json:"speed_growth"` // of the nation
	Units         []YearUnit    `json:"units"`        // the nation first
}

// YearMonth is a month that was published, as it was last.
type YearMonth struct {
	Month    string `json:"month"`
	Revision int    `json:"revision"`
}

// YearVerdict is one of the nation's targets, by the year's sums, and in how many months it was met.
type YearVerdict struct {
	Verdict
	MonthsMet int      `json:"months_met"`
	Months    int      `json:"months"` // that were published with this verdict
	MetIn     []string `json:"met_in"` // the months that met it
}

// YearUnit is one unit's numbers, and its months in T2 and T3. Months of another unit set are not counted.
type YearUnit struct {
	Scope        Scope           `json:"scope"`
	Availability []Availability  `json:"availability"`
	Tagged       []Availability  `json:"tagged,omitempty"` // of devices tagged vip
	Congestion   []Congestion    `json:"congestion"`       // a link counts once for each month
	Composites   []YearComposite `json:"composites"`
	Scores       *Scores         `json:"scores,omitempty"`
	Measured     []Measured      `json:"measured,omitempty"` // the sums of its months
	FloorMonths  int             `json:"floor_months"`       // of T2; of the nation: when every unit reached it
	GoodMonths   int             `json:"good_months"`        // of T3; of the nation: when enough units were good
}

// YearComposite is a system with redundancy; its members, failures and traffic stand in the months.
type YearComposite struct {
	Name         string       `json:"name"`
	Rule         string       `json:"rule"`
	Need         int          `json:"need"`
	Degraded     int64        `json:"degraded_seconds"`
	Availability Availability `json:"availability"`
}

// BuildYear makes the document of a year. nations are the national documents of its published months.
func BuildYear(r *kpi.YearResult, inv *model.Inventory, nations []*Document) *Year {
	first := model.MonthOf(r.From)
	next := model.Month{Year: first.Year + 1, Month: 1}
	y := &Year{
		Schema: YearSchema, Year: first.Year, From: stamp(r.From), Until: stamp(r.End), Complete: r.End >= next.Start(),
		GeneratedFrom: Digests{Inventory: inv.Hash, Targets: inv.Targets.Hash, Thresholds: inv.Thresholds, Measured: inv.Imported},
		Published:     []YearMonth{}, Verdicts: []YearVerdict{}, SpeedGrowth: []SpeedGrowth{}, Units: []YearUnit{},
	}
	for i := range r.Radio.Growth {
		if g := &r.Radio.Growth[i]; g.Province == "" {
			y.SpeedGrowth = append(y.SpeedGrowth, growthOf(g))
		}
	}
	y.units(r, inv)
	y.judge(r)
	for _, d := range nations {
		y.count(d)
	}
	slices.SortFunc(y.Verdicts, func(a, b YearVerdict) int { return a.compare(&b.Verdict) })
	return y
}

// units are the nation and the units of the last month, each with its numbers.
func (y *Year) units(r *kpi.YearResult, inv *model.Inventory) {
	last := model.MonthOf(r.End - 1).Start()
	y.Units = append(y.Units, newYearUnit(nationScope()))
	for i := range inv.Provinces {
		if p := &inv.Provinces[i]; p.Covers(last) {
			y.UnitSet = p.Set
			y.Units = append(y.Units, newYearUnit(provinceScope(p)))
		}
	}
	y.Units[0].Scope.UnitSet = y.UnitSet
	b := builder{inv: inv}
	for i := range r.Availability {
		if u := y.unit(r.Availability[i].Province); u != nil {
			u.Availability = append(u.Availability, b.group(&r.Availability[i]))
		}
	}
	for i := range r.Tagged {
		if u := y.unit(r.Tagged[i].Province); u != nil {
			u.Tagged = append(u.Tagged, b.group(&r.Tagged[i]))
		}
	}
	for i := range r.Congestion {
		if u := y.unit(r.Congestion[i].Province); u != nil {
			u.Congestion = append(u.Congestion, classOf(&r.Congestion[i]))
		}
	}
	for i := range r.Composites {
		c := &r.Composites[i]
		if u := y.unit(c.Province); u != nil {
			u.Composites = append(u.Composites, YearComposite{c.Name, string(c.Rule), c.Need, c.Degraded, b.redundant(c)})
		}
	}
	for i := range r.Measured {
		if u := y.unit(r.Measured[i].Province); u != nil {
			u.Measured = append(u.Measured, measuredOf(&r.Measured[i]))
		}
	}
	for i := range r.Scores {
		if u := y.unit(r.Scores[i].Unit); u != nil {
			u.Scores = scoresOf(&r.Scores[i])
		}
	}
}

func newYearUnit(s Scope) YearUnit {
	return YearUnit{Scope: s, Availability: []Availability{}, Congestion: []Congestion{}, Composites: []YearComposite{}}
}

// unit is the one of a code as the engine writes it: "" is the nation. It is nil for a unit of another set.
func (y *Year) unit(code string) *YearUnit {
	for i := range y.Units {
		if u := &y.Units[i]; u.Scope.Code == cmp.Or(code, Nation) {
			return u
		}
	}
	return nil
}

// judge holds the year's sums against the targets, as a month's.
func (y *Year) judge(r *kpi.YearResult) {
	nation := &y.Units[0]
	all := qualityVerdicts(&r.Units, r.Scores, r.Radio.Growth)
	all = append(all, availabilityVerdict(nation.Availability, r.Composites), congestionVerdict(nation.Congestion))
	all = append(all, coverageVerdict(r.Measured, func(province string) bool { return y.unit(province) != nil })...)
	all = append(all, protectionVerdict(r.Protection)...)
	for _, v := range all {
		y.verdict(v.ID).Verdict = v
	}
}

// verdict is the one of this name, added if there is none.
func (y *Year) verdict(id string) *YearVerdict {
	for i := range y.Verdicts {
		if y.Verdicts[i].ID == id {
			return &y.Verdicts[i]
		}
	}
	v := newVerdict(id)
	v.Outcome = NoTarget // until the year's sums say otherwise
	y.Verdicts = append(y.Verdicts, YearVerdict{Verdict: v, MetIn: []string{}})
	return &y.Verdicts[len(y.Verdicts)-1]
}

// count adds what a published month said.
func (y *Year) count(d *Document) {
	y.Published = append(y.Published, YearMonth{d.Month, d.Revision})
	for _, v := range d.Verdicts {
		one := y.verdict(v.ID)
		one.Months++
		if v.Outcome == Met {
			one.MonthsMet++
			one.MetIn = append(one.MetIn, d.Month)
		}
		for i := range y.Units {
			u := &y.Units[i]
			met := v.Outcome == Met
			if u.Scope.Kind == "province" {
				met = d.Scope.UnitSet == y.UnitSet && slices.Contains(v.Passed, u.Scope.Code)
			}
			u.count(v.ID, met)
		}
	}
}

func (u *YearUnit) count(verdict string, met bool) {
	switch {
	case met && verdict == "T2":
		u.FloorMonths++
	case met && verdict == "T3":
		u.GoodMonths++
	}
}

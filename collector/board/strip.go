package board

import (
	"cmp"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/view"
)

// card is one target of the strip: what is measured, what is wanted, and what is left.
type card struct {
	Names    names
	Place    names // whose number it is, where that is not plain from the page
	Grade    string
	Value    kpi.Number
	Places   int // digits behind the point
	Target   model.Ratio
	Below    bool       // the value has to be below the target; otherwise it has to reach it
	Left     kpi.Number // seconds of down time; no value: the target has no budget
	LeftPart int        // of what is allowed, per cent; -1: no budget
	Count    int        // congested links or cells
	Cells    bool       // it counts cells
	Of       int        // evaluated ones
	KPI      string     // what the map shows of it
	Points   *points    // of a score; nil: the card is a ratio's
	rank     float64    // of a score: the lower the worse
}

// Over is the seconds of down time beyond what the target allows.
func (c card) Over() int64 { return -int64(c.Left.Float()) }

// Href is where the card leads: a composite has a page, all else a map.
func (c card) Href() string {
	if name, is := strings.CutPrefix(c.KPI, "composite-"); is {
		return "/composite/" + name
	}
	return "/?kpi=" + c.KPI
}

// strip makes the cards of one scope, or, for a caller without the nation, of the worst of its provinces
// for each target. The worst come first.
func strip(r *view.Result, who *principal.Principal, scope string) []card {
	var cards []card
	for i := range r.Availability {
		a := &r.Availability[i]
		if a.Level == kpi.LevelDevice && inScope(who, scope, a.Province) {
			cards = worst(cards, availabilityCard(r, a))
		}
	}
	for i := range r.Congestion {
		if c := &r.Congestion[i]; inScope(who, scope, c.Province) {
			cards = worst(cards, congestionCard(r, c))
		}
	}
	cards = slices.Concat(cards, compositeCards(r, who, scope), radioCards(r, who, scope), scoreCards(r, who, scope))
	slices.SortStableFunc(cards, func(a, b card) int { return cmp.Compare(badness(b.Grade), badness(a.Grade)) })
	return cards
}

// inScope says whether a group belongs on a strip. Scope is a province's code, or "" for all that the
// caller sees: the nation's groups, if they see those.
func inScope(who *principal.Principal, scope, province string) bool {
	switch {
	case province == kpi.UnknownProvince:
		return false
	case scope != "":
		return province == scope
	case who.SeesAll():
		return province == ""
	}
	return province != "" && who.MaySee(province)
}

// worst keeps one card of each KPI.
func worst(cards []card, c card) []card {
	for i := range cards {
		if cards[i].KPI != c.KPI {
			continue
		}
		if worseThan(&c, &cards[i]) {
			cards[i] = c
		}
		return cards
	}
	return append(cards, c)
}

func worseThan(a, b *card) bool {
	if d := badness(a.Grade) - badness(b.Grade); d != 0 {
		return d > 0
	}
	if a.Points != nil {
		return a.rank < b.rank
	}
	if a.Below {
		return a.Value.Float() > b.Value.Float()
	}
	return a.Value.Valid() && a.Value.Float() < b.Value.Float()
}

func availabilityCard(r *view.Result, a *kpi.Availability) card {
	c := card{Names: systemNames(r, a.System), Place: provinceNames(r, a.Province), Grade: gradeOf(a), Value: a.Tested(), Places: 3,
		Target: a.Target, Left: a.Left, LeftPart: -1, KPI: "sys-" + string(a.System)}
	if a.Left.Valid() && a.Budget.Float() > 0 {
		c.LeftPart = int(min(max(100*a.Left.Float()/a.Budget.Float(), 0), 100))
	}
	return c
}

func congestionCard(r *view.Result, c *kpi.Congestion) card {
	return card{Names: classNames(c.Class), Place: provinceNames(r, c.Province), Grade: gradeOfRatio(c), Value: c.Ratio, Places: 2, Target: c.MaxRatio,
		Below: true, LeftPart: -1, Count: c.Congested, Of: c.Evaluated, KPI: "class-" + string(c.Class)}
}

// missed counts the cards whose target is not met.
func missed(cards []card) (n int) {
	for _, c := range cards {
		if c.Grade == bad || c.Grade == lost {
			n++
		}
	}
	return n
}

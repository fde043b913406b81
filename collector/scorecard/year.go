package scorecard

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"

	"golang.org/x/text/unicode/norm"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// YearSchema names the shape of a Year.
const YearSchema = "haidang.scorecard-year/1"

// Year is the scores of a year, computed from the year's counters, and how many of its published months met
// each gate. It is computed when it is asked for, and never published.
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

// YearVerdict is one of the nation's targets. Those that only months have (T1, T4) have no outcome of the year.
type YearVerdict struct {
	ID        string   `json:"id"`
	Outcome   string   `json:"outcome,omitempty"`
	Passed    []string `json:"passed"`
	Failed    []string `json:"failed"`
	MonthsMet int      `json:"months_met"`
	Months    int      `json:"months"` // that were published with this verdict
}

// YearUnit is one unit's scores, and its months in T2 and T3. Months of another unit set are not counted.
type YearUnit struct {
	Scope       Scope   `json:"scope"`
	Scores      *Scores `json:"scores"`
	FloorMonths int     `json:"floor_months"` // of T2; of the nation: when every unit reached it
	GoodMonths  int     `json:"good_months"`  // of T3; of the nation: when enough units were good
}

// BuildYear makes the document of a year. nations are the national documents of its published months.
func BuildYear(r *kpi.YearResult, inv *model.Inventory, nations []*Document) *Year {
	first := model.MonthOf(r.From)
	next := model.Month{Year: first.Year + 1, Month: 1}
	y := &Year{
		Schema: YearSchema, Year: first.Year, From: stamp(r.From), Until: stamp(r.End), Complete: r.End >= next.Start(),
		GeneratedFrom: Digests{Inventory: inv.Hash, Targets: inv.Targets.Hash, Thresholds: inv.Thresholds},
		Published:     []YearMonth{}, Verdicts: []YearVerdict{}, SpeedGrowth: []SpeedGrowth{}, Units: []YearUnit{},
	}
	for i := range r.Radio.Growth {
		if g := &r.Radio.Growth[i]; g.Province == "" {
			y.SpeedGrowth = append(y.SpeedGrowth, growthOf(g))
		}
	}
	for i := range r.Scores {
		y.Units = append(y.Units, YearUnit{Scope: y.scope(r, inv, r.Scores[i].Unit), Scores: scoresOf(&r.Scores[i])})
	}
	for _, v := range qualityVerdicts(&r.Units, r.Scores, r.Radio.Growth) {
		*y.verdict(v.ID) = YearVerdict{ID: v.ID, Outcome: v.Outcome, Passed: v.Passed, Failed: v.Failed}
	}
	for _, d := range nations {
		y.count(d)
	}
	slices.SortFunc(y.Verdicts, func(a, b YearVerdict) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) })
	return y
}

// scope is the unit of a code, as it was in the last month; "" is the nation.
func (y *Year) scope(r *kpi.YearResult, inv *model.Inventory, code string) Scope {
	last := model.MonthOf(r.End - 1).Start()
	for i := range inv.Provinces {
		if p := &inv.Provinces[i]; p.Code == code && p.Covers(last) {
			y.UnitSet = p.Set
			return Scope{Kind: "province", Code: code, Slug: p.Slug, NameVI: p.NameVI, NameEN: p.NameEN, Region: p.Region, UnitSet: p.Set}
		}
	}
	return nationScope()
}

// verdict is the one of this name, added if there is none.
func (y *Year) verdict(id string) *YearVerdict {
	for i := range y.Verdicts {
		if y.Verdicts[i].ID == id {
			return &y.Verdicts[i]
		}
	}
	y.Verdicts = append(y.Verdicts, YearVerdict{ID: id, Passed: []string{}, Failed: []string{}})
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

// JSON is the canonical form, as that of a Document.
func (y *Year) JSON() ([]byte, error) { return canonical(y.Name(), y) }

// Name is the name of the year's files, without what tells the format.
func (y *Year) Name() string { return fmt.Sprintf("scorecard-year-%d", y.Year) }

// CSV has a line for each unit and, with empty codes, one for each verdict.
func (y *Year) CSV() ([]byte, error) {
	var text bytes.Buffer
	out := csv.NewWriter(&text)
	out.UseCRLF = true
	lines := [][]string{{"year", "section", "key", "name", "qos", "qoe", "combined", "outcome", "floor_months", "good_months", "months_met", "months"}}
	year, n := itoa(int64(y.Year)), func(n int) string { return itoa(int64(n)) }
	for _, u := range y.Units {
		s := u.Scores
		lines = append(lines, []string{year, "unit", u.Scope.Code, u.Scope.NameVI, string(s.QoS.Value), string(s.QoE.Value), string(s.Combined), "",
			n(u.FloorMonths), n(u.GoodMonths), "", n(len(y.Published))})
	}
	for _, v := range y.Verdicts {
		lines = append(lines, []string{year, "verdict", v.ID, "", "", "", "", v.Outcome, "", "", n(v.MonthsMet), n(v.Months)})
	}
	if err := out.WriteAll(lines); err != nil {
		return nil, fmt.Errorf("scorecard: %s: %w", y.Name(), err)
	}
	return norm.NFC.Bytes(text.Bytes()), nil
}

// WriteYear writes the JSON and the CSV into dir, which it creates, as Write does.
func WriteYear(dir string, y *Year) ([]string, error) {
	return writeFiles(dir, []file{{y.Name() + ".json", y.JSON}, {y.Name() + ".csv", y.CSV}}, nil)
}

// canonical encodes a document: the keys in the order of its fields, two spaces of indent, NFC, a newline at the end.
func canonical(name string, document any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(document); err != nil {
		return nil, fmt.Errorf("scorecard: %s: %w", name, err)
	}
	return norm.NFC.Bytes(b.Bytes()), nil
}

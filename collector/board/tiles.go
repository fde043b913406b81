package board

import (
	"strings"

	"github.com/haidang-noc/haidang/collector/board/words"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/view"
)

// tile is one unit on the map of the country, or an archipelago of one. One of a province that the caller
// does not see is drawn without anything in it: the country is whole for everybody.
type tile struct {
	Row, Col int
	Code     string
	Names    names
	Of       names // archipelago: the province that it belongs to
	Island   bool
	Hidden   bool
	Grade    string
	Word     string // what the grade means here: a key of the words
	Value    string
}

// tileMap is the map with what it shows.
type tileMap struct {
	Tiles   []tile
	Rows    int
	KPI     string
	Choices []choice
}

// choice is one KPI that the map can show.
type choice struct {
	Key   string
	Label string
	Group string // a key of the words
}

// The choices beside systems (sys-…) and link classes (class-…).
const (
	kpiNow      = "now"
	kpiCoverage = "coverage"
)

// mapMaker colours the map.
type mapMaker struct {
	result *view.Result
	who    *principal.Principal
	words  *words.Words
	alarms map[string]*tally // by province
}

func (m *mapMaker) make(key string) tileMap {
	out := tileMap{KPI: kpiNow, Choices: m.choices()}
	for _, c := range out.Choices {
		if c.Key == key {
			out.KPI = key
		}
	}
	for _, p := range m.result.Inventory.Units(m.result.At.Unix()) {
		t := tile{Row: p.Row, Col: p.Col, Code: p.Code, Names: names{p.NameVI, p.NameEN}, Hidden: !m.who.MaySee(p.Code)}
		if !t.Hidden {
			t.Grade, t.Value = m.grade(p.Code, out.KPI)
			t.Word = word(out.KPI, t.Grade)
		}
		out.Tiles = append(out.Tiles, t)
		for _, island := range p.Islands {
			of := t
			of.Row, of.Col, of.Names, of.Of, of.Island = island.Row, island.Col, names{island.Name, island.Name}, t.Names, true
			out.Tiles = append(out.Tiles, of)
		}
	}
	for _, t := range out.Tiles {
		out.Rows = max(out.Rows, t.Row+1)
	}
	return out
}

// word says what a grade means: of alarms it is no target that is met.
func word(key, grade string) string {
	switch {
	case key == kpiScore && (grade == good || grade == near || grade == bad):
		return "score." + grade
	case key != kpiNow:
		return "grade." + grade
	}
	switch grade {
	case bad:
		return "legend.severe"
	case near:
		return "legend.minor"
	case unknown:
		return "legend.unsure"
	}
	return "legend.calm"
}

func (m *mapMaker) choices() []choice {
	all := []choice{{kpiNow, m.words.Say("kpi.now"), "kpi.state"}, {kpiCoverage, m.words.Say("kpi.coverage"), "kpi.state"}}
	if len(m.result.Scores) > 0 {
		all = append(all, choice{kpiScore, m.words.Say("kpi.score"), "kpi.state"})
	}
	seen := map[string]bool{}
	for i := range m.result.Availability {
		a := &m.result.Availability[i]
		key := "sys-" + string(a.System)
		if a.Level == kpi.LevelDevice && a.Province != "" && a.Province != kpi.UnknownProvince && m.who.MaySee(a.Province) && !seen[key] {
			seen[key] = true
			all = append(all, choice{key, systemNames(m.result, a.System).in(m.words), "kpi.availability"})
		}
	}
	for _, class := range []model.LinkClass{model.Transport, model.Broadband, model.International} {
		all = append(all, choice{"class-" + string(class), classNames(class).in(m.words), "kpi.congestion"})
	}
	return all
}

// grade is how a province stands with a KPI, and the number for its tile.
func (m *mapMaker) grade(code, key string) (grade, value string) {
	if system, ok := strings.CutPrefix(key, "sys-"); ok {
		return m.system(code, model.System(system))
	}
	if class, ok := strings.CutPrefix(key, "class-"); ok {
		return m.class(code, model.LinkClass(class))
	}
	switch key {
	case kpiCoverage:
		return m.coverage(code)
	case kpiScore:
		return m.score(code)
	}
	return m.now(code)
}

func (m *mapMaker) system(code string, s model.System) (grade, value string) {
	for i := range m.result.Availability {
		if a := &m.result.Availability[i]; a.Province == code && a.Level == kpi.LevelDevice && a.System == s {
			return gradeOf(a), short(m.words, a.Tested())
		}
	}
	return free, ""
}

func (m *mapMaker) class(code string, class model.LinkClass) (grade, value string) {
	for i := range m.result.Congestion {
		if c := &m.result.Congestion[i]; c.Province == code && c.Class == class {
			return gradeOfRatio(c), short(m.words, c.Ratio)
		}
	}
	return free, ""
}

func (m *mapMaker) coverage(code string) (grade, value string) {
	var s kpi.Sums
	for i := range m.result.Availability {
		if a := &m.result.Availability[i]; a.Province == code && a.Level == kpi.LevelDevice {
			s.Up, s.Down, s.Unknown = s.Up+a.Sums.Up, s.Down+a.Sums.Down, s.Unknown+a.Sums.Unknown
		}
	}
	seen := kpi.Quo(s.Up+s.Down, s.Up+s.Down+s.Unknown)
	return gradeOfUnknown(s.UnknownShare(), m.result.Inventory.Targets.MaxUnknownMonth), short(m.words, seen)
}

// now is what is wrong at this moment.
func (m *mapMaker) now(code string) (grade, value string) {
	t := m.alarms[code]
	switch {
	case t == nil && m.silent(code):
		return unknown, ""
	case t == nil:
		return good, ""
	case t.Severe > 0:
		grade = bad
	case t.Open > 0:
		grade = near
	default:
		grade = unknown
	}
	return grade, m.words.Count(t.Severe + t.Open + t.Unsure)
}

// silent says that nothing was heard this month of half of the province's devices: that no alarm is open
// says nothing there.
func (m *mapMaker) silent(code string) bool {
	devices := 0
	for i := range m.result.Availability {
		if a := &m.result.Availability[i]; a.Province == code && a.Level == kpi.LevelDevice {
			devices += a.Entities
		}
	}
	return m.result.Unseen[code] > 0 && 2*m.result.Unseen[code] >= devices
}

// short is a ratio for a tile: per cent with two places, without the sign.
func short(w *words.Words, n kpi.Number) string {
	if !n.Valid() {
		return ""
	}
	return w.Decimal(n.Percent(2))
}

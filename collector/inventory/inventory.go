// Package inventory reads the operator's files (devices, links, maintenance windows, targets and
// province registries) into one immutable model.Inventory, and indexes it for the collector. It is
// strict: every mistake of every file is reported, with its place and what is expected, and a file
// set with one mistake yields nothing. A reload is a new Load; the caller swaps the result in.
package inventory

import (
	"cmp"
	"path/filepath"
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// The choices of Config.UnitSet.
const (
	Units63   = "63"   // the provinces before 2025-07-01, for every month
	Units34   = "34"   // the merged provinces, for every month; rows from before may use the old codes
	UnitsAuto = "auto" // the 63 until 2025-06-30, the 34 from 2025-07-01
)

// Config says where the files are.
type Config struct {
	Devices     string `yaml:"devices"`
	Links       string `yaml:"links"`
	Maintenance string `yaml:"maintenance"`
	Targets     string `yaml:"targets"`
	Holidays    string `yaml:"holidays"`   // national holidays; empty: none
	Composites  string `yaml:"composites"` // systems with redundancy; empty: none
	Freezes     string `yaml:"freezes"`    // national events; empty: none
	Cells       string `yaml:"cells"`      // radio cells; empty: none
	Thresholds  string `yaml:"thresholds"` // values of KPIs that earn points; empty: no scores
	Baseline    string `yaml:"baseline"`   // frozen 4G speed of the baseline year; empty: none
	Goals       string `yaml:"goals"`      // what is to be built in a year; empty: none
	Measured    string `yaml:"measured"`   // what others measured: KPIs of the scores, radio coverage; empty: none
	Provinces   string `yaml:"provinces"`  // folder of provinces-63.csv and provinces-34.csv
	UnitSet     string `yaml:"unit_set"`   // 63, 34 or auto (the default)
}

// Load reads all files. Its error is a *Problems unless it is nil.
func Load(c Config) (*Index, error) {
	found := &Problems{}
	l := loader{found: found, texts: newTexts()}
	l.readUnits(c)
	l.targets = l.readTargets(c.Targets)
	l.readDevices(c.Devices)
	l.readLinks(c.Links)
	l.readWindows(c.Maintenance)
	l.readHolidays(c.Holidays)
	l.readComposites(c.Composites)
	l.readFreezes(c.Freezes)
	l.readCells(c.Cells)
	l.readThresholds(c.Thresholds)
	l.readBaseline(c.Baseline)
	l.readGoals(c.Goals)
	l.readMeasured(c.Measured)
	x := NewIndex(l.inventory())
	l.checkDevices(x)
	l.checkLinks(x)
	l.checkWindows(x)
	l.checkComposites(x)
	l.checkCells(x)
	l.checkCycles(x)
	if err := found.err(); err != nil {
		return nil, err
	}
	return x, nil
}

// loader gathers what the files say, each row beside the line it stands in.
type loader struct {
	found   *Problems
	texts   *texts
	digests digests
	units   units
	targets targetsFile

	devices list[model.Device]
	links   list[model.Link]
	windows list[model.Window]

	composites list[model.Composite]
	sound      bool // devices and links have no mistake: what refers to them can be checked
	freezes    list[model.Freeze]

	cells    list[model.RadioCell]
	baseline []model.SpeedBase

	goals    []model.Goal
	measured []model.Measured
	holidays []model.Day
}

// list is the rows of one file, in the order of the inventory, and their lines.
type list[T any] struct {
	file   string
	rows   []T
	lines  []int
	broken bool // nothing could be read: what refers to it cannot be checked
}

// add takes up what was made of r.
func (l *list[T]) add(r *row, one T) {
	if l.rows == nil {
		l.rows, l.lines = make([]T, 0, r.most), make([]int, 0, r.most)
	}
	l.rows, l.lines = append(l.rows, one), append(l.lines, r.line)
}

// sort orders rows and lines by compare, those that are alike as in the file.
func (l *list[T]) sort(compare func(a, b *T) int) {
	from := make([]int32, len(l.rows)) // where what belongs here stands
	for i := range from {
		from[i] = int32(i)
	}
	order := func(a, b int32) int { return cmp.Or(compare(&l.rows[a], &l.rows[b]), cmp.Compare(a, b)) }
	if slices.IsSortedFunc(from, order) {
		return
	}
	slices.SortFunc(from, order)
	for i := range from {
		l.settle(from, int32(i))
	}
}

// settle moves the rows of one ring of moves, in place: a second list of all rows would be the most that a load needs.
func (l *list[T]) settle(from []int32, first int32) {
	row, line := l.rows[first], l.lines[first]
	for at := first; from[at] != at; {
		next := from[at]
		from[at] = at
		if next == first {
			l.rows[at], l.lines[at] = row, line
			return
		}
		l.rows[at], l.lines[at] = l.rows[next], l.lines[next]
		at = next
	}
}

func (l *loader) inventory() *model.Inventory {
	return &model.Inventory{
		Devices:   l.devices.rows,
		Links:     l.links.rows,
		Windows:   l.windows.rows,
		Freezes:   l.freezes.rows,
		Holidays:  l.holidays,
		Cells:     l.cells.rows,
		SpeedBase: l.baseline,

		Composites: l.composites.rows,
		Goals:      l.goals,
		Measured:   l.measured,
		Provinces:  l.units.list,
		Merged:     l.units.merged,
		Targets:    l.targets.Targets,
		Hash:       l.digests.sum(),
		Thresholds: l.digests.of("score_thresholds.csv"),
		Imported:   l.digests.of("measured.csv"),
	}
}

func registryFile(c Config, set string) string {
	return filepath.Join(c.Provinces, "provinces-"+set+".csv")
}

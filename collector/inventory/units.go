package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/collector/model"
)

const unitHeader = "code,slug,name_vi,name_en,region,row,col,valid_from,valid_to,members,islands"

// units is the province registry in force.
type units struct {
	list    []model.Province // sorted by set, then code
	eras    map[string][]model.Validity
	counted map[string]string          // old code → the code it is counted under, when the set is 34
	heir    map[string]*model.Province // old code → the unit it was merged into, for messages
	names   map[string]string          // names of the old units, for messages
	merged  []model.Province           // as the registry has them; none if the set is 63
}

// readUnits reads both registries and keeps what the configured unit set needs.
func (l *loader) readUnits(c Config) {
	old := l.readRegistry(c, Units63)
	merged := l.readRegistry(c, Units34)
	l.checkMembers(registryFile(c, Units34), merged, old)
	switch c.UnitSet {
	case Units63:
		l.units = newUnits(always(old.rows))
	case Units34:
		l.units = newUnits(always(merged.rows))
		l.units.countUnder(merged.rows)
		l.units.merged = merged.rows
	case UnitsAuto, "":
		l.units = newUnits(slices.Concat(old.rows, merged.rows))
		l.units.merged = merged.rows
	default:
		l.found.add("configuration", 0, "unit_set", "%s: want 63, 34 or auto", quote(c.UnitSet))
	}
	l.units.explain(old.rows, merged.rows)
}

// always makes the units valid at all times: the operator chose this set for every month.
func always(list []model.Province) []model.Province {
	list = slices.Clone(list)
	for i := range list {
		list[i].Validity = model.Validity{From: 0, To: model.Forever}
	}
	return list
}

func newUnits(list []model.Province) units {
	u := units{list: list, eras: map[string][]model.Validity{}, counted: map[string]string{}}
	for _, p := range list {
		u.eras[p.Code] = append(u.eras[p.Code], p.Validity)
	}
	return u
}

// known says whether the code is that of a unit of either registry. Without registries any may be.
func (u *units) known(code string) bool {
	if _, old := u.names[code]; old || len(u.names) == 0 {
		return true
	}
	for _, heir := range u.heir {
		if heir.Code == code {
			return true
		}
	}
	return false
}

// countUnder lets rows from before the merger keep their old codes: a merged unit's history is that
// of its members.
func (u *units) countUnder(merged []model.Province) {
	for _, p := range merged {
		for _, code := range p.Members {
			if len(u.eras[code]) == 0 {
				u.eras[code] = []model.Validity{{From: 0, To: p.From}}
				u.counted[code] = p.Code
			}
		}
	}
}

// explain keeps what the messages name.
func (u *units) explain(old, merged []model.Province) {
	u.names, u.heir = map[string]string{}, map[string]*model.Province{}
	for _, p := range old {
		u.names[p.Code] = p.NameVI
	}
	for i := range merged {
		for _, code := range merged[i].Members {
			u.heir[code] = &merged[i]
		}
	}
}

// resolve checks that code names a unit during all of v and returns the code it is counted under.
func (u *units) resolve(code string, v model.Validity) (string, error) {
	eras := u.eras[code]
	if len(eras) == 0 {
		return "", fmt.Errorf("%s is not a province code: want one of the registry, for example 01", quote(code))
	}
	from := v.From
	for _, era := range eras {
		if era.Covers(from) {
			from = min(era.To, v.To)
		}
	}
	if from < v.To {
		return "", u.gap(code, from)
	}
	if to, ok := u.counted[code]; ok {
		return to, nil
	}
	return code, nil
}

// home is the unit that counts a row, and the old one that it lies in if that is another.
type home struct{ counted, former string }

// former is the old unit of a row that is valid from an instant on and follows one of the same thing: since the merger a
// row that goes on in the merged unit lies where the one before it lay.
func (u *units) former(row, before home, from int64) string {
	old := cmp.Or(before.former, before.counted)
	if heir := u.heir[old]; len(u.merged) > 0 && heir != nil && from >= heir.From && heir.Code == row.counted && old != row.counted {
		return old
	}
	return row.former
}

// gap explains that code is no unit at the instant from.
func (u *units) gap(code string, from int64) error {
	day := time.Unix(from, 0).In(model.Local).Format(time.DateOnly)
	if heir := u.heir[code]; heir != nil && heir.Covers(from) {
		return fmt.Errorf("%s (%s) is no unit from %s on: end the row there and start one with %s (%s)",
			quote(code), u.names[code], day, heir.Code, heir.NameVI)
	}
	return fmt.Errorf("%s is no unit on %s: want a code that is valid then", quote(code), day)
}

func (l *loader) readRegistry(c Config, set string) list[model.Province] {
	got := list[model.Province]{file: registryFile(c, set)}
	l.readTable(got.file, "provinces-"+set+".csv", unitHeader, func(r *row) {
		p := model.Province{
			Set: set, Code: r.name(), Slug: r.token(), NameVI: r.name(), NameEN: r.name(), Region: r.region(),
			Row: r.coordinate(), Col: r.coordinate(), Validity: r.validity(), Members: r.members(), Islands: r.islands(),
		}
		got.add(r, p)
	})
	got.sort(func(a, b *model.Province) int { return strings.Compare(a.Code, b.Code) })
	l.checkRegistry(got)
	return got
}

func (r *row) region() string {
	s := r.text()
	if s != "Bắc" && s != "Trung" && s != "Nam" {
		r.fail("%s is not a region: want Bắc, Trung or Nam", quote(s))
	}
	return s
}

func (r *row) members() []string {
	s := r.text()
	if s == "" {
		return nil
	}
	return strings.Split(s, "|")
}

// islands reads the archipelagos of a unit: name@row:col, separated by |.
func (r *row) islands() []model.Tile {
	s := r.text()
	if s == "" {
		return nil
	}
	var tiles []model.Tile
	for part := range strings.SplitSeq(s, "|") {
		name, place, _ := strings.Cut(part, "@")
		high, wide, _ := strings.Cut(place, ":")
		y, errY := strconv.ParseUint(high, 10, 8)
		x, errX := strconv.ParseUint(wide, 10, 8)
		if name == "" || errY != nil || errX != nil {
			r.fail("%s is not an archipelago: want name@row:col", quote(part))
			continue
		}
		tiles = append(tiles, model.Tile{Name: name, Row: int(y), Col: int(x)})
	}
	return tiles
}

// checkRegistry finds codes, slugs and tiles that are used twice.
func (l *loader) checkRegistry(got list[model.Province]) {
	type key struct{ column, value string }
	seen := map[key]int{}
	once := func(line int, column, value string) {
		if before, twice := seen[key{column, value}]; twice {
			l.found.add(got.file, line, column, "%s is used twice: first in line %d", quote(value), before)
			return
		}
		seen[key{column, value}] = line
	}
	for i, p := range got.rows {
		line := got.lines[i]
		once(line, "code", p.Code)
		once(line, "slug", p.Slug)
		once(line, "row", fmt.Sprintf("%d:%d", p.Row, p.Col))
		for _, tile := range p.Islands {
			once(line, "row", fmt.Sprintf("%d:%d", tile.Row, tile.Col))
		}
	}
}

// checkMembers finds old units that are merged into no unit, into two, or do not exist.
func (l *loader) checkMembers(file string, merged, old list[model.Province]) {
	if len(old.rows) == 0 || len(merged.rows) == 0 {
		return // unreadable, and reported as such
	}
	missing := map[string]bool{}
	for _, p := range old.rows {
		missing[p.Code] = true
	}
	for i, p := range merged.rows {
		for _, code := range p.Members {
			if !missing[code] {
				l.found.add(file, merged.lines[i], "members", "%s is not an old unit or is merged twice", quote(code))
			}
			delete(missing, code)
		}
	}
	for _, p := range old.rows {
		if missing[p.Code] {
			l.found.add(file, 0, "members", "old unit %s (%s) is merged into none", p.Code, p.NameVI)
		}
	}
}

// Package counters says which standard counter a vendor's counter is, and in what unit: maps kept as data, shipped ones and an
// operator's own. What no map names keeps its name.
package counters

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/internal/conf"
)

// Rule is what a counter becomes: (it - minus) / over * scale, under another name.
type Rule struct {
	Name        string
	Scale       float64
	Minus, Over string // counters of the same measurement; empty: none
	Verified    bool

	release, group string
}

// Maps are all that is known of counters. They are immutable.
type Maps struct {
	standard map[string]bool
	vendors  []*vendor
}

// vendor is what is known of one vendor.
type vendor struct {
	name    string
	begins  []string
	version string
	rules   map[string][]Rule // by counter, the more particular ones first
}

// Table is what is known of the counters of one vendor's release. The zero Table knows standard names only.
type Table struct {
	maps    *Maps
	vendor  *vendor
	release string
}

// Folder is a folder of maps, with its name for messages.
type Folder struct {
	Name  string
	Files fs.FS
}

// Load reads the maps in the folders; rows of a later folder win over those of an earlier one.
func Load(folders ...Folder) (*Maps, error) {
	m := &Maps{standard: map[string]bool{}}
	for _, folder := range folders {
		names, err := fs.Glob(folder.Files, "*.yaml")
		if err != nil {
			return nil, fmt.Errorf("counters: %w", err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(folder.Files, name)
			if err != nil {
				return nil, fmt.Errorf("counters: %w", err)
			}
			if err := m.add(path.Join(folder.Name, name), text); err != nil {
				return nil, err
			}
		}
	}
	for _, v := range m.vendors {
		for _, rules := range v.rules {
			slices.SortStableFunc(rules, func(a, b Rule) int { return b.weight() - a.weight() })
		}
	}
	return m, nil
}

// weight is how particular a rule is.
func (r *Rule) weight() int {
	w := 2 * len(r.release)
	if r.group != "" {
		w++
	}
	return w
}

// file is a map as a file has it.
type file struct {
	Version  string         `yaml:"version"`
	Vendor   string         `yaml:"vendor"`
	Names    []string       `yaml:"names"`
	Counters []conf.Section `yaml:"counters"`
	Standard []string       `yaml:"standard"`
}

// Validate checks what can be said without the rows.
func (f *file) Validate() error {
	switch {
	case f.Vendor == "" && len(f.Counters) > 0:
		return errors.New("vendor: want one, for a map of counters")
	case f.Vendor != "" && len(f.Names) == 0:
		return errors.New("names: want how the vendor's name in files begins")
	case f.Vendor != "" && f.Version == "":
		return errors.New("version: want one, like 2026-11-21")
	case slices.Contains(f.Names, ""):
		return errors.New("names: an empty one would be every vendor's")
	}
	return nil
}

type row struct {
	Counter string   `yaml:"counter"`
	Name    string   `yaml:"name"`
	UnitIn  string   `yaml:"unit_in"`
	Scale   *float64 `yaml:"scale"`
	Minus   string   `yaml:"minus"`
	Over    string   `yaml:"over"`
	Release string   `yaml:"release"`
	Group   string   `yaml:"group"`
	Status  string   `yaml:"status"`
}

// units are what unit_in may be.
func units() []string {
	return strings.Fields("1 s ms bit kbit Mbit byte kbyte percent prb kbit/s Mbit/s Wh kWh W")
}

func (m *Maps) add(name string, text []byte) error {
	var f file
	if err := conf.Decode(name, 1, text, &f); err != nil {
		return err
	}
	for _, family := range f.Standard {
		m.standard[family] = true
	}
	if f.Vendor == "" {
		return nil
	}
	v := m.vendor(f.Vendor)
	v.version = strings.TrimPrefix(v.version+"+"+f.Version, "+")
	v.begins = append(v.begins, f.Names...)
	inFile := map[string]int{}
	for _, section := range f.Counters {
		if err := v.add(section, inFile); err != nil {
			return err
		}
	}
	return nil
}

func (m *Maps) vendor(name string) *vendor {
	for _, v := range m.vendors {
		if v.name == name {
			return v
		}
	}
	v := &vendor{name: name, rules: map[string][]Rule{}}
	m.vendors = append(m.vendors, v)
	return v
}

// add takes a row; inFile is where what stands before it in its file.
func (v *vendor) add(section conf.Section, inFile map[string]int) error {
	var r row
	if err := conf.Decode(section.File, section.Line, section.Text, &r); err != nil {
		return err
	}
	if key, err := r.check(); err != nil {
		return conf.At(section.File, section.Line, key, "counter %q: %v", r.Counter, err)
	}
	for _, key := range [...]string{"counter\x00" + r.Counter, "name\x00" + r.Name} {
		at := key + "\x00" + r.Release + "\x00" + r.Group
		if first := inFile[at]; first > 0 {
			what, _, _ := strings.Cut(key, "\x00")
			return conf.At(section.File, section.Line, what, "counter %q: the same %s as in line %d", r.Counter, what, first)
		}
		inFile[at] = section.Line
	}
	rule := Rule{Name: r.Name, Scale: 1, Minus: r.Minus, Over: r.Over, Verified: r.Status == "verified",
		release: r.Release, group: r.Group}
	if r.Scale != nil {
		rule.Scale = *r.Scale
	}
	old := slices.DeleteFunc(v.rules[r.Counter], func(o Rule) bool { return o.release == r.Release && o.group == r.Group })
	v.rules[r.Counter] = append(old, rule)
	return nil
}

// check says what is wrong with a row, and with which key.
func (r *row) check() (key string, err error) {
	switch {
	case r.Counter == "":
		return "counter", errors.New("want the vendor's name")
	case r.Name == "" || strings.ContainsAny(r.Name, " ,=\r\n"):
		return "name", fmt.Errorf("%q: want a standard name, like RRC.ConnEstabAtt.sum", r.Name)
	case !slices.Contains(units(), r.UnitIn):
		return "unit_in", fmt.Errorf("%q: want one of %s", r.UnitIn, strings.Join(units(), ", "))
	case r.Scale != nil && !(*r.Scale > 0 && *r.Scale <= 1e12):
		return "scale", fmt.Errorf("%v: want a number above 0", *r.Scale)
	case r.Status != "verified" && r.Status != "memory":
		return "status", fmt.Errorf("%q: want verified or memory", r.Status)
	case r.Minus == r.Counter || r.Over == r.Counter:
		return "minus", errors.New("a counter less itself, or divided by itself, says nothing")
	}
	return "", nil
}

// Table is what is known of a vendor's counters in a release, both as a file has them. The first vendor whose name fits counts.
func (m *Maps) Table(vendorName, release string) Table {
	for _, v := range m.vendors {
		for _, begin := range v.begins {
			if len(vendorName) >= len(begin) && strings.EqualFold(vendorName[:len(begin)], begin) {
				return Table{m, v, release}
			}
		}
	}
	return Table{m, nil, release}
}

// Vendor is what the vendor is called in metrics, "other" for one without a map.
func (t Table) Vendor() string {
	if t.vendor == nil {
		return "other"
	}
	return t.vendor.name
}

// Rule finds what a counter of a group becomes; nil: it stays what it is.
func (t Table) Rule(counter, group string) *Rule {
	if t.vendor == nil {
		return nil
	}
	rules := t.vendor.rules[counter]
	for i := range rules {
		r := &rules[i]
		if strings.HasPrefix(t.release, r.release) && (r.group == "" || r.group == group) {
			return r
		}
	}
	return nil
}

// IsStandard says whether a name is one of the standard's and needs no map.
func (t Table) IsStandard(counter string) bool {
	first := strings.IndexByte(counter, '.')
	if first < 0 {
		return false
	}
	if second := strings.IndexByte(counter[first+1:], '.'); second >= 0 {
		counter = counter[:first+1+second]
	}
	return t.maps.standard[counter]
}

// Versions are the versions of the vendors' maps, by vendor.
func (m *Maps) Versions() map[string]string {
	all := map[string]string{}
	for _, v := range m.vendors {
		all[v.name] = v.version
	}
	return all
}

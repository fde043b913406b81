// Package sensor maps what devices stream to our schema: which sensor paths there are, what of their rows are tags and what are
// fields. The tables are data (configs/sensors).
package sensor

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/internal/conf"
)

// Table knows sensor paths. Fill it with Add; any number of goroutines may then call Find.
type Table struct{ rules map[string][]*Rule }

// Find is what is known of a sensor path; nil if nothing is. A slash before it makes no difference.
func (t *Table) Find(path []byte) []*Rule {
	if len(path) > 0 && path[0] == '/' {
		path = path[1:]
	}
	return t.rules[string(path)] // does not allocate
}

// Len is how many paths the table knows.
func (t *Table) Len() int { return len(t.rules) }

// Messages are the names of the messages that rules have their rows in.
func (t *Table) Messages() []string {
	all := map[string]bool{}
	for _, rules := range t.rules {
		for _, r := range rules {
			if r.Message != "" {
				all[r.Message] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// Add takes the rules of all files that match a pattern of names. A path that is there already is taken over by the new file.
func (t *Table) Add(files fs.FS, names string) error {
	paths, err := fs.Glob(files, names)
	if err != nil || len(paths) == 0 {
		return fmt.Errorf("sensors: no file %s", names)
	}
	for _, path := range paths {
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return fmt.Errorf("sensors: %w", err)
		}
		if err := t.AddFile(path, text); err != nil {
			return err
		}
	}
	return nil
}

// AddFile takes the rules of a file.
func (t *Table) AddFile(path string, text []byte) error {
	var f struct {
		Sensors []conf.Section `yaml:"sensors"`
	}
	if err := conf.Decode(path, 1, text, &f); err != nil {
		return err
	}
	found := map[string][]*Rule{}
	for _, section := range f.Sensors {
		s := sensor{}
		if err := conf.Decode(section.File, section.Line, section.Text, &s); err != nil {
			return err
		}
		r, key, err := s.rule()
		if err != nil {
			return conf.At(section.File, section.Line, key, "%v", err)
		}
		for _, p := range s.Paths {
			found[p] = append(found[p], r)
		}
	}
	if t.rules == nil {
		t.rules = map[string][]*Rule{}
	}
	maps.Copy(t.rules, found)
	return nil
}

// sensor is a rule as a file has it; configs/sensors/README.md explains the keys.
type sensor struct {
	Paths       []string           `yaml:"paths"`
	Message     string             `yaml:"message"`
	Keys        string             `yaml:"keys"`
	Measurement string             `yaml:"measurement"`
	Each        string             `yaml:"each"`
	Tags        map[string]string  `yaml:"tags"`
	Counters    map[string]string  `yaml:"counters"`
	Integers    map[string]numeric `yaml:"integers"`
	Numbers     map[string]numeric `yaml:"numbers"`
	Codes       map[string]coded   `yaml:"codes"`
	Flags       map[string]flagged `yaml:"flags"`
	Texts       map[string]string  `yaml:"texts"`
	Seen        string             `yaml:"seen"`
	Untested    bool               `yaml:"untested"`
}

type numeric struct {
	From  string  `yaml:"from"`
	Scale float64 `yaml:"scale"`
}

type coded struct {
	From   string           `yaml:"from"`
	Values map[string]int64 `yaml:"values"`
	Else   *int64           `yaml:"else"`
}

type flagged struct {
	From string   `yaml:"from"`
	When []string `yaml:"when"`
}

// rule checks and compiles a sensor; key is where the mistake is.
func (s *sensor) rule() (r *Rule, key string, err error) {
	r = &Rule{Measurement: s.Measurement, Message: s.Message, KeysMessage: s.Keys, root: &node{slot: none}}
	switch {
	case len(s.Paths) == 0 || slices.ContainsFunc(s.Paths, func(p string) bool { return p == "" || p[0] == '/' }):
		return nil, "paths", errors.New("want sensor paths, without a slash before them")
	case s.Measurement == "" || strings.ContainsAny(s.Measurement, " ,=\n"):
		return nil, "measurement", fmt.Errorf("%q: want a measurement of docs/telemetry.md, or x_… for one of your own", s.Measurement)
	case s.Measurement == "interface" && s.Tags["ifname"] == "":
		return nil, "tags", errors.New("want ifname: the measurement is of interfaces")
	case s.Tags["device"] != "" || s.Tags["agent"] != "":
		return nil, "tags", errors.New("device and agent are known: the one by its address, the other by itself")
	case s.Seen != "" && s.Untested:
		return nil, "untested", errors.New("it was seen: want one of the two")
	}
	if s.Each != "" {
		if err := r.markEach(s.Each); err != nil {
			return nil, "each", err
		}
	}
	if key, err = s.columns(r); err != nil {
		return nil, key, err
	}
	if len(r.fields) == 0 {
		return nil, "counters", errors.New("want at least one field")
	}
	slices.SortFunc(r.fields, func(a, b column) int { return cmp.Compare(a.name, b.name) })
	r.root.sort()
	return r, "", nil
}

func (s *sensor) columns(r *Rule) (key string, err error) {
	add := func(group, name, from string, c column) {
		if err != nil {
			return
		}
		c.name = name
		if c.slot, err = r.leaf(from); err != nil {
			key, err = group, fmt.Errorf("%s: %w", name, err)
			return
		}
		if group == "tags" {
			r.tags, r.names = append(r.tags, c), append(r.names, name)
		} else {
			r.fields = append(r.fields, c)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Tags)) {
		add("tags", name, s.Tags[name], column{})
	}
	for name, from := range s.Counters {
		add("counters", name, from, column{kind: counter})
	}
	for name, n := range s.Integers {
		add("integers", name, n.From, column{kind: integer, scale: n.factor()})
	}
	for name, n := range s.Numbers {
		add("numbers", name, n.From, column{kind: number, scale: n.factor()})
	}
	for name, c := range s.Codes {
		add("codes", name, c.From, column{kind: code, values: c.Values, other: c.Else})
	}
	for name, f := range s.Flags {
		add("flags", name, f.From, column{kind: flag, yes: f.When})
	}
	for name, from := range s.Texts {
		add("texts", name, from, column{kind: text})
	}
	return key, err
}

func (n numeric) factor() float64 {
	if n.Scale == 0 {
		return 1
	}
	return n.Scale
}

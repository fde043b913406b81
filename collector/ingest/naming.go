package ingest

import (
	"fmt"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/point"
)

// Naming renames what other programs measure to the names of docs/telemetry.md. It acts on the series
// that a rule names; the others cost nothing.
type Naming struct {
	Rules []Rule `yaml:"rules"`
}

// Rule renames the lines of one measurement. Tags and fields that it does not name stay as they are.
type Rule struct {
	Measurement string            `yaml:"measurement"`
	WithTag     string            `yaml:"with_tag"` // only series that have it: foreign measurements may bear our names
	To          string            `yaml:"to"`
	Tags        map[string]string `yaml:"tags"`
	SetTags     map[string]string `yaml:"set_tags"`
	Fields      map[string]string `yaml:"fields"`
	Flags       map[string]string `yaml:"flags"`    // numbers that become true unless they are 0
	Interval    conf.Duration     `yaml:"interval"` // written as interval_s: how long an observation is meant to last
}

// LoadNaming reads a naming table.
func LoadNaming(path string) (*Naming, error) {
	n := new(Naming)
	return n, conf.Load(path, n)
}

// Validate finds rules that would do nothing or write a name twice.
func (n *Naming) Validate() error {
	for i, r := range n.Rules {
		if r.Measurement == "" || r.To == "" {
			return fmt.Errorf("rules[%d]: want measurement and to", i)
		}
		for what, names := range map[string][]map[string]string{"tag": {r.Tags}, "field": {r.Fields, r.Flags}} {
			if name := twice(names); name != "" {
				return fmt.Errorf("rules[%d]: %s %q is written twice", i, what, name)
			}
		}
	}
	return nil
}

func twice(tables []map[string]string) string {
	seen := map[string]bool{}
	for _, table := range tables {
		for _, to := range table {
			if seen[to] {
				return to
			}
			seen[to] = true
		}
	}
	return ""
}

// rule is the number of the first rule for the series, or -1.
func (n *Naming) rule(s point.Series) int {
	if n == nil {
		return -1
	}
	for i := range n.Rules {
		r := &n.Rules[i]
		if r.Measurement == s.Measurement && (r.WithTag == "" || s.Tag(r.WithTag) != "") {
			return i
		}
	}
	return -1
}

// series is s by its new names, or s itself where no rule applies.
func (n *Naming) series(s point.Series) point.Series {
	i := n.rule(s)
	if i < 0 {
		return s
	}
	r := &n.Rules[i]
	out := point.Series{Measurement: r.To}
	for _, t := range s.Tags {
		if to := r.Tags[t.Key]; to != "" {
			t.Key = to
		}
		out.Tags = append(out.Tags, t)
	}
	for k, v := range r.SetTags {
		out.Tags = append(out.Tags, point.Tag{Key: k, Value: v})
	}
	return out
}

// encode writes the line by its new names.
func (n *Naming) encode(e *point.Encoder, l *point.Line) error {
	s, err := point.ParseKey(l.Key)
	if err != nil {
		return err
	}
	r, to := &n.Rules[n.rule(s)], n.series(s)
	e.Begin(point.AppendKey(nil, to.Measurement, to.Tags...))
	for _, f := range l.Fields {
		r.encode(e, f, l.Fields)
	}
	if seconds := int64(r.Interval.D().Seconds()); seconds > 0 && !has(l.Fields, "interval_s") {
		e.Int("interval_s", seconds)
	}
	e.End(l.Time)
	return nil
}

// encode writes one field. Where the line has a field of the new name already, that one stands.
func (r *Rule) encode(e *point.Encoder, f point.Field, all []point.Field) {
	key := string(f.Key)
	if to := r.Flags[key]; to != "" {
		if number, ok := f.Float(); ok && !has(all, to) {
			e.Bool(to, number != 0)
		}
		return
	}
	if to := r.Fields[key]; to != "" {
		if has(all, to) {
			return
		}
		key = to
	}
	e.Value(key, f.Value)
}

func has(fields []point.Field, key string) bool {
	for _, f := range fields {
		if string(f.Key) == key {
			return true
		}
	}
	return false
}

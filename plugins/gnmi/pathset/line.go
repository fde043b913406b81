package pathset

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/gnmi/xpath"
)

// Line is a line that a path set describes: what the leaves below an entry of a list are written as.
type Line struct {
	Measurement string
	Fields      []*Field // in the order in which they are written
	Set         *Set
	Number      int // in its set
	Admin, Oper int // which fields of an interface are its states; -1: none

	tags []tag
	vars []variable
	at   []xpath.Elem // with literal keys only
}

// variable is a name that stands for the value of a list's key.
type variable struct {
	name   string
	depth  int
	key    string
	rename []renaming
}

type renaming struct {
	match *regexp.Regexp
	to    string
}

// tag is made of literals and variables.
type tag struct {
	name   string
	pieces []piece
}

type piece struct {
	literal  string
	variable int // -1: the literal
}

var variableForm = regexp.MustCompile(`^\{([a-z][a-z0-9_]*)\}$`)

// line compiles line number i.
func (c *compiler) line(i int) {
	t, key := &c.text.Lines[i], fmt.Sprintf("lines[%d]", i)
	m, known := schema()[t.Measurement]
	if !known && !strings.HasPrefix(t.Measurement, own) {
		c.fail(key+".measurement", fmt.Errorf("%q: want one of %s, or one of your own that begins with %s", t.Measurement,
			strings.Join(sortedKeys(schema()), ", "), own))
		return
	}
	l := &Line{Measurement: t.Measurement, Set: c.set, Number: len(c.set.lines), Admin: -1, Oper: -1}
	c.at(key+".at", l, t.At)
	for _, name := range sortedKeys(t.Tags) {
		if !strings.HasPrefix(t.Measurement, own) && !slices.Contains(m.tags, name) {
			c.fail(key+".tags."+name, fmt.Errorf("%s has no such tag: want one of %s", l.Measurement, strings.Join(m.tags, ", ")))
		}
		c.tag(key+".tags."+name, l, name, t.Tags[name])
	}
	c.untagged(key+".at", l)
	if len(t.Fields) == 0 {
		c.fail(key+".fields", errors.New("is empty: want a field"))
	}
	for _, name := range sortedKeys(t.Fields) {
		f := c.field(key+".fields."+name, l, name, t.Fields[name])
		f.Index = len(l.Fields)
		l.Fields = append(l.Fields, f)
		l.mark(f)
	}
	c.set.lines = append(c.set.lines, l)
}

// mark notes what is special about a field.
func (l *Line) mark(f *Field) {
	switch {
	case l.Measurement == "interface" && f.Name == "admin":
		l.Admin = f.Index
	case l.Measurement == "interface" && f.Name == "oper":
		l.Oper = f.Index
	case l.Measurement == "optic" && f.Name == "rx_dbm":
		f.Unlit = "los"
	case l.Measurement == "optic" && f.Name == "tx_dbm":
		f.Unlit = "dark"
	}
}

// at reads "/interfaces/interface[name={if}]".
func (c *compiler) at(key string, l *Line, text string) {
	elems, err := parse(text)
	if err != nil {
		c.fail(key, err)
		return
	}
	for depth, e := range elems {
		literal := xpath.Elem{Name: e.Name}
		for _, k := range e.Keys {
			found := variableForm.FindStringSubmatch(k.Value)
			if found == nil {
				literal.Keys = append(literal.Keys, k)
				continue
			}
			if slices.ContainsFunc(l.vars, func(v variable) bool { return v.name == found[1] }) {
				c.fail(key, fmt.Errorf("%q: {%s} stands for two keys", text, found[1]))
			}
			v := variable{name: found[1], depth: depth, key: k.Name}
			for _, r := range c.text.Rename[v.name] {
				v.rename = append(v.rename, renaming{r.Match.Regexp, r.To})
			}
			l.vars = append(l.vars, v)
		}
		l.at = append(l.at, literal)
	}
}

// tag compiles "{name}.{index}".
func (c *compiler) tag(key string, l *Line, name, text string) {
	t := tag{name: name}
	for rest := text; rest != ""; {
		before, after, open := strings.Cut(rest, "{")
		if before != "" {
			t.pieces = append(t.pieces, piece{before, -1})
		}
		if !open {
			break
		}
		inside, behind, closed := strings.Cut(after, "}")
		i := slices.IndexFunc(l.vars, func(v variable) bool { return v.name == inside })
		if !closed || i < 0 {
			c.fail(key, fmt.Errorf("%q: {%s} is no key of the line's at", text, inside))
			return
		}
		t.pieces = append(t.pieces, piece{"", i})
		rest = behind
	}
	l.tags = append(l.tags, t)
}

// untagged refuses variables that no tag has: several entries would be one series.
func (c *compiler) untagged(key string, l *Line) {
	for i, v := range l.vars {
		used := slices.ContainsFunc(l.tags, func(t tag) bool {
			return slices.ContainsFunc(t.pieces, func(p piece) bool { return p.variable == i })
		})
		if !used {
			c.fail(key, fmt.Errorf("{%s} is in no tag: entries that differ by it would be one series", v.name))
		}
	}
}

// maxKey is the longest key of an entry that is taken: IF-MIB's names have 255 octets at most.
const maxKey = 255

// Values are the values of the line's variables in a path; false if the path lacks one, or is not of this line.
func (l *Line) Values(dst []string, elems []xpath.Elem) ([]string, bool) {
	for depth, want := range l.at {
		for _, k := range want.Keys {
			if depth >= len(elems) || elems[depth].Key(k.Name) != k.Value {
				return dst, false
			}
		}
	}
	for i := range l.vars {
		v := &l.vars[i]
		if v.depth >= len(elems) {
			return dst, false
		}
		value := elems[v.depth].Key(v.key)
		if value == "" || len(value) > maxKey {
			return dst, false
		}
		dst = append(dst, value)
	}
	return dst, true
}

// Tags are the tags of the line for these values of its variables.
func (l *Line) Tags(values []string) []point.Tag {
	tags := make([]point.Tag, 0, len(l.tags)+1)
	for _, t := range l.tags {
		var b strings.Builder
		for _, p := range t.pieces {
			if p.variable < 0 {
				b.WriteString(p.literal)
				continue
			}
			b.WriteString(l.vars[p.variable].named(values[p.variable]))
		}
		tags = append(tags, point.Tag{Key: t.name, Value: b.String()})
	}
	return tags
}

// named is the value by the name that our other inputs know it by.
func (v *variable) named(value string) string {
	for _, r := range v.rename {
		if r.match.MatchString(value) {
			return r.match.ReplaceAllString(value, r.to)
		}
	}
	return value
}

// Covers says whether a path that was deleted takes the entry with these values along, or a part of it that Field.Covered
// tells. The path may lack keys, or have * for them.
func (l *Line) Covers(path []xpath.Elem, values []string) bool {
	for depth := range min(len(path), len(l.at)) {
		if l.at[depth].Name != path[depth].Name {
			return false
		}
		for _, k := range path[depth].Keys {
			i := slices.IndexFunc(l.vars, func(v variable) bool { return v.depth == depth && v.key == k.Name })
			if i >= 0 && k.Value != "*" && values[i] != k.Value {
				return false
			}
		}
	}
	return true
}

// Covered says whether the field lies at or below a path that covers its line.
func (f *Field) Covered(path []xpath.Elem) bool {
	for i := len(f.Line.at); i < len(path); i++ {
		if n := i - len(f.Line.at); n >= len(f.of) || f.of[n].Name != path[i].Name {
			return false
		}
	}
	return true
}

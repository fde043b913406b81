package profile

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// lineText is a line of line protocol as a profile has it.
type lineText struct {
	Measurement string               `yaml:"measurement"`
	Tags        map[string]string    `yaml:"tags,omitempty"`
	Rows        map[string]string    `yaml:"rows,omitempty"`
	Where       map[string]string    `yaml:"where,omitempty"`
	Fields      map[string]fieldText `yaml:"fields"`
	System      map[string]string    `yaml:"system,omitempty"`
}

// fieldText is a field as a profile has it.
type fieldText struct {
	Of       string            `yaml:"of,omitempty"`
	Unit     string            `yaml:"unit,omitempty"`
	Negative string            `yaml:"negative,omitempty"`
	None     []float64         `yaml:"none,omitempty"`
	Names    map[string]string `yaml:"names,omitempty"`
	Kind     string            `yaml:"kind,omitempty"`
	When     map[string]string `yaml:"when,omitempty"`
}

func (c *compiler) lines() {
	if len(c.text.Lines) == 0 {
		c.fail("lines", errors.New("is empty: want at least one"))
	}
	for i := range c.text.Lines {
		lc := lineCompiler{compiler: c, text: &c.text.Lines[i], key: fmt.Sprintf("lines[%d]", i)}
		c.table.lines = append(c.table.lines, lc.compile())
	}
}

// lineCompiler makes one line.
type lineCompiler struct {
	*compiler
	text   *lineText
	key    string
	schema measurement
	free   bool // a measurement of which nothing is laid down
}

func (c *lineCompiler) compile() (l line) {
	l.measurement = c.text.Measurement
	var known bool
	c.free = strings.HasPrefix(l.measurement, own) && checkName(l.measurement) == nil
	if c.schema, known = schema()[l.measurement]; !known && !c.free {
		c.fail(c.key+".measurement", fmt.Errorf("%q: want one of %s, or a name of your own that begins with %s",
			l.measurement, strings.Join(Measurements(), ", "), own))
	}
	for _, key := range sortedKeys(c.text.Tags) {
		l.tags = append(l.tags, tag{key, c.tag(key)})
	}
	l.rows = c.conditions(c.key+".rows", c.text.Rows)
	l.where = c.conditions(c.key+".where", c.text.Where)
	for _, name := range sortedKeys(c.text.Fields) {
		l.fields = append(l.fields, c.field(name))
	}
	if len(l.fields) == 0 {
		c.fail(c.key+".fields", errors.New("is empty: want at least one"))
	}
	for _, into := range sortedKeys(c.text.System) {
		l.sums = append(l.sums, c.sum(into, l.fields))
	}
	l.up = l.upOf()
	return l
}

// tag reads the template of a tag. All tags sort behind agent and device, which come first in every line.
func (c *lineCompiler) tag(key string) template {
	at := c.key + ".tags." + key
	switch {
	case c.free && (checkName(key) != nil || key <= "device"):
		c.fail(at, errors.New("want a name behind device in the alphabet"))
	case !c.free && !slices.Contains(c.schema.tags, key):
		c.fail(at, fmt.Errorf("want one of %s", strings.Join(c.schema.tags, ", ")))
	}
	t, err := parseTemplate(c.text.Tags[key], c.names)
	c.fail(at, err)
	uses := t.uses()
	c.used |= uses
	if c.table.Polled > 0 && uses&(1<<c.table.Polled-1) != 0 {
		c.fail(at, errors.New("a polled column changes: want one under learn"))
	}
	return t
}

func (c *lineCompiler) conditions(at string, list map[string]string) (out []condition) {
	for _, name := range sortedKeys(list) {
		key := at + "." + name
		n := slices.Index(c.names, name)
		if n < 0 {
			c.fail(key, fmt.Errorf("want one of %s", strings.Join(c.names, ", ")))
			continue
		}
		c.used |= 1 << n
		cond, err := parseCondition(list[name], n)
		c.fail(key, err)
		out = append(out, cond)
	}
	return out
}

func (c *lineCompiler) field(name string) (f field) {
	source, key := c.text.Fields[name], c.key+".fields."+name
	f = field{name: name, none: source.None, text: -1, kind: c.kind(key, name, source.Kind), bounds: boundsOf(name)}
	var err error
	if f.of, err = parseExpr(source.Of, c.names); err != nil {
		c.fail(key+".of", err)
		return f
	}
	c.used |= f.of.uses
	f.when = c.conditions(key+".when", source.When)
	if f.kind == text && source.Names == nil {
		if f.text = f.of.lone(); f.text < 0 || f.text < c.table.Polled {
			c.fail(key+".of", errors.New("text: want one column under learn"))
		}
		return f
	}
	c.choices(&f, key, source.Names)
	f.convert, err = convert(name, source.Unit)
	c.fail(key+".unit", err)
	if source.Negative != "" {
		negative, err := convert(name, source.Negative)
		c.fail(key+".negative", err)
		f.negative = &negative
	}
	f.dark = c.dark(name)
	return f
}

// dark is the flag beside the power of light.
func (c *lineCompiler) dark(field string) string {
	switch {
	case c.text.Measurement == "optic" && field == "rx_dbm":
		return "los"
	case c.text.Measurement == "optic" && field == "tx_dbm":
		return "dark"
	}
	return ""
}

func (c *lineCompiler) kind(key, name, wanted string) kind {
	kinds := map[string]kind{"": float, "float": float, "integer": integer, "counter": counter, "flag": flag, "text": text}
	k, ok := kinds[wanted]
	if c.free {
		if !ok || checkName(name) != nil {
			c.fail(key+".kind", fmt.Errorf("%q: want float, integer, counter, flag or text, and a field of small letters, digits and _", wanted))
		}
		return k
	}
	if wanted != "" {
		c.fail(key+".kind", fmt.Errorf("%q: the measurement says it already", wanted))
	}
	k, ok = c.schema.fields[name]
	if !ok && c.schema.fields != nil {
		c.fail(key+".of", fmt.Errorf("%s has no such field: want one of %s", c.text.Measurement, strings.Join(Fields(c.text.Measurement), ", ")))
	}
	return k
}

// choices reads what enumerated values stand for.
func (c *lineCompiler) choices(f *field, key string, names map[string]string) {
	if names == nil {
		return
	}
	f.names = map[float64]choice{}
	for _, value := range sortedKeys(names) {
		choice, err := parseChoice(f.kind, names[value])
		c.fail(key+".names", err)
		if value == "else" {
			f.other = &choice
			continue
		}
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			c.fail(key+".names", fmt.Errorf("%q: want a number or else", value))
		}
		f.names[n] = choice
	}
}

func parseChoice(k kind, word string) (c choice, err error) {
	switch k {
	case text:
		c.text = word
	case flag:
		if c.flag, err = strconv.ParseBool(word); err != nil {
			err = fmt.Errorf("%q: want true or false", word)
		}
	default:
		if c.number, err = strconv.ParseFloat(word, 64); err != nil {
			err = fmt.Errorf("%q: want a number", word)
		}
	}
	return c, err
}

// sum reads "mean used_ratio".
func (c *lineCompiler) sum(into string, fields []field) (s sum) {
	key := c.key + ".system." + into
	how, name, _ := strings.Cut(c.text.System[into], " ")
	s = sum{into: slices.Index(summaries(), into), how: how}
	s.field = slices.IndexFunc(fields, func(f field) bool { return f.name == name })
	switch {
	case s.into < 0:
		c.fail(key, fmt.Errorf("want one of %s", strings.Join(summaries(), ", ")))
	case !slices.Contains([]string{"mean", "max", "first"}, how):
		c.fail(key, fmt.Errorf("%q: want mean, max or first, and a field of this line", c.text.System[into]))
	case s.field < 0:
		c.fail(key, fmt.Errorf("%q: the line has no such field", name))
	}
	return s
}

package sensor

import (
	"math"
	"slices"
	"strconv"

	"github.com/haidang-noc/haidang/internal/point"
)

// Row holds the values of a row that a rule wants, and works through rows one after the other. It is for one goroutine; what it
// holds points into the message.
type Row struct {
	rule   *Rule
	values [maxSlots]point.Value
	emit   func(*Row)
	mode   mode
}

// mode is which part of a row is looked at.
type mode uint8

const (
	outside mode = iota // of the elements that are lines of their own
	towards             // on the way to such an element
	inside              // of one
)

// begin gets ready for a row.
func (r *Row) begin(rule *Rule, emit func(*Row)) {
	r.rule, r.emit, r.mode = rule, emit, outside
	clear(r.values[:rule.slots])
}

// forget clears what an element has.
func (r *Row) forget(n *node) {
	if n.slot != none {
		r.values[n.slot] = point.Value{}
	}
	for _, c := range n.children {
		r.forget(c)
	}
}

// Rule is the rule that the row is read by.
func (r *Row) Rule() *Rule { return r.rule }

// TagNames are the names of the tags, in the order in which Identity has their values.
func (r *Rule) TagNames() []string { return r.names }

// Tags appends the row's tags; false: one has no value.
func (r *Row) Tags(dst []point.Tag) ([]point.Tag, bool) {
	for i := range r.rule.tags {
		c := &r.rule.tags[i]
		v := words(r.values[c.slot])
		if v == "" {
			return dst, false
		}
		dst = append(dst, point.Tag{Key: c.name, Value: v})
	}
	return dst, true
}

// Identity appends the values of the row's tags in a form that tells series apart; false: one has no value.
func (r *Row) Identity(dst []byte) ([]byte, bool) {
	for i := range r.rule.tags {
		v := &r.values[r.rule.tags[i].slot]
		switch v.Kind {
		case point.None:
			return dst, false
		case point.String:
			if len(v.Text) == 0 {
				return dst, false
			}
			dst = append(dst, v.Text...)
		default:
			dst = append(dst, words(*v)...)
		}
		dst = append(dst, 0)
	}
	return dst, true
}

// Fields encodes the row's fields into the open line.
func (r *Row) Fields(to *point.Encoder) {
	for i := range r.rule.fields {
		c := &r.rule.fields[i]
		if v := &r.values[c.slot]; v.Kind != point.None {
			c.encode(to, v)
		}
	}
}

// Int is the number of a field that is an integer or a code; false: there is none.
func (r *Row) Int(field string) (int64, bool) {
	i, ok := slices.BinarySearchFunc(r.rule.fields, field, func(c column, name string) int {
		switch {
		case c.name < name:
			return -1
		case c.name > name:
			return 1
		}
		return 0
	})
	if !ok {
		return 0, false
	}
	c := &r.rule.fields[i]
	switch v := &r.values[c.slot]; c.kind {
	case code:
		return c.code(v)
	case integer:
		f, ok := float(v)
		return int64(math.Round(f * c.scale)), ok
	default:
		return 0, false
	}
}

func (c *column) encode(to *point.Encoder, v *point.Value) {
	switch c.kind {
	case counter:
		if n, ok := unsigned(v); ok {
			to.Uint(c.name, n)
		}
	case integer:
		if f, ok := float(v); ok && math.Abs(f*c.scale) < 1<<62 {
			to.Int(c.name, int64(math.Round(f*c.scale)))
		}
	case number:
		if f, ok := float(v); ok {
			to.Float(c.name, f*c.scale)
		}
	case code:
		if n, ok := c.code(v); ok {
			to.Int(c.name, n)
		}
	case flag:
		if v.Kind == point.Bool && len(c.yes) == 0 {
			to.Bool(c.name, v.Bits == 1)
		} else {
			to.Bool(c.name, slices.Contains(c.yes, words(*v)))
		}
	case text:
		to.String(c.name, words(*v))
	}
}

// code is the number that stands for a value.
func (c *column) code(v *point.Value) (n int64, ok bool) {
	if v.Kind == point.None {
		return 0, false
	}
	if v.Kind == point.String {
		n, ok = c.values[string(v.Text)] // does not allocate
	} else {
		n, ok = c.values[words(*v)]
	}
	if !ok && c.other != nil {
		return *c.other, true
	}
	return n, ok
}

// unsigned is a counter's value, of whatever type a device makes it.
func unsigned(v *point.Value) (uint64, bool) {
	if v.Kind == point.String {
		n, err := strconv.ParseUint(string(v.Text), 10, 64)
		return n, err == nil
	}
	return v.Uint()
}

func float(v *point.Value) (float64, bool) {
	if v.Kind == point.String {
		f, err := strconv.ParseFloat(string(v.Text), 64)
		return f, err == nil
	}
	return v.Float()
}

// words is a value as text.
func words(v point.Value) string {
	switch v.Kind {
	case point.String:
		return string(v.Text)
	case point.Uint:
		return strconv.FormatUint(v.Bits, 10)
	case point.Int:
		return strconv.FormatInt(int64(v.Bits), 10)
	case point.Bool:
		return strconv.FormatBool(v.Bits == 1)
	case point.Float:
		return strconv.FormatFloat(math.Float64frombits(v.Bits), 'g', -1, 64)
	default:
		return ""
	}
}

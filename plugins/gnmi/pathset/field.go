package pathset

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/gnmi/xpath"
)

// Field is a field of a line, made of one leaf.
type Field struct {
	Name    string
	Line    *Line
	Index   int           // in the line
	State   bool          // comes when it changes: what it was last holds until it is told anew
	Every   time.Duration // how often it is sampled; 0: as often as the input says
	Deleted *int64        // what it is when the target deletes the leaf
	Unlit   string        // the flag that is told in place of a level that means no light

	kind  point.Kind
	of    []xpath.Elem // below the line's at
	form  form
	unit  conversion
	none  []float64
	names map[string]point.Value
	other *point.Value // what every other name means
	bound bounds
}

// form is how a leaf has its number.
type form uint8

const (
	plain    form = iota
	float32s      // ieeefloat32, in base64 where it is JSON
	age           // ns since 1970 of a moment: the field is how long ago that was
)

// here is the path of a leaf that is what the line is about.
const here = "."

// field compiles one field.
func (c *compiler) field(key string, l *Line, name string, t fieldText) *Field {
	f := &Field{Name: name, Line: l, Deleted: t.Deleted, none: t.None, bound: boundsOf(name)}
	var err error
	if t.Of != here {
		if f.of, err = xpath.Parse(t.Of); err != nil || len(f.of) == 0 || strings.HasPrefix(t.Of, "/") {
			c.fail(key+".of", fmt.Errorf("%q: want a path below the line's at, such as state/oper-status, or a dot for itself", t.Of))
		}
	}
	c.fail(key+".kind", f.setKind(t.Kind))
	f.unit, err = convert(name, t.Unit)
	c.fail(key+".unit", err)
	c.fail(key+".as", f.setForm(t.As))
	c.fail(key+".names", f.setNames(t.Names))
	if f.Deleted != nil && f.kind != point.Int {
		c.fail(key+".deleted", errors.New("want a field that is a whole number"))
	}
	c.subscribed(key+".of", f)
	return f
}

func (f *Field) setKind(text string) error {
	m := f.Line.Measurement
	if strings.HasPrefix(m, own) {
		var ok bool
		if f.kind, ok = kindOf(text); !ok {
			return fmt.Errorf("%q: want float, integer, counter, flag or text, as %s is your own", text, m)
		}
		return nil
	}
	kinds := schema()[m].fields
	var ok bool
	if f.kind, ok = kinds[f.Name]; !ok {
		return fmt.Errorf("%s has no field %s: want one of %s", m, f.Name, strings.Join(sortedKeys(kinds), ", "))
	}
	if text != "" {
		return fmt.Errorf("%q: is of your own measurements alone, and %s is not", text, m)
	}
	return nil
}

func (f *Field) setForm(text string) error {
	switch text {
	case "":
	case "float32":
		f.form = float32s
	case "age":
		f.form = age
	default:
		return fmt.Errorf("%q: want float32 or age", text)
	}
	return nil
}

// setNames reads what the names of an enumeration mean; null is no value.
func (f *Field) setNames(names map[string]any) error {
	if names == nil {
		return nil
	}
	f.names = map[string]point.Value{}
	for _, name := range sortedKeys(names) {
		v, ok := constant(names[name])
		if !ok || v.Kind != f.kind && v.Kind != point.None {
			return fmt.Errorf("%s: %v: is not a value that %s may have", name, names[name], f.Name)
		}
		if name == "else" {
			f.other = &v
			continue
		}
		f.names[name] = v
	}
	return nil
}

func constant(v any) (point.Value, bool) {
	switch v := v.(type) {
	case nil:
		return point.Value{}, true
	case bool:
		if v {
			return point.Value{Kind: point.Bool, Bits: 1}, true
		}
		return point.Value{Kind: point.Bool}, true
	case uint64:
		return point.Value{Kind: point.Int, Bits: v}, true
	case int64:
		return point.Value{Kind: point.Int, Bits: uint64(v)}, true
	case string:
		return point.Value{Kind: point.String, Text: []byte(v)}, true
	}
	return point.Value{}, false
}

// subscribed finds the subscription that brings the field: the longest one above it. Where targets send under another
// path than they are asked for, that is the first one that samples.
func (c *compiler) subscribed(key string, f *Field) {
	whole := append(append([]xpath.Elem{}, f.Line.at...), f.of...)
	best, length := -1, -1
	for i, s := range c.set.Subscriptions {
		switch {
		case above(s.Path, whole) && len(s.Path) > length:
			best, length = i, len(s.Path)
		case best < 0 && !s.OnChange:
			best = i
		}
	}
	if best < 0 {
		c.fail(key, errors.New("no subscription brings it"))
		return
	}
	f.State, f.Every = c.set.Subscriptions[best].OnChange, c.set.Subscriptions[best].Every
}

// above says whether a path is another's beginning, whatever keys they have.
func above(path, whole []xpath.Elem) bool {
	if len(path) > len(whole) {
		return false
	}
	for i := range path {
		if path[i].Name != whole[i].Name {
			return false
		}
	}
	return true
}

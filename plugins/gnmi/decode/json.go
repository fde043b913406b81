package decode

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/plugins/gnmi/pathset"
	"github.com/haidang-noc/haidang/plugins/gnmi/wire"
	"github.com/haidang-noc/haidang/plugins/gnmi/xpath"
)

// json takes a value in JSON: a leaf's, or a whole subtree, of which only those branches are looked into that the plan has.
func (t *Target) json(l *leaf, text []byte, at moment) {
	if !json.Valid(text) {
		t.tally.malformed++
		return
	}
	text = bytes.TrimSpace(text)
	if text[0] != '{' && text[0] != '[' {
		if v, ok := scalar(text); ok {
			t.value(l, &v, at)
		}
		return
	}
	w := walker{target: t, source: l.source, at: at}
	w.walk(text, l.node, slices.Clone(l.elems))
}

// walker goes through a JSON text that is known to be valid.
type walker struct {
	target *Target
	source string
	at     moment
	slots  []slot
}

// walk takes the value of a node, whose path elems is.
func (w *walker) walk(text []byte, n *pathset.Node, elems []xpath.Elem) {
	switch text[0] {
	case '{':
		w.object(text, n, elems)
	case '[':
		w.list(text, n, elems)
	default:
		if v, ok := scalar(text); ok {
			w.leaf(&v, n, elems)
		}
	}
}

func (w *walker) leaf(v *wire.Value, n *pathset.Node, elems []xpath.Elem) {
	if n.Identity && v.Kind == wire.Text && len(v.Text) <= pathset.MaxText {
		path := xpath.Path{Origin: w.source, Elems: elems}
		w.target.identify(path.String(), string(v.Text))
		return
	}
	w.slots = w.target.slots(w.slots[:0], n, w.source, elems)
	if len(w.slots) == 0 {
		w.target.tally.unmapped++
	}
	for _, s := range w.slots {
		w.target.set(s, v, w.at)
	}
}

// object takes the members that the plan has.
func (w *walker) object(text []byte, n *pathset.Node, elems []xpath.Elem) {
	elems = w.entry(text, n, elems)
	members(text, func(name, value []byte) {
		child := n.Child(bare(name))
		if child == nil {
			w.target.tally.unmapped++
			return
		}
		w.walk(value, child, append(elems[:len(elems):len(elems)], xpath.Elem{Name: string(bare(name))}))
	})
}

// entry gives an object of a list the keys that the plan wants and the path lacks.
func (w *walker) entry(text []byte, n *pathset.Node, elems []xpath.Elem) []xpath.Elem {
	last := len(elems) - 1
	if len(n.Keys) == 0 || last < 0 || len(elems[last].Keys) >= len(n.Keys) {
		return elems
	}
	elems = slices.Clone(elems)
	e := &elems[last]
	e.Keys = slices.Clone(e.Keys)
	members(text, func(name, value []byte) {
		key := strings.ReplaceAll(string(bare(name)), "_", "-")
		if !slices.Contains(n.Keys, key) || e.Key(key) != "" || value[0] == '{' || value[0] == '[' {
			return
		}
		if v, ok := scalar(value); ok {
			e.Keys = append(e.Keys, xpath.Key{Name: key, Value: keyText(&v, value)})
		}
	})
	return elems
}

func keyText(v *wire.Value, raw []byte) string {
	if v.Kind == wire.Text {
		return string(v.Text)
	}
	return string(raw)
}

// list takes the entries of a list; a list of leaves has no meaning in the schema but as text.
func (w *walker) list(text []byte, n *pathset.Node, elems []xpath.Elem) {
	var leaves []byte
	for rest := inside(text); len(rest) > 0; {
		size := valueEnd(rest)
		switch value := rest[:size]; value[0] {
		case '{':
			w.object(value, n, elems)
		case '[':
		default:
			if v, ok := scalar(value); ok && n.Leaf() {
				if len(leaves) > 0 {
					leaves = append(leaves, ',')
				}
				leaves = append(leaves, keyText(&v, value)...)
			}
		}
		rest = after(rest[size:])
	}
	if len(leaves) > 0 {
		w.leaf(&wire.Value{Kind: wire.Text, Text: leaves}, n, elems)
	}
}

// scalar is a JSON string, number or truth; false for null. Numbers keep their digits: JSON_IETF has those of 64 bits as
// strings anyway.
func scalar(text []byte) (wire.Value, bool) {
	switch text[0] {
	case '"':
		return wire.Value{Kind: wire.Text, Text: unquote(text)}, true
	case 't':
		return wire.Value{Kind: wire.Bool, Bits: 1}, true
	case 'f':
		return wire.Value{Kind: wire.Bool}, true
	case 'n':
		return wire.Value{}, false
	}
	return wire.Value{Kind: wire.Text, Text: text}, true
}

func unquote(text []byte) []byte {
	if bytes.IndexByte(text, '\\') < 0 {
		return text[1 : len(text)-1]
	}
	var s string
	if json.Unmarshal(text, &s) != nil {
		return nil // it is valid, as the whole is
	}
	return []byte(s)
}

// bare is a member's name without the module before it.
func bare(name []byte) []byte {
	if i := bytes.IndexByte(name, ':'); i >= 0 && i+1 < len(name) {
		return name[i+1:]
	}
	return name
}

// members calls yield with the names and values of an object.
func members(text []byte, yield func(name, value []byte)) {
	for rest := inside(text); len(rest) > 0; {
		size := valueEnd(rest)
		name := unquote(rest[:size])
		rest = bytes.TrimLeft(rest[size:], " \t\r\n:")
		size = valueEnd(rest)
		yield(name, rest[:size])
		rest = after(rest[size:])
	}
}

// inside is what stands between the brackets.
func inside(text []byte) []byte { return bytes.Trim(text[1:len(text)-1], " \t\r\n") }

// after is what follows the comma.
func after(text []byte) []byte { return bytes.TrimLeft(text, " \t\r\n,") }

// valueEnd is where the value ends that a valid text begins with.
func valueEnd(text []byte) int {
	switch text[0] {
	case '"':
		return stringEnd(text)
	case '{', '[':
		return bracketEnd(text)
	}
	if i := bytes.IndexAny(text, ",]} \t\r\n"); i >= 0 {
		return i
	}
	return len(text)
}

func stringEnd(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

func bracketEnd(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i += stringEnd(text[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

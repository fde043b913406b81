package sensor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Rule is what the rows of a sensor path become.
type Rule struct {
	Measurement string
	Message     string // the message of the rows' content, for encodings that do not say it; empty: they do, or need none
	KeysMessage string // and of their keys

	root   *node
	each   bool // one line for each element at a path, not one for the row
	slots  int
	tags   []column
	names  []string // of tags
	fields []column
}

// node is a place in the tree of a row: what of it is wanted, and nothing else.
type node struct {
	name     string
	children []*node
	slot     int  // of a leaf's value; none: it is none
	each     bool // each element here is a line
}

const none = -1

// column is a tag or a field.
type column struct {
	name   string
	slot   int
	kind   kind
	scale  float64
	values map[string]int64
	other  *int64
	yes    []string
}

type kind uint8

const (
	counter kind = iota
	integer
	number
	code
	flag
	text
)

const maxSlots = 64

// leaf gives the value at a path a slot.
func (r *Rule) leaf(path string) (int, error) {
	at, err := r.place(path)
	if err != nil {
		return none, err
	}
	if len(at.children) > 0 || at.each {
		return none, fmt.Errorf("%q: there is more below it: want the path of a value", path)
	}
	if at.slot == none {
		if at.slot = r.slots; r.slots == maxSlots {
			return none, fmt.Errorf("want at most %d different values", maxSlots)
		}
		r.slots++
	}
	return at.slot, nil
}

func (r *Rule) markEach(path string) error {
	at, err := r.place(path)
	if err != nil {
		return err
	}
	at.each, r.each = true, true
	return nil
}

// place is the node at a path; those that are missing are made.
func (r *Rule) place(path string) (*node, error) {
	at := r.root
	if path == "" {
		return nil, fmt.Errorf("want a path in the row, like content/in-octets")
	}
	for name := range strings.SplitSeq(path, "/") {
		if name == "" || at.slot != none {
			return nil, fmt.Errorf("%q: want names with single slashes between them, and nothing below a value", path)
		}
		i := slices.IndexFunc(at.children, func(n *node) bool { return n.name == name })
		if i < 0 {
			at.children = append(at.children, &node{name: name, slot: none})
			i = len(at.children) - 1
		}
		at = at.children[i]
	}
	return at, nil
}

func (n *node) sort() {
	slices.SortFunc(n.children, func(a, b *node) int { return cmp.Compare(a.name, b.name) })
	for _, c := range n.children {
		c.sort()
	}
}

// child finds a child by name.
func (n *node) child(name []byte) *node {
	for _, c := range n.children {
		if c.name == string(name) {
			return c
		}
	}
	return nil
}

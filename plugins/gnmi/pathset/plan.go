package pathset

import (
	"slices"

	"github.com/haidang-noc/haidang/plugins/gnmi/xpath"
)

// Plan is what is asked of a target, and what its answers mean: some sets as one tree. It is never changed, and shared by
// all targets that have the same sets.
type Plan struct {
	Sets []*Set
	root *Node
}

// Node is a place in the tree.
type Node struct {
	Identity bool     // the leaf tells who the target is
	Keys     []string // of the list whose entries these are, as far as lines want them

	children map[string]*Node
	fields   []*Field
}

// NewPlan puts sets together.
func NewPlan(sets []*Set) *Plan {
	p := &Plan{Sets: sets, root: &Node{}}
	for _, s := range sets {
		for _, elems := range s.identity {
			p.root.grow(elems).Identity = true
		}
		for _, l := range s.lines {
			at := p.root.grow(l.at)
			p.keys(l)
			for _, f := range l.Fields {
				n := at.grow(f.of)
				n.fields = append(n.fields, f)
			}
		}
	}
	return p
}

// keys notes which keys a line wants of each list, so that entries in JSON can be told apart.
func (p *Plan) keys(l *Line) {
	for depth := range l.at {
		n := p.root.grow(l.at[:depth+1])
		for _, v := range l.vars {
			if v.depth == depth {
				n.key(v.key)
			}
		}
		for _, k := range l.at[depth].Keys {
			n.key(k.Name)
		}
	}
}

func (n *Node) key(name string) {
	if !slices.Contains(n.Keys, name) {
		n.Keys = append(n.Keys, name)
	}
}

func (n *Node) grow(elems []xpath.Elem) *Node {
	for _, e := range elems {
		next := n.children[e.Name]
		if next == nil {
			next = &Node{}
			if n.children == nil {
				n.children = map[string]*Node{}
			}
			n.children[e.Name] = next
		}
		for _, k := range e.Keys {
			next.key(k.Name)
		}
		n = next
	}
	return n
}

// Child is the node below with this name, or nil.
func (n *Node) Child(name []byte) *Node { return n.children[string(name)] }

// Leaf says whether nothing lies below.
func (n *Node) Leaf() bool { return len(n.children) == 0 }

// Fields calls yield with each field that is made of this leaf, if it comes from there.
func (n *Node) Fields(source string, yield func(*Field)) {
	for _, f := range n.fields {
		if f.Line.Set.Takes(source) {
			yield(f)
		}
	}
}

// Find walks down a path. It returns nil where the tree has nothing to do with it. The elements are returned as the tree
// has them: keys that a deprecated path has as elements of their own are where they belong.
func (p *Plan) Find(path *xpath.Path) (*Node, []xpath.Elem) {
	n, elems := p.root, make([]xpath.Elem, 0, len(path.Elems))
	for _, e := range path.Elems {
		next := n.children[e.Name]
		if next == nil {
			last := len(elems) - 1
			if path.Plain && last >= 0 && len(elems[last].Keys) < len(n.Keys) {
				elems[last].Keys = append(slices.Clip(elems[last].Keys), xpath.Key{Name: n.Keys[len(elems[last].Keys)], Value: e.Name})
				continue
			}
			return nil, elems
		}
		n, elems = next, append(elems, e)
	}
	return n, elems
}

package sensor

import "github.com/haidang-noc/haidang/internal/point"

// Tree is a row, or a part of one, in an encoding that is looked up by names: JSON, or a message of a vendor's schema.
type Tree interface {
	// Get calls yield with what is called name: parts, or values. Elements of a list come one by one.
	Get(name string, yield func(part Tree, value point.Value))
}

// Read reads a row by a rule and calls emit for each line that it makes.
func (r *Row) Read(rule *Rule, row Tree, emit func(*Row)) {
	r.begin(rule, emit)
	r.tree(rule.root, row)
	if !rule.each {
		emit(r)
		return
	}
	r.mode = towards
	r.tree(rule.root, row)
}

func (r *Row) tree(at *node, part Tree) {
	for _, child := range at.children {
		if child.each && r.mode == outside {
			continue
		}
		part.Get(child.name, func(below Tree, v point.Value) {
			switch {
			case below == nil && child.slot != none:
				r.values[child.slot] = v
			case below != nil && child.each:
				r.forget(child)
				r.mode = inside
				r.tree(child, below)
				r.emit(r)
				r.mode = towards
			case below != nil:
				r.tree(child, below)
			}
		})
	}
}

package discover

import (
	"slices"
	"time"
)

// Kind is what becomes of a row.
type Kind string

// The kinds of change. Gone is for people to judge: it is written only if they say so.
const (
	Added     Kind = "added"
	Changed   Kind = "changed"
	Renamed   Kind = "renamed"
	Gone      Kind = "gone"
	Unchanged Kind = "unchanged"
)

// Cell is one cell that changes.
type Cell struct{ Column, Old, New string }

// Change is what a discovery says of one device or link.
type Change struct {
	Kind    Kind
	Name    string
	Was     string // the name before, of what was renamed
	Where   string // address of a device, ends of a link
	Cells   []Cell
	Missing []string // cells that nobody knows, without which the collector takes no row
	Notes   []string // what does not fit, for people

	row *row // of the inventory; nil for what is new
	new []string
}

// set notes a cell that changes.
func (c *Change) set(column, old, value string) {
	if old != value {
		c.Cells = append(c.Cells, Cell{column, old, value})
	}
}

// succeeds says whether the change begins a new row: what was known before stays true of the time before. Filling an empty
// cell, or another address, does not.
func (c *Change) succeeds() bool {
	if c.Kind == Renamed {
		return true
	}
	for _, cell := range c.Cells {
		if cell.Old != "" && cell.Column != "address" {
			return true
		}
	}
	return false
}

// forget leaves a cell as it is that would name one of those that are not written; the next discovery proposes it again.
func (c *Change) forget(column string, left map[string]bool, f *file) {
	if c.Kind == Added && left[c.new[f.column(column)]] {
		c.new[f.column(column)] = ""
	}
	c.Cells = slices.DeleteFunc(c.Cells, func(cell Cell) bool { return cell.Column == column && left[cell.New] })
}

// apply makes the change in the file. today is the day from which it holds.
func (c *Change) apply(f *file, today string) {
	switch {
	case c.Kind == Added:
		f.rows = append(f.rows, &row{cells: c.new})
		return
	case c.Kind == Gone && f.get(c.row, "valid_from") == today:
		c.row.cells, c.row.raw = nil, nil // it never held
		return
	case c.Kind == Gone:
		f.set(c.row, "valid_to", today)
		return
	}
	r := c.row
	if c.succeeds() && f.get(r, "valid_from") != today {
		next := &row{cells: append([]string(nil), r.cells...)}
		f.set(r, "valid_to", today)
		f.set(next, "valid_from", today)
		f.rows = append(f.rows, next)
		r = next
	}
	for _, cell := range c.Cells {
		f.set(r, cell.Column, cell.New)
	}
}

// Plan is what a discovery proposes.
type Plan struct {
	Devices []Change
	Links   []Change
	Strange []string // what fits nowhere, for people

	devices, links *file
	now            time.Time
}

// Choice is what of a plan is written beside what is always.
type Choice struct {
	Incomplete bool // rows that the collector will not take before people have filled them in
	Retire     bool // the rows of what is gone end today
}

// takes says whether a change is to be written.
func (w Choice) takes(c *Change) bool {
	switch c.Kind {
	case Unchanged:
		return false
	case Gone:
		return w.Retire
	case Added:
		return w.Incomplete || len(c.Missing) == 0
	default:
		return true
	}
}

// Write makes the changes in the files and returns the names of the files written and of the old ones that were kept.
func (p *Plan) Write(choice Choice) (written, kept []string, err error) {
	today := p.today()
	left := map[string]bool{} // devices that are not written
	for i := range p.Devices {
		if c := &p.Devices[i]; c.Kind == Added && !choice.takes(c) {
			left[c.Name] = true
		}
	}
	for i := range p.Devices {
		if c := &p.Devices[i]; choice.takes(c) {
			c.forget("parent", left, p.devices)
			c.apply(p.devices, today)
		}
	}
	for i := range p.Links {
		if c := &p.Links[i]; choice.takes(c) && !p.dangles(c, left) {
			c.apply(p.links, today)
		}
	}
	for _, f := range []*file{p.devices, p.links} {
		if !f.changed() {
			continue
		}
		old, err := f.write(p.now)
		if old != "" {
			kept = append(kept, old)
		}
		if err != nil {
			return written, kept, err
		}
		written = append(written, f.path)
	}
	return written, kept, nil
}

// today is the day from which what is written holds.
func (p *Plan) today() string { return p.now.In(local()).Format(time.DateOnly) }

// dangles says whether a new link ends at a device that is not written.
func (p *Plan) dangles(c *Change, left map[string]bool) bool {
	if c.Kind != Added {
		return false
	}
	return left[c.new[p.links.column("a_device")]] || left[c.new[p.links.column("b_device")]]
}

package model

import (
	"cmp"
	"slices"
)

// Scope names what a window or a freeze covers.
type Scope struct {
	Kind ScopeKind
	Key  string // empty for the nation
	// Former says that a province is meant as it was before the merger: some codes are units of both eras. No file
	// says so; see Inventory.Meant.
	Former bool
}

// String is the scope as it is written in the files.
func (s Scope) String() string {
	if s.Kind == ScopeNation {
		return string(s.Kind)
	}
	return string(s.Kind) + ":" + s.Key
}

// Scope is what the window names; Inventory.Meant says what that is.
func (w Window) Scope() Scope { return Scope{Kind: w.Kind, Key: w.Key} }

// Scopes are those that cover the row, as Inventory.Meant makes them.
func (d *Device) Scopes() [5]Scope {
	return [...]Scope{
		{Kind: ScopeDevice, Key: d.Name}, {Kind: ScopeSite, Key: d.Site}, {Kind: ScopeProvince, Key: d.Province},
		formerly(d.Province, d.Former), {Kind: ScopeSystem, Key: string(d.System)},
	}
}

// In says whether the scope, as it was meant, covers the row.
func (d *Device) In(s Scope) bool {
	scopes := d.Scopes()
	return slices.Contains(scopes[:], s)
}

// Frozen are the scopes of freezes that take from a window on the composite.
func (c *Composite) Frozen() []Scope {
	return append(c.Scopes(), Scope{Kind: ScopeProvince, Key: c.Province}, formerly(c.Province, c.Former))
}

// Scopes are those of windows on the composite. A window on a province is one on those of its members that are there.
func (c *Composite) Scopes() []Scope {
	return []Scope{{Kind: ScopeComposite, Key: c.Name}, {Kind: ScopeSystem, Key: string(c.System)}}
}

// formerly is the province of before the merger.
func formerly(province, former string) Scope {
	return Scope{Kind: ScopeProvince, Key: cmp.Or(former, province), Former: true}
}

// Meant is the scope as it is meant by what begins at the instant at: a province is the unit that had the code then.
func (v *Inventory) Meant(s Scope, at int64) Scope {
	s.Former = s.Kind == ScopeProvince && !slices.ContainsFunc(v.Merged, func(p Province) bool { return p.Code == s.Key && p.From <= at })
	return s
}

// Unit is the unit under which a province code is counted at the instant at: itself, or the one that it was merged
// into, if only that is a unit then.
func (v *Inventory) Unit(code string, at int64) (unit string, known bool) {
	if v.counts(code, at) {
		return code, true
	}
	for i := range v.Merged {
		if p := &v.Merged[i]; slices.Contains(p.Members, code) && v.counts(p.Code, at) {
			return p.Code, true
		}
	}
	return "", false
}

// counts says whether there is a unit of this code at the instant at. It is asked for each sample of a probe.
func (v *Inventory) counts(code string, at int64) bool {
	for i := range v.Provinces {
		if p := &v.Provinces[i]; p.Code == code && p.Covers(at) {
			return true
		}
	}
	return false
}

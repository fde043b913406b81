// Package principal says who a caller is and what it may do: one model for the write API, the board
// and the operator's actions.
//
// A program shows a token; the file of principals holds where each token is kept, or its SHA-256 hash.
// A person logs in with a password; the file of users holds its hash.
package principal

import (
	"fmt"
	"slices"
	"strings"
)

// Role is what kind of caller a principal is.
type Role string

// The roles. An operator may do what a viewer may, an approver also what an operator may, an admin
// everything; an agent only writes.
const (
	Agent    Role = "agent"
	Viewer   Role = "viewer"
	Operator Role = "operator"
	Approver Role = "approver"
	Admin    Role = "admin"
)

// Covers says whether a principal of this role may do what needs the other one.
func (r Role) Covers(need Role) bool {
	switch r {
	case Admin:
		return true
	case Approver:
		return need == Approver || need == Operator || need == Viewer
	case Operator:
		return need == Operator || need == Viewer
	default:
		return r == need
	}
}

func (r Role) valid() bool {
	return slices.Contains([]Role{Agent, Viewer, Operator, Approver, Admin}, r)
}

// Principal is one known caller. It is immutable; a reload makes new ones.
type Principal struct {
	Name      string
	Role      Role
	provinces []string
	devices   []string
	inventory bool
	hash      [32]byte // SHA-256 of the token
}

// MaySee says whether the principal's views include the province with this code. One without a list
// sees all.
func (p *Principal) MaySee(province string) bool {
	return len(p.provinces) == 0 || slices.Contains(p.provinces, province)
}

// MayWrite says whether the principal may write points of the device. The owner is the agent that the
// device's inventory row names, empty if none: a device that names its agent is no one else's.
func (p *Principal) MayWrite(device, owner string) bool {
	switch {
	case p.Role == Admin:
		return true
	case p.Role != Agent:
		return false
	case owner != "":
		return owner == p.Name && (p.inventory || p.listed(device))
	}
	return p.listed(device)
}

func (p *Principal) listed(device string) bool {
	return slices.ContainsFunc(p.devices, func(pattern string) bool { return matches(pattern, device) })
}

// matches compares a name with a pattern in which * stands for any characters.
func matches(pattern, name string) bool {
	head, rest, starred := strings.Cut(pattern, "*")
	if !starred {
		return pattern == name
	}
	name, ok := strings.CutPrefix(name, head)
	if !ok {
		return false
	}
	parts := strings.Split(rest, "*")
	for _, part := range parts[:len(parts)-1] {
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name = name[i+len(part):]
	}
	return strings.HasSuffix(name, parts[len(parts)-1])
}

// String is the principal for a log: never its token.
func (p *Principal) String() string { return fmt.Sprintf("%s (%s)", p.Name, p.Role) }

// SeesAll says that no list of provinces limits the principal: it sees the nation's own numbers, too.
func (p *Principal) SeesAll() bool { return len(p.provinces) == 0 }

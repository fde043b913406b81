package ifmib

import (
	"regexp"
	"slices"
)

// Filter says which interfaces are polled. The zero Filter takes all.
type Filter struct {
	Include      *regexp.Regexp // of the name; nil: every name
	Exclude      *regexp.Regexp // of the name; nil: no name
	Types        []uint32       // ifType (6 ethernetCsmacd, 161 ieee8023adLag, …); empty: every type
	ExcludeTypes []uint32
	OnlyAdminUp  bool // write only rows whose ifAdminStatus is up; looked at in each answer
}

// takes says whether an interface is to be polled.
func (f Filter) takes(name string, ifType uint32) bool {
	switch {
	case f.Include != nil && !f.Include.MatchString(name):
		return false
	case f.Exclude != nil && f.Exclude.MatchString(name):
		return false
	case len(f.Types) > 0 && !slices.Contains(f.Types, ifType):
		return false
	}
	return !slices.Contains(f.ExcludeTypes, ifType)
}

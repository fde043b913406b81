package model

// CompositeRule says how a composite's state follows from those of its members.
type CompositeRule string

// The rules of composites.csv.
const (
	Series   CompositeRule = "series"   // all members are needed
	Parallel CompositeRule = "parallel" // any one is enough
	KofN     CompositeRule = "k_of_n"   // so many are enough
	Ring     CompositeRule = "ring"     // one arm may fail
	Capacity CompositeRule = "capacity" // what is left carries on: availability is that of its Mbit/s
)

// Composite is one row of composites.csv: a system with redundancy. One name may have several rows
// with disjoint validity.
type Composite struct {
	Name           string
	NameVI, NameEN string
	System         System
	Province       string // empty: the nation's
	Former         string // the unit of before the merger that it lies in, if that has another code
	Rule           CompositeRule
	Need           int // of k_of_n
	Members        []CompositeMember
	Validity
}

// CompositeMember is a part of a composite: a device, a link or another composite.
type CompositeMember struct {
	Scope
	CapacityMbps int64 // of capacity; 0: what the inventory says of the device or link
}

// CompositeTarget is what a composite's availability is held against.
type CompositeTarget struct {
	Target Ratio // zero Den: none set
	Gross  bool  // tested on gross instead of net
	Source string
}

// Needed is how many of the members in service have to be up. A ring that has lost all arms but one for good
// needs that one.
func (c *Composite) Needed(members int) int {
	switch c.Rule {
	case Series:
		return members
	case KofN:
		return min(c.Need, members)
	case Ring:
		return max(members-1, 1)
	case Parallel, Capacity:
	}
	return 1
}

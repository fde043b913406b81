package model

import (
	"slices"
	"strings"
)

// The tags of devices.csv.
const (
	TagP1  = "p1"  // its failure during a national event breaks the event's protection
	TagVIP = "vip" // serves those whose availability is told apart
)

// Tags are what devices may be tagged with.
func Tags() []string { return []string{TagP1, TagVIP} }

// Tagged says whether the row has the tag.
func (d *Device) Tagged(tag string) bool {
	return d.Tags != "" && slices.Contains(strings.Split(d.Tags, "|"), tag)
}

// ProtectionRules say what P1 is: the elements that must not fail during a national event, beside the devices that are
// tagged so.
type ProtectionRules struct {
	National       bool  // devices of national systems
	MinSubscribers int64 // devices with at least so many; 0: none for that alone
	Composites     bool  // composites
	MaxUnknown     Ratio // above this share of unknown time an event cannot be said to have been kept
}

// P1 says whether the device is one of those that must not fail during a national event.
func (t *Targets) P1(d *Device) bool {
	p := &t.Protection
	return p.National && t.Availability[d.System].National || p.MinSubscribers > 0 && d.Subscribers >= p.MinSubscribers || d.Tagged(TagP1)
}

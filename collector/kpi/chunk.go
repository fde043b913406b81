package kpi

import (
	"slices"

	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
)

// EntityDay is stage 1's result for one device or port and one local day (or, after MergeMonth,
// for several).
type EntityDay struct {
	Device string
	IfName string // empty: the device itself
	// Method is the reach method of a device's series ("snmp", "icmp"). The inventory's
	// primary_method picks among them in stage 2; empty matches every method. Ports have none.
	Method      string
	NonUp       []Interval // clipped to the day, sorted, disjoint; unobserved time is Unknown
	DownSince   int64      // true start of a DOWN that lasts into the day from before; 0: none
	Carry       Machine    // as the day's own observations leave it; the next day's fold starts here
	Unconfirmed uint32     // failed polls that nothing confirmed
	Restarts    uint32     // reboots between two good polls
}

// NoRate marks a slot direction without a valid sample.
const NoRate = 0xffffffff

// PortDay is the traffic of one port on one local day, in the 5-minute slots [i*300, (i+1)*300).
// It holds rates, not utilisation: stage 2 divides by the capacity, which an operator may correct
// later. The rate is floored to whole kbit/s, which loses nothing: floor(kbit/s ÷ Mbit/s) is the
// exact whole per mille.
type PortDay struct {
	Device, IfName string
	Day            model.Day
	In, Out        []uint32    // SlotsPerDay rates in kbit/s, or NoRate; nil: no valid sample all day
	Speed          []SpeedStep // ifHighSpeed from that slot on, as seen at the slot's end
	Loss           []SlotLoss  // every countable slot of the hours in which something was dropped
	Resets         uint32      // slots lost to a discontinuity
	Conflicts      uint32      // readings at a slot's edge that another one of the same instant contradicts
}

// SpeedStep says that the port's speed is Mbps from Slot on. Before the first step it is unknown.
type SpeedStep struct {
	Slot uint16
	Mbps uint32
}

// SlotLoss is what a port sent and dropped in one slot.
type SlotLoss struct {
	Slot        uint16
	Pkts, Drops uint64
}

// DayChunk is all that stage 1 knows of one partition's local day. Stage 2 also takes chunks of
// several consecutive days made by MergeMonth, so that a month of quiet entities costs one row each.
type DayChunk struct {
	Day      model.Day
	Days     int          // 0 and 1: one day
	Entities []EntityDay  // sorted by (Device, IfName, Method), unique
	Ports    []PortDay    // sorted by (Device, IfName, Day), unique
	Reports  []report.Day // of cells and probes, sorted by (key, Date), unique
}

// SortPorts puts ports of several lists into order.
func (c *DayChunk) SortPorts() {
	slices.SortStableFunc(c.Ports, func(a, b PortDay) int { return comparePorts(&a, &b) })
}

// End is the first day after the chunk.
func (c *DayChunk) End() model.Day { return c.Day + model.Day(max(c.Days, 1)) }

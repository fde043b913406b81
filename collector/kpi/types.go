// Package kpi is the arithmetic: observations to time lines, counters to utilisation, intervals and
// sums to availability, congestion and verdicts. It is pure: no I/O, no clock, no log, no floats in
// any sum. docs/kpi.md explains each number; the rules' numbers below refer to it.
//
// The work has two stages, so that nothing the operator edits later (windows, parents, targets) is
// baked into what was measured:
//
//	stage 1  per entity and day:   observations ─► DayChunk  (non-UP intervals, link slots)
//	stage 2  per month, all units: DayChunks + model.Inventory ─► MonthResult
package kpi

import "github.com/haidang-noc/haidang/collector/model"

// State is what an entity is at an instant.
type State uint8

// The states of the final time line, in the order of precedence where two meet.
const (
	Up State = iota
	Unknown
	Down
	Maint
	Excluded
)

// Obs is what one observation says.
type Obs uint8

// The kinds of observation. Where one second holds several, the greatest wins.
const (
	ObsUnknown  Obs = iota // ifOperStatus unknown(4)
	ObsUp                  // answered; oper up; event up
	ObsDown                // one failed poll: needs a second one, or an event, to be believed
	ObsDownNow             // a notification (measurement state): believed at once
	ObsExcluded            // ifAdminStatus down: out of service by intent
)

// Interval is a maximal half-open run of one non-UP state of an entity's base time line, that is
// before windows, inventory and path suppression. Time that no interval covers is UP.
type Interval struct {
	From, To int64
	State    State // Down, Unknown or Excluded
	Poll     int32 // DOWN: poll interval in seconds of the first failure, for path suppression
}

// EntityDay is stage 1's result for one device or port and one local day.
type EntityDay struct {
	Device, IfName string     // IfName empty: the device itself (reach)
	NonUp          []Interval // clipped to the day, sorted, disjoint; unobserved time is Unknown
	Carry          Machine    // the time line's state at the day's end; Carry.Since dates an open interval
	Unconfirmed    uint32     // failed polls that nothing confirmed
	Restarts       uint32     // reboots seen between two good polls
}

// SlotsPerDay is the number of 5-minute slots in a local day; slot i is [i*300, (i+1)*300).
const (
	SlotsPerDay = 288
	SlotSeconds = 300
)

// NoSample marks a slot direction without a valid utilisation sample.
const NoSample = 0xffff

// Slot is a link's traffic in one 5-minute slot, at its A end. It holds what was counted, not a
// utilisation: the capacity (inventory) divides in stage 2.
type Slot struct {
	Valid    bool
	DtMs     uint32 // measured length, from uptime where it can be trusted
	In, Out  uint64 // octets
	OutPkts  uint64
	OutDrops uint64
	Speed    uint32 // ifHighSpeed in Mbit/s at the slot's end; 0 unknown
}

// LinkDay is stage 1's traffic of one port and local day.
type LinkDay struct {
	Device, IfName string
	Slots          [SlotsPerDay]Slot
	Resets         uint32 // slots lost to a discontinuity
}

// DayChunk is all that stage 1 knows of one partition's local day.
type DayChunk struct {
	Day      model.Day
	Entities []EntityDay // sorted by (Device, IfName)
	Links    []LinkDay   // sorted by (Device, IfName)
}

// Sums are the seconds of one entity (or, weighted, of a group) over a period.
type Sums struct {
	Up, Down, Unknown int64
	MaintDown         int64 // Md: down inside a planned window
	MaintUnknown      int64 // Mx: unknown inside a planned window; shown, in no formula
	Excluded          int64
	Outages           int64 // DOWN intervals that began in the period and last at least min_outage
	Flaps             int64 // shorter ones
	Degraded          int64 // composites: protection lost
}

// Status says whether a number may be held against a target.
type Status string

// The statuses of a published number.
const (
	OK           Status = "ok"
	Insufficient Status = "insufficient_data"
	NoData       Status = "no_data"
	NoTarget     Status = "no_target"
)

// Outage is one maximal DOWN interval of the final time line.
type Outage struct {
	Device, IfName string
	Link           string
	Province       string
	System         model.System
	From, To       int64 // true start, even before the period; To is the period's end while it lasts
	Seconds        int64 // inside the period
	Open           bool
	Planned        int64 // seconds of it that a planned window took out
	Windows        []string
}

// Availability is one group's availability over the period.
type Availability struct {
	Province   string // empty: the nation
	System     model.System
	Level      string // device or link
	Entities   int
	Sums       Sums    // weight 1
	Weighted   WSums   // weight subscribers, or Mbit/s for links
	Net, Gross *Number // nil: no value
	WNet       *Number // weighted net
	Lo, Hi     *Number
	Coverage   *Number // 1 - X/(U+D+X)
	Target     model.Ratio
	Budget     *Number // error budget left in seconds; negative: spent
	Status     Status
	Meets      *bool // nil: cannot be said, counts as not met
	Lost       bool  // cannot be recovered this month
}

// Number is an exact quotient; stage 2 divides only when it prints.
type Number struct{ Num, Den Int128 }

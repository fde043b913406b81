package kpi

import (
	"github.com/haidang-noc/haidang/collector/kpi/probe"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
)

// UnknownProvince holds the devices that no inventory row names. They are shown, never judged.
const UnknownProvince = "unknown"

// Level tells the groups of devices from the groups of links.
type Level string

// The levels.
const (
	LevelDevice Level = "device"
	LevelLink   Level = "link"
	// Devices with a tag are a group, too, which has no target; its System is the tag.
	LevelTagged Level = "tagged"
	// A composite is no group: it has a time line of its own.
	LevelComposite Level = "composite"
)

// Status says whether a number may be held against a target.
type Status string

// The statuses of a published number.
const (
	OK           Status = "ok"
	Insufficient Status = "insufficient_data" // too much unknown time: does not meet the target
	NoData       Status = "no_data"           // no value at all: does not meet the target
	NoTarget     Status = "no_target"         // a value, but nothing to hold it against
)

// MonthInput is what Month computes from. Month changes none of it.
type MonthInput struct {
	Month model.Month
	// Day asks for the availability of [From, End) alone, under the day's max_unknown and without congestion; Expected
	// and Lost are the month's. The month's first day is one like all others. Without Day, From is not used.
	Day  bool
	From int64 // a day's start
	// End is the as-of instant of a running month; 0 or anything past the month: the month's end.
	End  int64
	Plan *Plan
	// Chunks cover the month and one day either side, all partitions, in any order; days and
	// entities that are missing are unknown, nil chunks are skipped. A chunk must not reach over a month boundary.
	Chunks []*DayChunk
	// Traffic is what links and cells add up to in the period, under the same plan; nil: it is computed
	// from the Ports and Reports of Chunks.
	Traffic *MonthTraffic
	// Lines are the chunks joined to the plan, for the same period; nil: they are joined anew.
	Lines *Lines
	// Listed leaves out what no scorecard lists: all Entities, and Links that were evaluated and are not congested. A
	// nation's would take more memory than everything else.
	Listed bool
}

// MonthResult is every number of one month, sorted, the same for the same input.
type MonthResult struct {
	Month        model.Month
	From, End    int64
	Availability []Availability // by (Province, Level, System, Class); province "" is the nation
	Tagged       []Availability // of the devices tagged vip (LevelTagged), by Province
	Congestion   []Congestion   // by (Province, Class)
	Entities     []EntityMonth  // by (Level, Name)
	Outages      []Outage       // by (From, Level, Name)
	Links        []LinkMonth    // by Link: every link in the inventory during the month
	Sampled      []Sampled      // by Province; "" the nation
	LateWindows  []model.Window // late_registered: kept, shown, without effect
	VoidWindows  []VoidWindow   // what change freezes took of planned windows, by (From, ID, Freeze)
	Notes        []model.Freeze // events to mention, by start
	Protection   []Protection   // of the events that touch the period, by start of the event, then province
	Composites   []Composite    // by Name
	Radio        ran.Result
	Samples      []probe.KPI  // by province, service
	SampleSums   *probe.Total // what they were made of; nil: nothing
	Measured     []Measured   // by province, service, KPI
	Scores       []score.Card // the nation ("") first, then the units of the month by code
	Units        score.Units  // T2 and T3 over the units
}

// Sampled says how much was seen of the traffic of all links with an end in a province.
type Sampled struct {
	Province string
	Slots    int64 // with a sample of both directions
	Expected int64 // that should have had one
	// Conflicts are readings at a slot's edge that another one of the same instant contradicts: the greater counts.
	Conflicts int64
}

// Sums are the seconds of one entity, or of a group of them, over a period.
type Sums struct {
	Up, Down, Unknown int64 // outside planned windows; Up also inside
	MaintDown         int64 // down inside a planned window
	MaintUnknown      int64 // unknown inside a planned window: shown, in no formula
	Excluded          int64 // out of service; all six add up to the period
	Outages           int64 // DOWN intervals that began in the period, at least min_outage long
	Flaps             int64 // shorter ones
}

// WSums are seconds times weight (subscribers; Mbit/s for links).
type WSums struct{ Up, Down, Unknown, MaintDown Int128 }

// Availability is one group over the period. A Number without value is not Valid.
type Availability struct {
	Province string // "" the nation, UnknownProvince apart
	Level    Level
	System   model.System    // devices
	Class    model.LinkClass // links
	Entities int
	Sums     Sums
	Weighted WSums
	Test     model.Test // what the target tests

	Net, Gross, Lo, Hi          Number
	WNet, WGross, WLo, WHi      Number
	UnknownShare, WUnknownShare Number
	MTTR, MTBO                  Number // seconds
	Target                      model.Ratio
	Budget                      Number // allowed down seconds so far
	Left                        Number // Budget - Consumed; negative: spent. By weight: seconds of a device of mean weight
	Status                      Status
	Meets                       bool   // false unless Status is OK and the tested number reaches the target
	Lost                        bool   // even 100 % for the rest of the month would not reach it
	Expected                    int64  // in-service seconds of the whole month, per inventory
	WExpected                   Int128 // the same by weight
	Unconfirmed, Restarts       int64
}

// EntityMonth is one device or link over the period.
type EntityMonth struct {
	Level       Level
	Name        string
	Province    string   // where it was last; "" for a national device and for links
	Provinces   []string // links: those of both ends, sorted
	System      model.System
	Class       model.LinkClass
	Weight      int64
	Sums        Sums
	Unconfirmed int64
	Restarts    int64
}

// Outage is one maximal DOWN interval of a final time line that touches the period.
type Outage struct {
	Level     Level
	Name      string   // device or link
	Province  string   // of the device where it began; "" for national ones
	Provinces []string // links: those of both ends, sorted
	System    model.System
	Class     model.LinkClass
	From      int64    // true start, even before the period; of a link: of the end that was down first
	To        int64    // true end, or the period's end while Open
	Seconds   int64    // inside the period
	Open      bool     // lasts past the period's end
	Counted   bool     // began in the period and is no flap
	Planned   int64    // seconds of the same failure that planned windows took out
	Windows   []string // their ids
}

// Reason says why a link was not evaluated.
type Reason string

// The reasons; empty: it was evaluated.
const (
	LowCoverage  Reason = "coverage" // listed by name on the scorecard
	ShortService Reason = "service"  // too few days in service: out of scope
	NoRule       Reason = "no_rule"  // targets name no rule for its class
)

// LinkMonth is one link's congestion over the period.
type LinkMonth struct {
	Link           string
	Port           model.Port // where it was measured
	Class          model.LinkClass
	Provinces      []string // of both ends, sorted; empty: the nation only
	CapacityMbps   int64    // the weight: inventory's of the month's start, else the last speed of the month; 0 unknown
	In, Out        DirMonth
	Expected       int32  // slots that should have a sample
	Coverage       Number // of the lower direction
	P95            int32  // greater direction, per mille; -1 none
	CongestedHours int32
	DropDays       int32 // days whose busy hour dropped more than allowed
	Resets         int32
	Conflicts      int32 // readings that another one of the same instant contradicts
	NotEvaluated   Reason
	Congested      bool
}

// DirMonth is one direction of a link over the period. Utilisation is in whole per mille.
type DirMonth struct {
	Slots    int32  // valid samples
	Suspect  int32  // samples above the overflow limit, unused
	P95, Max int32  // -1 none
	Occ      Number // plain mean, per mille
	BusyHour int8   // clock hour with the greatest mean over working days; -1 none
	BusyMean Number // its mean, per mille
}

// Congestion is the ratio of one class in one scope.
type Congestion struct {
	Province                   string // "" the nation
	Class                      model.LinkClass
	Links                      int // in scope, evaluated or lacking coverage
	Evaluated, Congested       int
	NotEvaluated               int   // lacking coverage
	CapEvaluated, CapCongested int64 // Mbit/s
	Ratio, CapRatio            Number
	MaxRatio                   model.Ratio
	Status                     Status
	Meets                      bool
	CapWarn                    bool // the ratio by capacity is at or above MaxRatio
}

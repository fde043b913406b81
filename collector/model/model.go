package model

import "math"

// Forever is the end of a validity interval that has none.
const Forever = math.MaxInt64

// Validity is the half-open interval, in Unix seconds, in which an inventory row holds.
type Validity struct{ From, To int64 }

// Covers says whether t lies in the interval.
func (v Validity) Covers(t int64) bool { return t >= v.From && t < v.To }

// System names a technical system of the operator (vn2, man-e, olt-gpon, ring-north, …). The list is
// configuration: targets.yaml declares the systems and whether each is national.
type System string

// Device is one row of devices.csv. One device key may have several rows with disjoint validity
// (it moved, or was replaced): each row is a Device.
type Device struct {
	Name          string
	Address       string
	Province      string // code of the unit that counts it; empty for a national system
	Former        string // the unit of before the merger that it lies in, if that has another code
	System        System
	Site          string
	Parent        string // gateway device, for path suppression
	Vendor        string
	Role          string
	Subscribers   int64
	CapacityMbps  int64
	PrimaryMethod string // which reach method decides: snmp, icmp, gnmi …
	Agent         string // the only agent that may write it; empty: any agent
	Profile       string
	Tags          string // of Tags, separated by |
	Validity
}

// LinkClass tells which congestion ratio a link belongs to.
type LinkClass string

// The link classes of links.csv.
const (
	Transport     LinkClass = "transport"
	Broadband     LinkClass = "broadband"
	International LinkClass = "international"
)

// Port names one interface of one device; the key is ifName, never ifIndex.
type Port struct{ Device, IfName string }

// Link is one row of links.csv. Traffic is measured at A; B may be empty.
type Link struct {
	Name         string
	A, B         Port
	Class        LinkClass
	CapacityMbps int64 // 0: take ifHighSpeed
	LAG          *LAG  // of its A port; nil: that is no aggregate, or its members are not known
	Validity
}

// LAG is an aggregate: which ports of the same device are its members, and how many have to be active.
type LAG struct {
	Members  []string
	MinLinks int
}

// ScopeKind says what a maintenance window covers.
type ScopeKind string

// The scopes of maintenance.csv.
const (
	ScopeDevice   ScopeKind = "device"
	ScopeSite     ScopeKind = "site"
	ScopeProvince ScopeKind = "province"
	ScopeSystem   ScopeKind = "system"
	// A link or a composite alone, not what it is made of.
	ScopeLink      ScopeKind = "link"
	ScopeComposite ScopeKind = "composite"
	ScopeNation    ScopeKind = "nation" // freezes only: everything
)

// Window is one row of maintenance.csv. It is planned only if it was approved before it starts.
type Window struct {
	ID         string
	Kind       ScopeKind
	Key        string
	Start, End int64
	CreatedAt  int64
	ApprovedBy string
	ApprovedAt int64 // 0: not approved
	Reason     string
	Override   string // why it may go on in a change freeze; empty: it may not
}

// Planned says whether the window reclassifies down time; the others are shown as late_registered.
func (w Window) Planned() bool { return w.ApprovedAt != 0 && w.ApprovedAt < w.Start }

// Ratio is an exact fraction; targets such as 0.995 are read as decimals into one.
type Ratio struct{ Num, Den int64 }

// Float is the fraction for display.
func (r Ratio) Float() float64 { return float64(r.Num) / float64(r.Den) }

// SystemTarget is the availability target of one system.
type SystemTarget struct {
	Target         Ratio  // zero Den: none set
	Source         string // where the number comes from, printed on the scorecard
	Test           string // what it tests, net or gross; empty: as Targets.TestGross says
	Weighted       bool   // it tests subscribers' seconds: each device weighs by its subscribers
	National       bool   // belongs to the nation alone, no province holds it
	FixedBroadband bool   // what fixed broadband customers depend on
	NameVI         string
	NameEN         string
}

// ClassRule says when a link of a class is congested and how many may be.
type ClassRule struct {
	ThetaPerMille   int   // P95 at or above: congested
	MaxRatio        Ratio // share of congested links must be strictly below
	DropPerMillion  int64 // busy-hour out-drop ratio above this …
	DropDays        int   // … on this many days also makes it congested; 0 switches the test off
	MinCoverage     Ratio // below: not_evaluated
	MinServiceDays  int
	OverflowPerMill int // utilisation above is suspect (1050)
}

// Targets is targets.yaml: every threshold of the system, in one place.
type Targets struct {
	Availability    map[System]SystemTarget
	Congestion      map[LinkClass]ClassRule
	MaxUnknownMonth Ratio // publish availability only if the unknown share is at most this (0.05)
	MaxUnknownDay   Ratio
	MinOutage       int64 // seconds; shorter DOWN intervals add seconds, not count
	TestGross       bool  // test the target on gross instead of net, unless the target itself says
	// IgnoreUnavailable leaves counters of unavailable seconds (measurement otn) out of the time lines of ports.
	IgnoreUnavailable bool
	Composites        map[string]CompositeTarget // by the composite's name
	RAN               RANRules
	Probes            ProbeRules
	Scores            ScoreRules
	Coverage          map[string]map[string]Ratio // share of population or area that a unit's radio covers at least, by unit ("" the nation) and KPI
	Protection        ProtectionRules
	N1PerMille        int // a capacity composite whose peak reaches this without its largest member is congested
	Hash              string
}

// Gross says whether the target of a system is tested on gross.
func (t *Targets) Gross(s System) bool {
	if test := t.Availability[s].Test; test != "" {
		return test == "gross"
	}
	return t.TestGross
}

// Tests says which availability the target of a system tests.
func (t *Targets) Tests(s System) Test {
	return Test{Gross: t.Gross(s), Weighted: t.Availability[s].Weighted}
}

// Test is the availability that a target is held against.
type Test struct {
	Gross    bool // planned work counts as down
	Weighted bool // by subscribers, not all alike
}

// String is its name in files and metrics.
func (t Test) String() string {
	switch {
	case t.Gross && t.Weighted:
		return "weighted_gross"
	case t.Weighted:
		return "weighted"
	case t.Gross:
		return "gross"
	}
	return "net"
}

// Tile is a place on the tile map.
type Tile struct {
	Name     string
	Row, Col int
}

// Province is one unit of a province registry.
type Province struct {
	Set    string // the registry it belongs to: "63" or "34"
	Code   string
	Slug   string
	NameVI string
	NameEN string
	Region string // Bắc, Trung, Nam
	Row    int    // tile map
	Col    int
	Validity
	Members []string // codes of the units merged into it (34-unit registry)
	Islands []Tile   // archipelagos of the unit, drawn apart
}

// Inventory is everything the files said at one moment. It is immutable: a reload makes a new one.
type Inventory struct {
	Devices []Device // sorted by name, then validity
	Links   []Link   // sorted by name, then validity
	Windows []Window // sorted by start, then id
	Freezes []Freeze // sorted by start, then id
	// Composites stand in the order of their file: each after those it is made of.
	Composites []Composite
	Cells      []RadioCell // sorted by name, then validity
	SpeedBase  []SpeedBase
	Goals      []Goal     // in the order of their file
	Measured   []Measured // in the order of their file
	Holidays   []Day      // national holidays, sorted: no working days for the busy hour
	Provinces  []Province // the units that count
	Merged     []Province // the units since the merger, each from its first instant; none if they never count
	Targets    Targets
	Hash       string // of devices, links, provinces and windows files
	Thresholds string // hash of score_thresholds.csv; empty: there is none
	Imported   string // hash of measured.csv; empty: there is none
}

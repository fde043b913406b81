// Package scorecard turns a month's numbers into the documents that are published: one per province
// and one for the nation, as canonical JSON and as CSV.
//
// A document depends on the month's data, the inventory and the targets only. It holds no time of
// rendering and no name of a machine, so the same inputs give the same bytes, and every value stands
// beside the exact numerator and denominator it was divided from. docs/scorecard.schema.json is its
// schema.
package scorecard

import "encoding/json"

// Schema names the shape of the document; it changes when a field changes its meaning.
const Schema = "haidang.scorecard/1"

// Document is one scorecard. Its fields are marshalled in this order.
type Document struct {
	Schema         string           `json:"schema"`
	Month          string           `json:"month"`
	From           string           `json:"from"`
	Until          string           `json:"until"`    // end of the data's period; the month's end once it is over
	Complete       bool             `json:"complete"` // the period is the whole month
	Revision       int              `json:"revision"` // 0: provisional
	Scope          Scope            `json:"scope"`
	GeneratedFrom  Digests          `json:"generated_from"`
	Coverage       Coverage         `json:"coverage"`
	Rank           *Rank            `json:"rank,omitempty"`     // province
	Verdicts       []Verdict        `json:"verdicts,omitempty"` // nation
	Availability   []Availability   `json:"availability"`
	Tagged         []Availability   `json:"tagged,omitempty"` // of devices tagged vip
	Outages        []Outage         `json:"outages"`
	Congestion     []Congestion     `json:"congestion"`
	Congested      []Link           `json:"congested_links"`
	NotEvaluated   []Link           `json:"not_evaluated_links"`
	LateWindows    []Window         `json:"late_registered"`
	Composites     []Composite      `json:"composites,omitempty"`
	Scores         *Scores          `json:"scores,omitempty"`
	Radio          []CellKPI        `json:"radio,omitempty"`
	RadioSpread    []CellSpread     `json:"radio_spread,omitempty"`
	CellCongestion []CellCongestion `json:"cell_congestion,omitempty"`
	Samples        []Sample         `json:"samples,omitempty"`
	Measured       []Measured       `json:"measured,omitempty"`
	SpeedGrowth    []SpeedGrowth    `json:"speed_growth,omitempty"`
	FrozenWindows  []FrozenWindow   `json:"frozen_windows,omitempty"`
	Notes          []Note           `json:"notes,omitempty"`
	Events         []Event          `json:"events,omitempty"`
	Reports        *Reports         `json:"reports,omitempty"`          // nation: of cells
	LateAfterClose []LateDay        `json:"late_after_close,omitempty"` // nation: days that were changed after they were closed
	Progress       []Progress       `json:"progress,omitempty"`         // nation
	Provinces      []ProvinceRow    `json:"provinces,omitempty"`        // nation
	Unassigned     []Availability   `json:"unassigned,omitempty"`       // nation: devices that no inventory row names
	Past           []Past           `json:"past,omitempty"`             // earlier months, oldest first
	Changes        []Change         `json:"changes,omitempty"`          // against the revision before
}

// Scope is the unit that a document is about.
type Scope struct {
	Kind    string `json:"kind"` // province or nation
	Code    string `json:"code"` // vn for the nation
	Slug    string `json:"slug"`
	NameVI  string `json:"name_vi"`
	NameEN  string `json:"name_en"`
	Region  string `json:"region"`   // Bắc, Trung, Nam; empty for the nation
	UnitSet string `json:"unit_set"` // 63 or 34
}

// Digests are the SHA-256 of what the operator configured.
type Digests struct {
	Inventory  string `json:"inventory"`
	Targets    string `json:"targets"`
	Thresholds string `json:"thresholds,omitempty"` // of the scores, if there are any
	Measured   string `json:"measured,omitempty"`   // of what others measured, if there is any
}

// Quotient is an exact fraction and its decimal value, rounded half up to a fixed number of places.
// Num and Den are strings because they may exceed what a JSON reader holds exactly.
type Quotient struct {
	Value json.Number `json:"value"`
	Num   string      `json:"num"`
	Den   string      `json:"den"`
}

// Coverage says how much of what should have been seen was seen; null where nothing was expected.
type Coverage struct {
	Devices *Quotient `json:"devices"` // seconds of known state
	Links   *Quotient `json:"links"`
	Traffic *Quotient `json:"traffic"` // 5-minute slots with a valid sample, lower direction
}

// The words of Outcome.
const (
	Met      = "met"
	NotMet   = "not_met"
	NoTarget = "no_target" // nothing to hold it against
)

// Verdict is one of the operator's resolved targets, judged for the nation.
type Verdict struct {
	ID      string   `json:"id"` // T1 availability, T2 and T3 scores, T4 congestion, T5 speed, T7 coverage, T10 events
	Outcome string   `json:"outcome"`
	Passed  []string `json:"passed"`
	Failed  []string `json:"failed"`
	Open    []string `json:"without_target"`
}

// Availability is one system's (level device) or link class's (level link) availability.
type Availability struct {
	Level       string          `json:"level"`
	Key         string          `json:"key"`
	NameVI      string          `json:"name_vi"`
	NameEN      string          `json:"name_en"`
	Entities    int             `json:"entities"`
	Net         *Quotient       `json:"net"`
	Gross       *Quotient       `json:"gross"`
	Lo          *Quotient       `json:"lo"` // unknown time counted as down
	Hi          *Quotient       `json:"hi"` // unknown time counted as up
	Unknown     *Quotient       `json:"unknown_share"`
	Weighted    Weighted        `json:"weighted"`
	Target      *Target         `json:"target"`
	Status      string          `json:"status"`
	Outcome     string          `json:"outcome"`
	Lost        bool            `json:"unrecoverable"` // even 100 % from now on would miss the month's target
	Budget      *Budget         `json:"error_budget"`
	Seconds     Seconds         `json:"seconds"`
	WSeconds    WeightedSeconds `json:"weighted_seconds"`
	Outages     int64           `json:"outages"`
	Flaps       int64           `json:"flaps"`
	MTTR        *Quotient       `json:"mttr_seconds"`
	MTBO        *Quotient       `json:"mtbo_seconds"`
	Unconfirmed int64           `json:"unconfirmed_failures"`
	Restarts    int64           `json:"restarts"`
}

// Weighted are the same ratios weighted by subscribers (devices) or Mbit/s (links).
type Weighted struct {
	Net     *Quotient `json:"net"`
	Gross   *Quotient `json:"gross"`
	Lo      *Quotient `json:"lo"`
	Hi      *Quotient `json:"hi"`
	Unknown *Quotient `json:"unknown_share"`
}

// Target is what an availability is held against.
type Target struct {
	Quotient
	Tests  string `json:"tests"`  // net, gross, weighted or weighted_gross
	Source string `json:"source"` // where the number is written
}

// Budget is the error budget: the down time that the target allows.
type Budget struct {
	Allowed  *Quotient `json:"allowed_seconds"`
	Consumed int64     `json:"consumed_seconds"` // by weight: of a device of mean weight, rounded
	Left     *Quotient `json:"left_seconds"`     // negative: overspent
}

// Seconds are entity seconds by state; they add up to entities × period.
type Seconds struct {
	Up           int64 `json:"up"`
	Down         int64 `json:"down"`
	Unknown      int64 `json:"unknown"`
	MaintDown    int64 `json:"maintenance_down"`
	MaintUnknown int64 `json:"maintenance_unknown"`
	Excluded     int64 `json:"excluded"`
	Expected     int64 `json:"expected_month"` // in service in the whole month, per inventory
}

// WeightedSeconds are seconds times weight.
type WeightedSeconds struct {
	Up        string `json:"up"`
	Down      string `json:"down"`
	Unknown   string `json:"unknown"`
	MaintDown string `json:"maintenance_down"`
}

// Outage is one failure behind the numbers.
type Outage struct {
	Level     string   `json:"level"`
	Name      string   `json:"name"` // device or link
	Key       string   `json:"key"`  // system or link class
	Provinces []string `json:"provinces"`
	From      string   `json:"from"`
	To        string   `json:"to"`
	Open      bool     `json:"open"` // lasts past the end of the period
	Seconds   int64    `json:"seconds"`
	Counted   bool     `json:"counted"` // began in the period and is no flap
	Planned   int64    `json:"planned_seconds"`
	Windows   []string `json:"windows"`
}

// Congestion is the ratio of congested links of one class.
type Congestion struct {
	Class        string        `json:"class"`
	NameVI       string        `json:"name_vi"`
	NameEN       string        `json:"name_en"`
	Links        int           `json:"links"`
	Evaluated    int           `json:"evaluated"`
	Congested    int           `json:"congested"`
	NotEvaluated int           `json:"not_evaluated"`
	Ratio        *Quotient     `json:"ratio"`
	Lo           *Quotient     `json:"lo"`       // links that were not evaluated counted as not congested
	Hi           *Quotient     `json:"hi"`       // counted as congested
	Coverage     *Quotient     `json:"coverage"` // evaluated links
	Capacity     CapacityRatio `json:"capacity"`
	Below        *Quotient     `json:"target_below"` // the ratio must be strictly below
	Status       string        `json:"status"`
	Outcome      string        `json:"outcome"`
}

// CapacityRatio is the congested share of the capacity; it is shown, not tested.
type CapacityRatio struct {
	EvaluatedMbps int64     `json:"evaluated_mbps"`
	CongestedMbps int64     `json:"congested_mbps"`
	Ratio         *Quotient `json:"ratio"`
	Warns         bool      `json:"warns"` // at or above the target of the count
}

// Link is a congested link, or one that could not be evaluated.
type Link struct {
	Link           string    `json:"link"`
	Class          string    `json:"class"`
	Device         string    `json:"device"`
	IfName         string    `json:"ifname"`
	Provinces      []string  `json:"provinces"`
	Reason         string    `json:"reason"` // why it was not evaluated; empty: it was
	CapacityMbps   int64     `json:"capacity_mbps"`
	P95            *int32    `json:"p95_per_mille"` // greater direction
	CongestedHours int32     `json:"congested_hours"`
	DropDays       int32     `json:"drop_days"`
	Expected       int32     `json:"expected_slots"`
	Resets         int32     `json:"counter_resets"` // that cost a sample
	Coverage       *Quotient `json:"coverage"`
	In             Direction `json:"in"`
	Out            Direction `json:"out"`
}

// Direction is one direction of a link.
type Direction struct {
	Slots    int32     `json:"slots"`
	Suspect  int32     `json:"suspect_slots"` // above what the link can carry: left out
	P95      *int32    `json:"p95_per_mille"`
	Max      *int32    `json:"max_per_mille"`
	Mean     *Quotient `json:"mean_per_mille"`
	BusyHour *int8     `json:"busy_hour"` // local clock hour, 0 to 23
	BusyMean *Quotient `json:"busy_mean_per_mille"`
}

// Window is a maintenance window that was entered or approved too late: its time counts as down.
type Window struct {
	ID         string `json:"id"`
	Scope      string `json:"scope"`
	Start      string `json:"start"`
	End        string `json:"end"`
	CreatedAt  string `json:"created_at"`
	ApprovedBy string `json:"approved_by"`
	ApprovedAt string `json:"approved_at"` // empty: never
	Reason     string `json:"reason"`
}

// ProvinceRow is one province in the nation's table.
type ProvinceRow struct {
	Code         string           `json:"code"`
	Slug         string           `json:"slug"`
	NameVI       string           `json:"name_vi"`
	NameEN       string           `json:"name_en"`
	Region       string           `json:"region"`
	Tiles        []Tile           `json:"tiles"`          // the unit's own first, then its archipelagos
	Rank         *Rank            `json:"rank,omitempty"` // unless the unit has no target at all
	Availability []ProvinceSystem `json:"availability"`
	Congestion   []ProvinceClass  `json:"congestion"`
}

// Tile is a place on the tile map of the country.
type Tile struct {
	Name string `json:"name"` // of an archipelago; empty: the unit itself
	Row  int    `json:"row"`
	Col  int    `json:"col"`
}

// ProvinceSystem is one system of a province, in short.
type ProvinceSystem struct {
	Level   string    `json:"level"`
	Key     string    `json:"key"`
	Net     *Quotient `json:"net"`
	Gross   *Quotient `json:"gross"`
	Status  string    `json:"status"`
	Outcome string    `json:"outcome"`
}

// ProvinceClass is one link class of a province, in short.
type ProvinceClass struct {
	Class   string    `json:"class"`
	Ratio   *Quotient `json:"ratio"`
	Status  string    `json:"status"`
	Outcome string    `json:"outcome"`
}

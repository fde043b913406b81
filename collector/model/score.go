package model

// ScoreKind tells the two scores of a unit.
type ScoreKind string

// The kinds of score.
const (
	QoS ScoreKind = "QoS" // what the network does
	QoE ScoreKind = "QoE" // what the customer sees
)

// Threshold is one row of score_thresholds.csv: which values of a KPI earn 1 to 5 points.
type Threshold struct {
	Kind         ScoreKind
	Service      string
	KPI          string
	Unit         string
	LowerBetter  bool
	Log          bool     // interpolate on log10 of the value
	X            [5]Ratio // the values that earn 1, 2, 3, 4 and 5 points; strictly monotone
	Weight       Ratio    // within the service
	Anchor       string   // where the numbers come from
	AnchorStatus string
	Line         int // of the file
}

// ScoreRules are the scores section of targets.yaml and the thresholds file.
type ScoreRules struct {
	Thresholds []Threshold
	Weights    map[ScoreKind]map[string]Ratio // of each service
	NotSold    map[string][]string            // services by unit code that the unit does not sell: weight 0
	MinWeight  Ratio                          // less known weight than this share: no score
	CombineMin bool                           // combined is the lower of QoS and QoE, not their mean
	Floor      Ratio                          // T2: every unit reaches this
	Good       Ratio                          // T3: a share of the units reaches this …
	Strict     bool                           // … or must exceed it
	GoodShare  Ratio
	MinSamples int64 // sample KPIs of fewer samples are insufficient
	Hash       string
}

// RANRules are the ran section of targets.yaml.
type RANRules struct {
	ThetaPerMille  int   // mean busy-hour PRB utilisation at or above: the cell is congested
	MaxRatio       Ratio // the share of congested cells must be strictly below
	MinPRBCoverage Ratio // cells with less are not evaluated
	MinCoverage    Ratio // KPIs with less are insufficient
	MaxUnknown     Ratio // availability with more unknown time is insufficient
	MinServiceDays int
	MinUserSpeed   int64  // kbit/s in busy hours; a cell whose users have that much is not congested, however full; 0: not asked
	CounterMap     string // version in use: a baseline of another one is none; "": not compared
	SpeedGrowth    Ratio  // T5: by how much the speed of 4G data must have grown

	// What follows is applied when a point is read, not to what was read before.
	UseSuspect  bool     // reports that the element itself doubts count like others
	LTEExcluded []string // causes whose attempts and successes LTE's RRC and S1 setup leave out
}

// SpeedBase is one row of the frozen speed baseline: the busy hours of one month.
type SpeedBase struct {
	Month      Month
	Province   string // "" the nation
	Cell       string // "" all cells of the scope
	VolumeKbit int64
	TimeMs     int64
	CounterMap string // version of the counter map that it was measured with
}

// RadioCell is one row of cells.csv.
type RadioCell struct {
	Name       string
	Device     string
	Object     string // the tag object of its pm points; several are separated by |
	Technology string // lte or nr
	RBs        int64  // N_RB
	Validity
}

// ProbeRules are the probes section of targets.yaml.
type ProbeRules struct {
	UnavailableLoss Ratio            // at this loss or above a service is unavailable
	SpeedFloorKbit  map[string]int64 // by service
}

package ran

import (
	"cmp"
	"math/big"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
)

// The names of the KPIs.
const (
	Accessibility = "accessibility" // RRC × signalling × bearer
	Mobility      = "mobility"      // preparation × execution
	Availability  = "availability"  // net of energy saving and planned windows
	Gross         = "availability_gross"
)

// KPI is one number of one group over the period. Lo and Hi say what missing reports could change; they
// are nil for KPIs that have no such bounds.
type KPI struct {
	Province, Kind   string
	Name, Unit       string
	Value, Lo, Hi    *big.Rat // nil: no value
	Coverage         *big.Rat // of its worst stage; nil: nothing was expected
	Num, Den         *big.Int // the sums behind it; nil for a product of stages
	Status           score.Status
	Flagged, Dropped int64 // pairs with more successes than attempts: kept, and left out
}

// CellMonth is one cell's congestion.
type CellMonth struct {
	Name, Province, Kind string
	RBs                  int64
	Load                 *big.Rat // mean over days of the busy hour's PRB utilisation, per cent
	Speed                *big.Rat // of its users in busy hours, kbit/s; nil: unknown, or not asked for
	Coverage             *big.Rat // of its PRB values
	Evaluated, Congested bool
	Short                bool // too few days in service: out of scope
}

// Congestion is the ratio of congested cells of one group.
type Congestion struct {
	Province, Kind                 string
	Cells, Evaluated, Congested    int
	NotEvaluated                   int
	RBsEvaluated, RBsCongested     int64
	Ratio, WeightedRatio, MaxRatio *big.Rat
	Status                         score.Status
	Meets                          bool
}

// Result is every RAN number of a period.
type Result struct {
	KPIs       []KPI    // by province, kind, in the order of the documentation
	Spreads    []Spread // by province, kind, in the order of the documentation
	Cells      []CellMonth
	Congestion []Congestion
	Growth     []Growth
	Unlisted   int
	Suspect    int64
	Conflicts  int64

	Total       *Total      // what it was made of; nil: nothing
	MinCoverage model.Ratio // of a mean, for its cell to be in a Spread
}

// Evaluate makes the KPIs of what days add up to. whole is how many seconds the whole month has, period
// how many of them are over.
func Evaluate(t *Total, rules *model.RANRules, period, whole int64) Result {
	if t == nil {
		return Result{}
	}
	r := Result{Unlisted: t.Unlisted, Suspect: t.Suspect, Conflicts: t.Conflict, Total: t, MinCoverage: rules.MinCoverage}
	watts := t.power()
	for i := range t.Groups {
		if g := &t.Groups[i]; g.Kind == Site {
			r.KPIs = append(r.KPIs, siteKPIs(g, watts[g.Province], rules)...)
		} else {
			r.KPIs = append(r.KPIs, groupKPIs(g, rules)...)
		}
	}
	r.spread()
	r.cells(rules, period, whole)
	return r
}

// Group is the sums of one group, or nil.
func (r *Result) Group(province, kind string) *GroupTotal {
	if r.Total == nil {
		return nil
	}
	for i := range r.Total.Groups {
		if g := &r.Total.Groups[i]; g.Province == province && g.Kind == kind {
			return g
		}
	}
	return nil
}

// Find is one KPI, or nil.
func (r *Result) Find(province, kind, name string) *KPI {
	for i := range r.KPIs {
		if k := &r.KPIs[i]; k.Province == province && k.Kind == kind && k.Name == name {
			return k
		}
	}
	return nil
}

// shown says how a metric is printed.
type shown struct {
	metric Metric
	name   string
	unit   string
	factor int64 // of the quotient
	bounds bool  // it is a rate of success
}

func shownMetrics() []shown {
	return []shown{
		{RRC, "rrc_setup", "ratio", 1, true}, {Signalling, "signalling_setup", "ratio", 1, true},
		{Bearer, "bearer_setup", "ratio", 1, true}, {AddedBearer, "added_bearer_setup", "ratio", 1, true},
		{Session, "pdu_session_setup", "ratio", 1, true}, {Voice, "voice_setup", "ratio", 1, true},
		{Retainability, "retainability", "releases_per_hour", 3600, false},
		{DRBRetainability, "drb_retainability", "releases_per_hour", 3600, false},
		{VoiceRetainability, "voice_retainability", "releases_per_hour", 3600, false},
		{Drop, "drop", "ratio", 1, false}, {VoiceDrop, "voice_drop", "ratio", 1, false},
		{Throughput, "throughput_dl", "kbit_per_s", 1000, false},
		{BusyThroughput, "busy_throughput_dl", "kbit_per_s", 1000, false},
		{UEThroughput, "ue_throughput_dl", "kbit_per_s", 1, false}, {UEThroughputUplink, "ue_throughput_ul", "kbit_per_s", 1, false},
		{Preparation, "handover_preparation", "ratio", 1, true}, {Execution, "handover_execution", "ratio", 1, true},
		{PRBDownlink, "prb_dl", "ratio", 1, false}, {PRBUplink, "prb_ul", "ratio", 1, false}, {PRBUsed, "prb_used_dl", "ratio", 1, false},
		{PRBUsedUplink, "prb_used_ul", "ratio", 1, false}, {PRBFull, "prb_full_dl", "ratio", 1, false}, {PRBFullUplink, "prb_full_ul", "ratio", 1, false},
		{Quality, "cqi_mean", "cqi", 1, false},
	}
}

func groupKPIs(g *GroupTotal, rules *model.RANRules) []KPI {
	out := []KPI{product(g, rules, Accessibility, RRC, Signalling, Bearer)}
	if g.Kind == NR {
		out = append(out, product(g, rules, Mobility, Preparation, Execution))
	} else {
		out = append(out, product(g, rules, Mobility, Execution))
	}
	for _, s := range shownMetrics() {
		if q := &g.Sums.Metrics[s.metric]; *q != (Quantity{}) {
			out = append(out, single(g, rules, s))
		}
	}
	return append(out, availability(g, rules)...)
}

func single(g *GroupTotal, rules *model.RANRules, s shown) KPI {
	q := &g.Sums.Metrics[s.metric]
	k := KPI{Province: g.Province, Kind: g.Kind, Name: s.name, Unit: s.unit, Num: q.Num.Big(), Den: q.Den.Big()}
	k.Value = times(quotient(q), s.factor)
	if s.bounds {
		b := boundsOf(q, g.Expected)
		k.Value, k.Lo, k.Hi = b.value, b.lo, b.hi
	}
	seconds := q.Seconds
	if s.metric == BusyThroughput { // an hour of each day at most; what is missing shows in the volume
		seconds = g.Sums.Metrics[DataThroughput].Seconds
	}
	k.Coverage = coverage(seconds, g.Expected)
	k.judge(rules.MinCoverage)
	return k
}

// product multiplies stages; its coverage is its lowest stage's, its bounds are the products of theirs.
func product(g *GroupTotal, rules *model.RANRules, name string, stages ...Metric) KPI {
	k := KPI{Province: g.Province, Kind: g.Kind, Name: name, Unit: "ratio", Flagged: g.Sums.Flagged, Dropped: g.Sums.Dropped}
	k.Value, k.Lo, k.Hi = big.NewRat(1, 1), big.NewRat(1, 1), big.NewRat(1, 1)
	for _, m := range stages {
		q := &g.Sums.Metrics[m]
		b := boundsOf(q, g.Expected)
		k.Value, k.Lo, k.Hi = mul(k.Value, b.value), mul(k.Lo, b.lo), mul(k.Hi, b.hi)
		if c := coverage(q.Seconds, g.Expected); k.Coverage == nil || c != nil && c.Cmp(k.Coverage) < 0 {
			k.Coverage = c
		}
	}
	k.judge(rules.MinCoverage)
	return k
}

// availability is by the cells' own unavailability counters. A missing report is unknown time.
func availability(g *GroupTotal, rules *model.RANRules) []KPI {
	t := g.Sums.Time
	if t == (Time{}) {
		return nil
	}
	down := t.Down + t.Manual
	unknown := max(g.Expected-t.outside(), 0)
	net := KPI{Province: g.Province, Kind: g.Kind, Name: Availability, Unit: "ratio", Num: big.NewInt(t.Up), Den: big.NewInt(t.Up + down)}
	net.Value, net.Lo, net.Hi = frac(t.Up, t.Up+down), frac(t.Up, t.Up+down+unknown), frac(t.Up+unknown, t.Up+down+unknown)
	net.Coverage = coverage(g.Expected-unknown, g.Expected)
	net.judge(model.Ratio{})
	if share := frac(unknown, t.Up+down+unknown); net.Value != nil && share != nil && share.Cmp(rat(rules.MaxUnknown)) > 0 {
		net.Status = score.Insufficient
	}
	gross := net
	gross.Name, gross.Lo, gross.Hi = Gross, nil, nil
	all := t.Up + down + t.Energy + t.MaintDown
	gross.Value, gross.Den = frac(t.Up, all), big.NewInt(all)
	return []KPI{net, gross}
}

// bounds are a rate of success with the attempts of missing time as all failed and all successful.
type bounds struct{ value, lo, hi *big.Rat }

// boundsOf extrapolates the attempts in proportion to the time. More successes than attempts count as all.
func boundsOf(q *Quantity, expected int64) bounds {
	att, succ := q.Den.Big(), q.Num.Big()
	if att.Sign() == 0 {
		return bounds{}
	}
	if succ.Cmp(att) > 0 {
		succ = att
	}
	seen, missing := big.NewInt(q.Seconds), big.NewInt(max(expected-q.Seconds, 0))
	extra := new(big.Int).Mul(att, missing) // times 1/seen
	attempts := new(big.Int).Add(new(big.Int).Mul(att, seen), extra)
	good := new(big.Int).Mul(succ, seen)
	return bounds{
		value: new(big.Rat).SetFrac(succ, att),
		lo:    new(big.Rat).SetFrac(good, attempts),
		hi:    new(big.Rat).SetFrac(new(big.Int).Add(good, extra), attempts),
	}
}

func (k *KPI) judge(minimum model.Ratio) { k.Status = judged(k.Value, k.Coverage, minimum) }

func judged(value, coverage *big.Rat, minimum model.Ratio) score.Status {
	switch {
	case value == nil:
		return score.NoData
	case minimum.Den != 0 && (coverage == nil || coverage.Cmp(rat(minimum)) < 0):
		return score.Insufficient
	}
	return score.OK
}

func coverage(seconds, expected int64) *big.Rat {
	return frac(min(seconds, expected), expected)
}

func quotient(q *Quantity) *big.Rat {
	if q.Den.IsZero() {
		return nil
	}
	return new(big.Rat).SetFrac(q.Num.Big(), q.Den.Big())
}

func frac(num, den int64) *big.Rat {
	if den == 0 {
		return nil
	}
	return big.NewRat(num, den)
}

func rat(r model.Ratio) *big.Rat {
	if r.Den == 0 {
		return new(big.Rat)
	}
	return big.NewRat(r.Num, r.Den)
}

func times(r *big.Rat, n int64) *big.Rat {
	if r == nil {
		return nil
	}
	return new(big.Rat).Mul(r, big.NewRat(n, 1))
}

// mul is nil if one factor is.
func mul(a, b *big.Rat) *big.Rat {
	if a == nil || b == nil {
		return nil
	}
	return new(big.Rat).Mul(a, b)
}

func compareScopes(aProvince, aKind, bProvince, bKind string) int {
	return cmp.Or(strings.Compare(aProvince, bProvince), strings.Compare(aKind, bKind))
}

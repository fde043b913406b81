package ran

import (
	"github.com/haidang-noc/haidang/collector/kpi/exact"
	"github.com/haidang-noc/haidang/collector/kpi/report"
)

// Metric is a ratio of two sums.
type Metric int

// The metrics. What each divides is in docs/kpi.md.
const (
	RRC Metric = iota
	Signalling
	Bearer
	AddedBearer
	Session
	Voice
	Preparation
	Execution
	executionByCell  // LTE handovers by where they went, for cells without counters per relation
	Retainability    // abnormal releases per second of session
	DRBRetainability // the same of DRBs
	Drop             // abnormal releases per bearer that was set up
	VoiceDrop        // the same of QCI 1 and 5QI 1
	Throughput       // kbit per ms
	DataThroughput   // without QCI 1
	BusyThroughput   // in each cell's busy hours
	UEThroughput     // kbit/s, weighted by volume
	PRBDownlink      // used share, weighted by N_RB
	PRBUplink        //
	PRBUsed          // NR: used over available

	VoiceRetainability // abnormal releases of QCI 1, 5QI 1, per second of their sessions
	UEThroughputUplink // as UEThroughput
	PRBUsedUplink      //
	PRBFull            // share of the time without a free block, weighted by N_RB
	PRBFullUplink      //
	Quality            // channel qualities per report
	Energy             // mWh; over seconds
	Power              // mW times seconds over seconds
	EnergyPerVolume    // mWh per kbit, of devices that have both; of groups only
	firstMeanMetric    // those of means, in their order

	metrics    = firstMeanMetric + meanCount // how many there are
	pairs      = 1 + int(executionByCell)
	tolerance  = 2 // successes of attempts that the period before counted
	perCent100 = 100 * percent
)

// meanMetric is the metric of the mean with that number.
func meanMetric(i int) Metric { return firstMeanMetric + Metric(i) }

// Quantity is the two sums of a metric and the seconds of the periods behind them.
type Quantity struct {
	Num, Den exact.Int128
	Seconds  int64
}

func (q *Quantity) add(num, den, seconds int64) {
	q.Num, q.Den, q.Seconds = q.Num.Add(exact.Int(num)), q.Den.Add(exact.Int(den)), q.Seconds+seconds
}

// times is q with both sums multiplied by a weight. They must be those of a day.
func (q Quantity) times(weight int64) Quantity {
	return Quantity{exact.Mul(int64(q.Num.Lo), weight), exact.Mul(int64(q.Den.Lo), weight), q.Seconds}
}

// Plus is the sum of both.
func (q Quantity) Plus(o Quantity) Quantity {
	return Quantity{q.Num.Add(o.Num), q.Den.Add(o.Den), q.Seconds + o.Seconds}
}

// join is the sum of both, which are about the same periods.
func (q Quantity) join(o Quantity) Quantity {
	sum := q.Plus(o)
	sum.Seconds = max(q.Seconds, o.Seconds)
	return sum
}

// Time is a cell's or a group's time by what its unavailability counters say, in seconds.
type Time struct {
	Up, Down, Energy int64 // Down: not by intent; Energy: switched off to save energy
	Manual           int64 // by intent, outside planned windows
	MaintDown        int64 // by intent, inside them
	Planned          int64 // reported about periods inside planned windows, whatever it was
}

// outside are the seconds outside planned windows about which something was reported.
func (t Time) outside() int64 {
	return t.Up + t.Down + t.Energy + t.Manual + t.MaintDown - t.Planned
}

func (t *Time) add(o Time) {
	t.Up += o.Up
	t.Down += o.Down
	t.Energy += o.Energy
	t.Manual += o.Manual
	t.MaintDown += o.MaintDown
	t.Planned += o.Planned
}

// worse is the one with more time away; of equal ones that which knows more. An NR cell's CU and DU may both tell.
func (t Time) worse(o Time) Time {
	away := func(t Time) int64 { return t.Down + t.Energy + t.Manual + t.MaintDown }
	if over := away(o) - away(t); over > 0 || over == 0 && o.Up > t.Up {
		return o
	}
	return t
}

// Busy is the sums over cells and days of each cell's busy hour: the hour of its greatest volume.
type Busy struct {
	Days       int64 // that have one with a PRB value
	PRB        int64 // sum over those days of the hour's mean, floored to 1/1000 %
	PRBSeconds int64 // all periods with a PRB value, busy or not
}

func (b *Busy) add(o Busy) {
	b.Days += o.Days
	b.PRB += o.PRB
	b.PRBSeconds += o.PRBSeconds
}

// Sums are what periods add up to.
type Sums struct {
	Metrics [metrics]Quantity
	Time    Time
	Busy    Busy
	Flagged int64 // pairs with a few successes more than attempts: kept
	Dropped int64 // pairs with more than a few: left out
}

// add adds o, which is about other periods or other cells.
func (s *Sums) add(o *Sums) {
	for m := range s.Metrics {
		if q := &o.Metrics[m]; q.Seconds > 0 {
			s.Metrics[m] = s.Metrics[m].Plus(*q)
		}
	}
	s.Time.add(o.Time)
	s.Busy.add(o.Busy)
	s.Flagged += o.Flagged
	s.Dropped += o.Dropped
}

// unite adds o, which is what another object says about the same cell in the same periods.
func (s *Sums) unite(o *Sums) {
	s.join(o)
	s.Metrics[BusyThroughput] = s.Metrics[BusyThroughput].Plus(o.Metrics[BusyThroughput])
	s.Time = s.Time.worse(o.Time)
	s.Busy.add(o.Busy)
}

// join adds o, which is about a part (a neighbour relation) of the same cell in the same periods.
// A part has no busy hour of its own.
func (s *Sums) join(o *Sums) {
	for m := range s.Metrics {
		if o.Metrics[m].Seconds == 0 || Metric(m) == BusyThroughput {
			continue
		}
		s.Metrics[m] = s.Metrics[m].join(o.Metrics[m])
	}
	s.Flagged += o.Flagged
	s.Dropped += o.Dropped
}

// period adds one report's counters.
func (s *Sums) period(r *report.Report) {
	for m := range pairs {
		s.pair(Metric(m), r, 2*m, 2*m+1)
	}
	s.ratio(Retainability, r, released, sessionTime)
	s.ratio(DRBRetainability, r, drbReleased, drbSessionTime)
	s.ratio(Drop, r, released, bearerSucc)
	s.ratio(VoiceDrop, r, voiceReleased, voiceSucc)
	s.ratio(Throughput, r, volume, volumeTime)
	s.ratio(DataThroughput, r, dataVolume, dataTime)
	s.ratio(PRBUsed, r, prbUsed, prbAvail)
	s.share(PRBDownlink, r, prbDl)
	s.share(PRBUplink, r, prbUl)
	s.weighted(UEThroughput, r, ueThroughput, volume)
	if r.Has>>(prbAvail+1) != 0 { // what few vendors report
		s.more(r)
	}
}

func (s *Sums) more(r *report.Report) {
	s.ratio(VoiceRetainability, r, voiceReleased, voiceSession)
	s.ratio(VoiceRetainability, r, flowLost, flowSession)
	s.weighted(UEThroughputUplink, r, ueThroughputUl, volumeUl)
	s.ratio(PRBUsedUplink, r, prbUsedUl, prbAvailUl)
	s.share(PRBFull, r, prbFullDl)
	s.share(PRBFullUplink, r, prbFullUl)
	s.ratio(Quality, r, qualities, qualityReports)
	for i := range meanCount {
		s.mean(meanMetric(i), r, firstMean+i)
	}
}

// consumption adds what one report says of energy. It is metered in planned windows, too.
func (s *Sums) consumption(r *report.Report) {
	if has(r, energy, energy) {
		s.Metrics[Energy].add(r.Values[energy], r.Period, r.Period)
	}
	s.mean(Power, r, power)
}

// pair adds attempts and successes, unless there are more of these than a file's edge explains.
func (s *Sums) pair(m Metric, r *report.Report, att, succ int) {
	if !has(r, att, succ) {
		return
	}
	over := r.Values[succ] - r.Values[att]
	switch {
	case over > tolerance:
		s.Dropped++
		return
	case over > 0:
		s.Flagged++
	}
	s.Metrics[m].add(r.Values[succ], r.Values[att], r.Period)
}

func (s *Sums) ratio(m Metric, r *report.Report, num, den int) {
	if has(r, num, den) {
		s.Metrics[m].add(r.Values[num], r.Values[den], r.Period)
	}
}

// weighted adds a mean that is weighted by the volume it is about.
func (s *Sums) weighted(m Metric, r *report.Report, item, by int) {
	if has(r, item, by) {
		q := &s.Metrics[m]
		q.Num = q.Num.Add(exact.Mul(r.Values[item], r.Values[by]))
		q.Den = q.Den.Add(exact.Int(r.Values[by]))
		q.Seconds += r.Period
	}
}

// mean adds a mean, weighted by the time it is about.
func (s *Sums) mean(m Metric, r *report.Report, item int) {
	if has(r, item, item) {
		s.Metrics[m].add(r.Values[item]*r.Period, r.Period, r.Period)
	}
}

// share adds a percentage, weighted by the time it lasted.
func (s *Sums) share(m Metric, r *report.Report, item int) {
	if has(r, item, item) {
		s.Metrics[m].add(r.Values[item]*r.Period, perCent100*r.Period, r.Period)
	}
}

// time adds one report's unavailability. planned says that a window covers more than half of the period.
func (s *Sums) time(r *report.Report, planned bool) {
	if !has(r, unavailable, unavailable) {
		return
	}
	v, energy, manual := r.Values[unavailable], r.Values[unavailableEnergy], r.Values[unavailableManual]
	s.Time.Up += r.Period - v
	s.Time.Energy += energy
	s.Time.Down += v - energy - manual
	if planned {
		s.Time.MaintDown += manual
		s.Time.Planned += r.Period
	} else {
		s.Time.Manual += manual
	}
}

func has(r *report.Report, a, b int) bool {
	both := uint64(1)<<a | uint64(1)<<b
	return r.Has&both == both
}

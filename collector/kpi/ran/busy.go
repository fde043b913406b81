package ran

import "github.com/haidang-noc/haidang/collector/kpi/report"

// An hour counts as a candidate for the busy hour with the values of three quarters of it.
const busySeconds = 2700

// hour is what a cell reported of one clock hour.
type hour struct {
	volume, volumeSeconds  int64
	prb, prbSeconds        int64 // 1/1000 % times seconds
	dataVolume, dataTime   int64
	dataSeconds            int64
	used, avail, usedFound int64
}

// hours are a cell's local day by clock hour.
type hours [24]hour

func (h *hours) period(r *report.Report) {
	_, second := r.Day()
	x := &h[second/3600]
	if has(r, volume, volume) {
		x.volume += r.Values[volume]
		x.volumeSeconds += r.Period
	}
	if has(r, prbDl, prbDl) {
		x.prb += r.Values[prbDl] * r.Period
		x.prbSeconds += r.Period
	}
	if has(r, prbUsed, prbAvail) {
		x.used += r.Values[prbUsed]
		x.avail += r.Values[prbAvail]
		x.usedFound += r.Period
	}
	if has(r, dataVolume, dataTime) {
		x.dataVolume += r.Values[dataVolume]
		x.dataTime += r.Values[dataTime]
		x.dataSeconds += r.Period
	}
}

// busiest is the hour with the greatest volume, the earliest of equals, or nil.
func (h *hours) busiest() *hour {
	var best *hour
	for i := range h {
		if x := &h[i]; x.volumeSeconds >= busySeconds && (best == nil || x.volume > best.volume) {
			best = x
		}
	}
	return best
}

// load is the mean PRB utilisation in 1/1000 %, floored; false without values of three quarters of the hour.
func (x *hour) load() (int64, bool) {
	switch {
	case x.prbSeconds >= busySeconds:
		return x.prb / x.prbSeconds, true
	case x.usedFound >= busySeconds && x.avail > 0:
		return min(x.used, x.avail) * perCent100 / x.avail, true
	}
	return 0, false
}

// busy adds the day's busy hour.
func (s *Sums) busy(h *hours) {
	for i := range h {
		s.Busy.PRBSeconds += max(h[i].prbSeconds, h[i].usedFound)
	}
	best := h.busiest()
	if best == nil {
		return
	}
	s.Metrics[BusyThroughput].add(best.dataVolume, best.dataTime, best.dataSeconds)
	if load, ok := best.load(); ok {
		s.Busy.Days++
		s.Busy.PRB += load
	}
}

package kpi

import (
	"math"

	"github.com/haidang-noc/haidang/collector/model"
)

// Step is the machine after one more observation, which must be later than all before it: where Fold
// ends, without the time line. An interval of 0 is the one before.
func (m Machine) Step(t int64, o Obs, interval int64) Machine {
	named := uint16(min(max(interval, 0), MaxInterval))
	if m.Pending == 0 && named != 0 && m.State == o.asserts() && t <= m.Until { // nearly always: it goes on
		m.Last, m.LastPoll, m.Until = o, int32(named), t+hold(int32(named))
		return m
	}
	f := fold{m: m, day: model.DayOf(t), at: math.MaxInt64} // written to the end: nothing is emitted
	f.observe(t, o, f.interval(named))
	return f.m
}

// Seen is the time of the latest observation; 0: there was none.
func (m Machine) Seen() int64 {
	if m.Until == 0 {
		return m.Pending
	}
	return max(m.Pending, m.Until-hold(m.LastPoll))
}

// Doubt says whether one failed poll at t or before is still waiting for a second one to confirm it.
func (m Machine) Doubt(t int64) bool {
	return m.Pending != 0 && t < m.Pending+hold(m.PendingPoll)
}

package kpi

import (
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// boot is a range of seconds in which an entity's clock said it had started. Ranges closer than
// bootSlack are one: joining neighbours in one dimension does not depend on their order.
type boot struct{ from, to int64 }

const (
	bootSlack = 60 // seconds: rounding, skew and drift between two polls stay below
	// uptimeWrap is when a 32-bit sysUpTime starts again at 0 without a reboot, in seconds.
	uptimeWrap = 1 << 32 / 100
)

// AddUptime notes that at the Unix second sec the entity had been up for centiseconds. It reports
// whether anything new was learnt.
func (s *Series) AddUptime(sec int64, centiseconds uint64) bool {
	start := sec - int64(min(centiseconds/100, uint64(max(sec, 0))))
	return s.addBoot(boot{start, start})
}

// Starts is how many starts of the entity the series knows.
func (s *Series) Starts() int { return len(s.boots) }

func (s *Series) addBoot(b boot) bool {
	i, _ := slices.BinarySearchFunc(s.boots, b.from-bootSlack, func(e boot, t int64) int {
		if e.to < t {
			return -1
		}
		return 1
	})
	j := i
	for j < len(s.boots) && s.boots[j].from <= b.to+bootSlack {
		b.from, b.to = min(b.from, s.boots[j].from), max(b.to, s.boots[j].to)
		j++
	}
	if j == i+1 && s.boots[i] == b {
		return false
	}
	s.boots = slices.Replace(s.boots, i, j, b)
	return true
}

// restarts counts the reboots of the day: the device started between two polls that both found it
// up. A start that a failed poll saw belongs to an outage.
func (f *fold) restarts(s, next *Series) {
	if s.Empty() {
		return
	}
	known := Series{boots: slices.Clone(s.boots)}
	if next != nil {
		for _, b := range next.boots {
			known.addBoot(b)
		}
	}
	for i, b := range known.boots {
		if model.DayOf(b.from) == f.day && f.reboot(known.boots[:i], b) && f.between(s, next, b.from) {
			f.out.Restarts++
		}
	}
}

// reboot says that b is neither the first start ever seen nor an uptime counter that wrapped.
func (f *fold) reboot(before []boot, b boot) bool {
	wrapped := func(old int64) bool { return abs(b.from-old-uptimeWrap) <= bootSlack }
	for _, o := range before {
		if wrapped(o.from) || wrapped(o.to) {
			return false
		}
	}
	same := abs(b.from-f.m.Boot) <= bootSlack
	return !same && !wrapped(f.m.Boot)
}

// between says that the observations around t were both good.
func (f *fold) between(s, next *Series, t int64) bool {
	second := t - f.day.Start()
	before, after := f.m.Last, ObsUnknown
	if !next.Empty() {
		after = next.runs[0].says
	}
	for _, r := range s.runs {
		n, _ := r.index(uint32(second))
		if n > 0 {
			before = r.says
		}
		if n < r.count {
			after = r.says
			break
		}
	}
	return before == ObsUp && after == ObsUp
}

func (m *Machine) noteBoots(boots []boot) {
	if n := len(boots); n > 0 {
		m.Boot = max(m.Boot, boots[n-1].to)
	}
}

func abs(n int64) int64 { return max(n, -n) }

package kpi

import "github.com/haidang-noc/haidang/collector/model"

// Machine is the running state of one entity's time line: all that one day's observations hand to
// the next day. It is comparable; the zero value has seen nothing. Times are Unix seconds.
type Machine struct {
	Since   int64 // when State began
	Until   int64 // when State's hold ends; from then on the entity is UNKNOWN
	Pending int64 // one failed poll that nothing has confirmed yet; 0: none
	Boot    int64 // latest start of the device seen; 0: never told
	// Poll is the poll interval of the observation that began State, PendingPoll of the pending
	// failure, LastPoll of the latest observation.
	Poll, PendingPoll, LastPoll int32
	State                       State
	Last                        Obs // the latest observation
}

// At is the state at t, not before the latest observation, and since when it lasts.
func (m Machine) At(t int64) (s State, since int64) {
	if t >= m.Until {
		return Unknown, m.Until
	}
	return m.State, m.Since
}

// Fold carries m, the state before day d, through the day's observations. The result holds the
// day's non-UP intervals and, in Carry, the machine at its end as d's own observations alone decide
// it: folding the next day starts there. next may be nil; only its first observation matters, which
// confirms or refutes a failure left pending at midnight. Folding days one after another gives the
// same time line as folding all observations at once. The result's key fields are left empty.
func (m Machine) Fold(d model.Day, s, next *Series) EntityDay {
	f := fold{m: m, day: d, at: d.Start()}
	f.restarts(s, next)
	if !s.Empty() {
		for _, r := range s.runs {
			f.run(r)
		}
		f.m.noteBoots(s.boots)
	}
	f.out.Carry = f.m
	f.settle(next)
	f.emitTo(d.End())
	return f.out
}

// fold is one day's work: at is how far the time line is written.
type fold struct {
	m   Machine
	day model.Day
	at  int64
	out EntityDay
}

// run takes a whole run. When no gap in it outlasts the hold, the first two observations decide
// and the others only extend.
func (f *fold) run(r run[Obs]) {
	start := f.day.Start() + int64(r.start)
	for i := int64(0); i < int64(r.count); i++ {
		t := start + i*int64(r.step)
		iv := f.interval(r.interval)
		if last := int64(r.count) - 1; i == 2 && last > 2 && int64(r.step) <= hold(iv) {
			i, t = last, start+last*int64(r.step)
			f.m.Until = t
		}
		f.observe(t, r.says, iv)
	}
}

// interval is the observation's own, or its predecessor's where it names none.
func (f *fold) interval(named uint16) int32 {
	switch {
	case named != 0:
		return int32(named)
	case f.m.LastPoll != 0:
		return f.m.LastPoll
	}
	return DefaultInterval
}

func (f *fold) observe(t int64, o Obs, interval int32) {
	f.resolve(t, o)
	f.emitTo(t)
	f.m.Last, f.m.LastPoll = o, interval
	state := o.asserts()
	lasting := f.m.State == state && t <= f.m.Until
	switch {
	case o == ObsDown && !lasting:
		f.m.Pending, f.m.PendingPoll = t, interval
		return
	case !lasting:
		f.m.State, f.m.Since, f.m.Poll = state, t, interval
	}
	f.m.Until = t + hold(interval)
}

// asserts is the state an observation stands for, once believed.
func (o Obs) asserts() State {
	switch o {
	case ObsUp:
		return Up
	case ObsDown, ObsDownNow:
		return Down
	case ObsExcluded:
		return Excluded
	}
	return Unknown
}

// resolve decides a pending failure by the observation after it: a second failure within the
// first one's hold back-dates DOWN to the first; anything else leaves it unconfirmed.
func (f *fold) resolve(t int64, o Obs) {
	p := f.m.Pending
	if p == 0 {
		return
	}
	f.m.Pending = 0
	if o.asserts() != Down || t-p > hold(f.m.PendingPoll) {
		if p >= f.day.Start() {
			f.out.Unconfirmed++
		}
		return
	}
	f.emitTo(p)
	f.m.State, f.m.Since, f.m.Poll, f.m.Until = Down, p, f.m.PendingPoll, t
}

// settle decides a failure pending at midnight by what the next day begins with.
func (f *fold) settle(next *Series) {
	t, o := int64(1)<<62, ObsUnknown
	if !next.Empty() {
		t, o = f.day.End()+int64(next.runs[0].start), next.runs[0].says
	}
	f.resolve(t, o)
}

// emitTo writes the time line up to t: the state while its hold lasts, then UNKNOWN.
func (f *fold) emitTo(t int64) {
	t = min(t, f.day.End())
	f.emit(min(t, f.m.Until), f.m.State, f.m.Poll)
	f.emit(t, Unknown, 0)
}

func (f *fold) emit(to int64, s State, poll int32) {
	if to <= f.at {
		return
	}
	from := f.at
	f.at = to
	if s == Up {
		return
	}
	if s != Down {
		poll = 0
	}
	if s == Down && from == f.day.Start() && f.m.Since < from {
		f.out.DownSince = f.m.Since
	}
	f.out.NonUp = extend(f.out.NonUp, Interval{From: from, To: to, State: s, Poll: poll})
}

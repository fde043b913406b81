package ifmib

import (
	"time"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

// Device is the dialog with one device (poll.Dialog). In a round it asks for the rows of its layout,
// part by part; a device without a layout, or whose layout has proved wrong, is learned first.
type Device struct {
	*poll.Device // who it is, shared with other dialogs
	poller       *Poller

	layout  *layout // nil: not learned
	plan    *plan   // of layout, for the current limits; nil: to be looked up
	learner *learner
	learnAt time.Time
	walked  time.Time // when the last walk ended
	table   table     // as it was then
	clock   clock
	budget  budget
	downs   int32 // rounds without an answer until now
	exact   bool  // ask by GET, so that rows that come and go cost only themselves

	round round
}

// table tells whether rows came or went.
type table struct{ interfaces, change uint64 }

// round is the state of the round that is running.
type round struct {
	request  *ber.Request // the last one; nil: no round is running
	silences int32        // since request was first sent
	part     int32        // asked for now
	row      int32        // the first row not yet written
	stage    stage
	probing  bool // the probe went out behind request
	reached  bool // reach is written
	system   bool // system is written
	polled   bool // all parts were asked for
	trouble  bool // a request was too much
	missed   bool // rows were left out
}

type stage uint8

const (
	identifying stage = iota
	walking
	reading
	calling // a device given up: is it there again?
)

// givenUp is the number of rounds without an answer after which a device is sent one small packet a round
// until it answers.
const givenUp = 3

// Begin starts a round.
func (d *Device) Begin(now time.Time) *ber.Request {
	if d.round.request != nil {
		d.giveUp(now)
	}
	d.round = round{}
	if d.downs >= givenUp {
		d.round.stage, d.round.request = calling, d.poller.probe(d.Community)
		return d.round.request
	}
	return d.next(now)
}

// Silent repeats the request. The last repetition is a probe that any agent can answer: it tells a
// dead device from one that cannot answer as much as it was asked.
func (d *Device) Silent(now time.Time) *ber.Request {
	r := &d.round
	r.silences++
	switch {
	case int(r.silences) > d.poller.cfg.Retries || r.stage == calling:
		d.giveUp(now)
		return nil
	case int(r.silences) == d.poller.cfg.Retries && len(r.request.Names) > 1:
		r.probing = true
		return d.poller.probe(d.Community)
	}
	return r.request
}

// giveUp ends a round whose last request was not answered.
func (d *Device) giveUp(now time.Time) {
	d.round.request = nil
	if d.round.reached {
		d.poller.metrics.incomplete.Inc()
		return
	}
	d.writeDown(now)
}

// Answer takes an answer of any stage.
func (d *Device) Answer(a poll.Answer) *ber.Request {
	r := &d.round
	if !r.reached {
		d.writeUp(a)
	}
	tooMuch := a.Status == ber.TooBig || r.probing && onlyOne(a.Varbinds)
	r.silences, r.probing = 0, false
	switch r.stage {
	case identifying:
		d.takeIdentity(a)
	case walking:
		d.takeWalk(a, tooMuch)
	case reading:
		d.takePart(a, tooMuch)
	case calling: // it is: the round goes on as any other
	}
	return d.next(a.At)
}

// onlyOne says whether a varbind list has a single element: the answer to a probe, or to so little
// that it comes to the same.
func onlyOne(list []byte) bool {
	_, _, rest, ok := ber.Cut(list)
	return ok && len(rest) == 0
}

// next chooses the next request of the round; nil ends it.
func (d *Device) next(now time.Time) *ber.Request {
	d.round.request = d.choose(now)
	if d.round.request == nil {
		d.endRound()
	}
	return d.round.request
}

func (d *Device) choose(now time.Time) *ber.Request {
	if d.layout != nil && !d.round.polled {
		if p := d.part(); p != nil {
			d.round.stage = reading
			return p.request
		}
		d.round.polled = true
	}
	switch {
	case d.learner != nil:
		return d.walk(now)
	case d.layout == nil || !now.Before(d.learnAt):
		d.round.stage = identifying
		return d.poller.identify(d.Community)
	}
	return nil
}

// part is the part to ask for, or nil when all were. When the plan has changed within the round, that
// is the part with the first row not yet written.
func (d *Device) part() *part {
	r := &d.round
	if d.plan == nil {
		d.plan = d.layout.plan(planKey{d.Community, d.exact, d.limits()})
		r.part = 0
		for int(r.part) < len(d.plan.parts) && d.plan.parts[r.part].to <= int(r.row) && r.row > 0 {
			r.part++
		}
	}
	if int(r.part) >= len(d.plan.parts) {
		return nil
	}
	return &d.plan.parts[r.part]
}

func (d *Device) limits() limits {
	return limits{octets: d.poller.cfg.MaxPDU, varbinds: d.budget.varbinds()}
}

// shrink notes that a request was too much for the device; false if there is no smaller one.
func (d *Device) shrink(asked int) bool {
	d.round.trouble = true
	if !d.budget.halve(asked) {
		return false
	}
	d.poller.metrics.shrinks.Inc()
	d.plan = nil
	return true
}

// endRound counts a round, and lets the budget recover after one without trouble.
func (d *Device) endRound() {
	if d.round.missed {
		d.poller.metrics.incomplete.Inc()
	}
	if d.round.trouble {
		return
	}
	largest := 0
	if d.plan != nil {
		largest = d.plan.largest
	}
	if d.budget.round(largest) {
		d.plan = nil
	}
}

// forget makes the device be learned again before anything else is asked of it.
func (d *Device) forget() {
	d.layout, d.plan, d.learner, d.exact = nil, nil, nil, false
	d.round.polled, d.round.part, d.round.row = false, 0, 0
}

// settled says whether the last walk is long enough ago for another one.
func (d *Device) settled(now time.Time) bool {
	return !now.Before(d.walked.Add(settle * d.poller.cfg.Interval))
}

// learnSoon brings the next walk forward, but not into the time the device is given to settle.
func (d *Device) learnSoon() {
	if at := d.walked.Add(settle * d.poller.cfg.Interval); at.Before(d.learnAt) {
		d.learnAt = at
	}
}

// Who is the device.
func (d *Device) Who() *poll.Device { return d.Device }

// Walked is when the interfaces were last learned, or when that last failed.
func (d *Device) Walked() time.Time { return d.walked }

// Names looks up the name of an interface by its ifIndex, as they are polled now. It may be used by any goroutine.
func (d *Device) Names() func(index uint32) (name string, ok bool) {
	if d.layout == nil {
		return func(uint32) (string, bool) { return "", false }
	}
	return d.layout.name
}

// name is the name of the interface with this ifIndex, if it is one of those that are polled.
func (l *layout) name(index uint32) (string, bool) {
	for i := range l.rows {
		if r := &l.rows[i]; r.index == index {
			s, err := point.ParseKey(append([]byte("m"), r.tag...))
			return s.Tag("ifname"), err == nil
		}
	}
	return "", false
}

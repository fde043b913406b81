package alarm

import (
	"cmp"
	"slices"
	"time"
)

const (
	maxFalls = 50  // that an alarm remembers
	maxNotes = 200 // that an alarm keeps
)

// book is every open alarm. What it hands out is never changed afterwards: a change makes a draft, which
// is written to until the round ends.
type book struct {
	Config
	open   map[thing]*Alarm
	falls  map[thing][]int64 // of those cleared lately
	lastID int64
	seq    int64

	drafts  map[int64]*Alarm
	unsaved map[int64]*Alarm // to be written to the store
	events  []Event          // of this round
	unsent  []Event          // to be written to the store
	counted map[int64]count  // what was told last of the dependants
}

type count struct {
	Dependants
	at time.Time
}

func newBook(c Config) *book {
	return &book{Config: c, open: map[thing]*Alarm{}, falls: map[thing][]int64{}, drafts: map[int64]*Alarm{},
		unsaved: map[int64]*Alarm{}, counted: map[int64]count{}}
}

func (a *Alarm) thing() thing { return thing{a.Cause, a.Name} }

// told says whether the thing has an alarm that is nobody's symptom.
func (b *book) told(t thing) bool {
	a := b.open[t]
	return a != nil && a.State == Active
}

// find is the open alarm with the id, or nil.
func (b *book) find(id int64) *Alarm {
	for _, a := range b.open {
		if a.ID == id {
			return a
		}
	}
	return nil
}

// draft is a copy of the alarm that may be changed until the round ends.
func (b *book) draft(a *Alarm) *Alarm {
	if d := b.drafts[a.ID]; d != nil {
		return d
	}
	d := new(Alarm)
	*d = *a
	d.Falls, d.Notes = slices.Clone(a.Falls), slices.Clone(a.Notes)
	b.drafts[d.ID], b.open[d.thing()] = d, d
	return d
}

// note writes down what happened to a draft.
func (b *book) note(a *Alarm, kind EventKind, at time.Time) *Event {
	b.seq++
	b.unsaved[a.ID] = a
	b.events = append(b.events, Event{Seq: b.seq, At: at, Kind: kind, AlarmID: a.ID, Alarm: a})
	return &b.events[len(b.events)-1]
}

// raise opens an alarm.
func (b *book) raise(f finding, p place, now time.Time) *Alarm {
	b.lastID++
	falls := append(b.recent(b.falls[f.thing], f.since), f.since)
	delete(b.falls, f.thing)
	kind, cause := x733(f.Cause)
	a := &Alarm{ID: b.lastID, Kind: kindOf(f.Cause), Name: f.Name, Cause: f.Cause, EventType: kind, ProbableCause: cause, State: Active,
		Since: local(f.since), RaisedAt: now, Occurrences: 1, Falls: falls, Flapping: len(falls) >= b.FlapCount, Notes: []Remark{}}
	p.fill(a)
	b.open[f.thing], b.drafts[a.ID] = a, a
	b.note(a, Raised, now)
	return a
}

// stands says that the thing is down, and nothing else explains it.
func (b *book) stands(a *Alarm, f finding, now time.Time) {
	if a.State == Suppressed {
		a = b.draft(a)
		a.State, a.Root = Active, 0
		b.note(a, Emerged, now)
	}
	if !a.UpSince.IsZero() {
		b.fell(b.draft(a), f.since, now)
	}
}

// fell says that the thing is down again before its alarm was cleared.
func (b *book) fell(a *Alarm, since int64, now time.Time) {
	a.UpSince = time.Time{}
	a.Occurrences++
	a.Falls = append(b.recent(a.Falls, since), since)
	b.note(a, Fell, now)
	if !a.Flapping && len(a.Falls) >= b.FlapCount {
		a.Flapping = true
		b.note(a, Flaps, now)
	}
}

// recent are the falls that count together with one at t.
func (b *book) recent(falls []int64, t int64) []int64 {
	from := t - int64(b.FlapWindow.D()/time.Second)
	out := slices.DeleteFunc(slices.Clone(falls), func(at int64) bool { return at <= from })
	return out[max(len(out)-maxFalls+1, 0):]
}

// hide puts an alarm beneath another one.
func (b *book) hide(a *Alarm, under int64, now time.Time) {
	if a.State == Suppressed && a.Root == under && a.UpSince.IsZero() {
		return
	}
	before := a.State
	a = b.draft(a)
	a.State, a.Root, a.UpSince = Suppressed, under, time.Time{}
	if before != Suppressed {
		b.note(a, Beneath, now)
	}
}

// recover says that the thing is up since some time: it is cleared when that is long enough.
func (b *book) recover(a *Alarm, since, now time.Time) {
	hold := b.ClearAfter.D()
	if a.Flapping {
		hold = b.FlapQuiet.D()
	}
	up := a.UpSince
	if up.IsZero() {
		up = since
	}
	switch {
	case !now.Before(up.Add(hold)):
		b.clear(a, "up", now)
	case a.UpSince.IsZero():
		a = b.draft(a)
		a.UpSince = up
		b.note(a, Rose, now)
	}
}

// clear closes an alarm, for a reason.
func (b *book) clear(a *Alarm, reason string, now time.Time) {
	a = b.draft(a)
	a.State, a.ClearedAt, a.Reason, a.Root = Over, now, reason, 0
	b.note(a, Ended, now)
	delete(b.open, a.thing())
	delete(b.counted, a.ID)
	b.falls[a.thing()] = a.Falls
}

// count notes how much is beneath an alarm, and tells it now and then.
func (b *book) count(a *Alarm, d Dependants, now time.Time) {
	d.Most = max(a.Beneath.Most, d.All())
	if d != a.Beneath {
		b.draft(a).Beneath = d
	}
	last := b.counted[a.ID]
	if d.Devices == last.Devices && d.Links == last.Links && d.Composites == last.Composites || now.Sub(last.at) < countEvery {
		return
	}
	b.counted[a.ID] = count{d, now}
	b.events = append(b.events, Event{At: now, Kind: Counted, AlarmID: a.ID, Alarm: b.draft(a)})
}

// countEvery is how often an alarm's number of dependants is told, at most.
const countEvery = 2 * time.Second

// mute notes whether planned work covers an alarm.
func (b *book) mute(a *Alarm, window string, now time.Time) {
	if a.Maintenance == window {
		return
	}
	kind := Muted
	if window == "" {
		kind = Unmuted
	}
	a = b.draft(a)
	a.Maintenance = window
	b.note(a, kind, now).Text = window
}

// move notes what the inventory says now of the place and weight of an alarm.
func (b *book) move(a *Alarm, p place, now time.Time) {
	was := place{a.Provinces, a.System, a.Site, a.Subscribers, a.Severity, a.Protection, a.Of}
	if was.equal(p) {
		return
	}
	a = b.draft(a)
	p.fill(a)
	b.note(a, Reclassified, now)
}

// forget drops falls that count no more.
func (b *book) forget(now time.Time) {
	for t, falls := range b.falls {
		if len(b.recent(falls, now.Unix())) == 0 {
			delete(b.falls, t)
		}
	}
}

// sorted are the open alarms, the worst first, then the newest.
func (b *book) sorted() []*Alarm {
	out := make([]*Alarm, 0, len(b.open))
	for _, a := range b.open {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b *Alarm) int {
		return cmp.Or(cmp.Compare(a.Severity.rank(), b.Severity.rank()), b.RaisedAt.Compare(a.RaisedAt), cmp.Compare(b.ID, a.ID))
	})
	return out
}

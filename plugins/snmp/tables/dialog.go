// Package tables polls what a device's profile says (plugins/snmp/profile), beside its interfaces.
//
// It stands around the dialog that polls the interfaces and speaks when that has ended a round: what it asks can
// neither delay nor fail the interfaces. Which profile a device has, and which rows its tables have, is learned when its
// interfaces are.
package tables

import (
	"errors"
	"log/slog"
	"time"

	"github.com/haidang-noc/haidang/internal/outbox"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
	"github.com/haidang-noc/haidang/plugins/snmp/profile"
)

var (
	errSilent  = errors.New("the device does not answer")
	errForeign = errors.New("the device answers something else")
	errRefused = errors.New("the device refuses")
)

// Config is what all devices have in common. Every field has to be set.
type Config struct {
	Profiles *profile.Set
	Round    time.Duration // between two rounds of the interfaces
	Retries  int           // repeated transmissions of a request
	MaxPDU   int           // octets that an answer should not exceed
	Box      *outbox.Box
	Log      *slog.Logger
}

// Interfaces is the dialog that comes first in each round.
type Interfaces interface {
	poll.Dialog
	// Who is the device.
	Who() *poll.Device
	// Walked is when it last learned the device.
	Walked() time.Time
	// Names looks up the name of an interface by its ifIndex, as they are polled now. It may be used by any goroutine.
	Names() func(index uint32) (name string, ok bool)
}

// Dialog is a round of the interfaces with, now and then, a poll of the profile's tables behind it (poll.Dialog).
type Dialog struct {
	*poll.Device
	poller     *Poller
	interfaces Interfaces
	named      *profile.Profile

	plan    *profile.Plan
	layout  *layout
	due     []time.Duration // the next poll, by table of the layout, since the poller was made; 0: at once
	stale   uint64          // tables whose rows have changed, by their place in the plan
	learned time.Time       // the walk of the interfaces after which the device was learned
	most    int32           // varbinds in a request; 0: as many as fit
	turn    *turn           // nil: it is the interfaces' turn
	making  *making         // nil: no rows are being made
}

// turn is what goes on behind a round of the interfaces: to identify the device, to walk tables, to poll rows.
type turn struct {
	request  *ber.Request
	silences int
	walk     *walk // nil: rows are polled
	identify bool  // the request asks for sysObjectID
	reading  reading
}

// Begin starts a round, which is the interfaces' at first.
func (d *Dialog) Begin(now time.Time) *ber.Request {
	if d.turn != nil {
		d.abandon(now, errSilent)
	}
	return d.interfaces.Begin(now)
}

// Answer takes an answer to whoever asked.
func (d *Dialog) Answer(a poll.Answer) *ber.Request {
	if d.turn == nil {
		if request := d.interfaces.Answer(a); request != nil {
			return request
		}
		return d.begin(a.At)
	}
	if err := d.take(a); err != nil {
		d.abandon(a.At, err)
		return nil
	}
	return d.next(a.At)
}

// Silent repeats the request, and gives up when that was in vain.
func (d *Dialog) Silent(now time.Time) *ber.Request {
	if d.turn == nil {
		return d.interfaces.Silent(now)
	}
	if d.turn.silences++; d.turn.silences > d.poller.cfg.Retries {
		d.abandon(now, errSilent)
		return nil
	}
	return d.turn.request
}

// begin starts what is due behind a round of the interfaces.
func (d *Dialog) begin(now time.Time) *ber.Request {
	if d.making != nil {
		return d.resume(now)
	}
	if walked := d.interfaces.Walked(); !walked.Equal(d.learned) {
		d.learned = walked
		return d.identify(now)
	}
	due := d.dueTables(now)
	if due == 0 {
		return nil
	}
	d.turn = &turn{reading: reading{due: due}}
	if again := d.rewalk(due); again != 0 {
		d.turn.walk = newWalk(d.plan, again)
	}
	return d.next(now)
}

// identify asks which device it is, unless the inventory says it.
func (d *Dialog) identify(now time.Time) *ber.Request {
	if d.named != nil {
		return d.adopt(now, d.named.Plan)
	}
	d.turn = &turn{identify: true}
	d.turn.request = ber.NewRequest(d.Community, ber.PDU{Op: ber.GetRequest, Names: [][]byte{d.poller.objectID}})
	return d.turn.request
}

// adopt begins to learn the tables of a plan.
func (d *Dialog) adopt(now time.Time, plan *profile.Plan) *ber.Request {
	d.plan, d.stale = plan, 0
	d.turn = &turn{walk: newWalk(plan, 1<<len(plan.Tables)-1)}
	return d.next(now)
}

// next is the next request; nil ends the round.
func (d *Dialog) next(now time.Time) *ber.Request {
	t := d.turn
	if t == nil {
		return nil
	}
	t.silences = 0
	if t.walk != nil {
		if t.request = t.walk.next(d.Community, d.room()); t.request != nil {
			return t.request
		}
		if !d.walked(now) {
			return nil
		}
	}
	if t.request = t.reading.next(d); t.request == nil {
		d.end(now)
	}
	return t.request
}

// take reads an answer.
func (d *Dialog) take(a poll.Answer) error {
	t := d.turn
	switch {
	case a.Status == ber.TooBig:
		if !d.halve() {
			return errForeign
		}
	case t.identify:
		d.identified(a)
	case t.walk != nil && a.Status != ber.NoError:
		return t.walk.refuse(a.Status, a.Index)
	case t.walk != nil:
		return t.walk.take(a.Varbinds)
	case a.Status != ber.NoError:
		d.stale = 1<<len(d.plan.Tables) - 1
		return errRefused
	default:
		return t.reading.take(d, a)
	}
	return nil
}

// identified begins to learn the tables of the profile that the answer names.
func (d *Dialog) identified(a poll.Answer) {
	oid := ""
	var v ber.Varbind
	if _, ok := v.Cut(a.Varbinds); ok && v.Tag == ber.ObjectID {
		oid = ber.FormatOID(v.Value)
	}
	p := d.poller.cfg.Profiles.Match(oid)
	d.poller.cfg.Log.Debug("profile of a device", "device", d.Name, "sysobjectid", oid, "profile", p.Name)
	d.plan, d.stale = p.Plan, 0
	d.turn = &turn{walk: newWalk(p.Plan, 1<<len(p.Plan.Tables)-1)}
}

// end ends a poll: what it tells of the device as a whole is written, and the next one is due in the round that is
// nearest to the table's interval from now.
func (d *Dialog) end(now time.Time) {
	t := d.turn
	d.turn = nil
	if d.layout == nil || len(d.layout.tables) == 0 {
		return
	}
	d.poller.metrics.polls.Inc()
	d.postpone(now, t.reading.due)
	e := d.poller.cfg.Box.Open()
	defer d.poller.cfg.Box.Close()
	e.Begin(append([]byte("system"), d.Tags...))
	t.reading.summary.Fields(e)
	e.End(now.UnixNano())
	t.reading.summary.WritePorts(profile.Output{Encoder: e, Device: d.Tags, At: now.UnixNano()})
}

// postpone makes tables due again in their time.
func (d *Dialog) postpone(now time.Time, tables uint64) {
	for i := range d.due {
		if rows := &d.layout.tables[i]; tables>>rows.place&1 == 1 {
			d.due[i] = poll.NextDue(now, rows.table.Every, d.poller.cfg.Round).Sub(d.poller.began)
		}
	}
}

// abandon gives up a walk until the interfaces are learned again, and a poll until the next one is due. A device that
// fell silent is asked for less then.
func (d *Dialog) abandon(now time.Time, err error) {
	d.poller.metrics.failed.Inc()
	d.poller.cfg.Log.Debug("the tables of a device were not read", "device", d.Name, "error", err)
	d.halve()
	if d.layout != nil {
		d.postpone(now, d.turn.reading.due)
	}
	d.turn = nil
}

// dueTables are the tables of the layout whose time has come, by their place in the plan.
func (d *Dialog) dueTables(now time.Time) (set uint64) {
	for i, at := range d.due {
		if at == 0 || now.Sub(d.poller.began) >= at {
			set |= 1 << d.layout.tables[i].place
		}
	}
	return set
}

// rewalk are those of some tables that have to be walked: always, or because their rows have changed.
func (d *Dialog) rewalk(due uint64) (set uint64) {
	for _, rows := range d.layout.tables {
		if rows.table.Polled == 0 || d.stale>>rows.place&1 == 1 {
			set |= 1 << rows.place
		}
	}
	return set & due
}

// varbindSize is what one varbind of an answer takes up.
const varbindSize = 26

// least is the fewest varbinds that a request asks for.
const least = 4

// room is how many varbinds the next request may ask for.
func (d *Dialog) room() int {
	fits := max(d.poller.cfg.MaxPDU/varbindSize, least)
	if d.most > 0 {
		return min(int(d.most), fits)
	}
	return fits
}

// halve makes requests smaller from here on; false if they cannot be.
func (d *Dialog) halve() bool {
	if d.room() <= least {
		return false
	}
	d.most = int32(max(d.room()/2, least))
	return true
}

// Package vitals polls how a device itself is: the load of its processors and its memory (HOST-RESOURCES-MIB,
// RFC 2790) and its temperature (ENTITY-SENSOR-MIB, RFC 3433), as the measurement system.
//
// It stands around the dialog that polls the interfaces and speaks when that has ended a round: what it asks can
// neither delay nor fail the interfaces. What a device has is learned when its interfaces are.
package vitals

import (
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/outbox"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

var (
	errTooMany = errors.New("more rows than can be looked at")
	errSilent  = errors.New("the device does not answer")
	errForeign = errors.New("the device answers something else")
	errRefused = errors.New("the device refuses")
)

// Config is what all devices have in common. Every field has to be set.
type Config struct {
	Every   time.Duration                                      // between two polls of a device
	Round   time.Duration                                      // between two rounds of its interfaces, less than Every or equal
	Retries int                                                // repeated transmissions of a request
	MaxPDU  int                                                // octets that an answer should not exceed
	Key     func(measurement string, tags ...point.Tag) []byte // with the agent's tag
	Box     *outbox.Box
	Log     *slog.Logger
}

// Poller makes the dialogs of one input.
type Poller struct {
	cfg     Config
	columns [sensor + 1][][]byte
	walks   prometheus.Counter
	polls   prometheus.Counter
	failed  prometheus.Counter
}

// New returns a poller without devices.
func New(cfg Config, reg prometheus.Registerer) *Poller {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	p := &Poller{
		cfg: cfg, columns: polledColumns(),
		walks:  counter("haidang_snmp_vitals_walks_total", "Walks that learned which processors, memory and sensors a device has."),
		polls:  counter("haidang_snmp_vitals_polls_total", "Polls of processors, memory and sensors of a device that came to their end."),
		failed: counter("haidang_snmp_vitals_failures_total", "Such walks and polls given up: no answer, or one that leads nowhere."),
	}
	reg.MustRegister(p.walks, p.polls, p.failed)
	return p
}

// Interfaces is the dialog that comes first in each round. Walked is when it last learned the device.
type Interfaces interface {
	poll.Dialog
	Walked() time.Time
}

// Dialog is a round of the interfaces with, now and then, a poll of the vitals behind it (poll.Dialog).
type Dialog struct {
	poller     *Poller
	interfaces Interfaces
	device     string
	community  string
	key        []byte

	objects []object
	learned time.Time // the walk of the interfaces after which objects were learned
	due     time.Time // the next poll
	most    int       // varbinds in a request; 0: as many as fit
	turn    *turn     // nil: it is the interfaces' turn
}

// turn is a walk or a poll under way.
type turn struct {
	learner  *learner // nil: a poll
	reading  reading
	request  *ber.Request
	silences int
}

// Device returns the dialog with one device around that with its interfaces. The community is that of v2c.
func (p *Poller) Device(name, community string, interfaces Interfaces) *Dialog {
	key := p.cfg.Key("system", point.Tag{Key: "device", Value: name})
	return &Dialog{poller: p, interfaces: interfaces, device: name, community: community, key: key}
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
	switch {
	case !d.interfaces.Walked().Equal(d.learned):
		d.learned = d.interfaces.Walked()
		d.turn = &turn{learner: newLearner()}
	case len(d.objects) > 0 && !now.Before(d.due):
		d.turn = &turn{}
	default:
		return nil
	}
	return d.next(now)
}

// next is the next request; nil ends the round.
func (d *Dialog) next(now time.Time) *ber.Request {
	t := d.turn
	t.silences = 0
	if t.learner != nil {
		if t.request = t.learner.Next(d.community, d.room()); t.request != nil {
			return t.request
		}
		d.poller.walks.Inc()
		d.objects = t.learner.objects()
		t.learner = nil
	}
	if t.reading.next < len(d.objects) {
		t.request = ber.NewRequest(d.community, ber.PDU{Op: ber.GetRequest, Names: d.names(t.reading.next)})
		return t.request
	}
	if len(d.objects) > 0 {
		d.write(now)
	}
	d.turn = nil
	return nil
}

// varbindSize is what one varbind of an answer takes up.
const varbindSize = 26

// room is how many varbinds the next request may ask for.
func (d *Dialog) room() int {
	fits := d.poller.cfg.MaxPDU / varbindSize
	if d.most > 0 {
		return min(d.most, fits)
	}
	return fits
}

// names asks for objects from one on: as many as there is room for, and at least one.
func (d *Dialog) names(from int) (names [][]byte) {
	for _, o := range d.objects[from:] {
		if len(names) > 0 && len(names)+o.width() > d.room() {
			break
		}
		for _, column := range d.poller.columns[o.kind] {
			names = append(names, ber.AppendArc(column[:len(column):len(column)], o.index))
		}
	}
	return names
}

// take reads an answer.
func (d *Dialog) take(a poll.Answer) error {
	t := d.turn
	switch {
	case a.Status == ber.TooBig:
		if !d.halve() {
			return errForeign
		}
	case t.learner != nil && a.Status != ber.NoError:
		return t.learner.Refuse(a.Status, a.Index)
	case t.learner != nil:
		return t.learner.Take(a.Varbinds)
	case a.Status != ber.NoError:
		return errRefused
	case t.reading.take(d.objects, t.request.Names, a.Varbinds) == 0:
		return errForeign
	}
	return nil
}

// halve makes requests smaller from here on; false if they cannot be.
func (d *Dialog) halve() bool {
	least := len(walkedColumns())
	if d.room() <= least {
		return false
	}
	d.most = max(d.room()/2, least)
	return true
}

// write writes what was read. The next poll is due in the round that is nearest to Every from now.
func (d *Dialog) write(now time.Time) {
	d.poller.polls.Inc()
	d.due = now.Add(d.poller.cfg.Every - d.poller.cfg.Round/2)
	e := d.poller.cfg.Box.Open()
	defer d.poller.cfg.Box.Close()
	e.Begin(d.key)
	d.turn.reading.fields(e)
	e.End(now.UnixNano())
}

// abandon gives up a walk until the interfaces are learned again, and a poll until the next one is due. A device that
// fell silent is asked for less then.
func (d *Dialog) abandon(now time.Time, err error) {
	d.poller.failed.Inc()
	d.poller.cfg.Log.Debug("processors, memory and sensors of a device were not read", "device", d.device, "error", err)
	d.halve()
	d.turn = nil
	d.due = now.Add(d.poller.cfg.Every - d.poller.cfg.Round/2)
}

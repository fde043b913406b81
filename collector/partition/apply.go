package partition

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/internal/point"
)

// A client that makes up series must not fill the memory: when the keys of those that are routed take
// this much, all are routed anew.
const (
	maxKeyBytes = 256 << 20
	routeBytes  = 100 // of a route and its place in the map, beside the key's text
)

// Times outside these bounds are not stored: one wild clock must not open a day in another century.
const (
	pastLimit   = 800 * 86400
	futureLimit = 86400
)

// apply takes one batch. What it changes is committed with the next checkpoint; until then a crash
// replays it. The position moves last: a commit while the batch is half applied saves observations
// that the replay will find there, and loses none.
func (o *owner) apply(ctx context.Context, b batch) error {
	start := time.Now()
	defer func() { o.m.seconds.Add(time.Since(start).Seconds()) }()
	from := stream{b.spool, b.origin}
	if b.spool != "" && o.windows.has(from, b.sequence) {
		o.m.duplicates.Inc()
	} else if err := o.lines(ctx, b); err != nil {
		return err
	}
	if b.spool != "" {
		o.windows.mark(from, b.sequence, o.seq)
	}
	if b.relayed {
		o.relay = b.seq
		return nil
	}
	o.seq = b.seq
	o.m.applied.Set(float64(b.seq))
	return nil
}

// lines applies every line of the batch, here or in the partition that it belongs to.
func (o *owner) lines(ctx context.Context, b batch) error {
	o.now = o.Now()
	if fresh := o.walk(ctx, b.text); len(fresh) > 0 {
		if err := o.learn(ctx, fresh); err != nil {
			return err
		}
		o.walk(ctx, fresh)
	}
	o.tell()
	if o.failed != nil {
		return o.failed
	}
	return o.passOn(ctx, b)
}

// walk applies every line whose series is known and returns the text of the others. Ingest has
// checked each line, so only the fields that a KPI needs are read here.
func (o *owner) walk(ctx context.Context, text []byte) (fresh []byte) {
	for w := point.NewWalker(text); w.Next(); {
		if id, known := o.targets[string(w.Key())]; known {
			o.line(ctx, &o.routes[id], &w)
		} else {
			fresh = appendLine(fresh, &w)
		}
	}
	return fresh
}

// appendLine writes the walker's line again.
func appendLine(dst []byte, w *point.Walker) []byte {
	dst = append(append(dst, w.Key()...), ' ')
	dst = append(append(dst, w.Fields()...), ' ')
	return append(strconv.AppendInt(dst, w.Time(), 10), '\n')
}

// learn routes the series of lines seen for the first time. Devices without a partition become ours.
func (o *owner) learn(ctx context.Context, lines []byte) error {
	fresh := map[string]point.Series{}
	for w := point.NewWalker(lines); w.Next(); {
		if _, seen := fresh[string(w.Key())]; seen {
			continue
		}
		s, err := point.ParseKey(w.Key())
		if err != nil { // not from ingest, which refuses it: routed to nowhere, and counted there
			s = point.Series{}
		}
		fresh[string(w.Key())] = s
	}
	homes, err := o.homes(ctx, fresh)
	if err != nil {
		return err
	}
	for key, s := range fresh {
		home, ok := homes[subject(s)]
		if !ok {
			home = nowhere
		}
		o.targets[key] = uint32(len(o.routes))
		r := o.route(s, home)
		if r.use == useReach {
			r.agent = strings.Clone(s.Tag("agent"))
		}
		o.routes = append(o.routes, r)
		o.keyBytes += len(key) + routeBytes
	}
	return nil
}

// nowhere is the home of a device that is kept by no partition: there are too many unknown ones.
const nowhere = -1

// homes finds the partitions of the series' devices. Only as many devices that no inventory row names
// are claimed as there is room for: a claim is for ever.
func (o *owner) homes(ctx context.Context, fresh map[string]point.Series) (map[string]int, error) {
	var devices []string
	asked, room := map[string]bool{}, o.MaxUnknown-len(o.strangers)
	for _, s := range fresh {
		device := subject(s)
		if asked[device] || !needsHome(s) || tooLong(s) {
			continue
		}
		asked[device] = true
		if !o.known(device) {
			if room--; room < 0 {
				continue
			}
		}
		devices = append(devices, device)
	}
	if len(devices) == 0 {
		return nil, nil
	}
	return o.Store.Claim(ctx, o.ID, devices)
}

// line applies one line of a known series.
func (o *owner) line(ctx context.Context, r *route, w *point.Walker) {
	switch r.use {
	case useReach, useEvent:
		v := o.pick.state.Pick(w.Fields())
		o.observe(ctx, r, w.Time(), upObs(v, r.down), whole(v[interval]))
	case usePort:
		v := o.pick.port.Pick(w.Fields())
		o.observe(ctx, r, w.Time(), portObs(v), whole(v[portInterval]))
		if r.measure {
			o.count(ctx, r, counters(v, w.Time()))
		}
	case useSystem:
		if cs, ok := o.pick.system.Pick(w.Fields())[0].Uint(); ok {
			o.uptime(ctx, r, w.Time(), cs)
		}
	case usePON:
		o.pon(ctx, r, w)
	case useOTN:
		o.otn(ctx, r, w.Time(), o.pick.otn.Pick(w.Fields()))
	case usePart:
		o.part(w)
	case useCounters:
		o.cellReport(ctx, r, w)
	case useSample:
		o.sample(ctx, r, w)
	case useHeartbeat:
		o.heartbeat(r.agent, w.Time())
		o.spoke(r.agent, floorSec(w.Time()), whole(o.pick.state.Pick(w.Fields())[interval]))
	case useWatchdog:
		o.m.watchdog.Set(float64(w.Time()) / 1e9)
		o.reached(w.Time())
	case useElsewhere:
		o.foreign[r.home] = appendLine(o.foreign[r.home], w)
	case useNone, useTooMany, useTooManyMethods, useTooLong:
		o.leave(r.use)
	}
}

// leave counts a line that is not applied.
func (o *owner) leave(u use) {
	switch u {
	case useTooMany:
		o.m.tooMany.Inc()
	case useTooManyMethods:
		o.m.tooManyMethods.Inc()
	case useTooLong:
		o.m.tooLong.Inc()
	default:
		o.m.notNeeded.Inc()
	}
}

// observe adds a state observation; none is a line that lacks the field that says it.
func (o *owner) observe(ctx context.Context, r *route, ns int64, obs kpi.Obs, interval int64) {
	if obs == none {
		o.m.noField.Inc()
		return
	}
	sec := floorSec(ns)
	d := o.day(ctx, model.DayOf(sec))
	if d == nil {
		return
	}
	o.m.observed.Inc()
	in := sec - d.date.Start()
	if s := at(&d.series, r.entity); s.Add(in, obs, interval) {
		first, _ := s.First()
		o.changed(d, in, first == in)
		o.follow(r, sec, obs, interval)
	}
}

func (o *owner) count(ctx context.Context, r *route, c kpi.Counters) {
	if c.Has&kpi.HasOctets == 0 {
		return
	}
	date, boundary := kpi.BoundaryOf(c.Time)
	d := o.day(ctx, date)
	if d == nil {
		return
	}
	readings := at(&d.counters, r.entity)
	known := readings.Conflicting(boundary)
	if !readings.Add(boundary, c) {
		return
	}
	o.changed(d, int64(boundary)*kpi.SlotSeconds, boundary == 0)
	if !known && readings.Conflicting(boundary) {
		o.m.conflicts.Inc()
	}
}

// nearMidnight is how far, in seconds, the start of a device that is told again may shift.
const nearMidnight = 120

// uptime notes when the device started, which the day before needs if it was then.
func (o *owner) uptime(ctx context.Context, r *route, ns int64, centiseconds uint64) {
	sec := floorSec(ns)
	d := o.day(ctx, model.DayOf(sec))
	if d == nil {
		return
	}
	s := at(&d.series, r.entity)
	before := s.Starts()
	if s.AddUptime(sec, centiseconds) {
		in := sec - d.date.Start()
		early := int64(centiseconds/100) - in // seconds before midnight
		o.changed(d, in, early > -nearMidnight && (early < nearMidnight || s.Starts() != before))
	}
}

// day returns the open day that a point belongs to, reading it back from the store if need be, or nil
// if the point cannot be kept, which is counted.
func (o *owner) day(ctx context.Context, date model.Day) *day {
	if o.last != nil && o.last.date == date {
		return o.last
	}
	now := o.now.Unix()
	switch {
	case date.Start() > now+futureLimit || date.End() < now-pastLimit:
		o.m.outOfRange.Inc()
		return nil
	case o.failed != nil:
		return nil
	}
	d, ok := o.days[date]
	if !ok {
		if o.sealed(date) {
			o.m.late.Inc()
			return nil
		}
		if d, o.failed = o.load(ctx, date); o.failed != nil {
			return nil
		}
		o.days[date] = d
	}
	o.last = d
	return d
}

// changed marks the hour of second in of the day for the next checkpoint and, if the day is closed,
// what must be closed anew. before says that the day before needs the change, too: an entity's first
// observation confirms or refutes a failure that was pending at midnight, boundary 0 ends its last slot.
func (o *owner) changed(d *day, in int64, before bool) {
	d.dirty |= 1 << uint(in/3600)
	o.clock++
	d.version = o.clock
	d.touched = o.now
	first := d.date
	if before {
		first--
	}
	if first <= o.closedTo && first < o.staleFrom {
		o.staleFrom = first
		o.m.reopened.Inc()
	}
}

func floorSec(ns int64) int64 {
	sec := ns / 1e9
	if ns%1e9 < 0 {
		sec--
	}
	return sec
}

package alarm

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/haidang-noc/haidang/collector/store"
)

// load reads the open alarms, and the falls of those cleared lately.
func (e *Engine) load(ctx context.Context) error {
	b := newBook(e.Config)
	err := e.Store.View(ctx, func(v *store.View) (err error) {
		if b.lastID, b.seq, err = v.LastAlarm(); err != nil {
			return err
		}
		open, err := v.Alarms(store.AlarmQuery{Open: true})
		if err != nil {
			return err
		}
		from := e.Now().Add(-e.FlapWindow.D())
		over, err := v.Alarms(store.AlarmQuery{From: from.UnixMilli(), To: 1 << 62})
		if err != nil {
			return err
		}
		for _, row := range append(open, over...) {
			if err := b.read(row); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for t, a := range b.open {
		switch t.Cause {
		case AgentLost:
			e.net.miss(t.Name, a.Since.Unix(), e.Store.Partitions())
		case PartFailed:
			e.net.recall(a)
		case DeviceDown, LinkDown, RedundancyLost, DevicesSilent: // the partitions know
		}
	}
	e.book = b
	e.latest.Store(newSnapshot(b.sorted()))
	e.stream.seq = b.seq
	e.m.leading.Set(1)
	return nil
}

// read takes a row of the store; of several alarms that are over, the latest comes first.
func (b *book) read(row store.Alarm) error {
	a, err := decode(row)
	if err != nil {
		return err
	}
	if a.State != Over {
		b.open[a.thing()] = a
	} else if _, known := b.falls[a.thing()]; !known && b.open[a.thing()] == nil {
		b.falls[a.thing()] = a.Falls
	}
	return nil
}

func decode(row store.Alarm) (*Alarm, error) {
	a := new(Alarm)
	if err := json.Unmarshal(row.Data, a); err != nil {
		return nil, fmt.Errorf("alarm: row %d: %w", row.ID, err)
	}
	return a, nil
}

func encode(a *Alarm) (store.Alarm, error) {
	data, err := json.Marshal(a)
	if err != nil {
		return store.Alarm{}, fmt.Errorf("%v: %w", a, err)
	}
	row := store.Alarm{ID: a.ID, Cause: string(a.Cause), Name: a.Name, Province: a.Home(), Severity: string(a.Severity),
		RaisedAt: a.RaisedAt.UnixMilli(), Data: data}
	if a.State == Over {
		row.ClearedAt = a.ClearedAt.UnixMilli()
	}
	return row, nil
}

// drop gives the alarms up: another process keeps them.
func (e *Engine) drop() {
	e.book, e.findings = nil, nil
	e.latest.Store(&snapshot{})
	e.stream.close()
	e.m.leading.Set(0)
}

// maxUnsent bounds the events that wait for a store that does not take them.
const maxUnsent = 100_000

// finish makes the round's changes durable and shows them. A store that fails delays nobody who watches:
// what it did not take is written with the next round.
func (e *Engine) finish(ctx context.Context) {
	b := e.book
	changed := len(b.drafts) > 0 || len(b.events) > 0
	for _, ev := range b.events {
		if ev.Seq != 0 && len(b.unsent) < maxUnsent {
			b.unsent = append(b.unsent, ev)
		}
		e.m.events.WithLabelValues(string(ev.Kind)).Inc()
	}
	if err := e.save(ctx); err != nil {
		e.m.failures.WithLabelValues("store").Inc()
		e.Log.Error().Err(err).Msg("alarms are shown but not stored yet")
	}
	if changed {
		e.latest.Store(newSnapshot(b.sorted()))
		e.stream.tell(b.events)
	}
	clear(b.drafts)
	b.events = nil
}

func (e *Engine) save(ctx context.Context) error {
	if len(e.book.unsaved) == 0 {
		return nil
	}
	var alarms []store.Alarm
	for _, a := range e.book.unsaved {
		row, err := encode(a)
		if err != nil {
			return err
		}
		alarms = append(alarms, row)
	}
	var events []store.AlarmEvent
	for _, ev := range e.book.unsent {
		events = append(events, store.AlarmEvent{Seq: ev.Seq, AlarmID: ev.AlarmID, At: ev.At.UnixMilli(), Kind: string(ev.Kind), Who: ev.Who, Text: ev.Text})
	}
	if err := e.Store.SaveAlarms(ctx, alarms, events); err != nil {
		return err
	}
	clear(e.book.unsaved)
	e.book.unsent = nil
	return nil
}

const (
	pruneEvery = time.Hour
	pruneAtMax = 10_000 // alarms at a time
)

// prune forgets alarms that were cleared long ago.
func (e *Engine) prune(ctx context.Context, now time.Time) {
	if now.Sub(e.pruned) < pruneEvery {
		return
	}
	e.pruned = now
	n, err := e.Store.ForgetAlarms(ctx, now.AddDate(0, 0, -e.KeepDays).UnixMilli(), pruneAtMax)
	if err != nil && ctx.Err() == nil {
		e.m.failures.WithLabelValues("store").Inc()
		e.Log.Warn().Err(err).Msg("old alarms stay for now")
	}
	if n == pruneAtMax { // there are more
		e.pruned = now.Add(time.Second - pruneEvery)
	}
}

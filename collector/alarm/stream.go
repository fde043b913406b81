package alarm

import (
	"context"
	"errors"

	"github.com/haidang-noc/haidang/collector/store"
)

// Subscription is one listener. Read Missed first, then C; when C is closed, the listener was too slow or
// the engine ended: subscribe again after the last event that was read.
type Subscription struct {
	Missed []Event // after the sequence that was asked for
	Lost   bool    // what happened since then is not known any more: list the alarms anew
	C      <-chan Event
	Seq    int64 // of the last event before C's
	Close  func()
}

const (
	backlog        = 1000 // events that wait for a listener before it is too slow
	maxMissed      = 10_000
	maxSubscribers = 1000
)

// ErrTooMany says that too many listen already.
var ErrTooMany = errors.New("too many listen to the alarms")

// stream tells listeners. It belongs to the engine's goroutine.
type stream struct {
	seq       int64
	listeners map[*listener]bool
}

type listener struct{ ch chan Event }

// tell hands events to everybody. Who does not keep up is cut off and can read on from the store.
func (s *stream) tell(events []Event) {
	for _, ev := range events {
		s.seq = max(s.seq, ev.Seq)
		for l := range s.listeners {
			select {
			case l.ch <- ev:
			default:
				s.remove(l)
			}
		}
	}
}

func (s *stream) remove(l *listener) {
	if s.listeners[l] {
		delete(s.listeners, l)
		close(l.ch)
	}
}

func (s *stream) close() {
	for l := range s.listeners {
		s.remove(l)
	}
}

// Subscribe listens to everything that happens after the sequence; 0: from now on.
func (e *Engine) Subscribe(ctx context.Context, after int64) (*Subscription, error) {
	l := &listener{make(chan Event, backlog)}
	sub := &Subscription{C: l.ch}
	err := e.ask(ctx, func() error {
		if len(e.stream.listeners) >= maxSubscribers {
			return ErrTooMany
		}
		if e.stream.listeners == nil {
			e.stream.listeners = map[*listener]bool{}
		}
		e.stream.listeners[l] = true
		sub.Seq = e.stream.seq
		return nil
	})
	if err != nil {
		return nil, err
	}
	sub.Close = func() {
		// The engine may have ended, which closed it.
		_ = e.ask(context.WithoutCancel(ctx), func() error { e.stream.remove(l); return nil })
	}
	if after > 0 {
		err = e.missed(ctx, sub, after)
	}
	if err != nil {
		sub.Close()
		return nil, err
	}
	return sub, nil
}

// missed reads what happened between after and the subscription from the store.
func (e *Engine) missed(ctx context.Context, sub *Subscription, after int64) error {
	if after > sub.Seq || sub.Seq-after > maxMissed {
		sub.Lost = true
		return nil
	}
	return e.Store.View(ctx, func(v *store.View) error {
		rows, err := v.AlarmEvents(0, after, maxMissed)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.Seq > sub.Seq {
				break
			}
			ev := eventOf(row)
			if ev.Alarm, err = e.alarm(v, row.AlarmID); err != nil {
				return err
			}
			sub.Missed = append(sub.Missed, ev)
		}
		return nil
	})
}

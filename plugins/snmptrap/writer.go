package snmptrap

import (
	"context"
	"fmt"

	"github.com/haidang-noc/haidang/internal/gate"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// writer makes lines of events. It is for one goroutine.
type writer struct {
	key     func(measurement string, tags ...sdk.Tag) []byte
	gate    *gate.Gate
	informs *informs
	metrics *metrics
	lines   sdk.Encoder
	written []*inform
}

// together is how many events at most go into one write.
const together = 256

// run writes events until there are no more. Where the agent's spool is slow, it waits with it; what comes meanwhile is
// bounded by the gate.
func (w *writer) run(ctx context.Context, events <-chan *event, write func(context.Context, []byte, int) error) error {
	for e := range events {
		batch := w.gather(e, events)
		if err := write(ctx, w.lines.Bytes(), w.lines.Lines()); err != nil {
			return fmt.Errorf("snmptrap: %w", err)
		}
		for _, e := range batch {
			w.gate.Release(e.account, e.cost)
		}
		w.informs.wrote(w.written)
	}
	return nil
}

// gather encodes an event and those that wait behind it.
func (w *writer) gather(e *event, events <-chan *event) (batch []*event) {
	w.lines.Reset()
	w.written = w.written[:0]
	for {
		w.encode(e)
		batch = append(batch, e)
		if len(batch) == together {
			return batch
		}
		select {
		case next, ok := <-events:
			if !ok {
				return batch
			}
			e = next
		default:
			return batch
		}
	}
}

// encode writes the trap's line and, if it tells the state of an interface whose name is known, that of the state.
func (w *writer) encode(e *event) {
	if e.ifname == "" {
		e.ifname = e.ifdescr
	}
	w.trap(e)
	if e.alarm != nil && e.alarm.up != nil {
		w.state(e)
	}
	if e.inform != nil {
		w.written = append(w.written, e.inform)
	}
}

// trap writes what the notification said. Its tags are bounded whatever arrives: names come from tables.
func (w *writer) trap(e *event) {
	name, severity, device := unknownTrap, "indeterminate", ""
	if e.alarm != nil {
		name, severity = e.alarm.name, e.alarm.severity
	} else {
		w.metrics.unknown.Inc()
	}
	if e.device != nil {
		device = e.device.Name
	} else {
		w.metrics.strangers.Inc()
	}
	l := &w.lines
	l.Begin(w.key("trap", sdk.Tag{Key: "device", Value: device}, sdk.Tag{Key: "name", Value: name}))
	l.String("oid", e.oid)
	l.String("severity", severity)
	if e.ifname != "" {
		l.String("ifname", e.ifname)
	}
	if e.ifindex != 0 {
		l.Int("ifindex", int64(e.ifindex))
	}
	l.String("text", e.text)
	l.String("source", e.source.String())
	l.String("version", e.version.String())
	l.Uint("uptime_cs", e.uptime)
	l.End(e.at.UnixNano())
}

func (w *writer) state(e *event) {
	if e.device == nil || e.ifname == "" {
		w.metrics.unnamed.Inc()
		return
	}
	device, ifname := sdk.Tag{Key: "device", Value: e.device.Name}, sdk.Tag{Key: "ifname", Value: e.ifname}
	if e.shut && !*e.alarm.up { // out of service is no failure: the line that a poll would write
		w.lines.Begin(w.key("interface", device, ifname))
		w.lines.Int("admin", statusDown)
		w.lines.Int("oper", statusDown)
	} else {
		w.lines.Begin(w.key("state", device, ifname, sdk.Tag{Key: "source", Value: "trap"}))
		w.lines.Bool("up", *e.alarm.up)
	}
	w.lines.End(e.at.UnixNano())
	w.metrics.states.Inc()
}

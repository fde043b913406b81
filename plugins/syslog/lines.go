package syslog

import (
	"strings"
	"time"
	"unicode"

	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/syslog/table"
)

// lines encodes messages. It is for one goroutine at a time: the backlog's.
type lines struct {
	key     func(measurement string, tags ...sdk.Tag) []byte
	metrics *metrics
	maxText int
	count   int64
}

// unique tells messages of one series and one time apart: two lines with both the same would be one. Devices write seconds, or
// thousandths at best.
func (l *lines) unique(at time.Time) int64 {
	l.count++
	return at.UnixNano() + l.count%1_000_000
}

// encode writes the message's line and what it tells of an interface or a part, if its device is known.
func (l *lines) encode(to *sdk.Encoder, e *event) {
	ns := l.unique(e.at)
	l.message(to, e, ns)
	if !e.known {
		return
	}
	switch e.match.Tells {
	case table.Up, table.Down, table.Shut:
		l.interfaceState(to, e, ns)
	case table.Alarm, table.Cleared:
		l.part(to, e, ns)
	case table.Nothing:
	}
}

// unknownName is the name of a message that no table has.
const unknownName = "unknown"

// message writes what was said. Its tags are bounded whatever arrives: names come from tables.
func (l *lines) message(to *sdk.Encoder, e *event, ns int64) {
	name, severity := unknownName, "indeterminate"
	if e.known {
		name, severity = e.match.Name, e.match.Severity
	}
	to.Begin(l.key("syslog", sdk.Tag{Key: "device", Value: e.device}, sdk.Tag{Key: "name", Value: name}))
	to.String("severity", severity)
	to.Int("level", int64(e.msg.Severity()))
	if e.known {
		to.String("vendor", e.match.Vendor)
		if e.match.IfName != "" {
			to.String("ifname", e.match.IfName)
		}
		if e.match.Object != "" {
			to.String("object", e.match.Object)
		}
	}
	to.String("text", readable(e.msg.Text, l.maxText))
	to.String("source", e.source.String())
	if len(e.msg.Host) > 0 {
		to.String("host", readable(e.msg.Host, l.maxText))
	}
	to.End(ns)
}

// interfaceState writes the point that a trap or a poll would have made of the same fact.
func (l *lines) interfaceState(to *sdk.Encoder, e *event, ns int64) {
	if e.device == "" || e.match.IfName == "" {
		l.metrics.unnamed.Inc()
		return
	}
	device, ifname := sdk.Tag{Key: "device", Value: e.device}, sdk.Tag{Key: "ifname", Value: e.match.IfName}
	if e.match.Tells == table.Shut {
		const down = 2
		to.Begin(l.key("interface", device, ifname))
		to.Int("admin", down)
		to.Int("oper", down)
	} else {
		to.Begin(l.key("state", device, ifname, sdk.Tag{Key: "source", Value: "syslog"}))
		to.Bool("up", e.match.Tells == table.Up)
	}
	to.End(ns)
	l.metrics.states.Inc()
}

func (l *lines) part(to *sdk.Encoder, e *event, ns int64) {
	if e.device == "" || e.match.Object == "" {
		l.metrics.unnamed.Inc()
		return
	}
	to.Begin(l.key("sensor", sdk.Tag{Key: "device", Value: e.device}, sdk.Tag{Key: "object", Value: e.match.Object},
		sdk.Tag{Key: "sensor", Value: e.match.Sensor}))
	to.Bool("ok", e.match.Tells == table.Cleared)
	to.End(ns)
	l.metrics.parts.Inc()
}

// readable makes one line of a text: spaces for what separates, U+FFFD for what cannot be read, most octets at most.
func readable(text []byte, most int) string {
	s := strings.ToValidUTF8(string(text[:min(len(text), most)]), "\uFFFD")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return '\uFFFD'
		}
		return r
	}, s)
	if len(text) > most {
		s += "…"
	}
	return s
}

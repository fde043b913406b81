package alarm

import (
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// verdict says what to make of something that is down.
type verdict uint8

const (
	waits   verdict = iota // nothing yet: its gateway has not been heard since, or is in doubt
	root                   // it is down itself
	symptom                // something else that is down explains it
)

// thing names what an alarm is about.
type thing struct {
	Cause Cause
	Name  string
}

// finding is one thing that is down or unknown, and why.
type finding struct {
	thing
	verdict verdict
	root    thing // of a symptom: what explains it
	since   int64
	decided int64 // when the last word that decided it was taken in, Unix nanoseconds
}

// diagnosis judges everything that is down, once each. Words are compared with each other by their own
// times, never with a clock: a collector that is behind finds what one finds that is not.
type diagnosis struct {
	*network
	told   func(thing) bool // has it an alarm that is not suppressed?
	judged map[int32]finding
}

// diagnose finds what is down or unknown, and why. The order says nothing.
func (n *network) diagnose(told func(thing) bool) []finding {
	d := diagnosis{n, told, make(map[int32]finding, len(n.down))}
	out := make([]finding, 0, len(n.down)+len(n.broken))
	for i := range n.down {
		out = append(out, d.device(i))
	}
	for link := range n.broken {
		out = append(out, d.link(link))
	}
	out = d.brokenParts(out)
	return append(d.composites(out), n.diagnoseAgents()...)
}

// device judges a device that is down.
func (d *diagnosis) device(i int32) finding {
	f, done := d.judged[i]
	if !done {
		f = d.judge(&d.devices[i])
		d.judged[i] = f
	}
	return f
}

// judge looks up the chain of gateways for the first of which something is known.
//
//	gateway   device                                             verdict
//	down      down since then, or never told                     symptom of the gateway's root
//	up        seen down while the gateway was seen up            root
//	up        not seen since the gateway came back, or           waits for the next poll
//	          gateway not seen since the device fell
//	in doubt  (one failed poll)                                  waits
func (d *diagnosis) judge(dev *device) finding {
	f := finding{thing: thing{DeviceDown, dev.row.Name}, verdict: root, since: dev.Since, decided: dev.applied}
	for p := dev.parent; p >= 0; p = d.devices[p].parent {
		gate := &d.devices[p]
		switch condition(gate, dev.seen) {
		case unheard:
			continue
		case dead:
			return d.beneath(f, p, dev.Since >= gate.Since-slack(&dev.word, &gate.word))
		case doubtful:
			f.verdict = waits
		case alive:
			f.decided = max(f.decided, gate.applied)
			if !together(&dev.word, &gate.word) {
				f.verdict = waits
			}
		}
		return f
	}
	return f
}

// beneath puts a finding under the root of a device that is down. What was down and told before that
// device fell has a reason of its own.
func (d *diagnosis) beneath(f finding, device int32, explained bool) finding {
	if !explained && d.told(f.thing) {
		return f
	}
	above := d.device(device)
	f.verdict, f.root = symptom, above.thing
	if above.verdict == symptom {
		f.root = above.root
	}
	return f
}

// link judges a link that is down by the devices at its ends. It does not wait for their next polls: a
// trap must be an alarm at once. If one of them turns out to be dead, the alarm goes beneath it.
func (d *diagnosis) link(l *model.Link) finding {
	_, w := d.linkWord(l)
	f := finding{thing: thing{LinkDown, l.Name}, verdict: root, since: w.Since, decided: w.applied}
	for _, p := range [...]model.Port{l.A, l.B} {
		i, ok := d.byName[p.Device]
		if !ok {
			continue
		}
		end := &d.devices[i]
		switch condition(end, w.seen) {
		case dead:
			return d.beneath(f, i, w.Since >= end.Since-slack(&w, &end.word))
		case doubtful:
			f.verdict = waits
		case alive:
			if w.Since < end.Since && w.seen < end.Since+slack(&w, &end.word) {
				f.verdict = waits // the device came back, its port was not looked at since
			}
		case unheard:
		}
	}
	return f
}

// conditions of a device, as somebody else's gateway.
type gateState uint8

const (
	unheard gateState = iota // nothing is known of it at that time
	alive
	doubtful // one poll failed, the next one decides
	dead
)

// condition is what is known of a device at the time at.
func condition(d *device, at int64) gateState {
	switch {
	case d.seen == 0:
		return unheard
	case d.State == kpi.Down:
		return dead
	case d.Doubt(at):
		return doubtful
	case d.State == kpi.Up && at < d.Until:
		return alive
	}
	return unheard
}

// together says that the device was seen down while its gateway was seen up. A device that was down
// when its gateway came back has a poll's time to come back, too.
func together(dev, gate *word) bool {
	from := gate.Since
	if dev.Since < gate.Since {
		from += slack(dev, gate)
	}
	return gate.seen >= dev.Since && dev.seen >= from
}

// slack is how far apart two devices may notice the same thing: one poll interval of the slower one.
func slack(a, b *word) int64 { return int64(max(a.LastPoll, b.LastPoll)) }

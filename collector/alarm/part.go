package alarm

import (
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/partition"
)

// part is what is known of a piece of a device that can fail by itself.
type part struct {
	device string
	partition.PartStatus
	since int64 // when it failed first, Unix seconds
	aged  bool  // nothing was heard of it for so long that its alarm is over
}

// maxParts bounds how many parts are followed. Those that are well are forgotten first.
const maxParts = 50_000

// partName is the name of a part's alarm.
func partName(p partition.Part) string { return p.Device + "/" + p.Sensor + "/" + p.Object }

// learnPart takes the latest message about a part; an older one than is known changes nothing. False: there are too many.
func (n *network) learnPart(p partition.Part, s partition.PartStatus) bool {
	name := partName(p)
	known := n.parts[name]
	switch {
	case known == nil && len(n.parts) >= maxParts && !n.dropWell():
		return false
	case known == nil:
		known = &part{device: p.Device, since: s.Seen / 1e9}
		n.parts[name] = known
	case s.Seen < known.Seen || s.Seen == known.Seen && s.OK:
		return true
	case known.OK || known.aged:
		known.since = s.Seen / 1e9
	}
	known.PartStatus, known.aged = s, false
	return true
}

// dropWell makes room.
func (n *network) dropWell() bool {
	before := len(n.parts)
	n.forgetParts(func(_ string, p *part) bool { return p.OK })
	return len(n.parts) < before
}

func (n *network) forgetParts(old func(name string, p *part) bool) {
	for name, p := range n.parts {
		if old(name, p) {
			delete(n.parts, name)
		}
	}
}

// remember is how long a part that is well is known: an older message that comes late must not raise an alarm.
const remember = 3600

// age ends the alarms of parts of which nothing was heard since before, if there is such a time, and forgets those that are
// well and have none.
func (n *network) age(now, keep int64, told func(name string) bool) {
	for _, p := range n.parts {
		p.aged = p.aged || keep > 0 && !p.OK && p.Seen/1e9 < now-keep
	}
	n.forgetParts(func(name string, p *part) bool { return (p.OK || p.aged) && p.Seen/1e9 < now-remember && !told(name) })
}

// recall notes a part whose alarm is open in the store.
func (n *network) recall(a *Alarm) {
	if n.parts[a.Name] != nil {
		return
	}
	last := a.Falls[len(a.Falls)-1] * 1e9
	if !a.UpSince.IsZero() {
		last = a.UpSince.UnixNano()
	}
	n.parts[a.Name] = &part{device: a.Of, since: a.Falls[len(a.Falls)-1], PartStatus: partition.PartStatus{OK: !a.UpSince.IsZero(), Seen: last}}
}

// parts judges the parts that are not well. While its device is down, a part is beneath the device's alarm: it may be
// the reason, but one alarm is enough.
func (d *diagnosis) brokenParts(out []finding) []finding {
	for name, p := range d.parts {
		i, known := d.byName[p.device]
		if p.OK || p.aged || !known {
			continue
		}
		f := finding{thing: thing{PartFailed, name}, verdict: root, since: p.since}
		if !p.Applied.IsZero() {
			f.decided = p.Applied.UnixNano()
		}
		if d.down[i] {
			if above := d.device(i); above.verdict == symptom {
				f.verdict, f.root = symptom, above.root
			} else if above.verdict == root {
				f.verdict, f.root = symptom, above.thing
			}
		}
		out = append(out, f)
	}
	return out
}

// partState is the state of a part that is not found broken, and since when.
func (n *network) partState(p *part) (kpi.State, int64) {
	switch {
	case p == nil:
		return kpi.Unknown, 0
	case n.find(p.device) == nil:
		return gone, 0
	case p.aged:
		return old, 0
	case p.OK:
		return kpi.Up, p.Seen / 1e9
	}
	return kpi.Down, p.since
}

func (n *network) describePart(p *part) (place, bool) {
	if p == nil {
		return place{}, false
	}
	where, known := n.describeDevice(n.find(p.device))
	where.of = p.device
	if where.severity == Critical {
		where.severity = Major
	}
	return where, known
}

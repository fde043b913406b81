package alarm

import (
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// Impact from which a device that is down is critical or major: how many devices hang on it.
const (
	criticalBeneath = 1000
	majorBeneath    = 20
)

// x733 are the event type and probable cause of a cause, in the terms of ITU-T X.733 and X.721; empty
// for what is none.
func x733(c Cause) (eventType, probableCause string) {
	switch c {
	case DeviceDown:
		return "communicationsAlarm", "communicationsSubsystemFailure"
	case LinkDown:
		return "communicationsAlarm", "lossOfSignal"
	case RedundancyLost:
		return "qualityOfServiceAlarm", "performanceDegraded"
	case PartFailed:
		return "equipmentAlarm", "equipmentMalfunction"
	case AgentLost:
		return "processingErrorAlarm", "applicationSubsystemFailure"
	case DevicesSilent:
		return "processingErrorAlarm", "underlyingResourceUnavailable"
	}
	return "", ""
}

// place is what the inventory says of a thing.
type place struct {
	provinces   []string
	system      model.System
	site        string
	subscribers int64
	severity    Severity
	protection  string
	of          string
}

// describe says where a thing is and how much it matters; false if it is not in the inventory.
func (n *network) describe(t thing) (place, bool) {
	switch t.Cause {
	case DeviceDown:
		return n.describeDevice(n.find(t.Name))
	case LinkDown:
		return n.describeLink(n.linkNamed(t.Name))
	case RedundancyLost:
		return n.describeComposite(n.composed[t.Name])
	case PartFailed:
		return n.describePart(n.parts[t.Name])
	case AgentLost:
		return place{provinces: n.provincesOf(n.devicesOf(t.Name)), severity: Major}, n.concerns(t.Name)
	default:
		return place{provinces: n.provincesOf(n.silent[t.Name]), severity: Indeterminate}, true
	}
}

func (n *network) describeDevice(d *device) (place, bool) {
	if d == nil {
		return place{}, false
	}
	p := place{system: d.row.System, site: d.row.Site, subscribers: d.row.Subscribers, severity: Minor}
	if d.row.Province != "" {
		p.provinces = []string{d.row.Province}
	}
	switch {
	case d.row.Province == "" || d.beneath >= criticalBeneath:
		p.severity = Critical
	case d.beneath >= majorBeneath:
		p.severity = Major
	}
	return p, true
}

// describeLink: an international link carries the nation, one between devices that matter is major.
func (n *network) describeLink(l *model.Link) (place, bool) {
	if l == nil {
		return place{}, false
	}
	p := place{severity: Minor}
	for _, end := range [...]string{l.A.Device, l.B.Device} {
		d := n.find(end)
		if d == nil {
			continue
		}
		if p.system == "" {
			p.system, p.site = d.row.System, d.row.Site
		}
		if d.row.Province == "" && end == l.A.Device || d.beneath >= majorBeneath {
			p.severity = Major
		}
		if d.row.Province != "" && !slices.Contains(p.provinces, d.row.Province) {
			p.provinces = append(p.provinces, d.row.Province)
		}
	}
	if l.Class == model.International {
		p.severity = Critical
	}
	return p, true
}

// describeComposite: to lose protection calls nobody out of bed, to be down does.
func (n *network) describeComposite(c *composed) (place, bool) {
	if c == nil {
		return place{}, false
	}
	p := place{system: c.row.System, severity: Major, protection: c.state.String()}
	if c.row.Province != "" {
		p.provinces = []string{c.row.Province}
	}
	if c.state == failed {
		p.severity = Critical
	}
	return p, true
}

// linkNamed is the row of a link that holds now, or nil.
func (n *network) linkNamed(name string) *model.Link {
	rows := n.inv.LinkRows(name)
	for i := range rows {
		if rows[i].Covers(n.at) {
			return &rows[i]
		}
	}
	return nil
}

// window is the planned work that covers a thing now; empty: none does.
func (n *network) window(t thing, now int64) string {
	switch t.Cause {
	case DeviceDown:
		return n.deviceWindow(t.Name, now)
	case LinkDown:
		return n.linkWindow(t.Name, now)
	case RedundancyLost:
		return n.compositeWindow(n.composed[t.Name], now)
	case PartFailed:
		if p := n.parts[t.Name]; p != nil {
			return n.deviceWindow(p.device, now)
		}
	case AgentLost, DevicesSilent: // windows are for the network
	}
	return ""
}

// linkWindow is a window on the link itself, or on a device at one of its ends.
func (n *network) linkWindow(name string, now int64) string {
	if id := n.scopeWindow(model.ScopeLink, name, now); id != "" {
		return id
	}
	l := n.linkNamed(name)
	if l == nil {
		return ""
	}
	if id := n.deviceWindow(l.A.Device, now); id != "" {
		return id
	}
	return n.deviceWindow(l.B.Device, now)
}

// compositeWindow is a window on the composite or its system, or on all its members that are down.
func (n *network) compositeWindow(c *composed, now int64) (id string) {
	if c == nil {
		return ""
	}
	for _, s := range c.row.Scopes() {
		if id = n.scopeWindow(s.Kind, s.Key, now); id != "" {
			return id
		}
	}
	for _, m := range c.down {
		if id = n.window(m.thing, now); id == "" {
			return ""
		}
	}
	return id
}

// scopeWindow is planned work on exactly this scope.
func (n *network) scopeWindow(kind model.ScopeKind, key string, now int64) string {
	for _, w := range n.inv.ScopeWindows(kind, key) {
		if w.Planned() && w.Start <= now && now < w.End {
			return w.ID
		}
	}
	return ""
}

func (n *network) deviceWindow(name string, now int64) string {
	d := n.find(name)
	if d == nil {
		return ""
	}
	for w := range n.inv.Covering(d.row, now) {
		if w.Planned() {
			return w.ID
		}
	}
	return ""
}

func (p place) fill(a *Alarm) {
	a.Provinces, a.System, a.Site, a.Subscribers, a.Severity = append([]string{}, p.provinces...), p.system, p.site, p.subscribers, p.severity
	a.Protection, a.Of = p.protection, p.of
}

func (p place) equal(o place) bool {
	return slices.Equal(p.provinces, o.provinces) && p.system == o.system && p.site == o.site && p.subscribers == o.subscribers && p.severity == o.severity &&
		p.protection == o.protection && p.of == o.of
}

// kindOf is what an alarm of the cause is about.
func kindOf(c Cause) Kind {
	switch c {
	case DeviceDown:
		return Device
	case LinkDown:
		return Link
	case RedundancyLost:
		return Composite
	case PartFailed:
		return Part
	case AgentLost, DevicesSilent:
	}
	return Agent
}

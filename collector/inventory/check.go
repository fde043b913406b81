package inventory

import (
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/model"
)

// meet is the time that two validities share; it is empty if From is not before To.
func meet(a, b model.Validity) model.Validity {
	return model.Validity{From: max(a.From, b.From), To: min(a.To, b.To)}
}

func overlap(a, b model.Validity) bool {
	both := meet(a, b)
	return both.From < both.To
}

func (l *loader) checkDevices(x *Index) {
	twice(l, &l.devices, "device", func(d *model.Device) (string, model.Validity) { return d.Name, d.Validity })
	for i := range x.Devices {
		d := &x.Devices[i]
		if d.Parent != "" && !known(x, d.Parent, d.Validity) {
			l.found.add(l.devices.file, l.devices.lines[i], "parent", "%s is not a device%s", quote(d.Parent), whileValid(x, d.Parent))
		}
	}
}

// checkCycles needs the rows of each device to be disjoint, so it waits until they are.
func (l *loader) checkCycles(x *Index) {
	if l.found.Total > 0 {
		return
	}
	for _, c := range findCycles(x) {
		l.found.add(l.devices.file, l.devices.lines[c.row], "parent", "%s is its own gateway: %s", quote(x.Devices[c.row].Name), c.path)
	}
}

// known says whether the device has a row during some of v.
func known(x *Index, device string, v model.Validity) bool {
	for _, d := range x.DeviceRows(device) {
		if overlap(d.Validity, v) {
			return true
		}
	}
	return false
}

// whileValid tells a device that does not exist from one that exists at another time.
func whileValid(x *Index, device string) string {
	if len(x.DeviceRows(device)) == 0 {
		return ": want one of devices.csv"
	}
	return " while this row is valid: want one that is"
}

// twice reports rows of one key whose validity overlaps that of an earlier row.
func twice[T any](l *loader, rows *list[T], column string, key func(*T) (string, model.Validity)) {
	longest := 0 // the row of the current key that is valid longest
	for i := 1; i < len(rows.rows); i++ {
		name, v := key(&rows.rows[i])
		before, open := key(&rows.rows[longest])
		if name == before && name != "" && overlap(open, v) {
			l.found.add(rows.file, rows.lines[i], column, "%s is valid twice: its validity overlaps that of line %d", quote(name), rows.lines[longest])
		}
		if name != before || v.To > open.To {
			longest = i
		}
	}
}

func (l *loader) checkLinks(x *Index) {
	twice(l, &l.links, "link", func(link *model.Link) (string, model.Validity) { return link.Name, link.Validity })
	for i := range x.Links {
		link := &x.Links[i]
		l.checkEnd(x, i, "a_device", link.A)
		if link.B.Device != "" {
			l.checkEnd(x, i, "b_device", link.B)
		}
	}
	for at := range x.ends {
		l.checkPort(x, at)
	}
}

func (l *loader) checkEnd(x *Index, i int, column string, p model.Port) {
	if p.Device != "" && !l.devices.broken && !known(x, p.Device, x.Links[i].Validity) {
		l.found.add(l.links.file, l.links.lines[i], column, "%s is not a device%s", quote(p.Device), whileValid(x, p.Device))
	}
}

// checkPort reports a port that ends two links at once: its traffic would count twice. Ports that
// are not named (a B side may be known by its device only) cannot be compared.
func (l *loader) checkPort(x *Index, at int) {
	p, i := x.port(int(x.ends[at])), int(x.ends[at]/2)
	if p.IfName == "" {
		return
	}
	for _, end := range x.ends[at+1:] {
		if x.port(int(end)) != p {
			return
		}
		other := int(end / 2)
		if other != i && x.Links[i].Name == x.Links[other].Name {
			continue // reported as valid twice
		}
		if overlap(x.Links[i].Validity, x.Links[other].Validity) {
			first, last := min(l.links.lines[i], l.links.lines[other]), max(l.links.lines[i], l.links.lines[other])
			l.found.add(l.links.file, last, "a_ifname", "port %s of %s ends two links at once: see line %d", quote(p.IfName), quote(p.Device), first)
		}
	}
}

func (l *loader) checkWindows(x *Index) {
	seen := map[string]int{}
	sites := map[string]bool{}
	for i := range x.Devices {
		sites[x.Devices[i].Site] = true
	}
	delete(sites, "")
	for i := range x.Windows {
		w, line := &x.Windows[i], l.windows.lines[i]
		if before, dup := seen[w.ID]; dup && w.ID != "" {
			l.found.add(l.windows.file, max(line, before), "id", "%s is used twice: first in line %d", quote(w.ID), min(line, before))
		}
		seen[w.ID] = line
		if why := l.aims(x, w, sites); why != "" && !l.devices.broken {
			l.found.add(l.windows.file, line, "scope", "%s points nowhere: %s", quote(string(w.Kind)+":"+w.Key), why)
		}
	}
}

// aims says why a window's scope covers nothing; empty if it covers something.
func (l *loader) aims(x *Index, w *model.Window, sites map[string]bool) string {
	during := model.Validity{From: w.Start, To: w.End}
	switch w.Kind {
	case model.ScopeDevice:
		if during.From < during.To && !known(x, w.Key, during) {
			return "not a device" + strings.Replace(whileValid(x, w.Key), "this row is valid", "the window lasts", 1)
		}
	case model.ScopeSite:
		if !sites[w.Key] {
			return "no device of devices.csv stands at this site"
		}
	case model.ScopeProvince: // checked when the window was read
	case model.ScopeSystem:
		if _, declared := x.Targets.Availability[model.System(w.Key)]; !declared && x.Targets.Availability != nil {
			return "not declared in " + l.targets.path + " (availability.systems)"
		}
	case model.ScopeLink:
		if len(x.LinkRows(w.Key)) == 0 {
			return "not a link: want one of links.csv"
		}
	case model.ScopeComposite:
		if !slices.ContainsFunc(x.Composites, func(c model.Composite) bool { return c.Name == w.Key }) {
			return "not a composite: want one of composites.csv"
		}
	}
	return ""
}

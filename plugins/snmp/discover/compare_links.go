package discover

import "fmt"

// portName is a port as links.csv names it.
type portName struct{ device, ifName string }

func (p portName) String() string { return p.device + " " + p.ifName }

// ends are the two ends of a link.
type ends struct{ a, b portName }

func (e ends) String() string {
	if e.b.device == "" {
		return e.a.String()
	}
	return e.a.String() + " -- " + e.b.String()
}

// links compares links.csv.
func (m *comparison) links() error {
	present, err := m.plan.links.now(m.plan.now)
	if err != nil {
		return err
	}
	for _, r := range m.plan.links.rows {
		m.linkNames[m.plan.links.get(r, "link")] = true
	}
	m.planned = m.plan.links.later(m.plan.now, func(r *row) []string {
		e := m.ends(r)
		return []string{m.plan.links.get(r, "link"), e.a.String(), e.b.String()}
	})
	byPort := map[portName]*row{}
	for _, r := range present {
		e := m.renew(m.ends(r))
		byPort[e.a] = r
		if e.b.device != "" {
			byPort[e.b] = r
		}
	}
	seen := map[*row]bool{}
	for _, edge := range m.topology.Edges {
		e, class := m.orient(edge)
		r := byPort[e.a]
		if r == nil && e.b.ifName != "" {
			r = byPort[e.b]
		}
		switch {
		case r == nil:
			m.plan.Links = append(m.plan.Links, m.newLink(e, class))
		case !seen[r]:
			seen[r] = true
			m.plan.Links = append(m.plan.Links, m.changedLink(r, e))
		default:
			m.plan.Strange = append(m.plan.Strange, fmt.Sprintf("link %s: another link is seen at its ports: %v", m.plan.links.get(r, "link"), e))
		}
	}
	for _, r := range present {
		if !seen[r] {
			m.plan.Links = append(m.plan.Links, m.unseenLink(r))
		}
	}
	return nil
}

// orient says which end is a: where traffic is measured, that is the device behind the other one; and the class that the rules
// give such links.
func (m *comparison) orient(edge Edge) (e ends, class string) {
	a, b := edge.A, edge.B
	if m.behind(b.Device, a.Device) {
		a, b = b, a
	}
	if class = m.said[a.Device].class; class == "" && m.topology.Parents[a.Device] != b.Device {
		class = m.said[b.Device].class
	}
	if a.IfName == "" { // the port that is known has to be a
		a, b = b, a
	}
	return ends{portName{m.found[a.Device].Name, a.IfName}, portName{m.found[b.Device].Name, b.IfName}}, class
}

// behind says whether a device comes before its neighbour as end a: behind it or, among equals, by name.
func (m *comparison) behind(d, neighbour int) bool {
	switch parents := m.topology.Parents; {
	case parents[d] == neighbour:
		return true
	case parents[neighbour] == d:
		return false
	}
	return m.found[d].Name < m.found[neighbour].Name
}

func (m *comparison) newLink(e ends, class string) Change {
	f := m.plan.links
	c := Change{Kind: Added, Name: m.linkName(e), Where: e.String(), new: make([]string, len(f.header))}
	if class == "" {
		c.Missing = []string{"class"}
	}
	for column, value := range map[string]string{"link": c.Name, "a_device": e.a.device, "a_ifname": e.a.ifName, "b_device": e.b.device,
		"b_ifname": e.b.ifName, "class": class, "capacity_mbps": "0", "valid_from": m.plan.today()} {
		c.new[f.column(column)] = value
	}
	for _, key := range []string{c.Name, e.a.String(), e.b.String()} {
		if begins := m.planned[key]; begins != "" {
			c.new[f.column("valid_to")] = begins
		}
	}
	c.set("class", "", class)
	return c
}

// linkName is that of the devices or, if there is such a link already, of the ports.
func (m *comparison) linkName(e ends) string {
	name := e.a.device + "--" + e.b.device
	if m.linkNames[name] {
		name = e.a.device + ":" + e.a.ifName + "--" + e.b.device + ":" + e.b.ifName
	}
	m.linkNames[name] = true
	return name
}

func (m *comparison) ends(r *row) ends {
	f := m.plan.links
	return ends{portName{f.get(r, "a_device"), f.get(r, "a_ifname")}, portName{f.get(r, "b_device"), f.get(r, "b_ifname")}}
}

// renew puts new names in the place of old ones.
func (m *comparison) renew(e ends) ends {
	for _, p := range []*portName{&e.a, &e.b} {
		if now := m.renamed[p.device]; now != "" {
			p.device = now
		}
	}
	return e
}

// changedLink compares a row with the link that is seen at one of its ports. Which end is a stays as it is.
func (m *comparison) changedLink(r *row, e ends) Change {
	was := m.ends(r)
	now := m.renew(was)
	switch {
	case now.a == e.a, now.b == e.b && e.b.ifName != "":
	default:
		e.a, e.b = e.b, e.a
	}
	if e.a.ifName == "" {
		e.a = now.a
	}
	if e.b.ifName == "" && now.b.device == e.b.device {
		e.b = now.b
	}
	return m.between(r, was, e)
}

// between is the change of a row from some ends to others.
func (m *comparison) between(r *row, was, now ends) Change {
	c := Change{Kind: Unchanged, Name: m.plan.links.get(r, "link"), Where: now.String(), row: r}
	c.set("a_device", was.a.device, now.a.device)
	c.set("a_ifname", was.a.ifName, now.a.ifName)
	c.set("b_device", was.b.device, now.b.device)
	c.set("b_ifname", was.b.ifName, now.b.ifName)
	if len(c.Cells) > 0 {
		c.Kind = Changed
	}
	return c
}

// unseenLink is a row whose link nobody told of: gone, if both ends tell of their neighbours or one is gone itself.
func (m *comparison) unseenLink(r *row) Change {
	was := m.ends(r)
	c := m.between(r, was, m.renew(was))
	away := m.gone[was.a.device] || m.gone[was.b.device]
	if away || c.Kind == Unchanged && m.talks(was.a.device) && m.talks(was.b.device) {
		c.Kind, c.Cells = Gone, nil
	}
	return c
}

// talks says whether a device tells of its neighbours.
func (m *comparison) talks(name string) bool {
	i, ok := m.byName[name]
	return ok && len(m.found[i].Neighbours) > 0 && !m.found[i].Partial
}

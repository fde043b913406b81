package discover

import (
	"cmp"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// Inventory is where the present inventory is.
type Inventory struct {
	Dir string    // holds devices.csv and links.csv, or will
	Now time.Time // rows that hold then are compared
}

// Compare holds what was found against the inventory.
func Compare(c Config, answered []*Device, inv Inventory) (*Plan, error) {
	p := &Plan{now: inv.Now}
	found, ignored := sift(answered)
	var err error
	if p.devices, err = readFile(filepath.Join(inv.Dir, "devices.csv"), deviceHeader); err != nil {
		return nil, err
	}
	if p.links, err = readFile(filepath.Join(inv.Dir, "links.csv"), linkHeader); err != nil {
		return nil, err
	}
	m := &comparison{Config: c, plan: p, found: found, said: make([]said, len(found)), rows: make([]*row, len(found)),
		byName: map[string]int{}, rowNames: map[string]bool{}, renamed: map[string]string{}, linkNames: map[string]bool{}, gone: map[string]bool{}, ignored: ignored}
	tops := make([]bool, len(found))
	for i, d := range found {
		m.said[i] = c.Rules.of(d)
		tops[i] = m.said[i].top
	}
	m.topology = topology(found, tops)
	p.Strange = m.topology.Strange
	if m.hasTop = slices.Contains(tops, true); !m.hasTop {
		p.Strange = append(p.Strange, "no rule has `top: true` for any device found: without it no parent can be told")
	}
	if err := m.devices(); err != nil {
		return nil, err
	}
	if err := m.links(); err != nil {
		return nil, err
	}
	byName := func(a, b Change) int { return cmp.Compare(a.Name, b.Name) }
	slices.SortStableFunc(p.Devices, byName)
	slices.SortStableFunc(p.Links, byName)
	return p, nil
}

// sift parts the devices of the network from the addresses of others.
func sift(answered []*Device) (found []*Device, ignored map[netip.AddrPort]bool) {
	ignored = map[netip.AddrPort]bool{}
	for _, d := range answered {
		if !d.Ignored {
			found = append(found, d)
			continue
		}
		for _, a := range append([]netip.AddrPort{d.Addr}, d.Others...) {
			ignored[a] = true
		}
	}
	return found, ignored
}

// comparison is the work of Compare.
type comparison struct {
	Config
	plan     *Plan
	found    []*Device
	said     []said // by device found
	rows     []*row // by device found: its row, if there is one
	topology *Topology
	hasTop   bool

	byName    map[string]int    // devices found
	rowNames  map[string]bool   // of rows whose device was found
	renamed   map[string]string // old names to new ones
	linkNames map[string]bool   // that are taken
	gone      map[string]bool   // devices
	planned   map[string]string // when rows of the future begin, by device, or by link and port
	ignored   map[netip.AddrPort]bool
}

// devices compares devices.csv.
func (m *comparison) devices() error {
	present, err := m.plan.devices.now(m.plan.now)
	if err != nil {
		return err
	}
	m.planned = m.plan.devices.later(m.plan.now, func(r *row) []string { return []string{m.plan.devices.get(r, "device")} })
	taken := m.match(present)
	for i, d := range m.found {
		if m.rows[i] != nil {
			m.name(d, m.plan.devices.get(m.rows[i], "device"))
		}
		m.byName[d.Name] = i
	}
	for i := range m.found {
		if m.rows[i] == nil {
			m.plan.Devices = append(m.plan.Devices, m.newDevice(i))
			continue
		}
		m.plan.Devices = append(m.plan.Devices, m.changedDevice(i, m.rows[i]))
	}
	for _, r := range present {
		if !taken[r] {
			m.unseen(r)
		}
	}
	return nil
}

// match finds the row of each device: the one with its name or, failing that, with its address.
func (m *comparison) match(present []*row) (taken map[*row]bool) {
	f := m.plan.devices
	byName, byAddr := map[string]*row{}, map[netip.AddrPort]*row{}
	for _, r := range present {
		byName[f.get(r, "device")] = r
		if a, ok := m.address(r); ok {
			byAddr[a] = r
		}
	}
	taken = map[*row]bool{}
	for i, d := range m.found {
		if r := byName[d.Name]; r != nil {
			m.rows[i], taken[r] = r, true
		}
	}
	for i, d := range m.found {
		for _, a := range append([]netip.AddrPort{d.Addr}, d.Others...) {
			if r := byAddr[a]; m.rows[i] == nil && r != nil && !taken[r] {
				m.rows[i], taken[r] = r, true
			}
		}
	}
	return taken
}

// name settles what a device of the inventory is called from now on.
func (m *comparison) name(d *Device, there string) {
	m.rowNames[there] = true
	switch {
	case there == d.Name:
	case m.Rules.Names.Keep:
		d.Name = there
	default:
		m.renamed[there] = d.Name
	}
}

// address is where the row's device answers; a host name is not looked up.
func (m *comparison) address(r *row) (netip.AddrPort, bool) {
	text := m.plan.devices.get(r, "address")
	if a, err := netip.ParseAddrPort(text); err == nil {
		return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()), true
	}
	a, err := netip.ParseAddr(text)
	return netip.AddrPortFrom(a.Unmap(), 161), err == nil
}

// where is an address as devices.csv has it.
func where(a netip.AddrPort) string {
	if a.Port() == 161 {
		return a.Addr().String()
	}
	return a.String()
}

// known are the cells that a discovery may fill in.
func (m *comparison) known(i int) []Cell {
	d, s := m.found[i], &m.said[i]
	return []Cell{
		{Column: "province", New: s.province}, {Column: "system", New: s.system}, {Column: "site", New: s.site},
		{Column: "vendor", New: cmp.Or(s.vendor, vendor(d.ObjectID))}, {Column: "role", New: s.role}, {Column: "agent", New: s.agent},
		{Column: "profile", New: m.Profile(d.ObjectID)},
	}
}

// missing are the cells without which the collector takes no row.
func (m *comparison) missing(i int) (out []string) {
	if m.said[i].system == "" {
		out = append(out, "system")
	}
	if m.said[i].province == "" && !m.said[i].national {
		out = append(out, "province")
	}
	return out
}

func (m *comparison) newDevice(i int) Change {
	f, d := m.plan.devices, m.found[i]
	c := Change{Kind: Added, Name: d.Name, Where: where(d.Addr), Missing: m.missing(i), new: make([]string, len(f.header))}
	put := func(column, value string) { c.new[f.column(column)] = value }
	put("device", d.Name)
	put("address", c.Where)
	put("subscribers", "0")
	put("capacity_mbps", "0")
	put("valid_from", m.plan.today())
	put("valid_to", m.planned[d.Name])
	parent := Cell{Column: "parent", New: m.parent(i)}
	for _, cell := range append(m.known(i), parent) {
		put(cell.Column, cell.New)
		c.set(cell.Column, "", cell.New)
	}
	m.remark(i, &c)
	return c
}

// changedDevice compares a device with its row. What people wrote stays, but for name, address and parent, which are seen.
func (m *comparison) changedDevice(i int, r *row) Change {
	f, d := m.plan.devices, m.found[i]
	c := Change{Kind: Unchanged, Name: d.Name, Where: where(d.Addr), row: r}
	if name := f.get(r, "device"); name != d.Name {
		c.Kind, c.Was = Renamed, name
		c.set("device", name, d.Name)
	}
	old, isAddress := m.address(r)
	if text := f.get(r, "address"); isAddress && !d.answersAt(old) || text == "" {
		c.set("address", text, c.Where)
	}
	was := f.get(r, "parent")
	switch now := m.parent(i); {
	case now != "" && m.judges(was):
		c.set("parent", was, now)
	case m.renamed[was] != "":
		c.set("parent", was, m.renamed[was])
	}
	for _, cell := range m.known(i) {
		switch was := f.get(r, cell.Column); {
		case was == "":
			c.set(cell.Column, "", cell.New)
		case cell.New != "" && was != cell.New:
			c.Notes = append(c.Notes, fmt.Sprintf("%s is %s here and %s by the rules: it stays", cell.Column, was, cell.New))
		}
	}
	if c.Kind == Unchanged && len(c.Cells) > 0 {
		c.Kind = Changed
	}
	if f.get(r, "system") == "" {
		c.Missing = m.missing(i)
	}
	m.remark(i, &c)
	return c
}

// judges says whether this discovery can tell that a parent is another one: it must have seen the old one.
func (m *comparison) judges(parent string) bool {
	return parent == "" || m.rowNames[parent]
}

// parent is the name of the gateway; empty for none, or one that is not known.
func (m *comparison) parent(i int) string {
	if p := m.topology.Parents[i]; p >= 0 {
		return m.found[p].Name
	}
	return ""
}

func (m *comparison) remark(i int, c *Change) {
	d := m.found[i]
	switch {
	case d.SysName == "":
		c.Notes = append(c.Notes, "has no sysName: named by its address")
	case m.Rules.Names.name(d.SysName) != d.Name && d.Name != d.Addr.Addr().String():
		c.Notes = append(c.Notes, "calls itself "+strconv.Quote(d.SysName)+": it keeps its name")
	case d.Name == d.Addr.Addr().String() && d.SysName != d.Name:
		c.Notes = append(c.Notes, "shares its sysName "+strconv.Quote(d.SysName)+" with others: named by its address")
	}
	for _, a := range d.Others {
		c.Notes = append(c.Notes, "answers at "+where(a)+", too")
	}
	if d.Partial {
		c.Notes = append(c.Notes, "its neighbours could not all be read")
	}
	if m.topology.Parents[i] == Unknown && m.hasTop {
		c.Notes = append(c.Notes, "no way from it to the top was seen: its parent is not known")
	}
}

// unseen is about a row whose device did not show itself: it is gone if it was asked.
func (m *comparison) unseen(r *row) {
	f := m.plan.devices
	c := Change{Kind: Unchanged, Name: f.get(r, "device"), Where: f.get(r, "address"), row: r}
	was := f.get(r, "parent")
	if now := m.renamed[was]; now != "" {
		c.Kind = Changed
		c.set("parent", was, now)
	}
	if m.asked(r) {
		if c.Kind == Changed { // whether or not the device is given up
			m.plan.Devices = append(m.plan.Devices, c)
		}
		c.Kind, c.Cells = Gone, nil
		m.gone[c.Name] = true
	}
	m.plan.Devices = append(m.plan.Devices, c)
}

// asked says whether the row's device was asked, should have answered, and did not.
func (m *comparison) asked(r *row) bool {
	a, ok := m.address(r)
	method := m.plan.devices.get(r, "primary_method")
	return ok && !m.ignored[a] && int(a.Port()) == m.Rules.Port && m.Range.Contains(a.Addr()) && !m.Rules.skip.holds(a.Addr()) && (method == "" || method == "snmp")
}

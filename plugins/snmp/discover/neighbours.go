package discover

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

const (
	mostVarbinds  = 30 // of a request: what an Ethernet packet takes of such answers
	leastVarbinds = 6  // what is asked of an agent that can take no more: a row
	portNames     = 4  // objects asked for of each port
)

// neighbourhood is the dialog that reads what a device knows of its neighbours: LLDP's table, then CDP's, then how the
// device calls the ports at which it has any (poll.Dialog).
type neighbourhood struct {
	device    *Device
	community string
	retries   int
	tries     int
	most      int // varbinds of a request
	lldp, cdp *table
	wanted    []uint32          // ports not asked for yet
	numbered  map[uint32]uint32 // ports whose id is an ifIndex, by that: their ifName is to be asked for
}

func newNeighbourhood(d *Device, community string, retries int) *neighbourhood {
	n := &neighbourhood{device: d, community: community, retries: retries, most: mostVarbinds, numbered: map[uint32]uint32{}}
	remote := func(column uint32) []byte { return ber.OID(1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, column) }
	cache := func(column uint32) []byte { return ber.OID(1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1, column) }
	n.lldp = newTable(remote(4), remote(5), remote(6), remote(7), remote(8), remote(9))
	n.cdp = newTable(cache(6), cache(7))
	d.ports = map[uint32]port{}
	return n
}

// Begin asks for LLDP's table.
func (n *neighbourhood) Begin(time.Time) *ber.Request { return n.next() }

// Answer takes what came, and goes on.
func (n *neighbourhood) Answer(a poll.Answer) *ber.Request {
	n.tries = 0
	switch {
	case a.Status != ber.NoError && n.most > leastVarbinds:
		n.most = leastVarbinds
	case a.Status != ber.NoError:
		n.skip()
	case n.lldp != nil || n.cdp != nil:
		if n.table().take(a.Varbinds) != nil {
			n.skip()
		}
	case len(n.wanted) > 0:
		n.readPorts(a.Varbinds)
	default:
		n.readNumbered(a.Varbinds)
	}
	return n.next()
}

// Silent asks for less. An answer to the request before will do as well: both ask for the same columns.
func (n *neighbourhood) Silent(time.Time) *ber.Request {
	if n.tries++; n.tries > n.retries {
		n.device.Partial = true
		n.gather()
		return nil
	}
	n.most = leastVarbinds
	return n.next()
}

// table is what is being walked.
func (n *neighbourhood) table() *table {
	if n.lldp != nil {
		return n.lldp
	}
	return n.cdp
}

// skip leaves a table as far as it was read, or the ports that were asked for last.
func (n *neighbourhood) skip() {
	n.device.Partial = true
	if t := n.table(); t != nil {
		for i := range t.cursors {
			t.cursors[i].done = true
		}
		return
	}
	n.wanted, n.numbered = n.wanted[min(len(n.wanted), n.portsAtOnce()):], map[uint32]uint32{}
}

func (n *neighbourhood) next() *ber.Request {
	for t := n.table(); t != nil; t = n.table() {
		size := leastVarbinds // what comes behind a table that is not there may be long
		if len(t.rows) > 0 {
			size = n.most
		}
		if r := t.next(n.community, size); r != nil {
			return r
		}
		n.gather()
	}
	pdu := ber.PDU{Op: ber.GetRequest}
	for _, p := range n.wanted[:min(len(n.wanted), n.portsAtOnce())] {
		for _, oid := range portColumns() {
			pdu.Names = append(pdu.Names, ber.AppendArc(oid, p))
		}
	}
	for _, i := range slices.Sorted(maps.Keys(n.numbered)) {
		if len(pdu.Names) < n.most && len(n.wanted) == 0 {
			pdu.Names = append(pdu.Names, ber.AppendArc(portColumns()[portNames-1], i))
		}
	}
	if len(pdu.Names) == 0 {
		return nil
	}
	return ber.NewRequest(n.community, pdu)
}

func (n *neighbourhood) portsAtOnce() int { return max(n.most/portNames, 1) }

// gather ends the table that is being walked.
func (n *neighbourhood) gather() {
	switch {
	case n.lldp != nil:
		n.gatherLLDP()
		n.lldp = nil
	case n.cdp != nil:
		n.gatherCDP()
		n.cdp = nil
	}
	slices.Sort(n.wanted)
	n.wanted = slices.Compact(n.wanted)
}

func (n *neighbourhood) gatherLLDP() {
	for _, index := range slices.Sorted(maps.Keys(n.lldp.rows)) {
		row, at := n.lldp.rows[index], arcs(index) // time mark, port, number
		if len(at) == 1 {
			at = []uint32{0, NoPort, at[0]} // some leave out the time and the port
		}
		if len(at) != 3 {
			continue
		}
		kind, _ := row[2].Number()
		neighbour := Neighbour{Port: at[1], SysName: clean(row[5].Value), PortKind: kind, PortID: string(row[3].Value), PortDesc: clean(row[4].Value)}
		if k, ok := row[0].Number(); ok && len(row[1].Value) > 0 {
			neighbour.Chassis = strconv.FormatUint(k, 10) + ":" + string(row[1].Value)
		}
		n.device.Neighbours = append(n.device.Neighbours, neighbour)
		if at[1] != NoPort {
			n.wanted = append(n.wanted, at[1])
		}
	}
}

// gatherCDP adds neighbours at ports where LLDP knows none. Their name may have a serial number in brackets behind it.
func (n *neighbourhood) gatherCDP() {
	known := slices.Clone(n.wanted)
	for _, index := range slices.Sorted(maps.Keys(n.cdp.rows)) {
		row, at := n.cdp.rows[index], arcs(index) // ifIndex, number
		if len(at) != 2 || slices.Contains(known, at[0]) {
			continue
		}
		name, _, _ := strings.Cut(clean(row[0].Value), "(")
		n.device.Neighbours = append(n.device.Neighbours, Neighbour{Port: at[0], SysName: name, PortKind: ifNameKind, PortID: clean(row[1].Value)})
		n.wanted = append(n.wanted, at[0])
	}
}

// portColumns are LLDP's kind, id and description of a port of the device's own, and ifName.
func portColumns() [portNames][]byte {
	return [portNames][]byte{
		ber.OID(1, 0, 8802, 1, 1, 2, 1, 3, 7, 1, 2), ber.OID(1, 0, 8802, 1, 1, 2, 1, 3, 7, 1, 3), ber.OID(1, 0, 8802, 1, 1, 2, 1, 3, 7, 1, 4),
		ber.OID(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1),
	}
}

// readPorts takes an answer, whichever ports it is about: these need not be asked for any more.
func (n *neighbourhood) readPorts(list []byte) {
	seen := map[uint32]bool{}
	each(list, func(number uint32, column int, v ber.Varbind) {
		seen[number] = true
		n.readPort(number, column, v)
	})
	for number := range seen {
		p := n.device.ports[number]
		if i, err := strconv.ParseUint(p.id, 10, 32); err == nil && p.ifName == "" && p.numbered() {
			n.numbered[uint32(i)] = number
		}
	}
	n.wanted = slices.DeleteFunc(n.wanted, func(p uint32) bool { return seen[p] })
	if len(seen) == 0 {
		n.skip()
	}
}

// readNumbered takes the names of ports that call themselves by their ifIndex.
func (n *neighbourhood) readNumbered(list []byte) {
	before := len(n.numbered)
	each(list, func(ifIndex uint32, column int, v ber.Varbind) {
		if number, ok := n.numbered[ifIndex]; ok {
			n.readPort(number, column, v)
			delete(n.numbered, ifIndex)
		}
	})
	if len(n.numbered) == before {
		n.skip()
	}
}

// each calls f for every value of a port's objects.
func each(list []byte, f func(number uint32, column int, v ber.Varbind)) {
	columns := portColumns()
	for len(list) > 0 {
		var v ber.Varbind
		rest, ok := v.Cut(list)
		if !ok {
			return
		}
		list = rest
		for c, oid := range columns {
			index, of := strings.CutPrefix(string(v.Name), string(oid))
			if at := arcs(index); of && len(at) == 1 {
				f(at[0], c, v)
			}
		}
	}
}

func (n *neighbourhood) readPort(number uint32, column int, v ber.Varbind) {
	if v.Missing() {
		return
	}
	p := n.device.ports[number]
	switch column {
	case 0:
		p.kind, _ = v.Number()
	case 1:
		p.id = string(v.Value)
	case 2:
		p.desc = clean(v.Value)
	default:
		p.ifName = clean(v.Value)
	}
	n.device.ports[number] = p
}

// LLDP's subtypes of a port's id.
const (
	ifNameKind = 5
	ownKind    = 7 // whatever the device likes, often ifIndex
)

// numbered says whether the port's id may be an ifIndex. Some do not tell what kind of id they use.
func (p port) numbered() bool { return p.kind == ownKind || p.kind == 0 }

// name is the interface; empty if that cannot be told. LLDP's numbers of ports need not be ifIndex, so a name that LLDP itself
// gives goes before.
func (p port) name() string {
	id := clean([]byte(p.id))
	switch _, notANumber := strconv.ParseUint(id, 10, 32); {
	case p.ifName != "" && (p.ifName == id || p.ifName == p.desc || strings.HasPrefix(p.desc, p.ifName+",")):
		return p.ifName // some say more in the description
	case id != "" && (p.kind == ifNameKind || p.kind == 0 && notANumber != nil):
		return id
	case p.ifName != "" && p.numbered():
		return p.ifName
	case p.desc != "":
		return p.desc
	}
	return p.ifName
}

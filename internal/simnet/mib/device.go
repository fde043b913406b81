package mib

import (
	"github.com/haidang-noc/haidang/internal/simnet/ber"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// Device is a snmpd.View of one device at one instant. It is for one goroutine.
type Device struct {
	layout  *layout
	net     *nation.Network
	reading nation.Reading
	places  places
	ports   int
	shift   int    // of ifIndex against the model's ports, after a reshuffle
	stopped uint32 // hundredths of a second that sysUpTime has stood still
	jump    uint64 // what counters are off by

	cached   int32 // port whose counters are at hand, -1 for none
	counters nation.Counters
}

// New makes a Device that looks at nothing until Look is called.
func New(net *nation.Network) *Device { return &Device{layout: newLayout(), net: net} }

// Look turns to another device or instant.
func (d *Device) Look(o *nation.Overlay, device int32, c *nation.Clock) *nation.Reading {
	d.reading.Read(o, device, c)
	d.ports, d.shift, d.stopped, d.jump, d.cached = int(d.net.Ports(device)), 0, 0, 0, -1
	r := rows{scalar: 1, onlyRow: 1, byPort: d.ports}
	neighbourRows(d.net, device, &r)
	d.layout.places(&d.places, r)
	for m := range d.reading.Manners {
		d.misread(m, o, c)
	}
	return &d.reading
}

// misread notes what is wrong with the values.
func (d *Device) misread(m *nation.Manner, o *nation.Overlay, c *nation.Clock) {
	switch m.Kind {
	case fault.Reindex:
		d.shift = max(d.ports/2, 1)
	case fault.UptimeStop:
		d.stopped = min(uint32(c.Tick()-m.From), d.reading.Uptime())
	case fault.CounterJump:
		d.jump = uint64(o.Chance(d.reading.Device(), c.Tick()/fault.Minute) * (1 << 40))
	default: // seen in how answers come
	}
}

// Len is the number of objects.
func (d *Device) Len() int { return d.places.first[objectCount] }

// Find is the position of the first object at or after name, and whether it is name itself.
func (d *Device) Find(name []byte) (pos int, exact bool) { return d.layout.find(name, &d.places) }

// AppendName writes the name of the object at a position.
func (d *Device) AppendName(dst []byte, pos int) []byte {
	obj, row := d.layout.locate(pos, &d.places)
	return d.layout.appendName(dst, obj, row)
}

// AppendValue writes the value of the object at a position.
func (d *Device) AppendValue(dst []byte, pos int) []byte {
	obj, row := d.layout.locate(pos, &d.places)
	switch d.layout.objects[obj].kind {
	case byPort:
		if obj < ifAdminStatus {
			return d.describe(dst, obj, row)
		}
		return d.measure(dst, obj, d.port(row))
	case lldpScalar, lldpPort:
		return d.local(dst, obj, row)
	case lldpRemote, cdpCache:
		return d.remote(dst, obj, row)
	default: // one of its kind
		return d.scalar(dst, obj)
	}
}

// port is the model's port behind a row.
func (d *Device) port(row int) nation.Port {
	return nation.Port{Device: d.reading.Device(), Index: int32((row + d.shift) % d.ports)}
}

func (d *Device) scalar(dst []byte, obj int) []byte {
	id := d.reading.Device()
	device := &d.net.Devices[id]
	switch obj {
	case sysDescr:
		return ber.AppendBytes(dst, ber.OctetString, d.net.Description(id))
	case sysObjectID:
		var room [32]byte
		oid := ber.AppendArcs(room[:0], 1, 3, 6, 1, 4, 1)
		for _, arc := range d.net.ObjectID(id) {
			oid = ber.AppendArc(oid, arc)
		}
		return ber.AppendBytes(dst, ber.ObjectID, oid)
	case sysUpTime:
		return ber.AppendUint(dst, ber.TimeTicks, uint64(d.reading.Uptime()-d.stopped))
	case sysContact:
		return ber.AppendBytes(dst, ber.OctetString, "noc")
	case sysName:
		return ber.AppendBytes(dst, ber.OctetString, device.Name)
	case sysLocation:
		return ber.AppendBytes(dst, ber.OctetString, device.Site)
	case sysServices:
		return append(dst, ber.Integer, 1, 78)
	case ifNumber:
		return ber.AppendInt(dst, ber.Integer, int64(d.ports))
	case hrProcessorLoad:
		return ber.AppendInt(dst, ber.Integer, int64(d.reading.Load()))
	case ifTableLastChange:
		return ber.AppendUint(dst, ber.TimeTicks, uint64(d.reading.Reindexed()))
	}
	return ber.AppendInt(dst, ber.Integer, int64(30+d.reading.Load()/4))
}

// describe writes the columns that say what an interface is.
func (d *Device) describe(dst []byte, obj, row int) []byte {
	p := d.port(row)
	speed := uint64(d.reading.SpeedMbps(p.Index))
	switch obj {
	case ifIndex:
		return ber.AppendInt(dst, ber.Integer, int64(row)+1)
	case ifDescr:
		return ber.AppendBytes(dst, ber.OctetString, d.net.IfName(p))
	case ifType:
		if speed == 2488 {
			return ber.AppendInt(dst, ber.Integer, 250) // gpon
		}
		return append(dst, ber.Integer, 1, 6) // ethernetCsmacd
	case ifMtu:
		return append(dst, ber.Integer, 2, 9000>>8, 9000&0xff)
	case ifSpeed:
		return ber.AppendUint(dst, ber.Gauge32, min(speed*1_000_000, 1<<32-1))
	}
	return mac(dst, p)
}

// measure writes the columns that change, and those of ifXTable.
func (d *Device) measure(dst []byte, obj int, p nation.Port) []byte {
	switch obj {
	case ifName:
		return ber.AppendBytes(dst, ber.OctetString, d.net.IfName(p))
	case ifHighSpeed:
		return ber.AppendUint(dst, ber.Gauge32, uint64(d.reading.SpeedMbps(p.Index)))
	case ifAlias:
		alias := ""
		if link := d.net.LinkOf(p); link >= 0 {
			alias = d.net.Links[link].Name
		}
		return ber.AppendBytes(dst, ber.OctetString, alias)
	case ifCounterDiscontinuityTime:
		return ber.AppendUint(dst, ber.TimeTicks, uint64(d.reading.Discontinuity()))
	case ifLastChange:
		return ber.AppendUint(dst, ber.TimeTicks, uint64(d.reading.LastChange(p.Index)))
	}
	if d.cached != p.Index {
		d.counters, d.cached = d.reading.Counters(p.Index), p.Index
		for _, c := range []*uint64{&d.counters.InOctets, &d.counters.OutOctets, &d.counters.InPackets, &d.counters.OutPackets} {
			*c += d.jump
		}
	}
	return d.count(dst, obj)
}

func (d *Device) count(dst []byte, obj int) []byte {
	c := &d.counters
	switch obj {
	case ifAdminStatus:
		return append(dst, ber.Integer, 1, c.Admin)
	case ifOperStatus:
		return append(dst, ber.Integer, 1, c.Oper)
	case ifHCInOctets:
		return ber.AppendUint(dst, ber.Counter64, c.InOctets)
	case ifHCOutOctets:
		return ber.AppendUint(dst, ber.Counter64, c.OutOctets)
	case ifHCInUcastPkts:
		return ber.AppendUint(dst, ber.Counter64, c.InPackets)
	case ifHCOutUcastPkts:
		return ber.AppendUint(dst, ber.Counter64, c.OutPackets)
	}
	return ber.AppendUint(dst, ber.Counter32, d.narrow(obj)&(1<<32-1))
}

// narrow are the 32-bit counters of ifTable, before they are cut.
func (d *Device) narrow(obj int) uint64 {
	c := &d.counters
	switch obj {
	case ifInOctets:
		return c.InOctets
	case ifInUcastPkts:
		return c.InPackets
	case ifInDiscards:
		return c.InDiscards
	case ifInErrors:
		return c.InErrors
	case ifOutOctets:
		return c.OutOctets
	case ifOutUcastPkts:
		return c.OutPackets
	case ifOutDiscards:
		return c.OutDiscards
	}
	return c.OutErrors
}

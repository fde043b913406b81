package mib

import (
	"strconv"

	"github.com/haidang-noc/haidang/internal/simnet/ber"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// The ways in which LLDP names a chassis or a port.
const (
	chassisByMAC = 4
	portByMAC    = 3
	portByName   = 5
	portByNumber = 7
)

// speaksCDP says whether the device knows its neighbours by CDP, and no LLDP.
func speaksCDP(d *nation.Device) bool { return d.Vendor == "cisco" }

// neighbourRows are the rows of what LLDP and CDP show.
func neighbourRows(n *nation.Network, device int32, r *rows) {
	if speaksCDP(&n.Devices[device]) {
		r[cdpCache] = int(n.Neighbours(device))
		return
	}
	r[lldpScalar], r[lldpPort], r[lldpRemote] = 1, int(n.Ports(device)), int(n.Neighbours(device))
}

// mac writes the address of an interface; index -1 is the chassis.
func mac(dst []byte, p nation.Port) []byte { return macOctets(append(dst, ber.OctetString, 6), p) }

func macOctets(dst []byte, p nation.Port) []byte {
	n := uint32(p.Device)
	return append(dst, 0x02, byte(n>>16), byte(n>>8), byte(n), byte(p.Index>>8), byte(p.Index))
}

// local writes what LLDP says of the device itself.
func (d *Device) local(dst []byte, obj, row int) []byte {
	id := d.reading.Device()
	p := nation.Port{Device: id, Index: int32(row)}
	switch obj {
	case lldpLocChassisIDSubtype:
		return append(dst, ber.Integer, 1, chassisByMAC)
	case lldpLocChassisID:
		return mac(dst, nation.Port{Device: id, Index: -1})
	case lldpLocSysName:
		return ber.AppendBytes(dst, ber.OctetString, d.net.Devices[id].Name)
	case lldpLocSysDesc:
		return ber.AppendBytes(dst, ber.OctetString, d.net.Description(id))
	case lldpLocPortIDSubtype:
		return append(dst, ber.Integer, 1, d.portSubtype(p))
	case lldpLocPortID:
		return d.portID(dst, p)
	}
	return ber.AppendBytes(dst, ber.OctetString, d.net.IfName(p))
}

// remote writes what LLDP or CDP say of the neighbour at a port. It stays there when the link is down.
func (d *Device) remote(dst []byte, obj, row int) []byte {
	far, _ := d.net.Far(nation.Port{Device: d.reading.Device(), Index: int32(row)})
	switch obj {
	case lldpRemChassisIDSubtype:
		return append(dst, ber.Integer, 1, chassisByMAC)
	case lldpRemChassisID:
		return mac(dst, nation.Port{Device: far.Device, Index: -1})
	case lldpRemPortIDSubtype:
		return append(dst, ber.Integer, 1, d.portSubtype(far))
	case lldpRemPortID:
		return d.portID(dst, far)
	case lldpRemSysName, cdpCacheDeviceID:
		return ber.AppendBytes(dst, ber.OctetString, d.net.Devices[far.Device].Name)
	case cdpCacheAddress:
		return ber.AppendBytes(dst, ber.OctetString, d.net.Address(far.Device).AsSlice())
	}
	return ber.AppendBytes(dst, ber.OctetString, d.net.IfName(far)) // lldpRemPortDesc, cdpCacheDevicePort
}

// portSubtype is how the port's vendor names ports.
func (d *Device) portSubtype(p nation.Port) byte {
	switch d.net.Devices[p.Device].Vendor {
	case "nokia":
		return portByNumber
	case "ericsson":
		return portByMAC
	}
	return portByName
}

func (d *Device) portID(dst []byte, p nation.Port) []byte {
	switch d.portSubtype(p) {
	case portByNumber:
		return ber.AppendBytes(dst, ber.OctetString, strconv.Itoa(int(p.Index)+1))
	case portByMAC:
		return mac(dst, p)
	}
	return ber.AppendBytes(dst, ber.OctetString, d.net.IfName(p))
}

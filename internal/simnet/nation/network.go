package nation

import (
	"fmt"
	"net/netip"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
)

// Network is the built model. It is immutable; faults come in through an Overlay.
type Network struct {
	Devices []Device
	Links   []Link
	Agents  []string // names; empty: any agent polls any device

	cfg       Config
	provinces []Province
	tables    *tables
	ports     []flow // of all devices, one after another
	children  [][]int32
	byName    map[string]int32
	linkName  map[string]int32
	trunks    map[int32]trunk // by the device at their a end
	portNames [][]byte        // ifName of ports, as ports
}

// Device is one element of the network.
type Device struct {
	Name         string
	Province     string // code; empty for a national system
	System       string
	Site         string
	Parent       int32 // index of the gateway, -1 for none
	Agent        int32 // index into Network.Agents, -1 for any
	Role         string
	Vendor       string
	Subscribers  uint32
	CapacityMbps uint32

	kind       uint8
	firstPort  int32
	ports      int32
	neighbours int32
}

// Port names interface number Index (from 0) of a device.
type Port struct {
	Device int32
	Index  int32
}

// noPort is the b end of a link that has none.
func noPort() Port { return Port{-1, -1} }

// Link joins two ports; its traffic is counted at A.
type Link struct {
	Name         string
	A, B         Port
	Class        string // transport, broadband or international
	CapacityMbps uint32
}

// HasB says whether the link has a second end inside the network.
func (l *Link) HasB() bool { return l.B.Device >= 0 }

// Address is the loopback address of a device.
func (n *Network) Address(device int32) netip.Addr { return advance(n.cfg.Address, int(device)) }

// DeviceAt finds the device with the address, given as a number; false for none.
func (n *Network) DeviceAt(address uint32) (int32, bool) {
	b := n.cfg.Address.As4()
	first := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	i := address - first
	return int32(i), i < uint32(len(n.Devices))
}

// Config is what the network was built from.
func (n *Network) Config() Config { return n.cfg }

// Ports is the number of interfaces of a device.
func (n *Network) Ports(device int32) int32 { return n.Devices[device].ports }

// IfName is the interface's name; the bytes belong to the network.
func (n *Network) IfName(p Port) []byte { return n.portNames[n.Devices[p.Device].firstPort+p.Index] }

// SpeedMbps is the interface's speed; of an aggregate, that of all its members.
func (n *Network) SpeedMbps(p Port) uint32 { return n.flow(p).mbps }

// LinkOf is the index of the link that ends at the port, -1 for none.
func (n *Network) LinkOf(p Port) int32 { return n.flow(p).link }

// Neighbours is how many of the device's ports, the first ones, have another device of the network at the far end.
func (n *Network) Neighbours(device int32) int32 { return n.Devices[device].neighbours }

// Far is the other end of the port's link; false if it has none inside the network.
func (n *Network) Far(p Port) (Port, bool) {
	link := n.LinkOf(p)
	if link < 0 || !n.Links[link].HasB() {
		return noPort(), false
	}
	if l := &n.Links[link]; l.A == p {
		return l.B, true
	}
	return n.Links[link].A, true
}

// Description and ObjectID are what the system group says of the device.
func (n *Network) Description(device int32) string { return roles[n.Devices[device].kind].descr }

// ObjectID is sysObjectID below 1.3.6.1.4.1.
func (n *Network) ObjectID(device int32) []uint32 { return roles[n.Devices[device].kind].object }

func (n *Network) flow(p Port) *flow { return &n.ports[n.Devices[p.Device].firstPort+p.Index] }

// boot is when the device was last started before the network's records begin: up to 400 days before.
func (n *Network) boot(device int32) fault.Tick {
	return fault.TickOf(n.cfg.Since.Time) - fault.Tick(mix(n.cfg.Seed^0xb007, uint64(device))%uint64(400*fault.Day))
}

// Find is the index of the named device.
func (n *Network) Find(name string) (int32, error) {
	if i, ok := n.byName[name]; ok {
		return i, nil
	}
	return 0, fmt.Errorf("nation: no device %q", name)
}

// FindLink is the index of the named link.
func (n *Network) FindLink(name string) (int32, error) {
	if i, ok := n.linkName[name]; ok {
		return i, nil
	}
	return 0, fmt.Errorf("nation: no link %q", name)
}

// FindPort is the named interface of a device.
func (n *Network) FindPort(device, name string) (Port, error) {
	d, err := n.Find(device)
	if err != nil {
		return noPort(), err
	}
	for i := range n.Ports(d) {
		if p := (Port{d, i}); string(n.IfName(p)) == name {
			return p, nil
		}
	}
	return noPort(), fmt.Errorf("nation: device %s has no interface %q", device, name)
}

// PollPhase is when in each interval the device is polled: never within the interval's first second,
// so that no poll falls on a 5-minute boundary.
func (n *Network) PollPhase(device int32, interval fault.Tick) fault.Tick {
	return fault.Second + fault.Tick(mix(n.cfg.Seed^0x9a5e, uint64(device))%uint64(interval-fault.Second))
}

// Targets are the names that random faults are drawn from.
func (n *Network) Targets() fault.Targets {
	t := fault.Targets{Agents: n.Agents}
	for i := range n.Devices {
		t.Devices = append(t.Devices, n.Devices[i].Name)
	}
	for i := range n.Links {
		a := n.Links[i].A
		t.Links = append(t.Links, n.Links[i].Name)
		t.Ports = append(t.Ports, [2]string{n.Devices[a.Device].Name, string(n.IfName(a))})
		if n.isPON(int32(i)) {
			t.PONs = append(t.PONs, n.Links[i].Name)
		}
		if n.Channel(a) {
			t.Channels = append(t.Channels, n.Links[i].Name)
		}
		for _, m := range n.Members(int32(i)) {
			t.Members = append(t.Members, [2]string{n.Devices[m.Device].Name, string(n.IfName(m))})
		}
	}
	return t
}

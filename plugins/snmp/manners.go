package snmp

import (
	"fmt"
	"net/netip"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/plugins/snmp/engine"
)

// limits are what may be asked of a device and of a subnet; 0 is no limit.
type limits struct {
	Device limit       `yaml:"device"`
	Subnet subnetLimit `yaml:"subnet"`
}

type limit struct {
	PerSecond int `yaml:"per_second"`
	InFlight  int `yaml:"in_flight"`
}

type subnetLimit struct {
	PerSecond int `yaml:"per_second"`
	InFlight  int `yaml:"in_flight"`
	IPv4      int `yaml:"ipv4"`
	IPv6      int `yaml:"ipv6"`
}

func defaultLimits() limits {
	return limits{Device: limit{PerSecond: 100, InFlight: 1}, Subnet: subnetLimit{PerSecond: 1000, InFlight: 256, IPv4: 24, IPv6: 64}}
}

func (l limits) validate() error {
	const most = 1_000_000
	for _, bound := range []struct {
		key       string
		value, up int
	}{
		{"device.per_second", l.Device.PerSecond, most},
		{"device.in_flight", l.Device.InFlight, engine.MaxWindow},
		{"subnet.per_second", l.Subnet.PerSecond, most},
		{"subnet.in_flight", l.Subnet.InFlight, engine.MaxWindow},
		{"subnet.ipv4", l.Subnet.IPv4, 32},
		{"subnet.ipv6", l.Subnet.IPv6, 128},
	} {
		if bound.value < 0 || bound.value > bound.up {
			return fmt.Errorf("limits: %s: %d: want 0 to %d", bound.key, bound.value, bound.up)
		}
	}
	return nil
}

func (l limits) engine() engine.Limits {
	return engine.Limits{Device: engine.Limit(l.Device), Subnet: engine.Limit{PerSecond: l.Subnet.PerSecond, InFlight: l.Subnet.InFlight},
		V4: l.Subnet.IPv4, V6: l.Subnet.IPv6}
}

// otherAddresses are those that a device may answer from beside the one that it is asked at.
type otherAddresses struct {
	Device    string   `yaml:"device"`
	Addresses []string `yaml:"addresses"`
}

// acceptFrom gives targets their other addresses.
func (r *resolver) acceptFrom(section conf.Section) error {
	var o otherAddresses
	if err := conf.Decode(section.File, section.Line, section.Text, &o); err != nil {
		return err
	}
	if _, ok := r.seen[o.Device]; !ok {
		return conf.At(section.File, section.Line, "accept_from", "device %q: there is no such target", o.Device)
	}
	addrs := make([]netip.Addr, len(o.Addresses))
	for i, text := range o.Addresses {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" {
			return conf.At(section.File, section.Line, "accept_from", "device %s: %q: want an IP address without a port", o.Device, text)
		}
		addrs[i] = a.Unmap()
	}
	r.others[o.Device] = addrs
	return nil
}

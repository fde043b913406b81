package devices

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
)

// Device is a device at one of its addresses, in [From, To).
type Device struct {
	Name     string
	Addr     netip.AddrPort
	From, To time.Time // zero: unbounded
	origin   string    // file and line, for messages
}

// Directory finds devices by the address that they send from. Fill it first; then any number of goroutines may ask.
type Directory struct {
	port    uint16
	devices map[netip.Addr][]*Device
}

// NewDirectory returns an empty directory; port is that of addresses without one.
func NewDirectory(port uint16) *Directory {
	return &Directory{port: port, devices: map[netip.Addr][]*Device{}}
}

// At is the device that has the address at a time, or nil.
func (d *Directory) At(addr netip.Addr, now time.Time) *Device {
	for _, one := range d.devices[addr] {
		if holds(one.From, one.To, now) {
			return one
		}
	}
	return nil
}

// Knows says whether the address is a device's at any time.
func (d *Directory) Knows(addr netip.Addr) bool { return len(d.devices[addr]) > 0 }

// add enters a device; at any time an address has one.
func (d *Directory) add(one *Device) error {
	addr := one.Addr.Addr()
	for _, other := range d.devices[addr] {
		before := !one.To.IsZero() && !one.To.After(other.From)
		after := !other.To.IsZero() && !other.To.After(one.From)
		if !before && !after && other.Name != one.Name {
			return fmt.Errorf("device %s: %v is %s's at the same time, in %s", one.Name, addr, other.Name, other.origin)
		}
	}
	d.devices[addr] = append(d.devices[addr], one)
	return nil
}

// AddAll adds rows of an input's own section and those of its inventory, at least one of which has to be given.
func (d *Directory) AddAll(rows []conf.Section, inventory, agent string) error {
	if len(rows) == 0 && inventory == "" {
		return errors.New("inventory: nobody is known: want an inventory, devices, or both")
	}
	for _, row := range rows {
		if err := d.AddSection(row); err != nil {
			return err
		}
	}
	if inventory == "" {
		return nil
	}
	return d.AddFile(inventory, agent)
}

// AddSection enters a device that the configuration names, with the keys device and address: a further address of one in
// the inventory, or one without.
func (d *Directory) AddSection(s conf.Section) error {
	var row struct {
		Device  string `yaml:"device"`
		Address string `yaml:"address"`
	}
	if err := conf.Decode(s.File, s.Line, s.Text, &row); err != nil {
		return err
	}
	addr, err := ParseAddress(row.Address, d.port)
	if err != nil {
		return conf.At(s.File, s.Line, "address", "device %s: %v", row.Device, err)
	}
	if row.Device == "" {
		return conf.At(s.File, s.Line, "device", "want the device's name in the inventory")
	}
	if err := d.add(&Device{Name: row.Device, Addr: addr, origin: fmt.Sprintf("%s:%d", s.File, s.Line)}); err != nil {
		return conf.At(s.File, s.Line, "address", "%v", err)
	}
	return nil
}

// AddFile enters the rows of devices.csv that are an agent's or anybody's. Those without an IP address are left out: what
// they send cannot be told to be theirs.
func (d *Directory) AddFile(path, agent string) error {
	return Read(path, func(r Row) error {
		addr, err := ParseAddress(r.Address, d.port)
		if err != nil || !r.Of(agent) {
			return nil //nolint:nilerr // a host name, or nothing
		}
		one := &Device{Name: strings.Clone(r.Device), Addr: addr, From: r.From, To: r.To, origin: fmt.Sprintf("%s:%d", r.File, r.Line)}
		if err := d.add(one); err != nil {
			return conf.At(r.File, r.Line, "address", "%v", err)
		}
		return nil
	})
}

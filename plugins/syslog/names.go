package syslog

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/devices"
)

// names finds devices by the host name that a relay's messages have.
type names map[string][]named

// named is a device in the time in which its row is valid.
type named struct {
	device   string
	from, to time.Time // zero: unbounded
}

// readNames takes the names of all devices of an agent; without a path there are none.
func readNames(path, agent string) (names, error) {
	n := names{}
	if path == "" {
		return n, nil
	}
	return n, devices.Read(path, func(r devices.Row) error {
		if r.Of(agent) {
			name := strings.Clone(r.Device)
			n[strings.ToLower(name)] = append(n[strings.ToLower(name)], named{name, r.From, r.To})
		}
		return nil
	})
}

// add enters a device of the configuration, unless the inventory has it, with the time in which it is valid.
func (n names) add(section conf.Section) error {
	var row struct {
		Device  string `yaml:"device"`
		Address string `yaml:"address"`
	}
	if err := conf.Decode(section.File, section.Line, section.Text, &row); err != nil {
		return err
	}
	if key := strings.ToLower(row.Device); len(n[key]) == 0 {
		n[key] = []named{{device: row.Device}}
	}
	return nil
}

// alias enters another name of a device.
func (n names) alias(host, device string) error {
	key := strings.ToLower(host)
	if host == "" || device == "" {
		return fmt.Errorf("%q: %q: want a host name and its device", host, device)
	}
	if len(n[key]) > 0 && n[key][0].device != device {
		return fmt.Errorf("%q is device %s already", host, n[key][0].device)
	}
	n[key] = append(n[key], named{device: device})
	return nil
}

// at is the device that is called so at a time; empty: none is.
func (n names) at(host []byte, now time.Time) string {
	var room [256]byte
	for _, one := range n[string(lower(room[:0], host))] { // without allocating
		if !now.Before(one.from) && (one.to.IsZero() || now.Before(one.to)) {
			return one.device
		}
	}
	return ""
}

func lower(dst, s []byte) []byte {
	for _, b := range s {
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		dst = append(dst, b)
	}
	return dst
}

// sender is the device that a message is of; empty: none is known. A relay's message is that of the host that it names, by
// name or address, and never the relay's own.
func (s *setup) sender(from netip.Addr, relay bool, host []byte, now time.Time) string {
	if relay {
		if device := s.names.at(host, now); device != "" {
			return device
		}
		var err error
		if from, err = netip.ParseAddr(string(host)); err != nil {
			return ""
		}
		from = from.Unmap()
	}
	if one := s.devices.At(from, now); one != nil {
		return one.Name
	}
	return ""
}

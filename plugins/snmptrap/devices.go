package snmptrap

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
)

// device is a device at one of its addresses, in [from, to).
type device struct {
	name     string
	addr     netip.AddrPort // where it is asked for names
	from, to time.Time      // zero: unbounded
	origin   string         // file and line, for messages
}

// directory finds devices by address.
type directory map[netip.Addr][]*device

// at is the device that has the address now, or nil.
func (d directory) at(addr netip.Addr, now time.Time) *device {
	for _, one := range d[addr] {
		if !now.Before(one.from) && (one.to.IsZero() || now.Before(one.to)) {
			return one
		}
	}
	return nil
}

// add enters a device; at any time an address has one.
func (d directory) add(one *device) error {
	addr := one.addr.Addr()
	for _, other := range d[addr] {
		before := !one.to.IsZero() && !one.to.After(other.from)
		after := !other.to.IsZero() && !other.to.After(one.from)
		if !before && !after && other.name != one.name {
			return fmt.Errorf("device %s: %v is %s's at the same time, in %s", one.name, addr, other.name, other.origin)
		}
	}
	d[addr] = append(d[addr], one)
	return nil
}

// inline is a device in the configuration: a further address of one in the inventory, or one without.
func (d directory) inline(section conf.Section) error {
	var row struct {
		Device  string `yaml:"device"`
		Address string `yaml:"address"`
	}
	if err := conf.Decode(section.File, section.Line, section.Text, &row); err != nil {
		return err
	}
	addr, err := parseAddress(row.Address)
	if err != nil {
		return conf.At(section.File, section.Line, "address", "device %s: %v", row.Device, err)
	}
	if row.Device == "" {
		return conf.At(section.File, section.Line, "device", "want the device's name in the inventory")
	}
	if err := d.add(&device{name: row.Device, addr: addr, origin: fmt.Sprintf("%s:%d", section.File, section.Line)}); err != nil {
		return conf.At(section.File, section.Line, "address", "%v", err)
	}
	return nil
}

func deviceColumns() []string {
	return strings.Split("device,address,province,system,site,parent,vendor,role,subscribers,capacity_mbps,"+
		"primary_method,agent,profile,valid_from,valid_to", ",")
}

// inventory reads devices.csv: the rows that are this agent's or anybody's. Rows without an IP address are left out:
// notifications cannot be told to be theirs.
func (d directory) inventory(path, agent string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("inventory: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	rows := csv.NewReader(f)
	rows.ReuseRecord = true
	header, err := rows.Read()
	if err == nil {
		header[0] = strings.TrimPrefix(header[0], "\ufeff")
	}
	if err != nil || !slices.Equal(header, deviceColumns()) {
		return conf.At(path, 1, "header", "want %s", strings.Join(deviceColumns(), ","))
	}
	for {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("inventory: %s: %w", path, err)
		}
		if owner := cells[11]; owner != "" && owner != agent {
			continue
		}
		line, _ := rows.FieldPos(0)
		if err := d.row(cells, path, line); err != nil {
			return err
		}
	}
}

// row enters a row of devices.csv.
func (d directory) row(cells []string, path string, line int) (err error) {
	one := &device{name: strings.Clone(cells[0]), origin: fmt.Sprintf("%s:%d", path, line)}
	if one.name == "" {
		return conf.At(path, line, "device", "is empty: want a name")
	}
	if one.from, err = parseInstant(cells[13]); err != nil {
		return conf.At(path, line, "valid_from", "device %s: %v", one.name, err)
	}
	if one.to, err = parseInstant(cells[14]); err != nil {
		return conf.At(path, line, "valid_to", "device %s: %v", one.name, err)
	}
	if one.addr, err = parseAddress(cells[1]); err != nil {
		return nil //nolint:nilerr // a host name, or nothing: see inventory
	}
	if err := d.add(one); err != nil {
		return conf.At(path, line, "address", "%v", err)
	}
	return nil
}

const snmpPort = 161

// parseAddress reads an IP address with or without the port at which the device answers.
func parseAddress(text string) (netip.AddrPort, error) {
	if a, err := netip.ParseAddrPort(text); err == nil && a.Port() != 0 {
		return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()), nil
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("%q: want an IP address, with or without a port: 10.1.2.3, 10.1.2.3:1161, [2001:db8::1]:1161", text)
	}
	return netip.AddrPortFrom(a.Unmap(), snmpPort), nil
}

// parseInstant reads a date, which means its midnight in Việt Nam, or a time with its offset; an empty cell is the zero
// time.
func parseInstant(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, time.FixedZone("+07", 7*60*60))
	if err != nil {
		return t, fmt.Errorf("%q is not a time: want 2026-10-01 (midnight in Việt Nam) or 2026-10-01T22:00:00+07:00", text)
	}
	return t, nil
}

package discover

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

// shortIdentity is how many of identityNames an agent is asked for that could not take all of them.
const shortIdentity = 2

// identityNames are sysObjectID, sysName, sysDescr, sysUpTime and LLDP's kind and id of the chassis.
func identityNames() [][]byte {
	return [][]byte{
		ber.OID(1, 3, 6, 1, 2, 1, 1, 2, 0), ber.OID(1, 3, 6, 1, 2, 1, 1, 5, 0), ber.OID(1, 3, 6, 1, 2, 1, 1, 1, 0), ber.OID(1, 3, 6, 1, 2, 1, 1, 3, 0),
		ber.OID(1, 0, 8802, 1, 1, 2, 1, 3, 1, 0), ber.OID(1, 0, 8802, 1, 1, 2, 1, 3, 2, 0),
	}
}

// identity is the dialog that asks an address who it is (poll.Dialog).
type identity struct {
	long, short *ber.Request
	retries     int
	tries       int
	cut         bool // only the short request is left
	device      *Device
}

// Begin asks for everything at once.
func (d *identity) Begin(time.Time) *ber.Request { return d.long }

// Silent repeats the request as often as it may; the last time it is short.
func (d *identity) Silent(time.Time) *ber.Request {
	if d.tries++; d.tries > d.retries {
		return nil
	}
	if d.cut = d.cut || d.tries == d.retries; d.cut {
		return d.short
	}
	return d.long
}

// Answer takes whatever is there: who answers is there.
func (d *identity) Answer(a poll.Answer) *ber.Request {
	if a.Status != ber.NoError && !d.cut {
		d.cut, d.tries = true, 0
		return d.short
	}
	d.device = &Device{}
	kind := ""
	for i, list := 0, a.Varbinds; len(list) > 0 && a.Status == ber.NoError; i++ {
		var v ber.Varbind
		rest, ok := v.Cut(list)
		if !ok {
			break
		}
		list = rest
		d.read(i, v, a.At, &kind)
	}
	return nil
}

// read takes the value of a name; i is its place in identityNames. An answer about other objects says nothing.
func (d *identity) read(i int, v ber.Varbind, at time.Time, kind *string) {
	names := identityNames()
	if v.Missing() || i >= len(names) || string(names[i]) != string(v.Name) {
		return
	}
	switch i {
	case 0:
		if v.Tag == ber.ObjectID {
			d.device.ObjectID = ber.FormatOID(v.Value)
		}
	case 1:
		d.device.SysName = clean(v.Value)
	case 2:
		d.device.Descr = clean(v.Value)
	case 3:
		if ticks, ok := v.Number(); ok {
			d.device.Booted = at.Add(-time.Duration(ticks) * 10 * time.Millisecond)
		}
	case 4:
		if n, ok := v.Number(); ok {
			*kind = fmt.Sprint(n)
		}
	case 5:
		if *kind != "" && len(v.Value) > 0 {
			d.device.Chassis = *kind + ":" + string(v.Value)
		}
	}
}

// clean is text that can stand in a line.
func clean(octets []byte) string {
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(octets), ""))
	return strings.TrimSpace(text)
}

// settle joins the addresses of one device, names devices and marks those that a rule ignores.
func (c *Config) settle(found []*Device) []*Device {
	slices.SortFunc(found, func(a, b *Device) int { return a.Addr.Compare(b.Addr) })
	var out []*Device
	byName := map[string][]*Device{}
	for _, d := range found {
		d.Name = c.Rules.Names.name(d.SysName)
		if i := slices.IndexFunc(byName[d.Name], d.same); d.SysName != "" && i >= 0 {
			first := byName[d.Name][i]
			first.Others = append(first.Others, d.Addr)
			continue
		}
		byName[d.Name] = append(byName[d.Name], d)
		out = append(out, d)
	}
	for name, all := range byName {
		if name != "" && len(all) == 1 {
			continue
		}
		for _, d := range all { // no name, or the same one as others have
			d.Name = d.Addr.Addr().String()
		}
	}
	for _, d := range out {
		d.Ignored = c.Rules.of(d).ignore
	}
	return out
}

// same says whether another address with the same name is the same device: it has the same chassis or, where neither tells
// one, is of the same kind and was started at the same moment.
func (d *Device) same(o *Device) bool {
	if d.Chassis != "" || o.Chassis != "" {
		return d.Chassis == o.Chassis
	}
	apart := d.Booted.Sub(o.Booted).Abs()
	return d.ObjectID == o.ObjectID && d.Descr == o.Descr && !d.Booted.IsZero() && apart < 2*time.Second
}

// answersAt says whether the device answers there.
func (d *Device) answersAt(a netip.AddrPort) bool { return d.Addr == a || slices.Contains(d.Others, a) }

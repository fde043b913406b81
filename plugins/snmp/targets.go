package snmp

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unique"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/devices"
)

// target is a device with what is needed to poll it.
type target struct {
	device     string
	addr       netip.AddrPort
	credential *credential
	profile    string  // the name of one, or of none: then its sysObjectID decides
	valid      *period // when it is polled; nil: always
}

// period is [from, to); zero: unbounded.
type period struct{ from, to time.Time }

func (p *period) has(now time.Time) bool {
	return !now.Before(p.from) && (p.to.IsZero() || now.Before(p.to))
}

// origin is where a device was read, for messages.
type origin struct {
	file string
	line int
}

func (o origin) String() string { return fmt.Sprintf("%s:%d", o.file, o.line) }

// resolver gathers targets from all places where they are named.
type resolver struct {
	credentials []credential
	agent       string
	now         time.Time
	targets     []target
	others      map[string][]netip.Addr // that devices may answer from, too
	seen        map[string]origin
}

func (r *resolver) inline(section conf.Section) error {
	var in inline
	if err := conf.Decode(section.File, section.Line, section.Text, &in); err != nil {
		return err
	}
	at := origin{section.File, section.Line}
	if in.Device == "" {
		return conf.At(at.file, at.line, "device", "want the device's name in the inventory")
	}
	addr, err := devices.ParseAddress(in.Address, snmpPort)
	if err != nil {
		return conf.At(at.file, at.line, "address", "device %s: %v", in.Device, err)
	}
	c, err := r.named(in.Credential)
	if err != nil {
		return conf.At(at.file, at.line, "credential", "device %s: %v", in.Device, err)
	}
	if first, ok := r.seen[in.Device]; ok {
		return conf.At(at.file, at.line, "device", "%s is already a target at %v", in.Device, first)
	}
	r.seen[in.Device] = at
	r.targets = append(r.targets, target{device: in.Device, addr: addr, credential: c, profile: in.Profile})
	return nil
}

// named returns the credential of a target written in the configuration.
func (r *resolver) named(name string) (*credential, error) {
	for i := range r.credentials {
		if c := &r.credentials[i]; c.name == name || name == "" && len(r.credentials) == 1 {
			return c, nil
		}
	}
	if name == "" {
		return nil, fmt.Errorf("want the name of a credential: there are %d", len(r.credentials))
	}
	return nil, fmt.Errorf("%q: there is no such credential", name)
}

// row takes a row of the inventory. A device may have several rows, each valid in its own time.
func (r *resolver) row(d devices.Row) error {
	if !d.Of(r.agent) || !d.By("snmp") {
		return nil
	}
	at := origin{d.File, d.Line}
	if first, ok := r.seen[d.Device]; ok && first.file != at.file {
		return conf.At(at.file, at.line, "device", "%s is already a target at %v", d.Device, first)
	}
	addr, err := devices.ParseAddress(d.Address, snmpPort)
	if err != nil {
		return d.At("address", err)
	}
	i := slices.IndexFunc(r.credentials, func(c credential) bool { return c.wants.matches(&d) })
	if i < 0 {
		return conf.At(at.file, at.line, "device", "%s: no credential is for a device of vendor %q, role %q, system %q, province %q, profile %q",
			d.Device, d.Vendor, d.Role, d.System, d.Province, d.Profile)
	}
	name := strings.Clone(d.Device)
	r.seen[name] = at
	one := target{device: name, addr: addr, credential: &r.credentials[i], profile: unique.Make(d.Profile).Value()}
	if r.now.Before(d.From) || !d.To.IsZero() { // of most rows it need not be kept
		one.valid = &period{d.From, d.To}
	}
	r.targets = append(r.targets, one)
	return nil
}

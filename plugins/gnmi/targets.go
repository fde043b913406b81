package gnmi

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/devices"
	"github.com/haidang-noc/haidang/plugins/gnmi/session"
)

// target is a device with what is needed to ask it.
type target struct {
	device     string
	address    string // host and port
	target     string // its name behind a server of many
	credential *credentialSettings
	from, to   time.Time // asked in [from, to); zero: unbounded
}

func (t *target) login() session.Login { return t.credential.login() }

// inline is a target written in the configuration itself.
type inline struct {
	Device     string `yaml:"device"`
	Address    string `yaml:"address"`
	Target     string `yaml:"target"`
	Credential string `yaml:"credential"`
}

// origin is where a device was read, for messages.
type origin struct {
	file string
	line int
}

func (o origin) String() string { return fmt.Sprintf("%s:%d", o.file, o.line) }

// resolver gathers targets from all places where they are named.
type resolver struct {
	credentials []*credentialSettings
	agent       string
	targets     []target
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
	c, err := r.named(in.Credential)
	if err != nil {
		return conf.At(at.file, at.line, "credential", "device %s: %v", in.Device, err)
	}
	address, err := parseAddress(in.Address, c.Port)
	if err != nil {
		return conf.At(at.file, at.line, "address", "device %s: %v", in.Device, err)
	}
	if first, ok := r.seen[in.Device]; ok {
		return conf.At(at.file, at.line, "device", "%s is already a target at %v", in.Device, first)
	}
	r.seen[in.Device] = at
	r.targets = append(r.targets, target{device: in.Device, address: address, target: in.Target, credential: c})
	return nil
}

// named returns the credential of a target written in the configuration.
func (r *resolver) named(name string) (*credentialSettings, error) {
	for _, c := range r.credentials {
		if c.Name == name || name == "" && len(r.credentials) == 1 {
			return c, nil
		}
	}
	if name == "" {
		return nil, fmt.Errorf("want the name of a credential: there are %d", len(r.credentials))
	}
	return nil, fmt.Errorf("%q: there is no such credential", name)
}

// row takes a row of the inventory that is this agent's, if it is to be reached by gNMI, or a credential is for rows like it:
// then gNMI comes beside its primary method. A device may have several rows, each valid in its own time.
func (r *resolver) row(d devices.Row) error {
	primary := d.Method == "gnmi"
	if !d.Of(r.agent) {
		return nil
	}
	c := r.suiting(&d, primary)
	switch first, ok := r.seen[d.Device]; {
	case c == nil && primary:
		return d.At("device", fmt.Errorf("no credential is for vendor %q, role %q, system %q, province %q, profile %q",
			d.Vendor, d.Role, d.System, d.Province, d.Profile))
	case c == nil:
		return nil
	case ok && first.file != d.File:
		return d.At("device", fmt.Errorf("is already a target at %v", first))
	}
	if !primary { // the port, if there is one, is the primary method's
		d.Address = host(d.Address)
	}
	address, err := parseAddress(d.Address, c.Port)
	if err != nil {
		return d.At("address", err)
	}
	device := strings.Clone(d.Device)
	r.seen[device] = origin{d.File, d.Line}
	r.targets = append(r.targets, target{device: device, address: address, credential: c, from: d.From, to: d.To})
	return nil
}

// suiting is the first credential that is for a row, or nil.
func (r *resolver) suiting(d *devices.Row, primary bool) *credentialSettings {
	for _, c := range r.credentials {
		if c.For.matches(d) && (primary || c.For.chosen()) {
			return c
		}
	}
	return nil
}

// host is an address without its port.
func host(address string) string {
	if h, _, err := net.SplitHostPort(address); err == nil {
		return h
	}
	return address
}

// parseAddress reads an IP address or a host name, with or without a port.
func parseAddress(text string, port uint16) (string, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.AddrPortFrom(a, port).String(), nil
	}
	h, p := text, strconv.Itoa(int(port))
	if strings.Contains(text, ":") {
		var err error
		if h, p, err = net.SplitHostPort(text); err != nil {
			return "", wrongAddress(text)
		}
	}
	if n, err := strconv.ParseUint(p, 10, 16); err != nil || n == 0 || h == "" || strings.ContainsAny(h, " /[]") {
		return "", wrongAddress(text)
	}
	return net.JoinHostPort(h, p), nil
}

func wrongAddress(text string) error {
	return fmt.Errorf("%q: want an IP address or a host name, with or without a port: 10.1.2.3, r1.example.net:57400, [2001:db8::1]:6030", text)
}

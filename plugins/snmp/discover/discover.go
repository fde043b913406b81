// Package discover finds the devices in ranges of addresses, names them, works out from LLDP and CDP how they hang together,
// and compares all that with the inventory. It asks through the engines that poll.
package discover

import (
	"context"
	"net/netip"
	"time"

	"github.com/haidang-noc/haidang/internal/usm"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

// Credential is a way to ask: a community, or a user of v3.
type Credential struct {
	Name      string
	Community string
	User      *usm.User // nil: v2c
	Context   string    // of v3
}

// Ask runs one round of each target and returns when the last one is over.
type Ask func(ctx context.Context, targets []poll.Target) error

// Config is how to look for devices. Every field has to be set but Progress.
type Config struct {
	Range       Range
	Rules       *Rules
	Credentials []Credential
	Ask         Ask
	Retries     int
	Profile     func(sysObjectID string) string // empty: none of its own
	Progress    func(Progress)                  // called before each pass; may be nil
}

// Progress is where a discovery stands.
type Progress struct {
	Pass  string // what comes now: the name of a credential, or neighbours
	Asked int    // addresses
	Found int    // so far
}

// Device is what answered.
type Device struct {
	Addr       netip.AddrPort
	Others     []netip.AddrPort // where it answers, too
	Credential int
	Name       string // of the device in the inventory
	SysName    string
	Descr      string
	ObjectID   string
	Chassis    string // LLDP's id with its kind in front; may be empty
	Booted     time.Time
	Ignored    bool // a rule says that it is no device of the network

	Neighbours []Neighbour
	Partial    bool // its neighbours could not all be read
	ports      map[uint32]port
	remote     *usm.Remote // what is known of it over v3
}

// NoPort is the port of a neighbour of which the device does not say where it is.
const NoPort = 0

// Neighbour is what a device knows at one of its ports.
type Neighbour struct {
	Port     uint32 // of LLDP, or ifIndex for CDP
	Chassis  string
	SysName  string
	PortKind uint64 // LLDP's subtype
	PortID   string
	PortDesc string
}

// port is what a device says of a port of its own.
type port struct {
	kind   uint64
	id     string
	desc   string
	ifName string
}

// Find asks every address with one credential after the other until it answers, then every device for its neighbours that no
// rule ignores. Devices come in the order of their addresses.
func Find(ctx context.Context, c Config) ([]*Device, error) {
	if c.Progress == nil {
		c.Progress = func(Progress) {}
	}
	silent := make([]netip.AddrPort, 0, 256)
	for _, a := range c.Range.Addresses(c.Rules.skip) {
		silent = append(silent, netip.AddrPortFrom(a, uint16(c.Rules.Port)))
	}
	var found []*Device
	for i, credential := range c.Credentials {
		c.Progress(Progress{credential.Name, len(silent), len(found)})
		more, rest, err := c.identify(ctx, i, silent)
		if err != nil {
			return nil, err
		}
		found, silent = append(found, more...), rest
	}
	found = c.settle(found)
	c.Progress(Progress{"neighbours", len(found), len(found)})
	return found, c.look(ctx, found)
}

// identify asks addresses who they are. It returns those that answered and those that did not.
func (c *Config) identify(ctx context.Context, credential int, at []netip.AddrPort) (found []*Device, silent []netip.AddrPort, err error) {
	by := c.Credentials[credential]
	long, short := ber.NewRequest(by.Community, ber.PDU{Op: ber.GetRequest, Names: identityNames()}),
		ber.NewRequest(by.Community, ber.PDU{Op: ber.GetRequest, Names: identityNames()[:shortIdentity]})
	dialogs, targets := make([]identity, len(at)), make([]poll.Target, len(at))
	for i, a := range at {
		dialogs[i] = identity{long: long, short: short, retries: c.Retries}
		targets[i] = poll.Target{Device: a.String(), Addr: a, Dialog: &dialogs[i]}
		if by.User != nil {
			targets[i].Remote = usm.NewRemote(by.User, by.Context)
		}
	}
	if err := c.round(ctx, targets); err != nil {
		return nil, nil, err
	}
	for i, a := range at {
		d := dialogs[i].device
		if d == nil {
			silent = append(silent, a)
			continue
		}
		d.Addr, d.Credential, d.remote = a, credential, targets[i].Remote
		found = append(found, d)
	}
	return found, silent, nil
}

// round asks, and makes an interruption an error: half of an answer looks like devices that are gone.
func (c *Config) round(ctx context.Context, targets []poll.Target) error {
	if len(targets) == 0 {
		return nil
	}
	if err := c.Ask(ctx, targets); err != nil {
		return err
	}
	return ctx.Err()
}

// look asks the devices for their neighbours.
func (c *Config) look(ctx context.Context, found []*Device) error {
	targets := make([]poll.Target, 0, len(found))
	for _, d := range found {
		if !d.Ignored {
			targets = append(targets, poll.Target{Device: d.Name, Addr: d.Addr, Remote: d.remote,
				Dialog: newNeighbourhood(d, c.Credentials[d.Credential].Community, c.Retries)})
		}
	}
	return c.round(ctx, targets)
}

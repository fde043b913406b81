// Package nation is the model of a national operator's network: devices, interfaces, links and what
// each of them shows at any instant. Every value is a pure function of the seed, the thing, the
// instant and the faults, so nothing has to be simulated step by step and any month can be looked at.
package nation

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
)

// Config says how large the network is and where it lives.
type Config struct {
	Seed       uint64     `yaml:"seed"`
	Since      fault.Time `yaml:"since"`      // in service since
	Provinces  string     `yaml:"provinces"`  // registry file
	Only       []string   `yaml:"only"`       // province codes; empty: all of the registry
	Devices    int        `yaml:"devices"`    // of all systems together
	Interfaces int        `yaml:"interfaces"` // of each device, more where its links need more
	Cells      int        `yaml:"cells"`      // of each base station
	Growth     float64    `yaml:"growth"`     // by how much a cell's speed grows in a year, of what it was at first
	Address    netip.Addr `yaml:"address"`    // of the first device; the others follow
	Agents     int        `yaml:"agents"`     // agent-01 … poll a part each; 0: any agent may poll any device
	Method     string     `yaml:"method"`     // primary reach method: snmp or icmp
	Profile    string     `yaml:"profile"`    // SNMP profile written to the inventory
	Aggregates Aggregates `yaml:"aggregates"` // what the uplinks of aggregation routers are
	OTN        bool       `yaml:"otn"`        // optical channels count their unavailable seconds
	ONTs       int        `yaml:"onts"`       // behind a PON, at most; 0: OLTs do not tell
	Windows    []Window   `yaml:"maintenance"`
	Freezes    []Freeze   `yaml:"freezes"`
	Measured   bool       `yaml:"measured"` // others measured radio readiness and coverage, month by month
}

// Aggregates says of how many ports an aggregate is made, and how many have to be active. Without members there is none.
type Aggregates struct {
	Members  int `yaml:"members"`
	MinLinks int `yaml:"min_links"`
}

// Window is one maintenance window, written to the inventory as it stands here.
type Window struct {
	ID         string     `yaml:"id"`
	Scope      string     `yaml:"scope"` // device:X, site:X, province:X or system:X
	Start      fault.Time `yaml:"start"`
	End        fault.Time `yaml:"end"`
	CreatedAt  fault.Time `yaml:"created_at"`
	ApprovedBy string     `yaml:"approved_by"`
	ApprovedAt fault.Time `yaml:"approved_at"` // zero: never approved
	Reason     string     `yaml:"reason"`
	Override   string     `yaml:"freeze_override"` // why it goes on in a change freeze; empty: it does not
}

// Freeze is one national event, written to the inventory; unless it is open, it makes windows void.
type Freeze struct {
	ID     string     `yaml:"id"`
	Name   string     `yaml:"name"`
	Scopes []string   `yaml:"scopes"` // nation, or as a window's
	Start  fault.Time `yaml:"start"`
	End    fault.Time `yaml:"end"`
	Open   bool       `yaml:"open"`
}

// Planned says whether the window was approved before it began.
func (w Window) Planned() bool { return !w.ApprovedAt.IsZero() && w.ApprovedAt.Before(w.Start.Time) }

// Defaults is the configuration of a small network.
func Defaults() Config {
	return Config{
		Seed: 1, Since: fault.Time{Time: time.Date(2026, 1, 1, 0, 0, 0, 0, Local)}, Devices: 600, Interfaces: 10, Cells: 3,
		Address: netip.AddrFrom4([4]byte{127, 16, 0, 1}), Method: "snmp",
	}
}

// Local is Asia/Ho_Chi_Minh.
var Local = time.FixedZone("Asia/Ho_Chi_Minh", 7*3600)

// Validate says what is wrong with the configuration.
func (c Config) Validate() error {
	switch {
	case c.Provinces == "":
		return errors.New("provinces: name the registry file, for example ../provinces/provinces-34.csv")
	case !(c.Growth >= 0 && c.Growth <= 10):
		return fmt.Errorf("growth: %v: want 0 to 10", c.Growth)
	case !c.Address.Is4() || !c.Address.IsLoopback() || !advance(c.Address, c.Devices).IsLoopback():
		return fmt.Errorf("address: %s and the %d after it must lie in 127.0.0.0/8", c.Address, c.Devices)
	case c.Method != "snmp" && c.Method != "icmp":
		return fmt.Errorf("method: %q: want snmp or icmp", c.Method)
	}
	if a := c.Aggregates; a.Members != 0 && a.Members != 2 && a.Members != 4 || a.MinLinks < 0 || a.MinLinks > a.Members {
		return fmt.Errorf("aggregates: %+v: want 2 or 4 members, and as many min_links at most", a)
	}
	for i, w := range c.Windows {
		if w.ID == "" || !w.End.After(w.Start.Time) {
			return fmt.Errorf("maintenance[%d]: want an id and an end later than the start", i)
		}
	}
	for i, f := range c.Freezes {
		if f.ID == "" || f.Name == "" || len(f.Scopes) == 0 || !f.End.After(f.Start.Time) {
			return fmt.Errorf("freezes[%d]: want an id, a name, scopes, and an end later than the start", i)
		}
	}
	return c.checkSizes()
}

func (c Config) checkSizes() error {
	for _, size := range []struct {
		key                string
		value, least, most int
	}{{"devices", c.Devices, 1, 1_000_000}, {"interfaces", c.Interfaces, 2, 1000}, {"cells", c.Cells, 0, 24}, {"agents", c.Agents, 0, 999}, {"onts", c.ONTs, 0, 128}} {
		if size.value < size.least || size.value > size.most {
			return fmt.Errorf("%s: %d: want %d to %d", size.key, size.value, size.least, size.most)
		}
	}
	return nil
}

// advance is the address n after a.
func advance(a netip.Addr, n int) netip.Addr {
	b := a.As4()
	v := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	v += uint32(n)
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
}

package snmptrap

import (
	"cmp"
	"fmt"
	"net/netip"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/devices"
	"github.com/haidang-noc/haidang/internal/gate"
	"github.com/haidang-noc/haidang/internal/usm"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/snmptrap/engine"
)

// settings is the input's section of the agent's configuration; sample.yaml explains every key.
type settings struct {
	Listen       []netip.AddrPort `yaml:"listen"`
	Buffer       conf.Bytes       `yaml:"buffer"`
	Credentials  []conf.Section   `yaml:"credentials"`
	Inventory    string           `yaml:"inventory"`
	Devices      []conf.Section   `yaml:"devices"`
	Relays       gate.Relays      `yaml:"relays"`
	Traps        string           `yaml:"traps"`
	State        string           `yaml:"state"`
	EngineID     string           `yaml:"engine_id"`
	Limit        gate.Datagrams   `yaml:"limit"`
	RelayLimit   gate.Datagrams   `yaml:"relay_limit"`
	Memory       conf.Bytes       `yaml:"memory"`
	SourceMemory conf.Bytes       `yaml:"source_memory"`
	MaxText      conf.Bytes       `yaml:"max_text"`
	Lookup       lookupSettings   `yaml:"lookup"`
}

// lookupSettings say how a device is asked for the name of an interface; without a community none is.
type lookupSettings struct {
	Community conf.Secret   `yaml:"community"`
	Timeout   conf.Duration `yaml:"timeout"`
	Retries   int           `yaml:"retries"`
	Workers   int           `yaml:"workers"`
	Keep      conf.Duration `yaml:"keep"`
}

func defaults() settings {
	return settings{
		Listen:       []netip.AddrPort{netip.AddrPortFrom(netip.IPv4Unspecified(), 162)},
		Buffer:       8 << 20,
		State:        "data/snmptrap",
		Limit:        gate.Datagrams{Rate: 50, Burst: 500},
		RelayLimit:   gate.Datagrams{Rate: 2000, Burst: 20000},
		Memory:       32 << 20,
		SourceMemory: 1 << 20,
		MaxText:      1 << 10,
		Lookup:       lookupSettings{Timeout: conf.Duration(2 * time.Second), Retries: 1, Workers: 64, Keep: conf.Duration(time.Hour)},
	}
}

// Validate checks what can be said without looking at another part of the section.
func (s *settings) Validate() error {
	if len(s.Listen) == 0 {
		return fmt.Errorf("listen: want at least one address with a port, like 0.0.0.0:162")
	}
	if err := s.Relays.Check(); err != nil {
		return err
	}
	return cmp.Or(
		conf.Within("buffer", int64(s.Buffer), 64<<10, 1<<30),
		conf.Within("limit: rate", int64(s.Limit.Rate), 1, 1_000_000),
		conf.Within("limit: burst", int64(s.Limit.Burst), 1, 10_000_000),
		conf.Within("relay_limit: rate", int64(s.RelayLimit.Rate), 1, 1_000_000),
		conf.Within("relay_limit: burst", int64(s.RelayLimit.Burst), 1, 10_000_000),
		conf.Within("memory", int64(s.Memory), 1<<20, 4<<30),
		conf.Within("source_memory", int64(s.SourceMemory), 64<<10, int64(s.Memory)),
		conf.Within("max_text", int64(s.MaxText), 64, 16<<10),
		conf.Within("lookup: timeout", s.Lookup.Timeout.D().Milliseconds(), 10, 60_000),
		conf.Within("lookup: retries", int64(s.Lookup.Retries), 0, 10),
		conf.Within("lookup: workers", int64(s.Lookup.Workers), 1, 1024),
		conf.Within("lookup: keep", int64(s.Lookup.Keep.D().Seconds()), 1, 7*86400),
	)
}

const snmpPort = 161 // at which devices are asked

// setup is everything that the configuration says, read and checked.
type setup struct {
	settings
	communities []string
	users       []*usm.User
	engineID    []byte
	devices     *devices.Directory
	table       *table
	lookup      string // the community; empty: nothing is looked up
}

// read reads the section and all that it refers to.
func read(c sdk.Config) (*setup, error) {
	s := &setup{settings: defaults(), devices: devices.NewDirectory(snmpPort)}
	if err := conf.Decode(c.File, c.Line, c.YAML, &s.settings); err != nil {
		return nil, err
	}
	if err := s.readCredentials(c); err != nil {
		return nil, err
	}
	if err := s.devices.AddAll(s.Devices, conf.Path(c.Dir, s.Inventory), c.Agent); err != nil {
		return nil, conf.Place(c.File, c.Line, c.YAML, err)
	}
	var err error
	if s.EngineID != "" {
		if s.engineID, err = engine.ParseID(s.EngineID); err != nil {
			return nil, conf.At(c.File, c.Line, "engine_id", "%v", err)
		}
	}
	if !s.Lookup.Community.IsZero() {
		if s.lookup, err = s.Lookup.Community.Reveal(); err != nil {
			return nil, conf.At(c.File, c.Line, "lookup: community", "%v", err)
		}
	}
	s.State = conf.Path(c.Dir, s.State)
	s.Traps = conf.Path(c.Dir, s.Traps)
	s.table, err = readTable(s.Traps)
	return s, err
}

// limits are those of a source: relays have their own, and devices an account each.
func (s *setup) limits(addr netip.Addr, relay bool) gate.Limit {
	if relay {
		return s.RelayLimit.Limit(true)
	}
	return s.Limit.Limit(s.devices.Knows(addr))
}

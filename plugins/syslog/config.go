package syslog

import (
	"crypto/tls"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"time"

	shipped "github.com/haidang-noc/haidang/configs/syslog"
	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/devices"
	"github.com/haidang-noc/haidang/internal/gate"
	"github.com/haidang-noc/haidang/internal/listen"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/syslog/table"
)

// settings is the input's section of the agent's configuration; sample.yaml explains every key.
type settings struct {
	Listen            []string          `yaml:"listen"`
	TLS               listen.TLS        `yaml:"tls"`
	Buffer            conf.Bytes        `yaml:"buffer"`
	Inventory         string            `yaml:"inventory"`
	Devices           []conf.Section    `yaml:"devices"`
	Relays            []netip.Prefix    `yaml:"relays"`
	Hosts             map[string]string `yaml:"hosts"`
	Patterns          string            `yaml:"patterns"`
	Timezone          string            `yaml:"timezone"`
	Skew              conf.Duration     `yaml:"skew"`
	Limit             limitSettings     `yaml:"limit"`
	RelayLimit        limitSettings     `yaml:"relay_limit"`
	Samples           limitSettings     `yaml:"samples"`
	SourceSamples     limitSettings     `yaml:"source_samples"`
	Memory            conf.Bytes        `yaml:"memory"`
	SourceMemory      conf.Bytes        `yaml:"source_memory"`
	MaxMessage        conf.Bytes        `yaml:"max_message"`
	MaxText           conf.Bytes        `yaml:"max_text"`
	Connections       int               `yaml:"connections"`
	SourceConnections int               `yaml:"source_connections"`
	Idle              conf.Duration     `yaml:"idle"`

	endpoints []listen.Endpoint
}

type limitSettings struct {
	Rate  int `yaml:"rate"`
	Burst int `yaml:"burst"`
}

func (l limitSettings) limit(known bool) gate.Limit {
	return gate.Limit{Rate: float64(l.Rate), Burst: float64(l.Burst), Known: known}
}

func defaults() settings {
	return settings{
		Listen:            []string{"udp://[::]:514"},
		Buffer:            8 << 20,
		Timezone:          "Asia/Ho_Chi_Minh",
		Skew:              conf.Duration(5 * time.Minute),
		Limit:             limitSettings{50, 500},
		RelayLimit:        limitSettings{5000, 50000},
		Samples:           limitSettings{20, 100},
		SourceSamples:     limitSettings{1, 10},
		Memory:            32 << 20,
		SourceMemory:      1 << 20,
		MaxMessage:        8 << 10,
		MaxText:           1 << 10,
		Connections:       4096,
		SourceConnections: 4,
		Idle:              conf.Duration(time.Hour),
	}
}

// Validate checks what can be said without looking at another part of the section.
func (s *settings) Validate() error {
	var err error
	if s.endpoints, err = listen.Endpoints(s.Listen, "udp", "tcp", "tls"); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	for _, p := range s.Relays {
		if p.Addr().BitLen()-p.Bits() > 8 { // each has an account of its own
			return fmt.Errorf("relays: %v: want 256 addresses or fewer, like 10.9.0.0/24", p)
		}
	}
	for _, bound := range []struct {
		key            string
		value, low, up int64
	}{
		{"buffer", int64(s.Buffer), 64 << 10, 1 << 30},
		{"skew", int64(s.Skew.D().Seconds()), 1, 86400},
		{"limit: rate", int64(s.Limit.Rate), 1, 1_000_000},
		{"limit: burst", int64(s.Limit.Burst), 1, 10_000_000},
		{"relay_limit: rate", int64(s.RelayLimit.Rate), 1, 1_000_000},
		{"relay_limit: burst", int64(s.RelayLimit.Burst), 1, 10_000_000},
		{"samples: rate", int64(s.Samples.Rate), 0, 100_000},
		{"samples: burst", int64(s.Samples.Burst), 0, 1_000_000},
		{"source_samples: rate", int64(s.SourceSamples.Rate), 0, 100_000},
		{"source_samples: burst", int64(s.SourceSamples.Burst), 0, 1_000_000},
		{"memory", int64(s.Memory), 1 << 20, 4 << 30},
		{"source_memory", int64(s.SourceMemory), 64 << 10, int64(s.Memory)},
		{"max_message", int64(s.MaxMessage), 480, 64 << 10},
		{"max_text", int64(s.MaxText), 64, 16 << 10},
		{"connections", int64(s.Connections), 1, 100_000},
		{"source_connections", int64(s.SourceConnections), 1, 1000},
		{"idle", int64(s.Idle.D().Seconds()), 1, 7 * 86400},
	} {
		if bound.value < bound.low || bound.value > bound.up {
			return fmt.Errorf("%s: %d: want %d to %d", bound.key, bound.value, bound.low, bound.up)
		}
	}
	return nil
}

// setup is everything that the configuration says, read and checked.
type setup struct {
	settings
	devices *devices.Directory
	names   names
	table   *table.Table
	zone    *time.Location
	tls     *tls.Config // nil: no endpoint needs it
}

// read reads the section and all that it refers to.
func read(c sdk.Config) (*setup, error) {
	s := &setup{settings: defaults(), devices: devices.NewDirectory(0)}
	if err := conf.Decode(c.File, c.Line, c.YAML, &s.settings); err != nil {
		return nil, err
	}
	if err := s.readDevices(c); err != nil {
		return nil, err
	}
	var err error
	if s.zone, err = time.LoadLocation(s.Timezone); err != nil {
		return nil, conf.At(c.File, c.Line, "timezone", "%q: want a name like Asia/Ho_Chi_Minh or UTC", s.Timezone)
	}
	if s.secure() {
		if s.tls, err = s.TLS.Config(c.Dir); err != nil {
			return nil, conf.At(c.File, c.Line, "tls", "%v", err)
		}
	}
	s.table, err = readTable(c, s.Patterns)
	return s, err
}

func (s *settings) secure() bool {
	return slices.ContainsFunc(s.endpoints, func(e listen.Endpoint) bool { return e.Scheme == "tls" })
}

// readTable reads the operator's tables, if there are any, and the shipped ones behind them.
func readTable(c sdk.Config, patterns string) (*table.Table, error) {
	t := &table.Table{}
	if patterns != "" {
		if err := t.Add(os.DirFS(conf.Path(c.Dir, patterns)), "*.yaml"); err != nil {
			return nil, conf.At(c.File, c.Line, "patterns", "%s: %v", patterns, err)
		}
	}
	if err := t.Add(shipped.Files(), "*.yaml"); err != nil {
		return nil, err
	}
	return t, t.Compile()
}

// readDevices reads the rows in the configuration and those of the inventory.
func (s *setup) readDevices(c sdk.Config) error {
	var err error
	if s.Inventory != "" {
		s.Inventory = conf.Path(c.Dir, s.Inventory)
		if err := s.devices.AddFile(s.Inventory, c.Agent); err != nil {
			return err
		}
	}
	if s.names, err = readNames(s.Inventory, c.Agent); err != nil {
		return err
	}
	for _, section := range s.Devices {
		if err := s.devices.AddSection(section); err != nil {
			return err
		}
		if err := s.names.add(section); err != nil {
			return err
		}
	}
	for host, device := range s.Hosts {
		if err := s.names.alias(host, device); err != nil {
			return conf.At(c.File, c.Line, "hosts", "%v", err)
		}
	}
	if len(s.Devices) == 0 && s.Inventory == "" {
		return conf.At(c.File, c.Line, "inventory", "nobody is known: want an inventory, devices, or both")
	}
	return nil
}

// relay says whether what comes from addr may speak for others.
func (s *setup) relay(addr netip.Addr) bool {
	return slices.ContainsFunc(s.Relays, func(p netip.Prefix) bool { return p.Contains(addr) })
}

package syslog

import (
	"cmp"
	"crypto/tls"
	"fmt"
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
	Relays            gate.Relays       `yaml:"relays"`
	Hosts             map[string]string `yaml:"hosts"`
	Patterns          string            `yaml:"patterns"`
	Timezone          string            `yaml:"timezone"`
	Skew              conf.Duration     `yaml:"skew"`
	Limit             gate.Datagrams    `yaml:"limit"`
	RelayLimit        gate.Datagrams    `yaml:"relay_limit"`
	Samples           gate.Datagrams    `yaml:"samples"`
	SourceSamples     gate.Datagrams    `yaml:"source_samples"`
	Memory            conf.Bytes        `yaml:"memory"`
	SourceMemory      conf.Bytes        `yaml:"source_memory"`
	MaxMessage        conf.Bytes        `yaml:"max_message"`
	MaxText           conf.Bytes        `yaml:"max_text"`
	Connections       int               `yaml:"connections"`
	SourceConnections int               `yaml:"source_connections"`
	Idle              conf.Duration     `yaml:"idle"`

	endpoints []listen.Endpoint
}

func defaults() settings {
	return settings{
		Listen:            []string{"udp://[::]:514"},
		Buffer:            8 << 20,
		Timezone:          "Asia/Ho_Chi_Minh",
		Skew:              conf.Duration(5 * time.Minute),
		Limit:             gate.Datagrams{Rate: 50, Burst: 500},
		RelayLimit:        gate.Datagrams{Rate: 5000, Burst: 50000},
		Samples:           gate.Datagrams{Rate: 20, Burst: 100},
		SourceSamples:     gate.Datagrams{Rate: 1, Burst: 10},
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
	if err := s.Relays.Check(); err != nil {
		return err
	}
	return cmp.Or(
		conf.Within("buffer", int64(s.Buffer), 64<<10, 1<<30),
		conf.Within("skew", int64(s.Skew.D().Seconds()), 1, 86400),
		conf.Within("limit: rate", int64(s.Limit.Rate), 1, 1_000_000),
		conf.Within("limit: burst", int64(s.Limit.Burst), 1, 10_000_000),
		conf.Within("relay_limit: rate", int64(s.RelayLimit.Rate), 1, 1_000_000),
		conf.Within("relay_limit: burst", int64(s.RelayLimit.Burst), 1, 10_000_000),
		conf.Within("samples: rate", int64(s.Samples.Rate), 0, 100_000),
		conf.Within("samples: burst", int64(s.Samples.Burst), 0, 1_000_000),
		conf.Within("source_samples: rate", int64(s.SourceSamples.Rate), 0, 100_000),
		conf.Within("source_samples: burst", int64(s.SourceSamples.Burst), 0, 1_000_000),
		conf.Within("memory", int64(s.Memory), 1<<20, 4<<30),
		conf.Within("source_memory", int64(s.SourceMemory), 64<<10, int64(s.Memory)),
		conf.Within("max_message", int64(s.MaxMessage), 480, 64<<10),
		conf.Within("max_text", int64(s.MaxText), 64, 16<<10),
		conf.Within("connections", int64(s.Connections), 1, 100_000),
		conf.Within("source_connections", int64(s.SourceConnections), 1, 1000),
		conf.Within("idle", int64(s.Idle.D().Seconds()), 1, 7*86400),
	)
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
	s.Inventory = conf.Path(c.Dir, s.Inventory)
	if err := s.devices.AddAll(s.Devices, s.Inventory, c.Agent); err != nil {
		return conf.Place(c.File, c.Line, c.YAML, err)
	}
	var err error
	if s.names, err = readNames(s.Inventory, c.Agent); err != nil {
		return err
	}
	for _, section := range s.Devices {
		if err := s.names.add(section); err != nil {
			return err
		}
	}
	for host, device := range s.Hosts {
		if err := s.names.alias(host, device); err != nil {
			return conf.At(c.File, c.Line, "hosts", "%v", err)
		}
	}
	return nil
}

package mdt

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"time"

	shipped "github.com/haidang-noc/haidang/configs/sensors"
	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/devices"
	"github.com/haidang-noc/haidang/internal/gate"
	"github.com/haidang-noc/haidang/internal/listen"
	"github.com/haidang-noc/haidang/plugins/mdt/schema"
	"github.com/haidang-noc/haidang/plugins/mdt/sensor"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// settings is the input's section of the agent's configuration; sample.yaml explains every key.
type settings struct {
	Listen            []string                 `yaml:"listen"`
	TLS               listen.TLS               `yaml:"tls"`
	Buffer            conf.Bytes               `yaml:"buffer"`
	Inventory         string                   `yaml:"inventory"`
	Devices           []conf.Section           `yaml:"devices"`
	Sensors           string                   `yaml:"sensors"`
	Protos            string                   `yaml:"protos"`
	Interval          conf.Duration            `yaml:"interval"`
	Subscriptions     map[string]conf.Duration `yaml:"subscriptions"`
	Skew              conf.Duration            `yaml:"skew"`
	Limit             limitSettings            `yaml:"limit"`
	Memory            conf.Bytes               `yaml:"memory"`
	SourceMemory      conf.Bytes               `yaml:"source_memory"`
	MaxMessage        conf.Bytes               `yaml:"max_message"`
	Connections       int                      `yaml:"connections"`
	SourceConnections int                      `yaml:"source_connections"`
	Idle              conf.Duration            `yaml:"idle"`

	endpoints []listen.Endpoint
}

// limitSettings are octets a second, and at once, of one source.
type limitSettings struct {
	Rate  conf.Bytes `yaml:"rate"`
	Burst conf.Bytes `yaml:"burst"`
}

func defaults() settings {
	return settings{
		Listen:            []string{"grpc://[::]:57500"},
		Buffer:            8 << 20,
		Interval:          conf.Duration(time.Minute),
		Skew:              conf.Duration(5 * time.Minute),
		Limit:             limitSettings{1 << 20, 16 << 20},
		Memory:            64 << 20,
		SourceMemory:      8 << 20,
		MaxMessage:        4 << 20,
		Connections:       4096,
		SourceConnections: 4,
		Idle:              conf.Duration(time.Hour),
	}
}

// Validate checks what can be said without looking at another part of the section.
func (s *settings) Validate() error {
	var err error
	if s.endpoints, err = listen.Endpoints(s.Listen, "grpc", "grpcs", "tcp", "tls", "jti"); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	return cmp.Or(
		conf.Within("buffer", int64(s.Buffer), 64<<10, 1<<30),
		conf.Within("interval", int64(s.Interval.D().Seconds()), 1, 86400),
		conf.Within("skew", int64(s.Skew.D().Seconds()), 1, 86400),
		conf.Within("limit: rate", int64(s.Limit.Rate), 1<<10, 1<<30),
		conf.Within("limit: burst", int64(s.Limit.Burst), int64(s.MaxMessage), 8<<30),
		conf.Within("memory", int64(s.Memory), 1<<20, 4<<30),
		conf.Within("source_memory", int64(s.SourceMemory), 64<<10, int64(s.Memory)),
		conf.Within("max_message", int64(s.MaxMessage), 64<<10, 64<<20),
		conf.Within("connections", int64(s.Connections), 1, 100_000),
		conf.Within("source_connections", int64(s.SourceConnections), 1, 1000),
		conf.Within("idle", int64(s.Idle.D().Seconds()), 1, 7*86400),
	)
}

// setup is everything that the configuration says, read and checked.
type setup struct {
	settings
	devices *devices.Directory
	table   *sensor.Table
	schema  *schema.Schema // nil: no folder was given
	tls     map[string]*tls.Config
}

// read reads the section and all that it refers to.
func read(c sdk.Config) (*setup, error) {
	s := &setup{settings: defaults(), devices: devices.NewDirectory(0), table: &sensor.Table{}, tls: map[string]*tls.Config{}}
	if err := conf.Decode(c.File, c.Line, c.YAML, &s.settings); err != nil {
		return nil, err
	}
	if err := s.devices.AddAll(s.Devices, conf.Path(c.Dir, s.Inventory), c.Agent); err != nil {
		return nil, conf.Place(c.File, c.Line, c.YAML, err)
	}
	if err := s.readTables(c); err != nil {
		return nil, err
	}
	for scheme, protocols := range map[string][]string{"tls": nil, "grpcs": {"h2"}} {
		if !s.listensAt(scheme) {
			continue
		}
		var err error
		if s.tls[scheme], err = s.TLS.Config(c.Dir, protocols...); err != nil {
			return nil, conf.At(c.File, c.Line, "tls", "%v", err)
		}
	}
	return s, nil
}

func (s *settings) listensAt(scheme string) bool {
	return slices.ContainsFunc(s.endpoints, func(e listen.Endpoint) bool { return e.Scheme == scheme })
}

// readTables reads the shipped sensors, the operator's over them, and the vendors' messages.
func (s *setup) readTables(c sdk.Config) error {
	if err := s.table.Add(shipped.Files(), "*.yaml"); err != nil {
		return err
	}
	if s.Sensors != "" {
		if err := s.table.Add(os.DirFS(conf.Path(c.Dir, s.Sensors)), "*.yaml"); err != nil {
			return conf.At(c.File, c.Line, "sensors", "%s: %v", s.Sensors, err)
		}
	}
	if s.Protos == "" {
		return nil
	}
	var err error
	if s.schema, err = schema.Load(context.Background(), conf.Path(c.Dir, s.Protos)); err != nil {
		return conf.At(c.File, c.Line, "protos", "%v", err)
	}
	return nil
}

// limit is that of a source, in octets.
func (s *setup) limit(addr netip.Addr) gate.Limit {
	return gate.Limit{Rate: float64(s.Limit.Rate), Burst: float64(s.Limit.Burst), Known: s.devices.Knows(addr)}
}

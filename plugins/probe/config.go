package probe

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// settings is the input's section of the agent's configuration; sample.yaml explains every key.
type settings struct {
	Interval  conf.Duration     `yaml:"interval"`
	Packets   int               `yaml:"packets"`
	Spacing   conf.Duration     `yaml:"spacing"`
	Timeout   conf.Duration     `yaml:"timeout"`
	Source    []netip.Addr      `yaml:"source"`
	Clock     clockSettings     `yaml:"clock"`
	Limits    limitSettings     `yaml:"limits"`
	Workers   workerSettings    `yaml:"workers"`
	BulkHosts []string          `yaml:"bulk_hosts"`
	Anchors   []netip.Addr      `yaml:"anchors"`
	State     string            `yaml:"state"`
	Inventory *conf.Section     `yaml:"inventory"`
	Tests     []conf.Section    `yaml:"tests"`
	Reflector *reflectorSection `yaml:"reflector"`
}

// limitSettings are what may be sent.
type limitSettings struct {
	PacketsPerSecond       int        `yaml:"packets_per_second"`
	TargetPacketsPerSecond int        `yaml:"target_packets_per_second"`
	BulkOctetsPerDay       conf.Bytes `yaml:"bulk_octets_per_day"`
}

// workerSettings are how many tests of a kind may run at a time.
type workerSettings struct {
	DNS  int `yaml:"dns"`
	Web  int `yaml:"web"`
	Bulk int `yaml:"bulk"`
}

func defaults() settings {
	return settings{
		Interval: conf.Duration(time.Minute),
		Packets:  10,
		Spacing:  conf.Duration(100 * time.Millisecond),
		Timeout:  conf.Duration(time.Second),
		Clock:    clockSettings{Source: clockNone, MaxError: conf.Duration(10 * time.Millisecond)},
		Limits:   limitSettings{PacketsPerSecond: 5000, TargetPacketsPerSecond: 50, BulkOctetsPerDay: 10 << 30},
		Workers:  workerSettings{DNS: 64, Web: 8, Bulk: 1},
		State:    "data/probe",
	}
}

// Validate checks what can be said without looking at another part of the section.
func (s *settings) Validate() error {
	for _, a := range slices.Concat(s.Source, s.Anchors) {
		if !a.IsValid() || a.Zone() != "" {
			return fmt.Errorf("source, anchors: want IP addresses without a zone")
		}
	}
	if len(s.Source) > 2 || len(s.Source) == 2 && s.Source[0].Unmap().Is4() == s.Source[1].Unmap().Is4() {
		return fmt.Errorf("source: want at most one address of each version of IP")
	}
	if err := s.Clock.validate(); err != nil {
		return err
	}
	return cmp.Or(
		conf.Within("limits: packets_per_second", int64(s.Limits.PacketsPerSecond), 1, 1_000_000),
		conf.Within("limits: target_packets_per_second", int64(s.Limits.TargetPacketsPerSecond), 1, 10_000),
		conf.Within("limits: bulk_octets_per_day", int64(s.Limits.BulkOctetsPerDay), 0, 1<<50),
		conf.Within("workers: dns", int64(s.Workers.DNS), 1, 1024),
		conf.Within("workers: web", int64(s.Workers.Web), 1, 128),
		conf.Within("workers: bulk", int64(s.Workers.Bulk), 1, 16),
	)
}

// setup is everything that the configuration says, read and checked.
type setup struct {
	settings
	trains    []*trainTest
	jobs      []*jobTest
	reflector *reflectorSetup
}

// read reads the section and all that it refers to.
func read(c sdk.Config) (*setup, error) {
	s := &setup{settings: defaults()}
	if err := conf.Decode(c.File, c.Line, c.YAML, &s.settings); err != nil {
		return nil, err
	}
	r := reader{setup: s, config: c, names: map[string]string{}}
	for _, section := range s.Tests {
		if err := r.test(section); err != nil {
			return nil, err
		}
	}
	if s.Inventory != nil {
		if err := r.inventory(*s.Inventory); err != nil {
			return nil, err
		}
	}
	if err := s.checkRates(c); err != nil {
		return nil, err
	}
	if s.Reflector != nil {
		var err error
		if s.reflector, err = s.Reflector.read(); err != nil {
			return nil, conf.At(c.File, c.Line, "reflector", "%v", err)
		}
	}
	if len(s.trains) == 0 && len(s.jobs) == 0 && s.reflector == nil {
		return nil, conf.At(c.File, c.Line, "tests", "nothing to do: want tests, an inventory, a reflector, or several of them")
	}
	s.State = conf.Path(c.Dir, s.State)
	return s, nil
}

// checkRates refuses a configuration that cannot keep within its own limits.
func (s *setup) checkRates(c sdk.Config) error {
	all, each := 0.0, map[netip.Addr]float64{}
	for _, t := range s.trains {
		mean := float64(t.packets.Packets) / t.packets.Interval.Seconds()
		all += mean
		each[t.packets.Peer.Addr()] += mean
		if got, most := time.Second/t.packets.Spacing, time.Duration(s.Limits.TargetPacketsPerSecond); got > most {
			return conf.At(t.file, t.line, "spacing", "test %s: %v are %d packets a second: limits.target_packets_per_second allows %d", t.Name, t.packets.Spacing, got, most)
		}
	}
	if most := s.Limits.PacketsPerSecond; all > float64(most) {
		return conf.At(c.File, c.Line, "tests", "they send %.0f packets a second: limits.packets_per_second allows %d", all, most)
	}
	for addr, mean := range each {
		if most := s.Limits.TargetPacketsPerSecond; mean > float64(most) {
			return conf.At(c.File, c.Line, "tests", "%v is sent %.1f packets a second: limits.target_packets_per_second allows %d", addr, mean, most)
		}
	}
	return nil
}

// source is the address to send from to a peer; the unspecified one for the system's choice.
func (s *settings) source(v4 bool) netip.Addr {
	for _, a := range s.Source {
		if a.Unmap().Is4() == v4 {
			return a.Unmap()
		}
	}
	if v4 {
		return netip.IPv4Unspecified()
	}
	return netip.IPv6Unspecified()
}

// bulkAllowed says whether a host may be used for transfers.
func (s *settings) bulkAllowed(host string) bool {
	return slices.Contains(s.BulkHosts, host)
}

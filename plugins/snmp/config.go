package snmp

import (
	"cmp"
	"fmt"
	"net/netip"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/devices"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/snmp/engine"
	"github.com/haidang-noc/haidang/plugins/snmp/ifmib"
)

// settings is the input's section of the agent's configuration; sample.yaml explains every key.
type settings struct {
	Interval      conf.Duration   `yaml:"interval"`
	Timeout       conf.Duration   `yaml:"timeout"`
	Retries       int             `yaml:"retries"`
	Window        int             `yaml:"window"`
	Sockets       int             `yaml:"sockets"`
	MaxPDU        conf.Bytes      `yaml:"max_pdu"`
	MaxInterfaces int             `yaml:"max_interfaces"`
	Relearn       conf.Duration   `yaml:"relearn"`
	Limits        limits          `yaml:"limits"`
	AcceptFrom    []conf.Section  `yaml:"accept_from"`
	Interfaces    interfaceFilter `yaml:"interfaces"`
	Credentials   []conf.Section  `yaml:"credentials"`
	Targets       []conf.Section  `yaml:"targets"`
	Inventory     string          `yaml:"inventory"`
	Profiles      string          `yaml:"profiles"`
	Tables        []conf.Section  `yaml:"tables"`
}

// interfaceFilter chooses interfaces.
type interfaceFilter struct {
	Include      conf.Pattern `yaml:"include"`
	Exclude      conf.Pattern `yaml:"exclude"`
	Types        []uint32     `yaml:"types"`
	ExcludeTypes []uint32     `yaml:"exclude_types"`
	OnlyAdminUp  bool         `yaml:"only_admin_up"`
	AllPackets   bool         `yaml:"all_packets"`
}

func defaults() settings {
	return settings{
		Interval:      conf.Duration(time.Minute),
		Timeout:       conf.Duration(2 * time.Second),
		Retries:       1,
		Window:        8192,
		Sockets:       1,
		MaxPDU:        1472,
		MaxInterfaces: 20000,
		Relearn:       conf.Duration(time.Hour),
		Limits:        defaultLimits(),
	}
}

// Validate checks what can be said without looking at another part of the section.
func (s *settings) Validate() error {
	if err := cmp.Or(
		conf.Within("retries", int64(s.Retries), 1, 10),
		conf.Within("window", int64(s.Window), 1, engine.MaxWindow),
		conf.Within("sockets", int64(s.Sockets), 1, 16),
		conf.Within("max_pdu", int64(s.MaxPDU), 484, 65507),
		conf.Within("max_interfaces", int64(s.MaxInterfaces), 1, 1000000),
	); err != nil {
		return err
	}
	if err := s.Limits.validate(); err != nil {
		return err
	}
	return s.validateTimes()
}

func (s *settings) validateTimes() error {
	interval, longest := s.Interval.D(), s.Timeout.D()*time.Duration(s.Retries+1)
	switch {
	case interval < time.Second || interval%time.Second != 0:
		return fmt.Errorf("interval: %v: want a whole number of seconds", interval)
	case s.Timeout.D() < 10*time.Millisecond || longest >= interval:
		return fmt.Errorf("timeout: %v: want at least 10ms, and that (retries+1) times it, %v, is less than the interval of %v", s.Timeout.D(), longest, interval)
	case s.Relearn.D() < interval:
		return fmt.Errorf("relearn: %v: want at least the interval of %v", s.Relearn.D(), interval)
	}
	return nil
}

func (f interfaceFilter) filter() ifmib.Filter {
	return ifmib.Filter{
		Include: f.Include.Regexp, Exclude: f.Exclude.Regexp,
		Types: f.Types, ExcludeTypes: f.ExcludeTypes, OnlyAdminUp: f.OnlyAdminUp,
	}
}

// inline is a target written in the configuration itself.
type inline struct {
	Device     string `yaml:"device"`
	Address    string `yaml:"address"`
	Credential string `yaml:"credential"`
	Profile    string `yaml:"profile"`
}

// read decodes the section and resolves everything in it.
func read(c sdk.Config) (settings, *resolver, error) {
	s := defaults()
	if err := conf.Decode(c.File, c.Line, c.YAML, &s); err != nil {
		return s, nil, err
	}
	creds, err := readCredentials(s.Credentials)
	if err != nil {
		return s, nil, err
	}
	r := &resolver{credentials: creds, agent: c.Agent, now: time.Now(), others: map[string][]netip.Addr{}, seen: map[string]origin{}}
	for _, section := range s.Targets {
		if err := r.inline(section); err != nil {
			return s, nil, err
		}
	}
	if s.Inventory != "" {
		if err := devices.Read(conf.Path(c.Dir, s.Inventory), r.row); err != nil {
			return s, nil, conf.Place(c.File, c.Line, c.YAML, err)
		}
	}
	for _, section := range s.AcceptFrom {
		if err := r.acceptFrom(section); err != nil {
			return s, nil, err
		}
	}
	if len(s.Targets) == 0 && s.Inventory == "" {
		return s, nil, conf.At(c.File, c.Line, "targets", "nothing to poll: want targets, an inventory, or both")
	}
	return s, r, nil
}

const snmpPort = 161 // of a device whose address has none

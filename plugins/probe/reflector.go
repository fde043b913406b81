package probe

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/netip"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/plugins/probe/socket"
	"github.com/haidang-noc/haidang/plugins/probe/stamp"
)

// reflectorSection is what a reflector answers, and to whom.
type reflectorSection struct {
	Listen   []netip.AddrPort `yaml:"listen"`
	Allow    []netip.Prefix   `yaml:"allow"`
	Key      conf.Secret      `yaml:"key"`
	Stateful bool             `yaml:"stateful"`
	Sessions int              `yaml:"sessions"`
	Rate     int              `yaml:"rate"`
}

// reflectorSetup is the section, checked.
type reflectorSetup struct {
	listen []netip.AddrPort
	config stamp.ReflectorConfig
}

const (
	defaultSessions = 10_000
	defaultRate     = 1000
)

func (s *reflectorSection) read() (*reflectorSetup, error) {
	listen := s.Listen
	if len(listen) == 0 {
		listen = []netip.AddrPort{netip.AddrPortFrom(netip.IPv4Unspecified(), stamp.Port)}
	}
	if len(s.Allow) == 0 {
		return nil, fmt.Errorf("allow: nobody would be answered: want networks like 10.0.0.0/8")
	}
	c := stamp.ReflectorConfig{Allow: s.Allow, Stateful: s.Stateful, Sessions: s.Sessions, Rate: s.Rate}
	if c.Sessions == 0 {
		c.Sessions = defaultSessions
	}
	if c.Rate == 0 {
		c.Rate = defaultRate
	}
	if err := cmp.Or(conf.Within("sessions", int64(c.Sessions), 1, 1_000_000), conf.Within("rate", int64(c.Rate), 1, 1_000_000)); err != nil {
		return nil, err
	}
	if s.Key.IsZero() {
		return &reflectorSetup{listen, c}, nil
	}
	secret, err := s.Key.Reveal()
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	if len(secret) < stamp.SecretLen {
		return nil, fmt.Errorf("key: want at least %d octets", stamp.SecretLen)
	}
	c.Secret = []byte(secret)
	return &reflectorSetup{listen, c}, nil
}

// open opens all sockets or none, and returns what answers.
func (s *reflectorSetup) open(c *clock, reg prometheus.Registerer, log *slog.Logger) ([]service, error) {
	s.config.Clock = c.Estimate
	m := stamp.NewReflectorMetrics(reg)
	var out []service
	var conns []*socket.Conn
	for _, addr := range s.listen {
		conn, err := socket.UDP(addr, 0)
		if err != nil {
			for _, c := range conns {
				_ = c.Close()
			}
			return nil, fmt.Errorf("probe: reflector: %w", err)
		}
		conns = append(conns, conn)
		log.Info("reflecting", "address", conn.Local().String())
		out = append(out, stamp.NewReflector(s.config, conn, m).Run)
	}
	return out, nil
}

// Package simnet is the simulated nation: one model of an operator's network with several faces (SNMP
// agents and gNMI targets on loopback addresses, recorded devices, whole months as line protocol), for tests,
// benchmarks and the demo. This package reads its configuration and starts it.
package simnet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/obs"
	"github.com/haidang-noc/haidang/internal/run"
	"github.com/haidang-noc/haidang/internal/simnet/control"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/gnmi"
	"github.com/haidang-noc/haidang/internal/simnet/mib"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
	"github.com/haidang-noc/haidang/internal/simnet/pm"
	"github.com/haidang-noc/haidang/internal/simnet/probe"
	"github.com/haidang-noc/haidang/internal/simnet/recording"
	"github.com/haidang-noc/haidang/internal/simnet/snmpd"
	"github.com/haidang-noc/haidang/internal/simnet/syslog"
	"github.com/haidang-noc/haidang/internal/simnet/usm"
)

// Config is simnet.yaml.
type Config struct {
	Nation       nation.Config `yaml:"nation"`
	SNMP         SNMP          `yaml:"snmp"`
	GNMI         gnmi.Config   `yaml:"gnmi"`
	Recordings   Recordings    `yaml:"recordings"`
	Probes       probe.Ports   `yaml:"probes"`
	PM           pm.Config     `yaml:"pm"`
	Syslog       syslog.Config `yaml:"syslog"`
	Control      Control       `yaml:"control"`
	Faults       []fault.Fault `yaml:"faults"`
	RandomFaults fault.Random  `yaml:"random_faults"`
	Log          Log           `yaml:"log"`
}

// SNMP says where the network's devices answer.
type SNMP struct {
	Port      int        `yaml:"port"`      // 0: they do not
	Community string     `yaml:"community"` // any other is ignored
	Users     []usm.User `yaml:"users"`     // of v3
	MaxAnswer int        `yaml:"max_answer"`
}

// Recordings says what recorded devices answer, and where.
type Recordings struct {
	Dir       string     `yaml:"dir"` // empty: none
	Port      int        `yaml:"port"`
	Address   netip.Addr `yaml:"address"`   // of the first recording; the others follow in order of their names
	Community string     `yaml:"community"` // empty: any
}

// Control says where faults are changed and metrics read.
type Control struct {
	Listen string `yaml:"listen"` // a loopback address; empty: nowhere
}

// Log says how much is logged, and how.
type Log struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

// Load reads the configuration; relative paths in it start at its own folder.
func Load(path string) (Config, error) {
	c := Config{
		Nation:     nation.Defaults(),
		SNMP:       SNMP{Port: 1161, Community: "public", MaxAnswer: 1472},
		Recordings: Recordings{Port: 1162, Address: netip.AddrFrom4([4]byte{127, 8, 0, 1})},
		Control:    Control{Listen: "127.0.0.1:8473"},
		Log:        Log{Level: "info", Format: "text"},
	}
	if err := conf.Load(path, &c); err != nil {
		return Config{}, err
	}
	for _, p := range []*string{&c.Nation.Provinces, &c.PM.Dir, &c.Recordings.Dir, &c.GNMI.Cert, &c.GNMI.Key} {
		*p = conf.Path(filepath.Dir(path), *p)
	}
	return c, nil
}

// Validate says what is wrong with the configuration.
func (c *Config) Validate() error {
	if err := c.Nation.Validate(); err != nil {
		return fmt.Errorf("nation: %w", err)
	}
	for i, f := range c.Faults {
		if err := f.Validate(); err != nil {
			return fmt.Errorf("faults[%d]: %w", i, err)
		}
	}
	switch {
	case c.SNMP.Port < 0 || c.SNMP.Port > 65535:
		return fmt.Errorf("snmp: port: %d: want 0 to 65535", c.SNMP.Port)
	case c.SNMP.MaxAnswer < 484 || c.SNMP.MaxAnswer > snmpd.LongestAnswer:
		return fmt.Errorf("snmp: max_answer: %d: want 484 to %d", c.SNMP.MaxAnswer, snmpd.LongestAnswer)
	case c.Recordings.Port < 1 || c.Recordings.Port > 65535 || c.Recordings.Dir != "" && c.Recordings.Port == c.SNMP.Port:
		return fmt.Errorf("recordings: port: %d: want 1 to 65535 and not snmp's", c.Recordings.Port)
	case !c.Recordings.Address.Is4() || !c.Recordings.Address.IsLoopback():
		return fmt.Errorf("recordings: address: %s: want one in 127.0.0.0/8", c.Recordings.Address)
	}
	if _, err := usm.New(c.SNMP.Users); err != nil {
		return fmt.Errorf("snmp: users: %w", err)
	}
	if err := c.GNMI.Validate(); err != nil {
		return fmt.Errorf("gnmi: %w", err)
	}
	if err := c.Control.validate(); err != nil {
		return err
	}
	if err := c.Probes.Validate(); err != nil {
		return err
	}
	if err := c.PM.Validate(); err != nil {
		return err
	}
	if err := c.Syslog.Validate(); err != nil {
		return fmt.Errorf("syslog: %w", err)
	}
	return c.RandomFaults.Validate()
}

func (c Control) validate() error {
	if c.Listen == "" {
		return nil
	}
	a, err := netip.ParseAddrPort(c.Listen)
	if err != nil || !a.Addr().IsLoopback() {
		return fmt.Errorf("control: listen: %q: want a loopback address such as 127.0.0.1:8473", c.Listen)
	}
	return nil
}

// Script builds the network with the configured faults, scripted and random.
func (c Config) Script() (*control.Script, error) {
	n, err := nation.Build(c.Nation)
	if err != nil {
		return nil, err
	}
	faults := append([]fault.Fault(nil), c.Faults...)
	if len(c.RandomFaults.Count) > 0 {
		faults = append(faults, c.RandomFaults.Draw(n.Targets())...)
	}
	return control.NewScript(n, faults)
}

// Run starts every configured face and returns when ctx is done or one fails.
func Run(ctx context.Context, c Config, log zerolog.Logger) error {
	script, err := c.Script()
	if err != nil {
		return err
	}
	n, reg := script.Overlay().Load().Network, obs.NewRegistry("haidang-simnet")
	log.Info().Int("devices", len(n.Devices)).Int("links", len(n.Links)).Int("faults", len(script.Faults())).Msg("network built")
	var g run.Group
	if c.SNMP.Port > 0 {
		face, err := mib.NewFace(script.Overlay(), mib.Access{Community: c.SNMP.Community, Users: c.SNMP.Users}, c.SNMP.MaxAnswer)
		if err != nil {
			return fmt.Errorf("simnet: snmp: %w", err)
		}
		server, err := snmpd.Listen(c.SNMP.Port, c.SNMP.MaxAnswer, face, faceLabel(reg, "snmp"))
		if err != nil {
			return err
		}
		g.Add("snmp", server.Run)
		log.Info().Int("port", server.Port()).Stringer("first", n.Address(0)).
			Stringer("last", n.Address(int32(len(n.Devices)-1))).Msg("devices answer SNMP")
	}
	if c.GNMI.Port > 0 {
		server, err := gnmi.Listen(c.GNMI, script.Overlay(), reg)
		if err != nil {
			return err
		}
		g.Add("gnmi", server.Run)
		log.Info().Int("port", server.Port()).Msg("devices answer gNMI")
	}
	if err := probe.Start(c.Probes, script.Overlay(), reg, g.Add); err != nil {
		return err
	}
	if err := syslog.Start(c.Syslog, script.Overlay(), reg, g.Add); err != nil {
		return err
	}
	if c.PM.Dir != "" {
		w, err := pm.NewWriter(n, c.PM)
		if err != nil {
			return err
		}
		g.Add("pm", func(ctx context.Context) error { return w.Run(ctx, script.Overlay()) })
		log.Info().Str("dir", c.PM.Dir).Msg("element managers write files of measurements")
	}
	if c.Recordings.Dir != "" {
		server, err := c.recordings(log, reg)
		if err != nil {
			return err
		}
		g.Add("recordings", server.Run)
	}
	if c.Control.Listen != "" {
		g.Add("control", func(ctx context.Context) error { return serveControl(ctx, c.Control.Listen, script, reg) })
	}
	return g.Run(ctx, log)
}

func faceLabel(reg prometheus.Registerer, face string) prometheus.Registerer {
	return prometheus.WrapRegistererWith(prometheus.Labels{"face": face}, reg)
}

// recordings loads the recorded devices and opens their port.
func (c Config) recordings(log zerolog.Logger, reg prometheus.Registerer) (*snmpd.Server, error) {
	all, err := recording.Load(c.Recordings.Dir)
	if err != nil {
		return nil, err
	}
	face := recording.NewFace(all, c.Recordings.Address, c.Recordings.Community)
	server, err := snmpd.Listen(c.Recordings.Port, snmpd.LongestAnswer, face, faceLabel(reg, "recordings"))
	if err != nil {
		return nil, err
	}
	address := c.Recordings.Address
	for _, r := range all {
		log.Info().Str("recording", r.Name).Stringer("address", address).Int("objects", r.Len()).Int("problems", len(r.Problems)).Msg("recording answers SNMP")
		address = address.Next()
	}
	log.Info().Int("port", server.Port()).Int("recordings", len(all)).Msg("recordings answer SNMP")
	return server, nil
}

// serveControl serves the fault list, metrics and health.
func serveControl(ctx context.Context, address string, script *control.Script, reg *prometheus.Registry) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("simnet: control: %w", err)
	}
	mux := http.NewServeMux()
	script.Routes(mux)
	mux.Handle("GET /metrics", obs.Handler(reg))
	obs.Health(mux, func() error { return nil })
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err = <-ended:
	case <-ctx.Done():
		stop, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		err = server.Shutdown(stop)
		<-ended
	}
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("simnet: control: %w", err)
	}
	return ctx.Err()
}

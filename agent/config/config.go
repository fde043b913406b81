// Package config is the agent's configuration file.
package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/haidang-noc/haidang/agent/pluginhost"
	"github.com/haidang-noc/haidang/agent/shipper"
	"github.com/haidang-noc/haidang/agent/spool"
	"github.com/haidang-noc/haidang/internal/conf"
)

// Config is agent.yaml. Relative paths are relative to the file's own folder.
type Config struct {
	Name      string         `yaml:"name"`       // the agent's name, as the collector's principals have it
	Listen    string         `yaml:"listen"`     // address of the agent's own metrics and health
	WebConfig string         `yaml:"web_config"` // TLS for it, in the Prometheus exporter-toolkit's format
	Log       Log            `yaml:"log"`
	Heartbeat conf.Duration  `yaml:"heartbeat"` // how often the agent says that it lives
	Spool     spool.Config   `yaml:"spool"`
	Collector shipper.Config `yaml:"collector"`

	Host pluginhost.Config `yaml:",inline"` // plugins, stop_timeout, inputs
}

// Log says how the program writes its own log.
type Log struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

// Default is what an absent key means.
func Default() Config {
	return Config{
		Listen: "127.0.0.1:8471", Log: Log{Level: "info", Format: "json"}, Heartbeat: conf.Duration(time.Minute),
		Spool: spool.DefaultConfig(), Collector: shipper.DefaultConfig(),
	}
}

// Load reads the file over the defaults, resolves its paths and checks it.
func Load(path string) (Config, error) {
	c := Default()
	if err := conf.Load(path, &c); err != nil {
		return c, err
	}
	c.Host.Agent = c.Name
	dir := filepath.Dir(path)
	for _, p := range []*string{&c.WebConfig, &c.Spool.Dir, &c.Host.Plugins, &c.Collector.TLS.CAFile, &c.Collector.TLS.CertFile, &c.Collector.TLS.KeyFile} {
		*p = conf.Path(dir, *p)
	}
	return c, nil
}

// Validate checks what no single value can tell, and reports every part at once.
func (c *Config) Validate() error {
	return errors.Join(c.own(), c.Spool.Validate(), c.Collector.Validate(), c.Host.Validate())
}

func (c *Config) own() error {
	switch {
	case c.Name == "" || strings.ContainsFunc(c.Name, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }):
		return fmt.Errorf("name: %q: want the agent's name without spaces, for example hni-01", c.Name)
	case c.Listen == "":
		return errors.New("listen: empty: want host:port, for example 127.0.0.1:8471")
	case c.Spool.SegmentBytes < 1<<20: // any batch of an input must fit
		return fmt.Errorf("spool.segment_bytes: %d: want 1MiB or more", c.Spool.SegmentBytes)
	case c.Heartbeat.D() < time.Second:
		return fmt.Errorf("heartbeat: %v: want 1s or more", c.Heartbeat.D())
	}
	return nil
}

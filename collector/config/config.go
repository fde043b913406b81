// Package config is the collector's configuration file.
package config

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/haidang-noc/haidang/collector/alarm"
	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/metrics"
	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/obs"
)

// Config is collector.yaml. Relative paths are relative to the file's own folder.
type Config struct {
	Listen     string           `yaml:"listen"`     // address of the HTTP server
	WebConfig  string           `yaml:"web_config"` // TLS, in the Prometheus exporter-toolkit's format
	DataDir    string           `yaml:"data_dir"`   // store and log live below it
	Principals string           `yaml:"principals"` // who may do what
	Telegraf   string           `yaml:"telegraf"`   // naming map for Telegraf's own measurements
	Log        LogLine          `yaml:"log"`
	Inventory  inventory.Config `yaml:"inventory"`
	Queue      Queue            `yaml:"queue"`
	Partitions Partitions       `yaml:"partitions"`
	View       View             `yaml:"view"`
	Metrics    metrics.Config   `yaml:"metrics"`
	Alarms     alarm.Config     `yaml:"alarms"`
	Board      Board            `yaml:"board"`
	// Maintenance says who may approve windows.
	Maintenance Maintenance `yaml:"maintenance"`
	Closing     Closing     `yaml:"closing"`

	dir string
}

// Board is the web page for people.
type Board struct {
	Enabled bool   `yaml:"enabled"`
	Users   string `yaml:"users"` // who may log in; empty: users.yaml beside the configuration, if it is there
}

// LogLine says how the program writes its own log.
type LogLine struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

// Queue is the durable log between ingest and the partitions.
type Queue struct {
	MaxBytes    conf.Bytes `yaml:"max_bytes"`   // of all partitions together
	URL         string     `yaml:"url"`         // an external NATS cluster; empty: embedded
	Credentials string     `yaml:"credentials"` // its .creds file
	RootCA      string     `yaml:"root_ca"`     // PEM file of the authority that signed its certificate
	Replicas    int        `yaml:"replicas"`
}

// Partitions says how state is divided, owned and saved.
type Partitions struct {
	Count           int           `yaml:"count"` // fixed when the store is made
	Owner           string        `yaml:"owner"` // name in the lease; empty: host name and process id
	Lease           conf.Duration `yaml:"lease"`
	CheckpointEvery conf.Duration `yaml:"checkpoint_every"`
	CloseAfter      conf.Duration `yaml:"close_after"`    // a day closes this long after its end …
	CloseIdle       conf.Duration `yaml:"close_idle"`     // … and this long after its last point
	DaysInMemory    int           `yaml:"days_in_memory"` // older open days are read back when a point needs them
	KeepDays        int           `yaml:"keep_days"`      // observations of closed days stay this long for late points
	MaxUnknown      int           `yaml:"max_unknown_devices"`
}

// View is how often the KPIs on /metrics are computed anew.
type View struct {
	Every conf.Duration `yaml:"every"`
}

// Closing says when a month's scorecards are published on their own.
type Closing struct {
	Publish bool          `yaml:"publish"`
	Day     int           `yaml:"day"`   // of the next month, at 00:00; from then on a change makes a revision
	Every   conf.Duration `yaml:"every"` // how often it is looked for data that came later
}

// Maintenance is the register of maintenance windows.
type Maintenance struct {
	FourEyes bool `yaml:"four_eyes"` // who proposed a window may not approve it
}

// Default is the configuration of a small site: everything on one machine.
func Default() Config {
	return Config{
		Listen:  "127.0.0.1:8470",
		DataDir: "data",
		Log:     LogLine{Level: "info", Format: "json"},
		Inventory: inventory.Config{
			Devices: "devices.csv", Links: "links.csv", Maintenance: "maintenance.csv",
			Targets: "targets.yaml", Holidays: "holidays.csv", Provinces: "provinces", UnitSet: inventory.UnitsAuto,
		},
		Principals: "principals.yaml",
		Board:      Board{Enabled: true},
		Queue:      Queue{MaxBytes: 20 << 30},
		Partitions: Partitions{
			Count: 4, Lease: conf.Duration(6 * time.Second), CheckpointEvery: conf.Duration(5 * time.Second),
			CloseAfter: conf.Duration(6 * time.Hour), CloseIdle: conf.Duration(30 * time.Second),
			DaysInMemory: 4, KeepDays: 45, MaxUnknown: 100_000,
		},
		View:    View{Every: conf.Duration(15 * time.Second)},
		Closing: Closing{Publish: true, Day: 4, Every: conf.Duration(10 * time.Minute)},
		Alarms:  alarm.DefaultConfig(),
		Metrics: metrics.DefaultConfig(),
	}
}

// Load reads the file over the defaults and resolves its paths.
func Load(path string) (Config, error) {
	c := Default()
	if err := conf.Load(path, &c); err != nil {
		return c, err
	}
	c.dir = filepath.Dir(path)
	for _, p := range []*string{&c.WebConfig, &c.DataDir, &c.Principals, &c.Board.Users, &c.Telegraf, &c.Inventory.Devices, &c.Inventory.Links,
		&c.Inventory.Maintenance, &c.Queue.Credentials, &c.Queue.RootCA, &c.Inventory.Targets,
		&c.Inventory.Holidays, &c.Inventory.Composites, &c.Inventory.Freezes, &c.Inventory.Cells, &c.Inventory.Thresholds,
		&c.Inventory.Baseline, &c.Inventory.Goals, &c.Inventory.Measured, &c.Inventory.Provinces} {
		*p = c.path(*p)
	}
	return c, nil
}

// DefaultUsers is the file of users if the configuration names none.
func (c Config) DefaultUsers() string { return c.path("users.yaml") }

// path resolves a path of the file: relative ones start at the file's folder.
func (c Config) path(p string) string { return conf.Path(c.dir, p) }

// minQueue is the least room of one partition's log: three of the largest batches, and room for what
// other partitions pass on.
const minQueue = 32 << 20

// Validate checks what no single value can tell.
func (c *Config) Validate() error {
	switch p := c.Partitions; {
	case c.Listen == "":
		return fmt.Errorf("listen: want host:port")
	case p.Count < 1 || p.Count > 256:
		return fmt.Errorf("partitions.count: %d: want 1 to 256", p.Count)
	case p.Lease.D() < 3*time.Second:
		return fmt.Errorf("partitions.lease: %s: want 3s or more", p.Lease.D())
	case p.CheckpointEvery.D() < 100*time.Millisecond:
		return fmt.Errorf("partitions.checkpoint_every: %s: want 100ms or more", p.CheckpointEvery.D())
	case p.DaysInMemory < 2:
		return fmt.Errorf("partitions.days_in_memory: %d: want 2 or more", p.DaysInMemory)
	case p.KeepDays < 1:
		return fmt.Errorf("partitions.keep_days: %d: want 1 or more", p.KeepDays)
	case p.MaxUnknown < 0:
		return fmt.Errorf("partitions.max_unknown_devices: %d: want 0 or more", p.MaxUnknown)
	case int64(c.Queue.MaxBytes) < minQueue*int64(p.Count):
		return fmt.Errorf("queue.max_bytes: %d: want %d or more for %d partitions", c.Queue.MaxBytes, minQueue*int64(p.Count), p.Count)
	case c.Closing.Day < 1 || c.Closing.Day > 28:
		return fmt.Errorf("closing.day: %d: want 1 to 28", c.Closing.Day)
	case c.Closing.Every.D() < time.Second:
		return fmt.Errorf("closing.every: %s: want 1s or more", c.Closing.Every.D())
	case c.View.Every.D() < time.Second:
		return fmt.Errorf("view.every: %s: want 1s or more", c.View.Every.D())
	}
	if err := errors.Join(c.Alarms.Validate(), c.Metrics.Validate()); err != nil {
		return err
	}
	if _, err := obs.NewLogger(io.Discard, c.Log.Level, c.Log.Format); err != nil {
		return fmt.Errorf("log: %w", err)
	}
	return nil
}

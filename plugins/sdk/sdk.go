// Package sdk is all that the author of an input needs: implement Input, call Serve in main.
//
// The host starts one process per configured input type, hands it its configuration, and takes its
// lines. Lines are InfluxDB line protocol (docs/telemetry.md); the SDK packs them into zstd frames of
// at most 256 KiB of text and delivers each batch until the host says that its spool has synced it.
package sdk

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/point"
)

// Tag names part of an entity.
type Tag = point.Tag

// Encoder writes lines for Output.Write.
type Encoder = point.Encoder

// Input is one kind of source: SNMP, gNMI, PM files, probes.
type Input interface {
	// Configure reads and checks the input's own YAML. It opens nothing and sends nothing: the
	// check command calls it too. Errors name the line, the key and what is allowed.
	Configure(c Config) error
	// Run collects until ctx is done. It owns its own timing and returns nil on cancellation.
	Run(ctx context.Context, out *Output) error
	// Once collects one round from every target and returns: what an operator tries from the shell.
	Once(ctx context.Context, out *Output) error
}

// Config is what the host gives an input.
type Config struct {
	Agent string       // the agent's name; Key writes it as a tag on every series
	YAML  []byte       // the input's own section of the agent's configuration
	File  string       // where YAML came from, for error messages
	Line  int          // line of File at which YAML starts, for error messages
	Dir   string       // the folder of File: relative paths in YAML, those of secrets too, begin here
	Log   *slog.Logger // reaches the agent's log

	// Metrics is where the input registers its own counters, at any time. The agent's /metrics shows them with the label
	// input, whose value is the input's type. A family whose name is the agent's own is not shown, nor one with a
	// label input already. It is nil where no host gave the configuration.
	Metrics prometheus.Registerer
}

// Decode reads YAML into a struct. An unknown key, a duplicate key and a value of the wrong kind are errors that name
// the file, the line and the key.
func (c Config) Decode(into any) error { return conf.Decode(c.File, c.Line, c.YAML, into) }

// Logger is Log, or one that says nothing where no host gave the configuration.
func (c Config) Logger() *slog.Logger {
	if c.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Log
}

// Show registers with Metrics, or does nothing where no host gave the configuration.
func (c Config) Show(metrics prometheus.Collector) error {
	if c.Metrics == nil {
		return nil
	}
	if err := c.Metrics.Register(metrics); err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	return nil
}

// Key is the line-protocol prefix of a series, with the agent tag; make it once per series and
// hand it to Encoder.Begin for every line.
func (c Config) Key(measurement string, tags ...Tag) []byte {
	return point.AppendKey(nil, measurement, slices.Concat(tags, []Tag{{Key: "agent", Value: c.Agent}})...)
}

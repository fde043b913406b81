package bench

import (
	"fmt"
	"io"
	"time"
)

// Config says what is measured, and with what.
type Config struct {
	Bin      string // folder of the programs
	Configs  string // folder of the shipped configuration
	Victoria string // VictoriaMetrics' program; empty: it is left out
	Source   string // folder of go.mod, for the packages' own benchmarks; empty: they are left out
	Scale    float64
	Runs     int  // medians are over so many
	Minutes  int  // of the part soak
	Live     bool // the part soak has a collector, too
	Only     []string
	Progress io.Writer
}

// Part is one table of the report.
type Part struct {
	Name    string
	Title   string
	Notes   []string `json:",omitempty"`
	Columns []string
	Rows    []Row
}

// Row is one line of a table: medians, in the order of the columns.
type Row struct {
	Name   string
	Values []float64
	Spread string `json:",omitempty"` // of the first value over the runs
}

// Run measures all parts, one after the other, and gives out each as soon as it is done. A part that
// cannot be measured here says why in its notes.
func Run(c Config, done func(Part) error) error {
	for _, part := range []struct {
		name     string
		measure  func(Config) (Part, error)
		onDemand bool // it takes too long to be part of everything
	}{
		{"ingest", Config.ingest, false},
		{"agent", Config.agent, false},
		{"snmpv3", Config.secure, false},
		{"peers", Config.peers, false},
		{"gnmi", Config.gnmi, false},
		{"month", Config.month, false},
		{"closing", Config.closing, true},
		{"noc", Config.noc, false},
		{"panels", Config.panels, false},
		{"events", Config.events, false},
		{"probe", Config.probe, false},
		{"packages", Config.packages, false},
		{"pmfile", Config.pmfile, false},
		{"soak", Config.soak, true},
	} {
		if !c.wants(part.name) || part.onDemand && len(c.Only) == 0 {
			continue
		}
		start := time.Now()
		p, err := part.measure(c)
		p.Name = part.name
		if err != nil {
			p.Notes = append(p.Notes, fmt.Sprintf("%s: %v", part.name, err))
		}
		c.say("%s took %s", part.name, time.Since(start).Round(time.Second))
		if err := done(p); err != nil {
			return err
		}
	}
	return nil
}

func (c Config) wants(name string) bool {
	for _, n := range c.Only {
		if n == name {
			return true
		}
	}
	return len(c.Only) == 0
}

func (c Config) say(format string, args ...any) { fmt.Fprintf(c.Progress, format+"\n", args...) }

// scaled is n times the scale, but at least 1.
func (c Config) scaled(n int) int { return max(1, int(float64(n)*c.Scale)) }

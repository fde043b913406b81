package alarm

import (
	"fmt"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
)

// Config is how long the engine waits before it believes, and keeps, something.
type Config struct {
	RaiseAfter  conf.Duration `yaml:"raise_after"`  // from the first failure on; two failed polls or a notification have confirmed it
	ClearAfter  conf.Duration `yaml:"clear_after"`  // up without interruption
	SilentAfter conf.Duration `yaml:"silent_after"` // after a device's hold ended while its agent went on reporting others
	PartKeep    conf.Duration `yaml:"part_keep"`    // a part that failed and of which nothing was heard since has no alarm any more; 0: only when it is well
	FlapCount   int           `yaml:"flap_count"`   // so many falls …
	FlapWindow  conf.Duration `yaml:"flap_window"`  // … within this time are flapping
	FlapQuiet   conf.Duration `yaml:"flap_quiet"`   // what flaps is cleared when it was up this long
	KeepDays    int           `yaml:"keep_days"`    // cleared alarms stay in the history this long
}

// DefaultConfig tells at once and clears after half a minute.
func DefaultConfig() Config {
	return Config{ClearAfter: conf.Duration(30 * time.Second), SilentAfter: conf.Duration(time.Minute), PartKeep: conf.Duration(7 * 24 * time.Hour), FlapCount: 4,
		FlapWindow: conf.Duration(15 * time.Minute), FlapQuiet: conf.Duration(10 * time.Minute), KeepDays: 400}
}

// Validate checks what no single value can tell.
func (c Config) Validate() error {
	switch {
	case c.RaiseAfter < 0 || c.ClearAfter < 0 || c.SilentAfter < 0 || c.PartKeep < 0 || c.FlapWindow < 0 || c.FlapQuiet < 0:
		return fmt.Errorf("alarms: want no negative times")
	case c.FlapCount < 2 || c.FlapCount > maxFalls:
		return fmt.Errorf("alarms.flap_count: %d: want 2 to %d", c.FlapCount, maxFalls)
	case c.KeepDays < 1:
		return fmt.Errorf("alarms.keep_days: %d: want 1 or more", c.KeepDays)
	}
	return nil
}

package probe

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/plugins/probe/stamp"
)

// Where the error of this machine's clock comes from.
const (
	clockNone     = "none"     // nothing is known: one-way delays are not told
	clockKernel   = "kernel"   // what the time daemon told the kernel
	clockDeclared = "declared" // the operator says so
)

// clockSettings say how far this machine's clock can be trusted.
type clockSettings struct {
	Source   string        `yaml:"source"`
	Error    conf.Duration `yaml:"error"`
	MaxError conf.Duration `yaml:"max_error"`
}

func (c clockSettings) validate() error {
	switch {
	case c.Source != clockNone && c.Source != clockKernel && c.Source != clockDeclared:
		return fmt.Errorf("clock: source: %q: want %s, %s or %s", c.Source, clockNone, clockKernel, clockDeclared)
	case c.Source == clockDeclared && (c.Error <= 0 || c.Error.D() > time.Second):
		return fmt.Errorf("clock: error: %v: want more than 0s and at most 1s", c.Error.D())
	case c.Source != clockDeclared && c.Error != 0:
		return fmt.Errorf("clock: error: is for the source %s", clockDeclared)
	case c.MaxError.D() < 0 || c.MaxError.D() > time.Second:
		return fmt.Errorf("clock: max_error: %v: want 0s to 1s", c.MaxError.D())
	}
	return nil
}

// clock knows how far this machine's clock can be trusted.
type clock struct {
	settings clockSettings
	estimate atomic.Uint32 // a stamp.Estimate
}

func newClock(s clockSettings) *clock {
	c := &clock{settings: s}
	c.look()
	return c
}

// look asks anew. It is called now and then: a time daemon can lose its source.
func (c *clock) look() {
	e, synced := c.settings.Error.D(), c.settings.Source == clockDeclared
	if c.settings.Source == clockKernel {
		e, synced = kernelClock()
	}
	c.estimate.Store(uint32(stamp.NewEstimate(e, synced)))
}

// Estimate is what packets say of the clock.
func (c *clock) Estimate() stamp.Estimate { return stamp.Estimate(c.estimate.Load()) }

// with is the error of the difference to another clock; false: too large to believe, or not known.
func (c *clock) with(other time.Duration) (time.Duration, bool) {
	own, synced := c.Estimate().Error()
	if !synced {
		return 0, false
	}
	both := own + other
	return both, both <= c.settings.MaxError.D()
}

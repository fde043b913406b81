package pm

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// Config says where files of measurements are written, and how.
type Config struct {
	Dir      string        `yaml:"dir"`      // empty: nowhere
	Delay    conf.Duration `yaml:"delay"`    // from a period's end until its files are there; default 1m
	Plain    bool          `yaml:"plain"`    // not compressed
	Dialects []string      `yaml:"dialects"` // of the element managers, one per province, in turn; default: standard
}

// Validate says what is wrong with the configuration, and sets what it leaves out.
func (c *Config) Validate() error {
	if c.Delay == 0 {
		c.Delay = conf.Duration(time.Minute)
	}
	if len(c.Dialects) == 0 {
		c.Dialects = []string{Standard}
	}
	if d := c.Delay.D(); d < time.Second || d >= 15*time.Minute {
		return fmt.Errorf("pm: delay: %s: want 1s to less than 15m", d)
	}
	for _, one := range c.Dialects {
		if one != Standard && one != Huawei {
			return fmt.Errorf("pm: dialects: %q: want %s or %s", one, Standard, Huawei)
		}
	}
	return nil
}

// Writer writes files of measurements. It is for one goroutine.
type Writer struct {
	config   Config
	managers []*manager
	missed   []missed
}

// missed is the period of a site that could not be reached when its file was due: it keeps its counters and delivers them later.
type missed struct {
	manager *manager
	site    *Site
	end     fault.Tick
}

// longestMissed bounds how long a site keeps its counters.
const longestMissed = fault.Day

// NewWriter makes a writer; the folder is made if needed.
func NewWriter(n *nation.Network, c Config) (*Writer, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("pm: %w", err)
	}
	return &Writer{config: c, managers: managers(n, Sites(n), c.Dialects)}, nil
}

// Past writes the files of all periods that end in (from, to] at once, as they were once all sites had delivered: one file for each
// element manager and period.
func (w *Writer) Past(ctx context.Context, o *nation.Overlay, from, to time.Time) (files int, err error) {
	for end := range Ends(from, to) {
		for _, m := range w.managers {
			if err := ctx.Err(); err != nil {
				return files, err
			}
			if err := w.write(m, 'C', o, m.sites, end); err != nil {
				return files, err
			}
			files++
		}
	}
	return files, nil
}

// Run writes the files of each period when it is over, until ctx is done.
func (w *Writer) Run(ctx context.Context, overlay *atomic.Pointer[nation.Overlay]) error {
	for {
		now := time.Now()
		end := fault.TickOf(now.Add(-w.config.Delay.D()))/Period*Period + Period // the next one that is due
		timer := time.NewTimer(at(end).Add(w.config.Delay.D()).Sub(now))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		if err := w.Deliver(overlay.Load(), end, fault.TickOf(time.Now())); err != nil {
			return err
		}
	}
}

// Deliver writes what element managers have at the instant now: the period that ends at end, of the sites that can be reached, and
// what others could not deliver earlier and can now, each in a file of its own.
func (w *Writer) Deliver(o *nation.Overlay, end, now fault.Tick) error {
	reached := func(s *Site) bool { return !fault.Covered(o.Unreached(s.Device), now) }
	for _, m := range w.managers {
		var here []*Site
		for _, s := range m.sites {
			switch {
			case !s.Reports(o, end): // forgotten
			case reached(s):
				here = append(here, s)
			default:
				w.missed = append(w.missed, missed{m, s, end})
			}
		}
		if err := w.write(m, 'C', o, here, end); err != nil {
			return err
		}
	}
	var failed error
	w.missed = slices.DeleteFunc(w.missed, func(one missed) bool {
		if failed != nil || one.end < now-longestMissed {
			return failed == nil
		}
		if !reached(one.site) {
			return false
		}
		failed = w.write(one.manager, 'A', o, []*Site{one.site}, one.end)
		return failed == nil
	})
	return failed
}

// write writes one file under another name and then gives it its own, as a good element manager does. kind is the letter of
// TS 32.432. Without a site that reports there is no file.
func (w *Writer) write(m *manager, kind byte, o *nation.Overlay, sites []*Site, end fault.Tick) error {
	sites = slices.DeleteFunc(slices.Clone(sites), func(s *Site) bool { return !s.Reports(o, end) })
	if len(sites) == 0 {
		return nil
	}
	sender := m.name
	if kind == 'A' {
		sender = o.Devices[sites[0].Device].Name
	}
	name := fmt.Sprintf("%c%s-%s_%s.xml", kind, at(end-Period).Format("20060102.1504-0700"), at(end).Format("1504-0700"), sender)
	if !w.config.Plain {
		name += ".gz"
	}
	part := filepath.Join(w.config.Dir, "."+name)
	if err := w.save(part, m.file(o, sites, end)); err != nil {
		return fmt.Errorf("pm: %w", err)
	}
	if err := os.Rename(part, filepath.Join(w.config.Dir, name)); err != nil {
		return fmt.Errorf("pm: %w", err)
	}
	return nil
}

func (w *Writer) save(path, text string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if w.config.Plain {
		_, err = f.WriteString(text)
		return errors.Join(err, f.Close())
	}
	z := gzip.NewWriter(f)
	_, err = strings.NewReader(text).WriteTo(z)
	return errors.Join(err, z.Close(), f.Close())
}

package main

import (
	"context"
	"sync"
	"time"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/maintenance"
)

// planned is the inventory that everybody sees: the files' with the windows of the register.
type planned struct {
	mu      sync.Mutex
	files   *inventory.Index // of which it was made
	version int64            // of the register
}

func (c *collector) openMaintenance(ctx context.Context) error {
	c.book = maintenance.New(maintenance.Deps{Store: c.store, Files: c.files.Load, Now: time.Now, FourEyes: c.cfg.Maintenance.FourEyes})
	return c.replan(ctx)
}

// replan makes the inventory anew if the files or the register have changed.
func (c *collector) replan(ctx context.Context) error {
	c.planned.mu.Lock()
	defer c.planned.mu.Unlock()
	files := c.files.Load()
	version, err := c.store.MaintenanceVersion(ctx)
	if err != nil || files == c.planned.files && version == c.planned.version {
		return err
	}
	windows, err := maintenance.Windows(ctx, c.store)
	if err != nil {
		return err
	}
	c.inventory.Store(files.WithWindows(windows))
	c.planned.files, c.planned.version = files, version
	return nil
}

// watchMaintenance takes up what the command line, or another process, has entered into the register.
func (c *collector) watchMaintenance(ctx context.Context) error {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := c.replan(ctx); err != nil && ctx.Err() == nil {
			c.log.Warn().Err(err).Msg("the maintenance register cannot be read, the windows stay as they were")
		}
	}
}

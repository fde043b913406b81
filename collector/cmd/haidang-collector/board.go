package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/haidang-noc/haidang/collector/board"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/store"
)

// openUsers reads the file of users. Without one there is no board; one that the configuration names must
// be there.
func (c *collector) openUsers() error {
	path := c.cfg.Board.Users
	if path == "" {
		path = c.cfg.DefaultUsers()
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || !c.cfg.Board.Enabled {
			return nil
		}
	}
	if !c.cfg.Board.Enabled {
		return nil
	}
	users, err := principal.OpenUsers(path)
	if err != nil {
		return err
	}
	c.users = users
	return nil
}

// checkUsers says what is wrong with the file of users now.
func (c *collector) checkUsers() error {
	if c.users == nil {
		return nil
	}
	return c.users.Check()
}

func (c *collector) makeBoard(ctx context.Context) (err error) {
	if c.users == nil {
		c.log.Info().Msg("no file of users: there is no board")
		return nil
	}
	c.board, err = board.New(ctx, board.Deps{Users: c.users, Latest: c.view.Latest, Days: c.days, Alarms: c.alarms, Windows: c.book, Replan: c.replan,
		Store: c.store, Now: time.Now, Log: c.log, Registerer: c.registry})
	return err
}

// days are the chunks of some days without the traffic of open ones: those that the partitions have open
// as of now, the others as they were closed. Of a partition that another process owns, the open ones are
// as of that owner's last checkpoint.
func (c *collector) days(ctx context.Context, days partition.Days) ([]*kpi.DayChunk, error) {
	var all []*kpi.DayChunk
	open := map[store.DayState]bool{}
	for _, p := range c.partitions {
		chunks, err := p.Seen(ctx, days, false)
		if err != nil {
			return nil, fmt.Errorf("partition %d: %w", p.ID, err)
		}
		for _, chunk := range chunks {
			open[store.DayState{Partition: p.ID, Day: int32(chunk.Day)}] = true
		}
		all = append(all, chunks...)
	}
	closed, err := partition.NewClosed()
	if err != nil {
		return nil, err
	}
	err = c.store.View(ctx, func(v *store.View) error {
		return v.Chunks(int32(days.From), int32(days.To), func(row store.DayChunk) error {
			if open[store.DayState{Partition: row.Partition, Day: row.Day}] {
				return nil
			}
			chunk, err := closed.Decode(row)
			all = append(all, chunk)
			return err
		})
	})
	return all, err
}

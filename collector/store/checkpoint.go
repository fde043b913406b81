package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// WholeDay is the Hour of the block that belongs to a day and to none of its hours.
const WholeDay = 24

// Block holds a partition's observations of one hour of an open day.
type Block struct {
	Partition int
	Day       int32 // local calendar day, counted from 1970-01-01
	Hour      uint8 // 0 to 23, or WholeDay
	Data      []byte
}

// DayChunk is the closed form of one partition's day.
type DayChunk struct {
	Partition int
	Day       int32 // local calendar day, counted from 1970-01-01
	Data      []byte
	Revision  int   // 1 at first close, one more each time a late point changes it
	ClosedAt  int64 // Unix seconds
	Split     bool  // the rates of ports and the reports stand in parts; otherwise in Data
	Parts     []DayPart
}

// Checkpoint is a partition's progress: everything up to and including LogSeq is in what the blocks
// and chunks of this and earlier checkpoints say.
type Checkpoint struct {
	Lease  Lease
	LogSeq uint64
	Spools []byte      // dedupe windows, encoded by the partition
	Drop   []int32     // days whose blocks are deleted, before Blocks are written
	Blocks []Block     // replace those of the same day and hour; their Partition is taken from Lease
	Days   []DayChunk  // replace those of the same day, and its parts; likewise
	Lines  []MonthLine // replace those of the same month; likewise
}

// Commit makes the whole checkpoint durable, or changes nothing: then it returns ErrFenced if the
// lease is no longer the caller's. A log sequence below the committed one is an error. The slices
// are not kept; empty data is read back as nil.
func (s *Store) Commit(ctx context.Context, c Checkpoint) error {
	start := time.Now()
	err := s.write(ctx, func(tx *sql.Tx) error { return c.write(ctx, tx) })
	s.metrics.committed(c, time.Since(start), err)
	if err != nil {
		return fmt.Errorf("store: commit partition %d epoch %d log sequence %d: %w", c.Lease.Partition, c.Lease.Epoch, c.LogSeq, err)
	}
	return nil
}

func (c Checkpoint) write(ctx context.Context, tx *sql.Tx) error {
	if err := hold(ctx, tx, c.Lease); err != nil {
		return err
	}
	if err := c.writePosition(ctx, tx); err != nil {
		return err
	}
	for _, day := range c.Drop {
		if _, err := tx.ExecContext(ctx, `DELETE FROM block WHERE partition = $1 AND day = $2`, c.Lease.Partition, day); err != nil {
			return fmt.Errorf("drop day %d: %w", day, err)
		}
	}
	if err := c.writeBlocks(ctx, tx); err != nil {
		return err
	}
	if err := c.writeDays(ctx, tx); err != nil {
		return err
	}
	return c.writeLines(ctx, tx)
}

func (c Checkpoint) writePosition(ctx context.Context, tx *sql.Tx) error {
	const upsert = `INSERT INTO position (partition, log_seq, spools) VALUES ($1, $2, $3)
		ON CONFLICT (partition) DO UPDATE SET log_seq = excluded.log_seq, spools = excluded.spools
		WHERE position.log_seq <= excluded.log_seq`
	res, err := tx.ExecContext(ctx, upsert, c.Lease.Partition, int64(c.LogSeq), notNil(c.Spools))
	if err != nil {
		return fmt.Errorf("position: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(errors.New("log sequence is below the committed one"), err)
	}
	return nil
}

func (c Checkpoint) writeBlocks(ctx context.Context, tx *sql.Tx) error {
	if len(c.Blocks) == 0 {
		return nil
	}
	const upsert = `INSERT INTO block (partition, day, hour, data) VALUES ($1, $2, $3, $4)
		ON CONFLICT (partition, day, hour) DO UPDATE SET data = excluded.data`
	stmt, err := tx.PrepareContext(ctx, upsert)
	if err != nil {
		return fmt.Errorf("block: %w", err)
	}
	defer stmt.Close()
	for _, b := range c.Blocks {
		if b.Hour > WholeDay {
			return fmt.Errorf("block of day %d: hour %d, want 0 to %d", b.Day, b.Hour, WholeDay)
		}
		if _, err := stmt.ExecContext(ctx, c.Lease.Partition, b.Day, b.Hour, notNil(b.Data)); err != nil {
			return fmt.Errorf("block of day %d hour %d: %w", b.Day, b.Hour, err)
		}
	}
	return nil
}

func (c Checkpoint) writeDays(ctx context.Context, tx *sql.Tx) error {
	const upsert = `INSERT INTO day_chunk (partition, day, data, revision, closed_at, split) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (day, partition) DO UPDATE SET data = excluded.data, revision = excluded.revision, closed_at = excluded.closed_at, split = excluded.split`
	for i := range c.Days {
		d := &c.Days[i]
		split := 0
		if d.Split {
			split = 1
		}
		if _, err := tx.ExecContext(ctx, upsert, c.Lease.Partition, d.Day, notNil(d.Data), d.Revision, d.ClosedAt, split); err != nil {
			return fmt.Errorf("chunk of day %d: %w", d.Day, err)
		}
		if err := c.writeParts(ctx, tx, d); err != nil {
			return fmt.Errorf("chunk of day %d: %w", d.Day, err)
		}
	}
	return nil
}

// notNil keeps an empty value from being written as NULL.
func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// Load returns the partition's position as of its last checkpoint: apply the log from logSeq+1. A
// partition that never committed has position 0 and no windows.
func (s *Store) Load(ctx context.Context, partition int) (logSeq uint64, spools []byte, err error) {
	var seq int64
	err = s.r.QueryRowContext(ctx, `SELECT log_seq, spools FROM position WHERE partition = $1`, partition).Scan(&seq, &spools)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil, nil
	}
	if err != nil {
		return 0, nil, fmt.Errorf("store: load partition %d: %w", partition, err)
	}
	return uint64(seq), spools, nil
}

// Blocks returns the partition's blocks of one day, by hour.
func (s *Store) Blocks(ctx context.Context, partition int, day int32) (blocks []Block, err error) {
	err = s.View(ctx, func(v *View) error {
		return v.BlocksOf(partition, day, func(b Block) error {
			blocks = append(blocks, b)
			return nil
		})
	})
	return blocks, err
}

package store

import (
	"context"
	"database/sql"
	"fmt"
)

// ReportsPart is the Shard of the part that holds a day's reports.
const ReportsPart = -1

// DayPart is a piece of one partition's closed day that is read on its own.
type DayPart struct {
	Partition int
	Day       int32
	Shard     int    // of ports, or ReportsPart
	Digest    uint64 // of what Data says
	Data      []byte
}

// MonthLine is a partition's time lines of the closed days of a month and one day either side, joined.
type MonthLine struct {
	Partition int
	Month     int32  // its first day
	Made      string // of which days, in which revisions
	Data      []byte
}

// MonthSum is the traffic of one shard's links over the first days of a month.
type MonthSum struct {
	Month  int32 // its first day
	Shard  int
	Made   []byte // of what, day by day
	Totals []byte // what Month reads
	State  []byte // what later days are added to
}

// writeParts replaces the parts of a closed day.
func (c Checkpoint) writeParts(ctx context.Context, tx *sql.Tx, d *DayChunk) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM day_part WHERE day = $1 AND partition = $2`, d.Day, c.Lease.Partition); err != nil {
		return err
	}
	const insert = `INSERT INTO day_part (day, partition, shard, digest, data) VALUES ($1, $2, $3, $4, $5)`
	for _, p := range d.Parts {
		if _, err := tx.ExecContext(ctx, insert, d.Day, c.Lease.Partition, p.Shard, int64(p.Digest), notNil(p.Data)); err != nil {
			return fmt.Errorf("part %d: %w", p.Shard, err)
		}
	}
	return nil
}

func (c Checkpoint) writeLines(ctx context.Context, tx *sql.Tx) error {
	const upsert = `INSERT INTO month_line (month, partition, made, data) VALUES ($1, $2, $3, $4)
		ON CONFLICT (month, partition) DO UPDATE SET made = excluded.made, data = excluded.data`
	for _, l := range c.Lines {
		if _, err := tx.ExecContext(ctx, upsert, l.Month, c.Lease.Partition, l.Made, notNil(l.Data)); err != nil {
			return fmt.Errorf("lines of month %d: %w", l.Month, err)
		}
	}
	return nil
}

// PutMonthSum replaces what is added up of one shard's month. It says of what it was made, so it needs no
// lease: whoever reads it compares.
func (s *Store) PutMonthSum(ctx context.Context, m MonthSum) error {
	const upsert = `INSERT INTO month_sum (month, shard, made, totals, state) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (month, shard) DO UPDATE SET made = excluded.made, totals = excluded.totals, state = excluded.state`
	if _, err := s.w.ExecContext(ctx, upsert, m.Month, m.Shard, notNil(m.Made), notNil(m.Totals), notNil(m.State)); err != nil {
		return fmt.Errorf("store: sum of month %d shard %d: %w", m.Month, m.Shard, err)
	}
	return nil
}

// Digests lists the parts of the days from, inclusive, to to, exclusive, without their data, by day and partition.
func (v *View) Digests(from, to int32) ([]DayPart, error) {
	const query = `SELECT day, partition, shard, digest FROM day_part WHERE day >= $1 AND day < $2 ORDER BY day, partition, shard`
	var parts []DayPart
	err := v.each(query, []any{from, to}, func(scan scanFunc) error {
		var p DayPart
		var digest int64
		err := scan(&p.Day, &p.Partition, &p.Shard, &digest)
		p.Digest = uint64(digest)
		parts = append(parts, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: parts of days %d to %d: %w", from, to, err)
	}
	return parts, nil
}

// Part is one partition's part of a day, empty if there is none. The caller owns the data.
func (v *View) Part(day int32, partition, shard int) (data []byte, err error) {
	const query = `SELECT data FROM day_part WHERE day = $1 AND partition = $2 AND shard = $3`
	err = v.each(query, []any{day, partition, shard}, func(scan scanFunc) error { return scan(&data) })
	if err != nil {
		return nil, fmt.Errorf("store: part %d of day %d partition %d: %w", shard, day, partition, err)
	}
	return data, nil
}

// MonthLine is what was joined of a partition's month; without any, Made is empty.
func (v *View) MonthLine(month int32, partition int) (MonthLine, error) {
	l := MonthLine{Partition: partition, Month: month}
	const query = `SELECT made, data FROM month_line WHERE month = $1 AND partition = $2`
	err := v.each(query, []any{month, partition}, func(scan scanFunc) error { return scan(&l.Made, &l.Data) })
	if err != nil {
		return MonthLine{}, fmt.Errorf("store: lines of month %d partition %d: %w", month, partition, err)
	}
	return l, nil
}

// MonthSums calls fn for what was added up of a month, by shard, without the states. fn owns the data.
func (v *View) MonthSums(month int32, fn func(MonthSum) error) error {
	err := v.each(`SELECT shard, made, totals FROM month_sum WHERE month = $1 ORDER BY shard`, []any{month}, func(scan scanFunc) error {
		m := MonthSum{Month: month}
		if err := scan(&m.Shard, &m.Made, &m.Totals); err != nil {
			return err
		}
		return fn(m)
	})
	if err != nil {
		return fmt.Errorf("store: sums of month %d: %w", month, err)
	}
	return nil
}

// MonthState is what later days of a shard's month are added to.
func (v *View) MonthState(month int32, shard int) (state []byte, err error) {
	const query = `SELECT state FROM month_sum WHERE month = $1 AND shard = $2`
	err = v.each(query, []any{month, shard}, func(scan scanFunc) error { return scan(&state) })
	if err != nil {
		return nil, fmt.Errorf("store: sum of month %d shard %d: %w", month, shard, err)
	}
	return state, nil
}

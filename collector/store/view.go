package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
)

// View is the store at one instant: whatever is committed while it is read does not show.
type View struct {
	ctx  context.Context
	tx   *sql.Tx
	idle map[string]*sql.Stmt // by query: a month asks the same of every partition, day and shard
}

// View calls fn with one consistent snapshot, valid until fn returns. It delays no writer; it only
// keeps the file from shrinking, so it should not last for minutes.
func (s *Store) View(ctx context.Context, fn func(*View) error) error {
	tx, err := s.r.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("store: view: %w", err)
	}
	return errors.Join(fn(&View{ctx, tx, map[string]*sql.Stmt{}}), tx.Rollback())
}

// DayState says what the store has of one partition's day. Both may be true: a closed day keeps its
// blocks for a while, so that late points can revise it.
type DayState struct {
	Partition int
	Day       int32
	Open      bool // there are blocks
	Closed    bool // there is a chunk, with this Revision and ClosedAt
	Revision  int
	ClosedAt  int64
	Split     bool // the closed day is in parts
}

// Days lists what there is of the days from, inclusive, to to, exclusive, by day and partition.
func (v *View) Days(from, to int32) ([]DayState, error) { return v.days(from, to, anyPartition) }

// DaysOf lists what there is of one partition, by day.
func (v *View) DaysOf(partition int) ([]DayState, error) {
	return v.days(math.MinInt32, math.MaxInt32, partition)
}

const anyPartition = -1

func (v *View) days(from, to int32, partition int) ([]DayState, error) {
	const query = `SELECT k.partition, k.day,
			EXISTS (SELECT 1 FROM block b WHERE b.partition = k.partition AND b.day = k.day),
			COALESCE(c.revision, 0), COALESCE(c.closed_at, 0), c.day IS NOT NULL, COALESCE(c.split, 0)
		FROM (SELECT partition, day FROM block WHERE day >= $1 AND day < $2 AND ($3 < 0 OR partition = $3)
			UNION SELECT partition, day FROM day_chunk WHERE day >= $1 AND day < $2 AND ($3 < 0 OR partition = $3)) k
		LEFT JOIN day_chunk c ON c.partition = k.partition AND c.day = k.day
		ORDER BY k.day, k.partition`
	var days []DayState
	err := v.each(query, []any{from, to, partition}, func(scan scanFunc) error {
		var d DayState
		err := scan(&d.Partition, &d.Day, &d.Open, &d.Revision, &d.ClosedAt, &d.Closed, &d.Split)
		days = append(days, d)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: days %d to %d: %w", from, to, err)
	}
	return days, nil
}

// Chunks calls fn for every closed day from, inclusive, to to, exclusive, of all partitions, by day
// and partition, without parts. fn owns the data.
func (v *View) Chunks(from, to int32, fn func(DayChunk) error) error {
	const query = `SELECT partition, day, data, revision, closed_at, split FROM day_chunk
		WHERE day >= $1 AND day < $2 ORDER BY day, partition`
	err := v.each(query, []any{from, to}, func(scan scanFunc) error {
		var c DayChunk
		if err := scan(&c.Partition, &c.Day, &c.Data, &c.Revision, &c.ClosedAt, &c.Split); err != nil {
			return err
		}
		return fn(c)
	})
	if err != nil {
		return fmt.Errorf("store: chunks of days %d to %d: %w", from, to, err)
	}
	return nil
}

// Chunk is one partition's closed day, without parts; ok is false if it is not closed.
func (v *View) Chunk(day int32, partition int) (c DayChunk, ok bool, err error) {
	const query = `SELECT partition, day, data, revision, closed_at, split FROM day_chunk WHERE day = $1 AND partition = $2`
	err = v.each(query, []any{day, partition}, func(scan scanFunc) error {
		ok = true
		return scan(&c.Partition, &c.Day, &c.Data, &c.Revision, &c.ClosedAt, &c.Split)
	})
	if err != nil {
		return DayChunk{}, false, fmt.Errorf("store: chunk of day %d partition %d: %w", day, partition, err)
	}
	return c, ok, nil
}

// Blocks calls fn for every block of the days from, inclusive, to to, exclusive, of all partitions,
// by partition, day and hour. fn owns the data.
func (v *View) Blocks(from, to int32, fn func(Block) error) error {
	const query = `SELECT partition, day, hour, data FROM block
		WHERE day >= $1 AND day < $2 ORDER BY partition, day, hour`
	err := v.each(query, []any{from, to}, func(scan scanFunc) error {
		var b Block
		if err := scan(&b.Partition, &b.Day, &b.Hour, &b.Data); err != nil {
			return err
		}
		return fn(b)
	})
	if err != nil {
		return fmt.Errorf("store: blocks of days %d to %d: %w", from, to, err)
	}
	return nil
}

// BlocksOf calls fn for every block of one partition's day, by hour. fn owns the data.
func (v *View) BlocksOf(partition int, day int32, fn func(Block) error) error {
	const query = `SELECT partition, day, hour, data FROM block WHERE partition = $1 AND day = $2 ORDER BY hour`
	err := v.each(query, []any{partition, day}, func(scan scanFunc) error {
		var b Block
		if err := scan(&b.Partition, &b.Day, &b.Hour, &b.Data); err != nil {
			return err
		}
		return fn(b)
	})
	if err != nil {
		return fmt.Errorf("store: blocks of partition %d day %d: %w", partition, day, err)
	}
	return nil
}

type scanFunc func(dest ...any) error

func (v *View) each(query string, args []any, fn func(scanFunc) error) error {
	stmt, err := v.prepared(query)
	if err != nil {
		return err
	}
	defer func() { v.idle[query] = stmt }()
	rows, err := stmt.QueryContext(v.ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// prepared takes the query's statement, which must be idle: one that is being read cannot be asked again. It ends with
// the view.
func (v *View) prepared(query string) (*sql.Stmt, error) {
	if stmt, ok := v.idle[query]; ok {
		delete(v.idle, query)
		return stmt, nil
	}
	return v.tx.PrepareContext(v.ctx, query)
}

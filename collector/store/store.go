// Package store keeps what must outlive the collector's process: which process owns a partition, how
// far it has applied the log, the observations of open days and the compact form of closed ones.
//
// Everything a partition commits goes into one transaction that is fenced by its lease, so a crash
// neither loses nor repeats a point and a stale owner changes nothing. The SQL is the common part of
// SQLite and PostgreSQL; what differs between them is in dialect.go.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// DefaultPartitions is how many partitions a new store gets if Config does not say.
const DefaultPartitions = 8

// ErrFenced says that the lease in a call is no longer the caller's: another owner, or a later epoch,
// has the partition. Nothing was written and the caller must stop working on it.
var ErrFenced = errors.New("lease is held by another owner")

// Config says which store to open.
type Config struct {
	Path       string // the SQLite file; made, with its schema, if it does not exist
	Partitions int    // fixed when the store is made; 0 takes what is there
	ReadOnly   bool   // for a process beside the collector: makes, migrates and writes nothing
}

// Store is one open store. Its methods may be called from several goroutines and, on one machine,
// from several processes: writers wait for each other, readers wait for nobody. A process that is
// stopped in the middle of a write keeps SQLite's lock; then writes of the others fail after five
// seconds and succeed once it has gone on or died.
type Store struct {
	dialect
	path       string
	w, r       *sql.DB
	partitions int
	readOnly   bool
	metrics    *metrics
}

// Open opens the store, makes it if it is new and brings an older schema up to date. A file that a
// newer program wrote is refused. The metrics are registered with reg, which may be nil.
func Open(ctx context.Context, cfg Config, reg prometheus.Registerer) (*Store, error) {
	s, err := connect(cfg)
	if err != nil {
		return nil, fmt.Errorf("store: open %s: %w", cfg.Path, err)
	}
	if err := s.prepare(ctx, cfg); err != nil {
		return nil, fmt.Errorf("store: open %s: %w", cfg.Path, errors.Join(err, s.Close()))
	}
	if err := s.metrics.register(reg, s); err != nil {
		return nil, fmt.Errorf("store: open %s: %w", cfg.Path, errors.Join(err, s.Close()))
	}
	return s, nil
}

func (s *Store) prepare(ctx context.Context, cfg Config) error {
	if cfg.ReadOnly {
		if err := s.checkSchema(ctx); err != nil {
			return err
		}
	} else if err := s.migrate(ctx); err != nil {
		return err
	}
	return s.fixPartitions(ctx, cfg)
}

// Close waits for running calls and closes the store.
func (s *Store) Close() error {
	s.metrics.unregister()
	return errors.Join(s.r.Close(), s.w.Close())
}

// Partitions is how many partitions the store was made with. It never changes, because devices are
// bound to theirs for ever.
func (s *Store) Partitions() int { return s.partitions }

// ReadOnly says whether the store may only be read.
func (s *Store) ReadOnly() bool { return s.readOnly }

func (s *Store) fixPartitions(ctx context.Context, cfg Config) error {
	if !cfg.ReadOnly {
		n := cfg.Partitions
		if n == 0 {
			n = DefaultPartitions
		}
		if err := s.initMeta(ctx, n); err != nil {
			return err
		}
	}
	v, _, err := s.Meta(ctx, "partitions")
	if err != nil {
		return err
	}
	s.partitions, err = strconv.Atoi(v)
	if err != nil || s.partitions < 1 {
		return fmt.Errorf("meta key partitions is %q, want a positive number", v)
	}
	if cfg.Partitions != 0 && cfg.Partitions != s.partitions {
		return fmt.Errorf("store was made with %d partitions and the number is fixed, configuration says %d", s.partitions, cfg.Partitions)
	}
	return nil
}

// initMeta writes the facts of a new store; in an existing one it changes nothing.
func (s *Store) initMeta(ctx context.Context, partitions int) error {
	const insert = `INSERT INTO meta (key, value) VALUES ('partitions', $1), ('created_at_ms', {now}) ON CONFLICT (key) DO NOTHING`
	_, err := s.w.ExecContext(ctx, s.sql(insert), strconv.Itoa(partitions))
	return err
}

// Meta reads one of the store's own facts; ok is false if there is none of that name.
func (s *Store) Meta(ctx context.Context, key string) (value string, ok bool, err error) {
	err = s.r.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = $1`, key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("store: meta %s: %w", key, err)
	}
	return value, true, nil
}

// SetMeta writes one of the store's own facts.
func (s *Store) SetMeta(ctx context.Context, key, value string) error {
	const upsert = `INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`
	if _, err := s.w.ExecContext(ctx, upsert, key, value); err != nil {
		return fmt.Errorf("store: set meta %s: %w", key, err)
	}
	return nil
}

// write runs fn in one transaction: all of it is durable when write returns nil, none of it otherwise.
func (s *Store) write(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := s.w.BeginTx(ctx, nil)
	if err != nil {
		return s.held(err)
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// The ways in which a change of the maintenance windows is refused.
var (
	ErrWindowExists  = errors.New("a window of this id exists")
	ErrWindowChanged = errors.New("the window was changed meanwhile")
)

// MaintenanceWindow is one window as it was entered, and what became of it.
type MaintenanceWindow struct {
	ID         string
	Scope      string // device:X, site:X, …
	Start, End int64
	Reason     string
	Override   string             // why it may go on in a change freeze; empty: it may not
	Events     []MaintenanceEvent // the first is its entry
}

// MaintenanceEvent is one step of a window's history.
type MaintenanceEvent struct {
	At     int64
	By     string
	Action string
	Note   string
}

// AddWindow adds a window with its first event, or nothing: ErrWindowExists if its id is taken.
func (s *Store) AddWindow(ctx context.Context, w MaintenanceWindow, e MaintenanceEvent) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		const insert = `INSERT INTO maintenance_window (id, scope, starts_at, ends_at, reason, override)
			VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING`
		if err := one(tx.ExecContext(ctx, insert, w.ID, w.Scope, w.Start, w.End, w.Reason, w.Override))(ErrWindowExists); err != nil {
			return err
		}
		return e.write(ctx, tx, w.ID, 0)
	})
	if err != nil {
		return fmt.Errorf("store: maintenance window %s: %w", w.ID, err)
	}
	return nil
}

// AddWindowEvent adds an event to a window that has seen exactly before events: ErrWindowChanged if
// it has seen others meanwhile.
func (s *Store) AddWindowEvent(ctx context.Context, id string, before int, e MaintenanceEvent) error {
	if err := s.write(ctx, func(tx *sql.Tx) error { return e.write(ctx, tx, id, before) }); err != nil {
		return fmt.Errorf("store: maintenance window %s: %w", id, err)
	}
	return nil
}

func (e MaintenanceEvent) write(ctx context.Context, tx *sql.Tx, id string, place int) error {
	const insert = `INSERT INTO maintenance_event (seq, window_id, place, at, actor, action, note)
		SELECT COALESCE(MAX(seq), 0) + 1, $1, $2, $3, $4, $5, $6 FROM maintenance_event WHERE true ON CONFLICT (window_id, place) DO NOTHING`
	return one(tx.ExecContext(ctx, insert, id, place, e.At, e.By, e.Action, e.Note))(ErrWindowChanged)
}

// one turns an insert that added no row into the given error.
func one(result sql.Result, err error) func(none error) error {
	return func(none error) error {
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err == nil && n == 0 {
			err = none
		}
		return err
	}
}

// MaintenanceWindows reads every window with its events, by start and id; or only the one of this id.
func (s *Store) MaintenanceWindows(ctx context.Context, id string) ([]MaintenanceWindow, error) {
	var all []MaintenanceWindow
	err := s.View(ctx, func(v *View) error {
		const query = `SELECT w.id, w.scope, w.starts_at, w.ends_at, w.reason, w.override, e.at, e.actor, e.action, e.note
			FROM maintenance_window w JOIN maintenance_event e ON e.window_id = w.id
			WHERE w.id = $1 OR $1 = '' ORDER BY w.starts_at, w.id, e.place`
		return v.each(query, []any{id}, func(scan scanFunc) error {
			var w MaintenanceWindow
			var e MaintenanceEvent
			if err := scan(&w.ID, &w.Scope, &w.Start, &w.End, &w.Reason, &w.Override, &e.At, &e.By, &e.Action, &e.Note); err != nil {
				return err
			}
			if n := len(all); n == 0 || all[n-1].ID != w.ID {
				all = append(all, w)
			}
			last := &all[len(all)-1]
			last.Events = append(last.Events, e)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("store: maintenance windows: %w", err)
	}
	return all, nil
}

// MaintenanceVersion grows with every event: windows read at one version need not be read again.
func (s *Store) MaintenanceVersion(ctx context.Context) (int64, error) {
	var seq int64
	if err := s.r.QueryRowContext(ctx, `SELECT COALESCE(MAX(seq), 0) FROM maintenance_event`).Scan(&seq); err != nil {
		return 0, fmt.Errorf("store: maintenance version: %w", err)
	}
	return seq, nil
}

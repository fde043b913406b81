package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Session is one browser that is logged in to the board. Neither the cookie nor the password can be told from it.
type Session struct {
	Digest   string // of the cookie
	Name     string // whose
	Password string // mark of the password that they logged in with
	Began    int64  // Unix seconds
	Used     int64
}

// SaveSessions writes some sessions as they are now and drops others, all or nothing. One that is there stays if
// only its use is older; one that somebody has dropped meanwhile does not come back by being used: only fresh ones
// are added.
func (s *Store) SaveSessions(ctx context.Context, fresh, used []Session, dropped []string) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		for _, o := range fresh {
			const insert = `INSERT INTO session (digest, name, password, began, used) VALUES ($1, $2, $3, $4, $5)`
			if _, err := tx.ExecContext(ctx, insert, o.Digest, o.Name, o.Password, o.Began, o.Used); err != nil {
				return err
			}
		}
		for _, o := range used {
			const update = `UPDATE session SET used = $2 WHERE digest = $1 AND used < $2`
			if _, err := tx.ExecContext(ctx, update, o.Digest, o.Used); err != nil {
				return err
			}
		}
		for _, digest := range dropped {
			if _, err := tx.ExecContext(ctx, `DELETE FROM session WHERE digest = $1`, digest); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store: save sessions: %w", err)
	}
	return nil
}

// Sessions are all of them, by the time that they began.
func (s *Store) Sessions(ctx context.Context) ([]Session, error) {
	var out []Session
	err := s.View(ctx, func(v *View) error {
		return v.each(`SELECT digest, name, password, began, used FROM session ORDER BY began, digest`, nil, func(scan scanFunc) error {
			var o Session
			err := scan(&o.Digest, &o.Name, &o.Password, &o.Began, &o.Used)
			out = append(out, o)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("store: sessions: %w", err)
	}
	return out, nil
}

package store

import (
	"context"
	"fmt"
)

// Act is one thing that somebody did, or tried, at the board.
type Act struct {
	At      int64  // Unix seconds
	Who     string // as they named themselves
	Address string // where they came from
	Action  string // login, acknowledge, …
	Object  string // what it was done to
	Detail  string
}

// Audit adds an act to the trail. It is durable when Audit returns nil.
func (s *Store) Audit(ctx context.Context, a Act) error {
	const insert = `INSERT INTO audit (at, who, address, action, object, detail) VALUES ($1, $2, $3, $4, $5, $6)`
	if _, err := s.w.ExecContext(ctx, insert, a.At, a.Who, a.Address, a.Action, a.Object, a.Detail); err != nil {
		return fmt.Errorf("store: audit %s by %s: %w", a.Action, a.Who, err)
	}
	return nil
}

// Trail lists the newest acts, the newest first, at most as many as limit.
func (s *Store) Trail(ctx context.Context, limit int) ([]Act, error) {
	var acts []Act
	err := s.View(ctx, func(v *View) error {
		const query = `SELECT at, who, address, action, object, detail FROM audit ORDER BY at DESC LIMIT $1`
		return v.each(query, []any{limit}, func(scan scanFunc) error {
			var a Act
			err := scan(&a.At, &a.Who, &a.Address, &a.Action, &a.Object, &a.Detail)
			acts = append(acts, a)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("store: trail: %w", err)
	}
	return acts, nil
}

// ForgetAudit drops what was done before an instant and says how many rows that were.
func (s *Store) ForgetAudit(ctx context.Context, before int64) (int64, error) {
	r, err := s.w.ExecContext(ctx, `DELETE FROM audit WHERE at < $1`, before)
	if err != nil {
		return 0, fmt.Errorf("store: forget audit: %w", err)
	}
	return r.RowsAffected()
}

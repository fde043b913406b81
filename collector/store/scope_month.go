package store

import (
	"context"
	"database/sql"
	"fmt"
)

// ScopeMonth is one number of a published scorecard, in short.
type ScopeMonth struct {
	Month    string // 2026-10
	Revision int
	Scope    string // province code, vn for the nation
	Measure  string
	Key      string
	Value    string // decimal; empty: no value
	Num, Den string // exact
	Outcome  string
}

func (p Publication) writeMeasures(ctx context.Context, tx *sql.Tx) error {
	const insert = `INSERT INTO scope_month (month, revision, scope, measure, key, value, num, den, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	for _, m := range p.Measures {
		if _, err := tx.ExecContext(ctx, insert, p.Month, p.Revision, m.Scope, m.Measure, m.Key, m.Value, m.Num, m.Den, m.Outcome); err != nil {
			return fmt.Errorf("measure %s %s %s: %w", m.Scope, m.Measure, m.Key, err)
		}
	}
	return nil
}

// ScopeMonths reads the numbers of the last revision of every month in [from, before), by scope and month.
func (s *Store) ScopeMonths(ctx context.Context, from, before string) ([]ScopeMonth, error) {
	var all []ScopeMonth
	err := s.View(ctx, func(v *View) error {
		const query = `SELECT month, revision, scope, measure, key, value, num, den, outcome FROM scope_month AS m
			WHERE month >= $1 AND month < $2 AND revision = (SELECT MAX(revision) FROM publication AS p WHERE p.month = m.month)
			ORDER BY scope, month, measure, key`
		return v.each(query, []any{from, before}, func(scan scanFunc) error {
			var m ScopeMonth
			err := scan(&m.Month, &m.Revision, &m.Scope, &m.Measure, &m.Key, &m.Value, &m.Num, &m.Den, &m.Outcome)
			all = append(all, m)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("store: numbers of %s to %s: %w", from, before, err)
	}
	return all, nil
}

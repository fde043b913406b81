package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Claim returns the partition of every device in names. A device that was never seen becomes the
// given partition's, for ever; a stale owner may claim, since whoever owns the partition next reads
// the same message and would claim the same.
func (s *Store) Claim(ctx context.Context, partition int, names []string) (map[string]int, error) {
	if err := s.checkPartition(partition); err != nil {
		return nil, fmt.Errorf("store: claim: %w", err)
	}
	claimed := make(map[string]int, len(names))
	err := s.write(ctx, func(tx *sql.Tx) error { return claim(ctx, tx, partition, names, claimed) })
	if err != nil {
		return nil, fmt.Errorf("store: claim %d devices for partition %d: %w", len(names), partition, err)
	}
	return claimed, nil
}

func claim(ctx context.Context, tx *sql.Tx, partition int, names []string, claimed map[string]int) error {
	insert, err := tx.PrepareContext(ctx, `INSERT INTO device (name, partition) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`)
	if err != nil {
		return err
	}
	defer insert.Close()
	lookup, err := tx.PrepareContext(ctx, `SELECT partition FROM device WHERE name = $1`)
	if err != nil {
		return err
	}
	defer lookup.Close()
	for _, name := range names {
		if _, err := insert.ExecContext(ctx, name, partition); err != nil {
			return fmt.Errorf("%q: %w", name, err)
		}
		var p int
		if err := lookup.QueryRowContext(ctx, name).Scan(&p); err != nil {
			return fmt.Errorf("%q: %w", name, err)
		}
		claimed[name] = p
	}
	return nil
}

// AllDevices returns the partition of every device ever seen.
func (s *Store) AllDevices(ctx context.Context) (map[string]int, error) {
	devices := make(map[string]int)
	err := s.View(ctx, func(v *View) error {
		return v.each(`SELECT name, partition FROM device`, nil, func(scan scanFunc) error {
			var name string
			var p int
			err := scan(&name, &p)
			devices[name] = p
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("store: all devices: %w", err)
	}
	return devices, nil
}

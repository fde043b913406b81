package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

func (s *Store) migrations() (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(s.goose, s.w, dir, goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true))
}

// migrate brings the schema to the newest version this program knows.
func (s *Store) migrate(ctx context.Context) error {
	unlock, err := lockFile(s.path)
	if err != nil {
		return err
	}
	return errors.Join(s.migrateLocked(ctx), unlock())
}

func (s *Store) migrateLocked(ctx context.Context) error {
	p, err := s.migrations()
	if err != nil {
		return err
	}
	have, know, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if have > know {
		return newerError(have, know)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate from schema %d to %d: %w", have, know, err)
	}
	return nil
}

// checkSchema is for those who may not migrate: the schema must be the one this program knows.
func (s *Store) checkSchema(ctx context.Context) error {
	have, know, err := s.schemas(ctx)
	if err == nil && have < know {
		return fmt.Errorf("file has schema %d, this program needs %d: start the collector once to migrate it", have, know)
	}
	return err
}

// checkNotNewer accepts every schema that this program can bring up to date.
func (s *Store) checkNotNewer(ctx context.Context) error {
	_, _, err := s.schemas(ctx)
	return err
}

// schemas reads which schema the file has and which this program knows, without writing.
func (s *Store) schemas(ctx context.Context) (have, know int64, err error) {
	p, err := s.migrations()
	if err != nil {
		return 0, 0, err
	}
	sources := p.ListSources()
	know = sources[len(sources)-1].Version
	const query = `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied`
	if err := s.r.QueryRowContext(ctx, query).Scan(&have); err != nil {
		return 0, 0, fmt.Errorf("read schema version: %w", err)
	}
	if have > know {
		return have, know, newerError(have, know)
	}
	return have, know, nil
}

func newerError(have, know int64) error {
	return fmt.Errorf("file was written by a newer program: it has schema %d, this program knows up to %d", have, know)
}

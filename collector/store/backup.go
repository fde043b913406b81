package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup writes a consistent copy of the store to path while work goes on, checks it and makes it
// durable. Until then path, and any older backup there, is left as it was.
func (s *Store) Backup(ctx context.Context, path string) error {
	tmp := path + ".partial"
	if err := errors.Join(differ(s.path, path), removeFiles(tmp)); err != nil {
		return fmt.Errorf("store: backup to %s: %w", path, err)
	}
	if err := s.backup(ctx, tmp, path); err != nil {
		return fmt.Errorf("store: backup to %s: %w", path, errors.Join(err, removeFiles(tmp)))
	}
	return nil
}

func (s *Store) backup(ctx context.Context, tmp, path string) error {
	// Not the writer's connection: partitions go on committing meanwhile.
	db, err := openFile(s.path, false)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO $1`, tmp)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	if err := verify(ctx, tmp); err != nil {
		return err
	}
	return install(tmp, path)
}

// differ refuses a backup in place of what it is of.
func differ(store, backup string) error {
	a, err1 := os.Stat(store)
	b, err2 := os.Stat(backup)
	if err1 == nil && err2 == nil && os.SameFile(a, b) {
		return errors.New("that is the store itself")
	}
	return nil
}

// Restore puts a copy of the backup from at the path to. The collector must be stopped. It refuses a
// damaged backup, one that a newer program wrote and a store that is in use; an existing store only
// goes away if force is set.
func Restore(ctx context.Context, from, to string, force bool) error {
	if err := restore(ctx, from, to, force); err != nil {
		return fmt.Errorf("store: restore %s to %s: %w", from, to, err)
	}
	return nil
}

func restore(ctx context.Context, from, to string, force bool) error {
	switch _, err := os.Stat(to); {
	case err == nil && !force:
		return errors.New("target exists, overwriting it must be forced")
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if info, err := os.Stat(from + "-wal"); err == nil && info.Size() > 0 {
		return fmt.Errorf("%s is a store in use or a raw copy of one, not a backup: part of it is in %s-wal", from, from)
	}
	tmp := to + ".partial"
	err := errors.Join(removeFiles(tmp), copyFile(from, tmp))
	if err == nil {
		err = verify(ctx, tmp)
	}
	if err == nil {
		err = retire(ctx, to)
	}
	if err == nil {
		err = install(tmp, to)
	}
	if err != nil {
		return errors.Join(err, removeFiles(tmp))
	}
	return nil
}

// verify checks that a file is an intact store that this program can read, and leaves it as a single
// file without a write-ahead log.
func verify(ctx context.Context, path string) error {
	db, err := openFile(path, false)
	if err != nil {
		return err
	}
	s := &Store{dialect: sqlite, path: path, w: db, r: db}
	err = s.checkIntegrity(ctx)
	if err == nil {
		err = s.checkNotNewer(ctx)
	}
	if err == nil {
		err = singleFile(ctx, db)
	}
	return errors.Join(err, db.Close())
}

func (s *Store) checkIntegrity(ctx context.Context) error {
	var result string
	if err := s.r.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&result); err != nil {
		return fmt.Errorf("%s: integrity check: %w", s.path, err)
	}
	if result != "ok" {
		return fmt.Errorf("%s: integrity check: %s", s.path, result)
	}
	return nil
}

// retire makes sure that nobody has the store open and that nothing of it stays behind: a leftover
// write-ahead log would be replayed into the file that takes its place.
func retire(ctx context.Context, path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return removeFiles(path)
	}
	db, err := openFile(path, false)
	if err != nil {
		return err
	}
	err = singleFile(ctx, db)
	if err := errors.Join(err, db.Close()); isBusy(err) {
		return fmt.Errorf("target is in use: %w", err)
	}
	return removeFiles(path) // damaged beyond opening is a reason to restore, not to refuse
}

// singleFile takes a SQLite file out of write-ahead mode, which succeeds only if nobody else has it
// open.
func singleFile(ctx context.Context, db *sql.DB) error {
	var mode string
	if err := db.QueryRowContext(ctx, `PRAGMA journal_mode(DELETE)`).Scan(&mode); err != nil {
		return fmt.Errorf("leave write-ahead mode: %w", err)
	}
	if mode != "delete" {
		return fmt.Errorf("leave write-ahead mode: still %s", mode)
	}
	return nil
}

// removeFiles removes a SQLite file and what belongs to it, the file itself last.
func removeFiles(path string) error {
	for _, name := range []string{path + "-wal", path + "-shm", path + "-journal", path} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Close())
}

// install makes a finished file durable under its name.
func install(tmp, path string) error {
	if err := syncPath(tmp); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return syncPath(filepath.Dir(path))
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

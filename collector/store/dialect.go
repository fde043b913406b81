package store

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/pressly/goose/v3"
	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// dialect is all that differs between the databases the store can live in.
type dialect struct {
	goose goose.Dialect
	now   string // SQL for the database's clock in whole milliseconds
}

var sqlite = dialect{
	goose: goose.DialectSQLite3,
	now:   `CAST(unixepoch('subsec') * 1000 AS INTEGER)`,
}

func (d dialect) sql(query string) string { return strings.ReplaceAll(query, "{now}", d.now) }

// readers is how many reads may run at a time beside the one writer.
const readers = 4

// connect opens the pools of a SQLite file without touching what is in it. One connection writes:
// SQLite allows one writer anyway, and in the pool's queue nobody starves.
func connect(cfg Config) (*Store, error) {
	if cfg.Path == "" {
		return nil, errors.New("no path given")
	}
	if cfg.ReadOnly {
		if _, err := os.Stat(cfg.Path); err != nil {
			return nil, err
		}
	}
	w, err := openFile(cfg.Path, cfg.ReadOnly)
	if err != nil {
		return nil, err
	}
	w.SetMaxOpenConns(1)
	r, err := openFile(cfg.Path, true)
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	r.SetMaxOpenConns(readers)
	r.SetMaxIdleConns(readers)
	return &Store{dialect: sqlite, path: cfg.Path, readOnly: cfg.ReadOnly, w: w, r: r, metrics: newMetrics()}, nil
}

// openFile opens a SQLite file for several processes at a time: write-ahead log, every commit
// synced, and a transaction that writes takes the lock when it begins, not halfway.
func openFile(path string, readOnly bool) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	q := url.Values{"_pragma": {
		"busy_timeout(5000)", "page_size(8192)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		"journal_size_limit(67108864)",
	}}
	if readOnly {
		q.Set("_pragma", "busy_timeout(5000)")
		q.Add("_pragma", "query_only(1)")
	} else {
		q.Set("_txlock", "immediate")
	}
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(abs), RawQuery: q.Encode()}
	return sql.Open("sqlite", u.String())
}

// isBusy says that another process has the file locked.
func isBusy(err error) bool {
	var e *driver.Error
	return errors.As(err, &e) && e.Code()&0xff == lib.SQLITE_BUSY
}

// lockFile takes the advisory lock of path+".lock" and returns what gives it back. It keeps two
// processes that start at the same moment from migrating at the same moment.
func lockFile(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", f.Name(), err), f.Close())
	}
	return f.Close, nil
}

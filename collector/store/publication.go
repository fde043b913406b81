package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// ErrNotPublished says that there is no such publication.
var ErrNotPublished = errors.New("not published")

// Publication is one revision of a month's scorecards as it left the house. It never changes.
type Publication struct {
	Month       string // 2026-10
	Revision    int    // from 1
	PublishedAt int64  // Unix seconds
	PublishedBy string
	Inventory   string // SHA-256 of what the numbers were computed with
	Targets     string
	Scorecards  []PublishedScorecard // in order; History leaves out their JSON
	Measures    []ScopeMonth         // written only; ScopeMonths reads them
}

// PublishedScorecard is one document of a publication.
type PublishedScorecard struct {
	Scope  string // province code, vn for the nation
	Digest string // SHA-256 of JSON
	JSON   []byte // canonical
}

// Digest names a published document by its content.
func Digest(json []byte) string {
	sum := sha256.Sum256(json)
	return hex.EncodeToString(sum[:])
}

// Publish adds a publication for ever, or nothing. Its revision must be the one after the month's
// last: if somebody else published meanwhile, that is an error. Digests are computed here.
func (s *Store) Publish(ctx context.Context, p Publication) error {
	err := s.write(ctx, func(tx *sql.Tx) error { return p.write(ctx, tx) })
	if err != nil {
		return fmt.Errorf("store: publish %s revision %d: %w", p.Month, p.Revision, err)
	}
	return nil
}

func (p Publication) write(ctx context.Context, tx *sql.Tx) error {
	var last int
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(revision), 0) FROM publication WHERE month = $1`, p.Month).Scan(&last); err != nil {
		return err
	}
	if p.Revision != last+1 {
		return fmt.Errorf("the last revision is %d, want %d to come next", last, last+1)
	}
	const insert = `INSERT INTO publication (month, revision, published_at, published_by, inventory, targets) VALUES ($1, $2, $3, $4, $5, $6)`
	if _, err := tx.ExecContext(ctx, insert, p.Month, p.Revision, p.PublishedAt, p.PublishedBy, p.Inventory, p.Targets); err != nil {
		return err
	}
	pack, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	defer pack.Close()
	for i, c := range p.Scorecards {
		const insert = `INSERT INTO published_scorecard (month, revision, scope, place, digest, data) VALUES ($1, $2, $3, $4, $5, $6)`
		if _, err := tx.ExecContext(ctx, insert, p.Month, p.Revision, c.Scope, i, Digest(c.JSON), pack.EncodeAll(c.JSON, nil)); err != nil {
			return fmt.Errorf("scorecard %s: %w", c.Scope, err)
		}
	}
	return p.writeMeasures(ctx, tx)
}

// Published reads one revision of a month, or its last one for revision 0, and checks every document
// against its digest. Without one it returns ErrNotPublished.
func (s *Store) Published(ctx context.Context, month string, revision int) (Publication, error) {
	var p Publication
	err := s.View(ctx, func(v *View) (err error) {
		p, err = v.publication(month, revision)
		return err
	})
	if err != nil {
		return Publication{}, fmt.Errorf("store: published %s revision %d: %w", month, revision, err)
	}
	return p, nil
}

func (v *View) publication(month string, revision int) (Publication, error) {
	const query = `SELECT month, revision, published_at, published_by, inventory, targets FROM publication
		WHERE month = $1 AND (revision = $2 OR $2 = 0) ORDER BY revision DESC LIMIT 1`
	var p Publication
	err := v.tx.QueryRowContext(v.ctx, query, month, revision).Scan(&p.Month, &p.Revision, &p.PublishedAt, &p.PublishedBy, &p.Inventory, &p.Targets)
	if errors.Is(err, sql.ErrNoRows) {
		return p, ErrNotPublished
	}
	if err != nil {
		return p, err
	}
	const cards = `SELECT scope, digest, data FROM published_scorecard WHERE month = $1 AND revision = $2 ORDER BY place`
	err = v.each(cards, []any{p.Month, p.Revision}, func(scan scanFunc) error {
		var c PublishedScorecard
		var packed []byte
		if err := scan(&c.Scope, &c.Digest, &packed); err != nil {
			return err
		}
		p.Scorecards = append(p.Scorecards, c)
		return p.Scorecards[len(p.Scorecards)-1].unpack(packed)
	})
	return p, err
}

func (c *PublishedScorecard) unpack(packed []byte) error {
	r, err := zstd.NewReader(bytes.NewReader(packed), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("scorecard %s: %w", c.Scope, err)
	}
	defer r.Close()
	if c.JSON, err = io.ReadAll(r); err != nil {
		return fmt.Errorf("scorecard %s: %w", c.Scope, err)
	}
	if got := Digest(c.JSON); got != c.Digest {
		return fmt.Errorf("scorecard %s: stored document has digest %s, published was %s", c.Scope, got, c.Digest)
	}
	return nil
}

// History lists what was published, by month and revision, without the documents' JSON. An empty
// month lists all.
func (s *Store) History(ctx context.Context, month string) ([]Publication, error) {
	var all []Publication
	err := s.View(ctx, func(v *View) error {
		const query = `SELECT p.month, p.revision, p.published_at, p.published_by, p.inventory, p.targets, c.scope, c.digest
			FROM publication p JOIN published_scorecard c ON c.month = p.month AND c.revision = p.revision
			WHERE p.month = $1 OR $1 = '' ORDER BY p.month, p.revision, c.place`
		return v.each(query, []any{month}, func(scan scanFunc) error {
			var p Publication
			var c PublishedScorecard
			err := scan(&p.Month, &p.Revision, &p.PublishedAt, &p.PublishedBy, &p.Inventory, &p.Targets, &c.Scope, &c.Digest)
			if n := len(all); n == 0 || all[n-1].Month != p.Month || all[n-1].Revision != p.Revision {
				all = append(all, p)
			}
			last := &all[len(all)-1]
			last.Scorecards = append(last.Scorecards, c)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("store: history: %w", err)
	}
	return all, nil
}

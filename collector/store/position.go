package store

import (
	"database/sql"
	"errors"
	"fmt"
)

// Position is what Store.Load returns, as of the view's instant.
func (v *View) Position(partition int) (logSeq uint64, spools []byte, err error) {
	var seq int64
	err = v.tx.QueryRowContext(v.ctx, `SELECT log_seq, spools FROM position WHERE partition = $1`, partition).Scan(&seq, &spools)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil, nil
	}
	if err != nil {
		return 0, nil, fmt.Errorf("store: position of partition %d: %w", partition, err)
	}
	return uint64(seq), spools, nil
}

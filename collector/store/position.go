package store

import "fmt"

// Position is what Store.Load returns, as of the view's instant.
func (v *View) Position(partition int) (logSeq uint64, spools []byte, err error) {
	var seq int64
	const query = `SELECT log_seq, spools FROM position WHERE partition = $1`
	err = v.each(query, []any{partition}, func(scan scanFunc) error { return scan(&seq, &spools) })
	if err != nil {
		return 0, nil, fmt.Errorf("store: position of partition %d: %w", partition, err)
	}
	return uint64(seq), spools, nil
}

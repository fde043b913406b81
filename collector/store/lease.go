package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Lease is the right to work on one partition. It is a value: holding one proves nothing, the
// database decides at every use.
type Lease struct {
	Partition int
	Owner     string
	Epoch     uint64
}

// Acquire takes the partition's lease for ttl if nobody holds it or if owner itself does; ok is
// false while it is somebody else's. The epoch is greater than that of every lease before it, so
// whatever an earlier holder still has in flight is fenced off, also one with the same name: an
// owner that was killed and started again need not wait. Two processes must not share a name.
func (s *Store) Acquire(ctx context.Context, partition int, owner string, ttl time.Duration) (lease Lease, ok bool, err error) {
	if err := s.checkPartition(partition); err != nil {
		return Lease{}, false, fmt.Errorf("store: acquire: %w", err)
	}
	if owner == "" {
		return Lease{}, false, fmt.Errorf("store: acquire partition %d: no owner given", partition)
	}
	const take = `INSERT INTO lease (partition, owner, epoch, expires) VALUES ($1, $2, 1, {now} + $3)
		ON CONFLICT (partition) DO UPDATE SET owner = excluded.owner, epoch = lease.epoch + 1, expires = excluded.expires
		WHERE lease.expires <= {now} OR lease.owner = excluded.owner
		RETURNING epoch`
	var epoch int64
	err = s.w.QueryRowContext(ctx, s.sql(take), partition, owner, ttl.Milliseconds()).Scan(&epoch)
	if errors.Is(err, sql.ErrNoRows) {
		return Lease{}, false, nil
	}
	if err != nil {
		return Lease{}, false, fmt.Errorf("store: acquire partition %d: %w", partition, s.held(err))
	}
	return Lease{partition, owner, uint64(epoch)}, true, nil
}

// Renew makes the lease last ttl from now. A lease that ran out but that nobody has taken since is
// still its holder's; one that was taken is ErrFenced.
func (s *Store) Renew(ctx context.Context, l Lease, ttl time.Duration) error {
	const renew = `UPDATE lease SET expires = {now} + $4 WHERE partition = $1 AND owner = $2 AND epoch = $3`
	if err := fenced(s.w.ExecContext(ctx, s.sql(renew), l.Partition, l.Owner, int64(l.Epoch), ttl.Milliseconds())); err != nil {
		return fmt.Errorf("store: renew partition %d epoch %d: %w", l.Partition, l.Epoch, err)
	}
	return nil
}

// Release ends the lease at once, so that the next owner need not wait. After it every use of the
// lease is ErrFenced; releasing a lease that is no longer one's own is ErrFenced, too.
func (s *Store) Release(ctx context.Context, l Lease) error {
	const release = `UPDATE lease SET expires = 0, owner = '' WHERE partition = $1 AND owner = $2 AND epoch = $3`
	if err := fenced(s.w.ExecContext(ctx, release, l.Partition, l.Owner, int64(l.Epoch))); err != nil {
		return fmt.Errorf("store: release partition %d epoch %d: %w", l.Partition, l.Epoch, err)
	}
	return nil
}

// hold locks the lease's row until the transaction ends, or fails with ErrFenced. It is an update
// that changes nothing, because that locks the row in every database.
func hold(ctx context.Context, tx *sql.Tx, l Lease) error {
	const hold = `UPDATE lease SET epoch = epoch WHERE partition = $1 AND owner = $2 AND epoch = $3`
	return fenced(tx.ExecContext(ctx, hold, l.Partition, l.Owner, int64(l.Epoch)))
}

// fenced reads the outcome of a statement that must have found the lease's row.
func fenced(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		return ErrFenced
	}
	return err
}

func (s *Store) checkPartition(partition int) error {
	if partition < 0 || partition >= s.partitions {
		return fmt.Errorf("partition %d: store has 0 to %d", partition, s.partitions-1)
	}
	return nil
}

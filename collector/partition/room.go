package partition

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/haidang-noc/haidang/collector/log"
)

// Room keeps the last quarter of every partition's stream for what other partitions pass on. Otherwise
// two partitions whose streams agents have filled could each wait for room in the other's for ever.
type Room struct {
	queue *log.Log
	limit uint64 // bytes of one stream that agents may fill
	taken []atomic.Bool
}

// NewRoom watches a log that may hold maxBytes in all.
func NewRoom(queue *log.Log, maxBytes int64) *Room {
	n := queue.Partitions()
	return &Room{queue: queue, limit: uint64(maxBytes) / uint64(n) / 4 * 3, taken: make([]atomic.Bool, n)}
}

// For says whether the partition's stream takes batches of agents, as of the last look.
func (r *Room) For(partition int) bool { return !r.taken[partition].Load() }

// Run looks again every second, until ctx ends.
func (r *Room) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		for p := range r.taken {
			r.Look(ctx, p)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Look measures one stream. A log that does not answer refuses batches itself.
func (r *Room) Look(ctx context.Context, partition int) {
	if s, err := r.queue.State(ctx, partition); err == nil {
		r.taken[partition].Store(s.Bytes > r.limit)
	}
}

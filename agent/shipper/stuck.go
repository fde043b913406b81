package shipper

import (
	"sync"
	"time"

	"github.com/haidang-noc/haidang/agent/spool"
)

// A batch that is not taken holds back all others, since none may be a whole window ahead of it. Whose fault that is, an
// answer does not tell; what happens to others does. So a batch that has failed while moveSpan later ones were
// taken goes to the end of the queue, under a new number, and holds back nobody. One for which that happened
// stuckMoves times, for stuckFor or longer, is its own fault, and is put aside. While the collector is away or
// broken for all, none is taken and none is moved.
//
// The collector may have the batch under its old number, too: what it computes does not change by points that come twice.
const (
	moveSpan   = maxSpan / 2
	moveTries  = 2
	stuckMoves = 20
	stuckFor   = time.Hour
)

// trouble is what one batch has met.
type trouble struct {
	since time.Time // of the first attempt that failed
	moves int
	tries int   // since it was moved
	taken int64 // batches that the collector had taken at the first of them
}

// failed notes an attempt that failed, and says whether the batch holds back others that would be taken; taken is how many
// batches the collector has taken until now.
func (t *trouble) failed(taken int64, now time.Time) (inTheWay bool) {
	if t.tries == 0 {
		t.taken = taken
	}
	if t.since.IsZero() {
		t.since = now
	}
	t.tries++
	return t.tries >= moveTries && taken-t.taken >= moveSpan
}

// hopeless says whether a batch that is in the way is to be given up.
func (t *trouble) hopeless(now time.Time) bool {
	return t.moves >= stuckMoves && now.Sub(t.since) >= stuckFor
}

// moved remembers the trouble of batches by their new numbers.
type moved struct {
	mu sync.Mutex
	by map[uint64]trouble
}

func (m *moved) take(sequence uint64) trouble {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.by[sequence]
	delete(m.by, sequence)
	return t
}

// move puts a batch at the end of the queue; false means that the spool has no room for it there.
func (s *Shipper) move(r spool.Record, t trouble) bool {
	s.moved.mu.Lock() // before its new number is read from the spool, its trouble is known
	defer s.moved.mu.Unlock()
	sequence, err := s.spool.Append(r.Batch)
	if err != nil {
		s.rare.disk.Error().Err(err).Msg("batch that is not taken stays where it is")
		return false
	}
	s.moved.by[sequence] = trouble{since: t.since, moves: t.moves + 1}
	s.metrics.moved.Inc()
	s.rare.reject.Warn().Uint64("sequence", r.Sequence).Uint64("new_sequence", sequence).Msg("batch is not taken, others are: it is sent again after them")
	return true
}

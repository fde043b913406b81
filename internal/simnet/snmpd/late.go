package snmpd

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/simnet/udp"
)

const (
	// mostLate is how many delayed answers are held at once; more are lost.
	mostLate = 1 << 17
	// early is how much before its time an answer may leave, so that many leave with one system call.
	early = 500 * time.Microsecond
)

// late holds answers until their time. add may be called while run runs.
type late struct {
	socket, other *udp.Socket
	lost          prometheus.Counter
	wake          chan struct{} // an answer came that is due before the others

	mu      sync.Mutex
	waiting delayed
}

// delayed is a heap of answers, the one that is due next first.
type delayed []answer

type answer struct {
	due       time.Time
	text      []byte
	to        udp.Peer
	from      udp.Address
	otherPort bool
}

func newLate(socket, other *udp.Socket, lost prometheus.Counter) *late {
	return &late{socket: socket, other: other, lost: lost, wake: make(chan struct{}, 1)}
}

// add keeps a copy of an answer until its time.
func (l *late) add(text []byte, to udp.Peer, d Delivery, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) >= mostLate {
		l.lost.Inc()
		return
	}
	due := now.Add(d.Delay)
	if len(l.waiting) == 0 || due.Before(l.waiting[0].due) {
		select {
		case l.wake <- struct{}{}:
		default: // run will look anyway
		}
	}
	heap.Push(&l.waiting, answer{due, append([]byte(nil), text...), to, d.From, d.OtherPort})
}

// run sends answers when they are due, until ctx is done; those that wait then are never sent.
func (l *late) run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	due := make([]answer, 0, batchSize)
	for ctx.Err() == nil {
		var next time.Duration
		due, next = l.take(due[:0], time.Now())
		if len(due) > 0 {
			l.send(due)
			continue
		}
		timer.Reset(next)
		select {
		case <-timer.C:
		case <-l.wake:
		case <-ctx.Done():
		}
	}
}

// take moves what is due to dst, at most a batch, and says how long the next one waits.
func (l *late) take(dst []answer, now time.Time) ([]answer, time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.waiting) > 0 && len(dst) < batchSize {
		if wait := l.waiting[0].due.Sub(now); wait > early {
			return dst, wait
		}
		dst = append(dst, heap.Pop(&l.waiting).(answer)) //nolint:forcetypeassert // the heap holds nothing else
	}
	return dst, time.Hour
}

func (l *late) send(answers []answer) {
	longest := 1
	for i := range answers {
		longest = max(longest, len(answers[i].text))
	}
	batch := map[bool]*udp.Batch{}
	count := map[bool]int{}
	for i := range answers {
		a := &answers[i]
		if batch[a.otherPort] == nil {
			batch[a.otherPort] = udp.NewBatch(len(answers), longest)
		}
		batch[a.otherPort].Put(count[a.otherPort], a.text, a.to, a.from)
		count[a.otherPort]++
	}
	for otherPort, b := range batch {
		socket := l.socket
		if otherPort {
			socket = l.other
		}
		l.lost.Add(float64(socket.Send(b, count[otherPort])))
	}
}

func (h delayed) Len() int           { return len(h) }
func (h delayed) Less(i, j int) bool { return h[i].due.Before(h[j].due) }
func (h delayed) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push is for container/heap.
func (h *delayed) Push(v any) { *h = append(*h, v.(answer)) } //nolint:forcetypeassert // as in take

// Pop is for container/heap.
func (h *delayed) Pop() any {
	last := len(*h) - 1
	v := (*h)[last]
	(*h)[last] = answer{}
	*h = (*h)[:last]
	return v
}

package snmptrap

import (
	"context"
	"encoding/binary"
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"github.com/haidang-noc/haidang/internal/gate"
	"github.com/haidang-noc/haidang/plugins/snmptrap/packet"
)

// reply sends a datagram to where another came from.
type reply func(datagram []byte, to netip.AddrPort)

// inform is a notification whose sender wants an answer. Its fields belong to informs.
type inform struct {
	stage  stage
	answer letter
}

// letter is an answer that waits to be sent. It is held on its source's account.
type letter struct {
	text    []byte
	to      netip.AddrPort
	reply   reply
	account *gate.Source
}

// stage is how far an inform has come.
type stage int

const (
	coming   stage = iota // its lines are not written yet, or not safe yet
	late                  // its lines were written, but were not safe in time
	answered              // its lines are safe
)

// informs answers informs once their lines are in the agent's spool, and knows those that are sent again: the same
// source, number and contents within some minutes.
type informs struct {
	gate    *gate.Gate
	metrics *metrics
	seed    maphash.Seed
	wake    chan struct{}

	mu         sync.Mutex
	young, old map[uint64]*inform
	turned     time.Time
	written    []*inform
}

const (
	informsTurned = 5 * time.Minute // half of them are forgotten
	maxInforms    = 1 << 16         // in each half
	syncTimeout   = 5 * time.Second
)

func newInforms(g *gate.Gate, m *metrics) *informs {
	return &informs{gate: g, metrics: m, seed: maphash.MakeSeed(), wake: make(chan struct{}, 1)}
}

// begin enters an inform with its answer. It returns nil if it was taken before: then the answer takes the place of the
// one before, and goes out now if the lines are safe.
func (q *informs) begin(n *packet.Notification, l letter, now time.Time) *inform {
	key := q.key(n, l.to)
	q.mu.Lock()
	defer q.mu.Unlock()
	i := q.find(key, now)
	fresh := i == nil
	if fresh {
		i = &inform{}
		q.young[key] = i
	}
	if i.stage == answered {
		l.reply(l.text, l.to)
		q.metrics.answered.Inc()
	} else {
		q.gate.Hold(l.account, len(l.text))
		q.drop(i)
		i.answer = l
	}
	if i.stage == late {
		i.stage = coming
		q.ready(i)
	}
	if fresh {
		return i
	}
	q.metrics.repeated.Inc()
	return nil
}

func (q *informs) key(n *packet.Notification, from netip.AddrPort) uint64 {
	var h maphash.Hash
	h.SetSeed(q.seed)
	maphash.WriteComparable(&h, from)
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(n.RequestID)))
	h.Write(n.List)
	return h.Sum64()
}

func (q *informs) find(key uint64, now time.Time) *inform {
	if now.Sub(q.turned) > informsTurned || len(q.young) >= maxInforms {
		q.young, q.old, q.turned = map[uint64]*inform{}, q.young, now
	}
	if i := q.young[key]; i != nil {
		return i
	}
	return q.old[key]
}

// drop lets go of an answer.
func (q *informs) drop(i *inform) {
	if i.answer.account != nil {
		q.gate.Release(i.answer.account, len(i.answer.text))
	}
	i.answer = letter{}
}

// wrote says that the informs' lines were given to the output.
func (q *informs) wrote(all []*inform) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, i := range all {
		q.ready(i)
	}
}

func (q *informs) ready(i *inform) {
	q.written = append(q.written, i)
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// run answers until stop is closed, and then once more what is left. One sync is for all that were written before it.
func (q *informs) run(ctx context.Context, stop <-chan struct{}, sync func(context.Context) error) {
	for last := false; !last; {
		select {
		case <-q.wake:
		case <-stop:
			last = true
		}
		q.mu.Lock()
		batch := q.written
		q.written = nil
		q.mu.Unlock()
		if len(batch) == 0 {
			continue
		}
		limited, cancel := context.WithTimeout(ctx, syncTimeout)
		err := sync(limited)
		cancel()
		q.settle(batch, err == nil)
	}
}

// settle answers a batch, or notes that it has to be sent again.
func (q *informs) settle(batch []*inform, safe bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, i := range batch {
		if safe {
			i.stage = answered
			i.answer.reply(i.answer.text, i.answer.to)
			q.metrics.answered.Inc()
		} else {
			i.stage = late
			q.metrics.unanswered.Inc()
		}
		q.drop(i)
	}
}

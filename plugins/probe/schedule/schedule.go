// Package schedule is the one clock of all tests: whoever has something to do acts at its time and says when it acts next.
package schedule

import (
	"container/heap"
	"context"
	"hash/fnv"
	"time"
)

// Turn acts at its time. Act never waits. It returns when it acts next; the zero time: never again. It may be called a
// little before its time, together with others, and is told that time then.
type Turn interface{ Act(now time.Time) time.Time }

// Loop lets turns act, one after the other.
type Loop struct {
	waiting queue
	pass    func() // after some have acted
}

// New makes a loop in which every turn acts at once for the first time. pass, which may be nil, is called whenever some have
// acted and before the loop waits.
func New(turns []Turn, pass func()) *Loop {
	l := &Loop{waiting: make(queue, len(turns)), pass: pass}
	for i, t := range turns {
		l.waiting[i] = entry{turn: t}
	}
	return l
}

// Run runs until ctx is done or nobody acts any more.
func (l *Loop) Run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for len(l.waiting) > 0 {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		timer.Reset(l.act(ctx))
	}
}

const (
	most  = 32                   // that act before pass is called: it is never far away
	early = 5 * time.Millisecond // by how much some may act before their time: waking up costs more than acting
)

// act lets those act whose time has come, and says how long the next one waits.
func (l *Loop) act(ctx context.Context) time.Duration {
	for n := 0; len(l.waiting) > 0 && n < most && ctx.Err() == nil; n++ {
		e, now := &l.waiting[0], time.Now()
		if e.at.After(now.Add(early)) {
			break
		}
		if e.at.After(now) {
			now = e.at
		}
		if e.at = e.turn.Act(now); e.at.IsZero() {
			heap.Pop(&l.waiting)
			continue
		}
		heap.Fix(&l.waiting, 0)
	}
	if l.pass != nil {
		l.pass()
	}
	if len(l.waiting) == 0 {
		return 0
	}
	return time.Until(l.waiting[0].at)
}

// Next is the first instant after now that is phase past a multiple of interval on the wall clock: a restart does not shift
// it. It keeps now's monotonic reading.
func Next(now time.Time, interval, phase time.Duration) time.Time {
	past := time.Duration(now.Add(-phase).UnixNano()) % interval
	if past < 0 {
		past += interval
	}
	return now.Add(interval - past)
}

// Phase is the place of a name within an interval: names are spread evenly, and each has its own for ever.
func Phase(name string, interval time.Duration) time.Duration {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // never fails
	z := h.Sum64()
	z = (z ^ z>>33) * 0xff51afd7ed558ccd
	z ^= z >> 33
	return time.Duration(z % uint64(interval))
}

type entry struct {
	at   time.Time
	turn Turn
}

// queue is a heap, the earliest first.
type queue []entry

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].at.Before(q[j].at) }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }

// Push is for container/heap.
func (q *queue) Push(v any) { *q = append(*q, v.(entry)) } //nolint:forcetypeassert // the heap holds nothing else

// Pop is for container/heap.
func (q *queue) Pop() any {
	last := len(*q) - 1
	v := (*q)[last]
	(*q)[last] = entry{}
	*q = (*q)[:last]
	return v
}

package engine

import "sync"

// keymaker makes keys that take milliseconds each, one after the other, beside the lane: with some protocols they cost as
// much as a password, and at a start every device needs one.
type keymaker struct {
	begin func(work func()) // starts a goroutine

	mu      sync.Mutex
	orders  queue[order]
	made    []int32 // peers whose keys are ready
	working bool
}

type order struct {
	peer int32
	work func()
}

func newKeymaker() *keymaker { return &keymaker{begin: func(work func()) { go work() }} }

func (k *keymaker) order(peer int32, work func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.orders.push(order{peer, work})
	if !k.working {
		k.working = true
		k.begin(k.work)
	}
}

// work makes keys until nobody wants any more.
func (k *keymaker) work() {
	for o, ok := k.next(); ok; o, ok = k.next() {
		o.work()
		k.mu.Lock()
		k.made = append(k.made, o.peer)
		k.mu.Unlock()
	}
}

func (k *keymaker) next() (o order, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.orders.len() == 0 {
		k.working = false
		return o, false
	}
	return k.orders.pop(), true
}

// take appends the peers whose keys are ready to dst.
func (k *keymaker) take(dst []int32) []int32 {
	k.mu.Lock()
	defer k.mu.Unlock()
	dst = append(dst, k.made...)
	k.made = k.made[:0]
	return dst
}

// forget drops the orders that are left.
func (k *keymaker) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.orders = queue[order]{}
}

// park takes a peer out of the traffic while its keys are made. Its request waits meanwhile, and so does its round.
func (l *lane) park(p *peer, work func()) {
	f := &l.flights.places[p.flight]
	i, request := f.peer, f.request
	l.land(p, true)
	p.next, p.parked = request, true
	l.parked++
	l.metrics.parked.Inc()
	l.keys.order(i, work)
}

// unpark brings back those whose keys are ready.
func (l *lane) unpark() {
	if l.parked == 0 {
		return
	}
	l.keyed = l.keys.take(l.keyed[:0])
	for _, i := range l.keyed {
		p := &l.peers[i]
		p.parked, p.queued = false, true
		l.parked--
		l.metrics.parked.Dec()
		l.ready.push(i)
	}
}

package kpi

import (
	"slices"
	"sort"
)

// says is what can be told of a second: a kind of observation, or the value of a counter.
type says interface{ Obs | uint64 }

// run is count seconds that say the same, at start, start+step, …; step is 0 while count is 1.
type run[V says] struct {
	start       uint32 // second of the day
	step, count uint16
	interval    uint16
	says        V
}

// runs is the set of what was told in the seconds of a day. A second holds one: the greater, then the one with
// the greater interval, wins. The set is kept as arithmetic progressions, cut greedily from the left, so it is
// written in one way only, in whatever order it came.
type runs[V says] []run[V]

const daySeconds = 86400

func (r run[V]) last() uint32 { return r.start + uint32(r.step)*uint32(r.count-1) }

// at is the i-th second as a run of one.
func (r run[V]) at(i uint16) run[V] {
	return run[V]{start: r.start + uint32(r.step)*uint32(i), count: 1, interval: r.interval, says: r.says}
}

// head is the first n seconds, tail all but the first n; n may be 0 or count.
func (r run[V]) head(n uint16) run[V] { return r.cut(r.start, n) }

func (r run[V]) tail(n uint16) run[V] { return r.cut(r.start+uint32(r.step)*uint32(n), r.count-n) }

func (r run[V]) cut(start uint32, count uint16) run[V] {
	r.start, r.count = start, count
	if count < 2 {
		r.step = 0
	}
	return r
}

// index is how many seconds of the run come before t, and whether one is t.
func (r run[V]) index(t uint32) (n uint16, hit bool) {
	switch {
	case t <= r.start:
		return 0, t == r.start
	case t > r.last():
		return r.count, false
	}
	d := t - r.start
	step := uint32(r.step)
	return uint16((d + step - 1) / step), d%step == 0
}

func (r run[V]) beats(o run[V]) bool {
	if r.says != o.says {
		return r.says > o.says
	}
	return r.interval > o.interval
}

// add takes one second, and reports whether the set changed. In order it is O(1).
func (rs *runs[V]) add(one run[V]) bool {
	n := len(*rs)
	if n == 0 || one.start > (*rs)[n-1].last() {
		*rs = push(*rs, one)
		return true
	}
	return rs.insert(one)
}

// insert puts one second among or before older ones and cuts the runs anew from there on.
func (rs *runs[V]) insert(one run[V]) bool {
	all := *rs
	k := max(sort.Search(len(all), func(i int) bool { return all[i].start > one.start })-1, 0)
	n, hit := all[k].index(one.start)
	if hit && !one.beats(all[k].at(n)) {
		return false
	}
	old := slices.Clone(all[k:])
	*rs = join(all[:k], old, runs[V]{one})
	return true
}

// merge adds all that more holds and reports whether anything was new.
func (rs *runs[V]) merge(more runs[V]) bool {
	if len(more) == 0 {
		return false
	}
	if n := len(*rs); n == 0 || more[0].start > (*rs)[n-1].last() {
		for _, r := range more {
			*rs = push(*rs, r)
		}
		return true
	}
	old := *rs
	*rs = join(nil, old, more)
	return !slices.Equal(old, *rs)
}

// between cuts the seconds of [from, to) anew.
func (rs runs[V]) between(from, to int64) runs[V] {
	if from <= 0 && to >= daySeconds {
		return rs
	}
	var out runs[V]
	for _, r := range rs {
		if int64(r.last()) < from || int64(r.start) >= to {
			continue
		}
		lo, _ := r.index(uint32(max(from, 0)))
		hi, _ := r.index(uint32(min(to, daySeconds)))
		out = push(out, r.head(hi).tail(lo))
	}
	return out
}

// join appends the union of a and b, each cut greedily, to rs, which ends before both.
func join[V says](rs, a, b runs[V]) runs[V] {
	var x, y run[V]
	for {
		if x.count == 0 && len(a) > 0 {
			x, a = a[0], a[1:]
		}
		if y.count == 0 && len(b) > 0 {
			y, b = b[0], b[1:]
		}
		switch {
		case x.count == 0 && y.count == 0:
			return rs
		case y.count == 0 || x.count > 0 && x.start < y.start:
			rs, x = moveBefore(rs, x, y)
		case x.count == 0 || y.start < x.start:
			rs, y = moveBefore(rs, y, x)
		case x == y:
			rs, x, y = push(rs, x), run[V]{}, run[V]{}
		default:
			best := x
			if y.beats(x) {
				best = y
			}
			rs, x, y = push(rs, best.head(1)), x.tail(1), y.tail(1)
		}
	}
}

// moveBefore pushes what x has before y begins, and returns the rest of x.
func moveBefore[V says](rs runs[V], x, y run[V]) (runs[V], run[V]) {
	n := x.count
	if y.count > 0 {
		n, _ = x.index(y.start)
	}
	return push(rs, x.head(n)), x.tail(n)
}

// push appends a run that is later than all of rs, keeping the greedy cut.
func push[V says](rs runs[V], r run[V]) runs[V] {
	for r.count > 0 {
		n := len(rs)
		if n == 0 || !rs[n-1].accepts(r) {
			return append(rs, r)
		}
		taken := rs[n-1].take(r)
		r = r.tail(taken)
	}
	return rs
}

// accepts says whether the first second of next continues r.
func (r run[V]) accepts(next run[V]) bool {
	gap := next.start - r.last()
	if r.says != next.says || r.interval != next.interval || r.count == maxUint16 || gap > maxUint16 {
		return false
	}
	return r.count == 1 || gap == uint32(r.step)
}

const maxUint16 = 1<<16 - 1

// take continues r with as much of next as has the same step, and returns how much.
func (r *run[V]) take(next run[V]) uint16 {
	r.step = uint16(next.start - r.last())
	n := uint16(1)
	if next.step == r.step {
		n = min(next.count, maxUint16-r.count)
	}
	r.count += n
	return n
}

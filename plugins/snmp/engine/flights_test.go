package engine

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The window against a model: a map from request-id to peer, and a time for each.
func TestFlightsKeepTheirWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const patience = 10 * time.Second
		size := rapid.IntRange(1, 8).Draw(t, "window")
		f := newFlights(size, patience)
		now := time.Unix(1_800_000_000, 0)
		type want struct {
			peer     int32
			deadline time.Time
			quick    time.Time
			repeated bool // or never to be
		}
		open := map[uint32]want{}
		ended := map[uint32]bool{}
		ids := func() (l []uint32) {
			for id := range open {
				l = append(l, id)
			}
			return l
		}
		t.Repeat(map[string]func(*rapid.T){
			"start": func(t *rapid.T) {
				if f.full() != (len(open) == size) {
					t.Fatalf("full is %v with %d of %d", f.full(), len(open), size)
				}
				if f.full() {
					return
				}
				who := rapid.Int32Range(0, 1000).Draw(t, "peer")
				p := peer{silent: rapid.Bool().Draw(t, "silent")}
				p.patience.halvings = int8(rapid.IntRange(0, shortest).Draw(t, "halvings"))
				id := f.places[f.start(who, &p, now)].id
				if id>>30 != 1 || open[id] != (want{}) {
					t.Fatalf("request-id %#x", id)
				}
				open[id] = want{who, now.Add(patience), now.Add(patience >> p.patience.halvings), p.silent}
			},
			"end": func(t *rapid.T) {
				if len(open) == 0 {
					return
				}
				id := rapid.SampledFrom(ids()).Draw(t, "id")
				place, reason := f.find(id)
				if place == nobody || f.places[place].peer != open[id].peer {
					t.Fatalf("request-id %#x is not found: %s", id, reason)
				}
				f.end(place, true)
				delete(open, id)
				clear(ended)
				ended[id] = true
			},
			"time passes": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(0, 12).Draw(t, "seconds")) * time.Second)
				for place, early, ok := f.overdue(now); ok; place, early, ok = f.overdue(now) {
					id := f.places[place].id
					w, known := open[id]
					if !known || w.deadline.After(now) != early || early && (w.repeated || w.quick.After(now)) {
						t.Fatalf("%#x is overdue at %v, early %v: %+v", id, now, early, w)
					}
					if !early {
						w.deadline = now.Add(patience)
					}
					w.repeated = true
					f.again(place, nil, now)
					open[id] = w
				}
			},
			"": func(t *rapid.T) {
				at, ok := f.nextEnd()
				for id, w := range open {
					if !ok || at.After(w.deadline) || !w.repeated && at.After(w.quick) {
						t.Fatalf("the deadline of %#x is not watched", id)
					}
				}
				awaited := 0
				for _, p := range f.places {
					if p.awaited && p.peer != nobody {
						awaited++
					}
				}
				if awaited != f.awaited {
					t.Fatalf("%d answers are awaited, counted are %d", awaited, f.awaited)
				}
				for id := range ended {
					if place, reason := f.find(id); place != nobody || reason != duplicate && reason != unknown {
						t.Fatalf("%#x is found after its end (%s)", id, reason)
					}
				}
			},
		})
	})
}

func TestQueueIsInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q queue[int]
		var model []int
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				for range rapid.IntRange(1, 100).Draw(t, "n") {
					q.push(len(model))
					model = append(model, len(model))
				}
			},
			"pop": func(t *rapid.T) {
				for range min(rapid.IntRange(0, 100).Draw(t, "n"), q.len()) {
					want := model[len(model)-q.len()]
					if *q.first() != want || q.pop() != want {
						t.Fatal("out of order")
					}
				}
			},
		})
	})
}

package alarm

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/store"
)

// keeper is an engine that does not run: a test holds its rounds.
func keeper(t *testing.T, s *store.Store) *Engine {
	t.Helper()
	e, err := New(config(), Deps{Store: s, Changes: partition.NewChanges(), Now: func() time.Time { return time.Unix(began+1000, 0) },
		Log: zerolog.Nop(), Registerer: prometheus.NewRegistry()})
	if err == nil {
		e.net = family()
		err = e.load(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func openStore(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Path: path, Partitions: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// see lets the gateway fail or come back, and holds a round.
func (e *Engine) see(t *testing.T, polls string) {
	e.net.learn(status("g", polled(began, polls)), never)
	r := round{book: e.book, net: e.net, now: e.now()}
	e.findings = r.run()
	e.finish(t.Context())
}

func stored(t *testing.T, s *store.Store) (alarms []store.Alarm, events []store.AlarmEvent) {
	t.Helper()
	err := s.View(t.Context(), func(v *store.View) (err error) {
		if events, err = v.AlarmEvents(0, 0, 100); err != nil {
			return err
		}
		alarms, err = v.Alarms(store.AlarmQuery{To: 1 << 62})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return alarms, events
}

// While the store does not answer, alarms are shown all the same; when it does, all of it is stored.
func TestTheStoreIsAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := openStore(t, path)
	e := keeper(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	e.see(t, "++--")
	if open := e.List(Filter{}); len(open) != 1 {
		t.Fatalf("shown: %v", open)
	}
	e.see(t, "++--+")
	if open := e.List(Filter{}); len(open) != 0 {
		t.Fatalf("still shown: %v", open)
	}
	s = openStore(t, path)
	defer s.Close()
	e.Store = s
	e.see(t, "++--++")
	alarms, events := stored(t, s)
	if len(alarms) != 1 || alarms[0].ClearedAt == 0 || len(events) != 2 || events[1].Kind != string(Ended) {
		t.Errorf("stored: %+v %+v", alarms, events)
	}
	if again := keeper(t, s); again.book.lastID != 1 || again.book.seq != 2 || len(again.book.open) != 0 {
		t.Errorf("read back: %+v", again.book)
	}
}

// Who does not listen fast enough is cut off, and disturbs nobody.
func TestASlowListener(t *testing.T) {
	s := openStore(t, filepath.Join(t.TempDir(), "store.db"))
	defer s.Close()
	e := keeper(t, s)
	slow, quick := &listener{make(chan Event, 1)}, &listener{make(chan Event, backlog)}
	e.stream.listeners = map[*listener]bool{slow: true, quick: true}
	e.see(t, "++--")
	e.see(t, "++--+")
	if e.stream.listeners[slow] || !e.stream.listeners[quick] || len(quick.ch) != 2 {
		t.Errorf("%d listen, %d events wait", len(e.stream.listeners), len(quick.ch))
	}
	<-slow.ch
	if _, open := <-slow.ch; open {
		t.Error("the slow one is still told")
	}
}

// What was cleared long ago is forgotten, at most once an hour.
func TestPrune(t *testing.T) {
	s := openStore(t, filepath.Join(t.TempDir(), "store.db"))
	defer s.Close()
	e := keeper(t, s)
	e.see(t, "++--")
	e.see(t, "++--+")
	e.see(t, "++--+--")
	later := e.now().AddDate(0, 0, e.KeepDays+1)
	e.pruned = later
	e.prune(t.Context(), later.Add(time.Minute))
	if alarms, _ := stored(t, s); len(alarms) != 1 {
		t.Errorf("pruned within the hour: %v", alarms)
	}
	e.prune(t.Context(), later.Add(time.Hour))
	alarms, events := stored(t, s)
	if len(alarms) != 0 || len(events) != 1 || len(e.book.open) != 1 {
		t.Errorf("left: %v %v", alarms, events)
	}
}

package log

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/internal/point"
)

// model is what one partition of the log must hold.
type model struct {
	first    uint64
	messages []Message // sequences 1, 2, …
}

// Whatever is published, purged and restarted in whatever order, the log holds what a slice would.
func TestLogIsASlice(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		s := &session{t: t, rt: rt, cfg: embedded(dir), model: model{first: 1}}
		s.reopen()
		defer func() { closeLog(t, s.log) }()
		rt.Repeat(map[string]func(*rapid.T){
			"publish": s.publish, "again": s.again, "purge": s.purge, "restart": s.restart, "": s.check,
		})
	})
}

type session struct {
	t     *testing.T
	rt    *rapid.T
	cfg   Config
	log   *Log
	model model
}

func (s *session) reopen() {
	l, err := Open(s.t.Context(), s.cfg, zerolog.Nop(), nil)
	if err != nil {
		s.rt.Fatal(err)
	}
	s.log = l
	if n := count(s.t, l.metrics.lost); n != 0 {
		s.rt.Fatalf("%v messages lost", n)
	}
}

func (s *session) publish(rt *rapid.T) {
	m := Message{
		ID:        fmt.Sprintf("s/%d", len(s.model.messages)),
		Principal: rapid.StringMatching(`[a-zà-ỹ0-9:; ]{0,8}[a-z]`).Draw(rt, "principal"),
		Received:  rapid.Int64().Draw(rt, "received"),
		Relayed:   rapid.Bool().Draw(rt, "relayed"),
		Batch: point.Batch{
			Frames: rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(rt, "frames"),
			Points: rapid.IntMin(0).Draw(rt, "points"), Raw: rapid.IntMin(0).Draw(rt, "raw"),
		},
	}
	if err := headerSafe("principal", m.Principal); err != nil {
		return
	}
	if err := s.log.Publish(s.t.Context(), 0, m); err != nil {
		rt.Fatal(err)
	}
	s.model.messages = append(s.model.messages, m)
}

// again publishes an ID that is still in the log.
func (s *session) again(rt *rapid.T) {
	last := len(s.model.messages)
	if uint64(last) < s.model.first {
		return
	}
	i := rapid.IntRange(int(s.model.first), last).Draw(rt, "sequence")
	if err := s.log.Publish(s.t.Context(), 0, s.model.messages[i-1]); err != nil {
		rt.Fatal(err)
	}
}

func (s *session) purge(rt *rapid.T) {
	last := uint64(len(s.model.messages))
	below := rapid.Uint64Range(0, last+3).Draw(rt, "below")
	if err := s.log.Purge(s.t.Context(), 0, below); err != nil {
		rt.Fatal(err)
	}
	s.model.first = max(s.model.first, min(below, last+1))
}

func (s *session) restart(rt *rapid.T) {
	if rapid.IntRange(0, 5).Draw(rt, "dice") != 0 {
		return // it is slow
	}
	closeLog(s.t, s.log)
	s.reopen()
}

func (s *session) check(rt *rapid.T) {
	last := uint64(len(s.model.messages))
	state, err := s.log.State(s.t.Context(), 0)
	if err != nil || state.First != s.model.first || state.Last != last {
		rt.Fatalf("state %+v %v, want %d to %d", state, err, s.model.first, last)
	}
	if s.model.first > last {
		return
	}
	from := rapid.Uint64Range(s.model.first, last).Draw(rt, "from")
	var got []Message
	err = s.log.Read(s.t.Context(), 0, from, func(seq uint64, m Message) error {
		got = append(got, m)
		if seq == last {
			return errStop
		}
		return nil
	})
	if diff := cmp.Diff(s.model.messages[from-1:], got); diff != "" || !errors.Is(err, errStop) {
		rt.Fatal(diff, err)
	}
}

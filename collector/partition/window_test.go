package partition

import (
	"bytes"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
)

// A shipper keeps its sequences in flight within a span of 64. Whatever order and however often they
// arrive under that rule, each is admitted exactly once.
func TestWindowAdmitsEachSequenceOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w window
		admitted := map[uint64]int{}
		low, next := uint64(1), uint64(1)
		for range rapid.IntRange(1, 400).Draw(t, "steps") {
			if next-low < 64 && rapid.Bool().Draw(t, "send") {
				next++
			}
			if next == 1 {
				continue
			}
			seq := rapid.Uint64Range(max(low, 1), next-1+b2u(next == low)).Draw(t, "arrive")
			if seq >= next {
				continue
			}
			if w.admit(seq) {
				admitted[seq]++
			}
			for admitted[low] > 0 {
				low++
			}
			if low > 1 && w.admit(rapid.Uint64Range(1, low-1).Draw(t, "redeliver")) {
				t.Fatalf("a redelivered sequence below %d was admitted again", low)
			}
		}
		for seq, n := range admitted {
			if n != 1 {
				t.Fatalf("sequence %d admitted %d times", seq, n)
			}
		}
		for seq := low; seq < next; seq++ {
			if w.admit(seq) == (admitted[seq] > 0) {
				t.Fatalf("sequence %d: admitted before %d times, window disagrees", seq, admitted[seq])
			}
		}
	})
}

// admit is what a partition does with a batch.
func (w *window) admit(seq uint64) bool {
	fresh := !w.has(seq)
	w.mark(seq)
	return fresh
}

func b2u(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// However many streams there are, the latest ones are remembered.
func TestWindowsForgetTheOldest(t *testing.T) {
	w := windows{}
	for i := range uint64(3 * maxStreams) {
		s := stream{Spool: strconv.FormatUint(i, 16)}
		w.mark(s, 1, i)
		if len(w) > maxStreams || !w.has(s, 1) {
			t.Fatalf("%d streams; the last is known: %t", len(w), w.has(s, 1))
		}
		if early := (stream{Spool: strconv.FormatUint(i-min(i, maxStreams/2-1), 16)}); !w.has(early, 1) {
			t.Fatalf("%d: stream %s is forgotten", i, early.Spool)
		}
	}
}

func TestProgressSurvivesEncoding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := progress{windows: windows{}, staleFrom: model.Day(rapid.Int32().Draw(t, "stale"))}
		for range rapid.IntRange(0, 20).Draw(t, "streams") {
			s := stream{rapid.StringN(0, 32, 40).Draw(t, "spool"), rapid.IntRange(-1, 9).Draw(t, "origin")}
			p.windows.mark(s, rapid.Uint64().Draw(t, "seq"), rapid.Uint64().Draw(t, "log sequence"))
		}
		got, err := decodeProgress(p.encode())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.encode(), p.encode()) {
			t.Fatal("progress differs after a round trip")
		}
	})
}

func FuzzDecodeProgress(f *testing.F) {
	f.Add([]byte{})
	f.Add(progress{windows{stream{"0123456789abcdef0123456789abcdef", -1}: {high: 70, seen: 5, used: 9}}, never}.encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := decodeProgress(data)
		if err != nil {
			return
		}
		if again, err := decodeProgress(p.encode()); err != nil || len(again.windows) != len(p.windows) {
			t.Fatalf("what was decoded does not decode again: %v", err)
		}
	})
}

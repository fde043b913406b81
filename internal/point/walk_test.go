package point

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// accepted is the text as ingest hands it on: as it is if nothing is wrong with it, else good lines only,
// each with its time.
func accepted(text []byte) (log []byte, lines []scanned) {
	clean := true
	for s := NewScanner(text, Options{Default: 77}); s.Next(); {
		if s.Err() != nil {
			clean = false
			continue
		}
		l := s.Line()
		clean = clean && l.HasTime
		log = append(append(log, l.Text...), ' ')
		log = append(strconv.AppendInt(log, l.Time, 10), '\n')
		lines = append(lines, view(l))
	}
	if clean {
		return text, lines
	}
	return log, lines
}

// FuzzWalker: a second pass sees what the first one saw.
func FuzzWalker(f *testing.F) {
	f.Add([]byte("m,a=b x=1i,y=\"q\\\"\n,\\\\\",z\\ z=0.5,x2=t -3\r\n # c\nm  x=1  \nm\\ m x=\"a b=1 2\"\n"))
	f.Add([]byte(" m  x=1i,y=\"\n\"  5  \r\n\r\n # c x=1 5\n#\nm x=1 -5\r"))
	f.Fuzz(func(t *testing.T, text []byte) {
		log, lines := accepted(text)
		w := NewWalker(log)
		for _, want := range lines {
			if !w.Next() {
				t.Fatalf("%q: no line like %+v", log, want)
			}
			if string(w.Key()) != want.Key || w.Time() != want.Time {
				t.Errorf("%q: walked to %q %d, want %q %d", log, w.Key(), w.Time(), want.Key, want.Time)
			}
			checkPicked(t, w, want)
		}
		if w.Next() {
			t.Errorf("%q: one line more: %q", log, w.Key())
		}
	})
}

func checkPicked(t *testing.T, w Walker, want scanned) {
	line := append(append(append([]byte("m "), w.Fields()...), " 1"...), '\n')
	s := NewScanner(line, Options{})
	if !s.Next() || s.Err() != nil {
		t.Fatalf("fields %q: %v", w.Fields(), s.Err())
	}
	var names []string
	for _, f := range s.Line().Fields {
		names = append(names, string(f.Key))
	}
	p := NewPicker(names...)
	for range 2 { // the second time by the layout
		var got []string
		for i, v := range p.Pick(w.Fields()) {
			got = append(got, fmt.Sprintf("%s %d %x %q", names[i], v.Kind, v.Bits, v.Text))
		}
		if d := cmp.Diff(want.Fields, got); d != "" {
			t.Errorf("fields %q: %s", w.Fields(), d)
		}
	}
}

func TestPickerFindsFieldsThatMove(t *testing.T) {
	p := NewPicker("in", "out")
	for _, c := range []struct {
		text    string
		in, out uint64
	}{{"in=1u,x=5u,out=2u", 1, 2}, {"out=4u,in=3u", 3, 4}, {"x=\"in=7u,out=8u\",in=5u", 5, 0}, {"y=1", 0, 0}} {
		v := p.Pick([]byte(c.text))
		if v[0].Bits != c.in || v[1].Bits != c.out {
			t.Errorf("%s: picked %d and %d", c.text, v[0].Bits, v[1].Bits)
		}
	}
}

func BenchmarkWalker(b *testing.B) {
	keys := benchKeys()
	text := benchText(keys)
	known := make(map[string]uint64, len(keys))
	for i, k := range keys {
		known[string(k)] = uint64(i + 1)
	}
	pick := NewPicker("in_octets", "out_octets", "in_errors", "in_discards", "oper_status")
	sum := rand.Uint64()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	m := measure(b, len(keys))
	for b.Loop() {
		for w := NewWalker(text); w.Next(); {
			sum += known[string(w.Key())] + pick.Pick(w.Fields())[0].Bits
		}
	}
	m.report()
	_ = sum
}

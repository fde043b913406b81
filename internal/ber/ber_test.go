package ber_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/internal/ber"
)

// element is an encoding of a length of the given form: 0 is the shortest, others are so many octets long.
func element(tag byte, contents []byte, octets int) []byte {
	n := len(contents)
	if octets == 0 && n < 0x80 {
		return append([]byte{tag, byte(n)}, contents...)
	}
	octets = max(octets, 2)
	out := []byte{tag, 0x80 | byte(octets)}
	for i := octets - 1; i >= 0; i-- {
		out = append(out, byte(n>>(8*i)))
	}
	return append(out, contents...)
}

func TestElementsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		contents := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "contents")
		text := element(4, contents, rapid.IntRange(0, 4).Draw(t, "octets"))
		behind := rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "behind")
		r := ber.Reader{Rest: append(bytes.Clone(text), behind...)}
		if got := r.Want(4); !bytes.Equal(got, contents) || !r.Good() || !bytes.Equal(r.Rest, behind) || r.End() != (len(behind) == 0) {
			t.Fatalf("% x became % x, rest % x", text, got, r.Rest)
		}
		r = ber.Reader{Rest: text[:rapid.IntRange(0, len(text)-1).Draw(t, "cut")]}
		if tag, got := r.Any(); tag != 0 || got != nil || r.Good() || r.End() {
			t.Fatalf("a part of % x is read as %d % x", text, tag, got)
		}
	})
}

func TestABadReaderStaysBad(t *testing.T) {
	r := ber.Reader{Rest: []byte{2, 1, 7, 4, 0}}
	if r.Want(4) != nil || r.Good() || r.End() || r.Want(4) != nil {
		t.Error("an element of another tag is taken")
	}
	for _, text := range [][]byte{{2, 0x80}, {2, 0x85, 0, 0, 0, 0, 0}, {2, 0x84, 0xff, 0xff, 0xff, 0xff, 1}, {2}} {
		r := ber.Reader{Rest: text}
		if r.Any(); r.Good() {
			t.Errorf("% x is read", text)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte{0x30, 3, 2, 1, 5})
	f.Fuzz(func(t *testing.T, text []byte) {
		for r := (ber.Reader{Rest: text}); r.Good() && len(r.Rest) > 0; {
			before := len(r.Rest)
			if _, contents := r.Any(); len(contents) > before || r.Good() && len(r.Rest) >= before {
				t.Fatal("an element is longer than what it is in")
			}
		}
	})
}

package frame_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/plugins/syslog/frame"
)

const most = 64

// all reads what there is, a cut message with how much is missing.
func all(in io.Reader) (out []string, err error) {
	r := frame.NewReader(in, most)
	for {
		m, cut, err := r.Next()
		switch {
		case errors.Is(err, io.EOF) && !strings.Contains(err.Error(), "in a message"):
			return out, nil
		case err != nil:
			return out, err
		case cut > 0:
			out = append(out, fmt.Sprintf("%s (%d)", m, cut))
		default:
			out = append(out, string(m))
		}
	}
}

func TestFramings(t *testing.T) {
	long := strings.Repeat("x", most+9)
	for text, want := range map[string][]string{
		"":                             nil,
		"<13>a\n<13>b\r\n\n<13>c":      {"<13>a", "<13>b\r", "<13>c"},
		"<13>a\x00<13>b\x00":           {"<13>a", "<13>b"},
		"5 <13>a7 <13>a\nb6 <13>bc":    {"<13>a", "<13>a\nb", "<13>bc"},
		"5 <13>a\n<13>b\n5 <13>c":      {"<13>a", "<13>b", "<13>c"},
		"<" + long + "\n<13>b\n":       {"<" + long[:most-1] + " (10)", "<13>b"},
		"74 <" + long + "5 <13>b":      {"<" + long[:most-1] + " (10)", "<13>b"},
		"<" + long:                     {"<" + long[:most-1] + " (10)"},
		"<" + long[:most-1] + "\n<1>b": {"<" + long[:most-1], "<1>b"},
	} {
		for _, in := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text)), iotest.DataErrReader(strings.NewReader(text))} {
			got, err := all(in)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%q: %v, %s", text, err, diff)
			}
		}
	}
	for text, want := range map[string]string{"2026 Nov 21 10:00:00 n9k x\n5 <13>a": "2026 Nov 21 10:00:00 n9k x|<13>a", "1234567890123 <13>a\n": "1234567890123 <13>a", "9": "9"} {
		if got, err := all(strings.NewReader(text)); err != nil || strings.Join(got, "|") != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"5 <13>a1234567890123 <13>a", "5 <13>a12<13>a", "4 <13>a9x"} {
		if got, err := all(strings.NewReader(text)); !errors.Is(err, frame.ErrCount) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"9 <13>a", "99 <" + long} {
		if got, err := all(strings.NewReader(text)); err == nil && len(got) > 0 || errors.Is(err, frame.ErrCount) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

// Messages of any text come out of octet counting as they went in, however the stream is cut.
func TestCountedMessagesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOf(rapid.Map(rapid.StringN(0, 20, most-1), func(s string) string { return "<" + s })).Draw(t, "messages")
		var text bytes.Buffer
		for _, m := range want {
			fmt.Fprintf(&text, "%d %s", len(m), m)
		}
		in := io.Reader(&text)
		if rapid.Bool().Draw(t, "slow") {
			in = iotest.HalfReader(in)
		}
		got, err := all(in)
		if err != nil || strings.Join(got, "|") != strings.Join(want, "|") {
			t.Fatalf("%q, %v, want %q", got, err, want)
		}
	})
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("5 <13>a\n<13>b\n"))
	f.Add([]byte("99999999 <13>a"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r := frame.NewReader(bytes.NewReader(text), most)
		for range len(text) + 1 {
			m, cut, err := r.Next()
			if err != nil {
				return
			}
			if len(m) > most || cut < 0 {
				t.Fatalf("%d octets, %d cut", len(m), cut)
			}
		}
		t.Fatal("more messages than octets")
	})
}

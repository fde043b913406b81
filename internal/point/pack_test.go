package point

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"
)

func newPacker(t interface{ Fatal(...any) }) *Packer {
	p, err := NewPacker()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// frameSizes is what each frame says it holds.
func frameSizes(t interface{ Fatal(...any) }, frames []byte) (sizes []uint64) {
	for len(frames) > 0 {
		var h zstd.Header
		if err := h.Decode(frames); err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, h.FrameContentSize)
		next := bytes.Index(frames[4:], frames[:4]) // these texts do not hold the magic number
		if next < 0 {
			break
		}
		frames = frames[next+4:]
	}
	return sizes
}

func TestPackerKeepsAllText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPacker(t)
		var all strings.Builder
		points := 0
		for range rapid.IntRange(0, 6).Draw(t, "adds") {
			line := "m s=\"" + strings.Repeat("x", rapid.IntRange(0, FrameBytes-20).Draw(t, "length")) + "\" 1\n"
			n := rapid.IntRange(1, 3).Draw(t, "lines")
			text := strings.Repeat(line, n)
			if err := p.Add([]byte(text), n); err != nil {
				t.Fatal(err)
			}
			all.WriteString(text)
			points += n
		}
		if p.Raw() != all.Len() {
			t.Fatalf("%d bytes waiting, want %d", p.Raw(), all.Len())
		}
		b := p.Take()
		if b.Points != points || b.Raw != all.Len() {
			t.Fatalf("%d points of %d bytes, want %d of %d", b.Points, b.Raw, points, all.Len())
		}
		text, err := Unpack([]byte("before"), b.Frames, all.Len()+1)
		if err != nil || string(text) != "before"+all.String() {
			t.Fatalf("%v: %d bytes, want %d", err, len(text), all.Len())
		}
		if again := p.Take(); again.Points != 0 || again.Raw != 0 || len(again.Frames) != 0 {
			t.Fatalf("taken twice: %+v", again)
		}
	})
}

func TestPackerSplitsAtLines(t *testing.T) {
	p := newPacker(t)
	line := "m s=\"" + strings.Repeat("x", FrameBytes/3) + "\" 1\n"
	if err := p.Add([]byte(strings.Repeat(line, 7)), 7); err != nil {
		t.Fatal(err)
	}
	sizes := frameSizes(t, p.Take().Frames)
	if len(sizes) != 4 {
		t.Errorf("frames of %d bytes, want four of at most two lines", sizes)
	}
	for _, size := range sizes {
		if size%uint64(len(line)) != 0 || size > FrameBytes {
			t.Errorf("a frame of %d bytes, lines of %d", size, len(line))
		}
	}
}

func TestPackerRefusesLongLines(t *testing.T) {
	p := newPacker(t)
	if err := p.Add([]byte("m v=1 1\n"+strings.Repeat("x", FrameBytes)+"\n"), 2); err == nil || p.Raw() != 0 {
		t.Errorf("%v, %d bytes waiting", err, p.Raw())
	}
}

func TestUnpackIsBounded(t *testing.T) {
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	frame := func(n int) []byte { return enc.EncodeAll(make([]byte, n), nil) }
	var stream bytes.Buffer // a stream does not announce its size
	w, err := zstd.NewWriter(&stream)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	// One frame that announces a window of 1 GiB: descriptor without sizes, window byte, empty last block.
	window := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 20 << 3, 0x01, 0x00, 0x00}
	for name, c := range map[string]struct {
		frames []byte
		want   error
	}{
		"fits":            {frame(1 << 20), nil},
		"one bomb":        {frame(1<<20 + 1), ErrTooLarge},
		"many small ones": {bytes.Repeat(frame(1000), 2000), ErrTooLarge},
		"stream":          {stream.Bytes(), ErrTooLarge},
		"window":          {window, ErrTooLarge},
	} {
		text, err := Unpack(nil, c.frames, 1<<20)
		if !errors.Is(err, c.want) || err != nil && text != nil {
			t.Errorf("%s: %v, %d bytes", name, err, len(text))
		}
	}
	for _, broken := range [][]byte{{1}, frame(1000)[:8], append(frame(10), 1, 2, 3)} {
		if _, err := Unpack(nil, broken, 1<<20); err == nil || errors.Is(err, ErrTooLarge) {
			t.Errorf("% x: %v", broken, err)
		}
	}
}

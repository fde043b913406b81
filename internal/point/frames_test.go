package point

import (
	"bytes"
	"testing"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"
)

// anyFrame is a frame of some text as different encoders write it, or one to be skipped.
func anyFrame(t *rapid.T) (frame, text []byte) {
	text = bytes.Repeat(rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "text"), rapid.IntRange(0, 9000).Draw(t, "times"))
	var out bytes.Buffer
	if rapid.IntRange(0, 5).Draw(t, "kind") == 0 {
		text = text[:min(len(text), 300)]
		out.Write([]byte{0x50, 0x2a, 0x4d, 0x18, byte(len(text)), byte(len(text) >> 8), 0, 0})
		out.Write(text)
		return out.Bytes(), nil
	}
	w, err := zstd.NewWriter(&out, zstd.WithEncoderCRC(rapid.Bool().Draw(t, "crc")), zstd.WithZeroFrames(true),
		zstd.WithSingleSegment(rapid.Bool().Draw(t, "single")))
	if err != nil {
		t.Fatal(err)
	}
	if rapid.Bool().Draw(t, "announced") {
		return w.EncodeAll(text, nil), text
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), text
}

// Whatever wrote the frames and whatever room there is behind dst, the text comes behind what dst held.
func TestUnpackAppendsEveryFrame(t *testing.T) {
	u, err := NewUnpacker(8 << 20)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.SliceOfN(rapid.Byte(), 0, 30).Draw(t, "prefix")
		dst := append(make([]byte, 0, len(prefix)+rapid.IntRange(0, 100_000).Draw(t, "room")), prefix...)
		want := bytes.Clone(prefix)
		var frames []byte
		for range rapid.IntRange(0, 6).Draw(t, "frames") {
			frame, text := anyFrame(t)
			if f := frameOf(append(bytes.Clone(frame), 1, 2, 3)); f.size != len(frame) {
				t.Fatalf("frame of %d bytes seems to have %d", len(frame), f.size)
			}
			frames, want = append(frames, frame...), append(want, text...)
		}
		got, err := u.Unpack(dst, frames)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%v, %d bytes, want %d", err, len(got), len(want))
		}
	})
}

// FuzzUnpack holds frame by frame against the decoder's own way through all of them.
func FuzzUnpack(f *testing.F) {
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		f.Fatal(err)
	}
	one := enc.EncodeAll(bytes.Repeat([]byte("m f=1 1\n"), 500), nil)
	f.Add(one)
	f.Add(append(bytes.Clone(one), one...))
	f.Add([]byte{0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2})
	const limit = 1 << 20
	u, err := NewUnpacker(limit)
	if err != nil {
		f.Fatal(err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxWindow), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, frames []byte) {
		want, wrong := dec.DecodeAll(frames, nil)
		got, err := u.Unpack(nil, frames)
		if (err == nil) != (wrong == nil && len(want) <= limit) || err == nil && !bytes.Equal(got, want) {
			t.Fatalf("%v, %d bytes; the decoder: %v, %d bytes", err, len(got), wrong, len(want))
		}
	})
}

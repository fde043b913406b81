package spool

import (
	"errors"
	"fmt"
	"io"
	"os"
	"testing"
)

// FuzzScanner reads any bytes as a segment: nothing but whole, ascending records comes out.
func FuzzScanner(f *testing.F) {
	var seg []byte
	for seq := uint64(5); seq < 9; seq++ {
		b := batch(fmt.Sprint("batch ", seq))
		seg = append(encodeHeader(seg, header{sequence: seq, points: 1, raw: 9, length: len(b.Frames)}, b.Frames), b.Frames...)
	}
	f.Add(seg, uint16(0), byte(0))
	f.Add(seg, uint16(60), byte(4))
	f.Add([]byte("P*M\x18"), uint16(3), byte(1))
	f.Fuzz(func(t *testing.T, data []byte, at uint16, flip byte) {
		if len(data) > 0 {
			data[int(at)%len(data)] ^= flip
		}
		m := newMemory()
		m.names["x"] = &inode{data: data}
		file, err := m.Open("x", os.O_RDONLY)
		if err != nil {
			t.Fatal(err)
		}
		sc, last, end := scanner{file: file, end: int64(len(data))}, uint64(0), int64(0)
		for {
			r, err := sc.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if r.sequence <= last || r.at != end+r.skipped || sc.off > sc.end {
				t.Fatalf("record %+v after sequence %d, offset %d", r, last, end)
			}
			last, end = r.sequence, sc.off
			body, ok, err := sc.read(r)
			if err != nil || len(body) != r.length {
				t.Fatalf("%d bytes, %v, %v", len(body), ok, err)
			}
		}
		v := visit{scanner: scanner{file: file, end: int64(len(data))}}
		if err := v.all(); err != nil {
			t.Fatal(err)
		}
	})
}

package bench

import (
	"bytes"
	"fmt"

	"github.com/haidang-noc/haidang/internal/bench/load"
	"github.com/haidang-noc/haidang/internal/point"
)

const maxText = 64 << 20

// unpacked calls fn with the text of every body.
func unpacked(bodies []load.Request, fn func(text []byte, lines int) error) error {
	u, err := point.NewUnpacker(maxText)
	if err != nil {
		return err
	}
	var text []byte
	for _, b := range bodies {
		if text, err = u.Unpack(text[:0], b.Text); err != nil {
			return err
		}
		if err := fn(text, b.Lines); err != nil {
			return err
		}
	}
	return nil
}

// floorNewlines is what nobody can do without: the text, and where its lines end.
func floorNewlines(bodies []load.Request) error {
	return unpacked(bodies, func(text []byte, lines int) error {
		found := 0
		for len(text) > 0 {
			text = text[bytes.IndexByte(text, '\n')+1:]
			found++
		}
		return expect(found, lines)
	})
}

// floorScanner checks every line and reads every field, and does nothing with them.
func floorScanner(bodies []load.Request) error {
	var s point.Scanner
	return unpacked(bodies, func(text []byte, lines int) error {
		found := 0
		for s.Reset(text, point.Options{}); s.Next(); found++ {
			if err := s.Err(); err != nil {
				return err
			}
		}
		return expect(found, lines)
	})
}

func expect(found, lines int) error {
	if found != lines {
		return fmt.Errorf("floor: %d lines, want %d", found, lines)
	}
	return nil
}

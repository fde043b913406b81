package kpi

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// errCorrupt is what every decoder's error wraps.
var errCorrupt = errors.New("corrupt encoding")

// reader takes varints off data. The first failure sticks; every later read gives 0, so decoders
// check once, and size nothing by a number that count has not checked.
type reader struct {
	data  []byte
	err   error
	names names
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("kpi: decode: %s: %w", what, errCorrupt)
	}
	r.data = nil
}

// uint reads an integer, which nearly always takes one byte.
func (r *reader) uint() uint64 {
	if len(r.data) > 0 && r.data[0] < 0x80 {
		v := r.data[0]
		r.data = r.data[1:]
		return uint64(v)
	}
	return r.long()
}

func (r *reader) long() uint64 {
	v, n := binary.Uvarint(r.data)
	if n <= 0 {
		r.fail("short or overlong integer")
		return 0
	}
	r.data = r.data[n:]
	return v
}

func (r *reader) int() int64 {
	u := r.uint()
	return int64(u>>1) ^ -int64(u&1)
}

// below reads an integer that must be less than limit.
func (r *reader) below(limit uint64, what string) uint64 {
	v := r.uint()
	if v >= limit {
		r.fail(what + " out of range")
		return 0
	}
	return v
}

// count reads how many items follow, each of which takes at least one byte.
func (r *reader) count(what string) int {
	return int(r.below(uint64(len(r.data))+1, what))
}

func (r *reader) bytes(n int) []byte {
	if n > len(r.data) {
		r.fail("short text")
		return nil
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b
}

func appendUint(dst []byte, v uint64) []byte { return binary.AppendUvarint(dst, v) }
func appendInt(dst []byte, v int64) []byte   { return binary.AppendVarint(dst, v) }

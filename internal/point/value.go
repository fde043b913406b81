package point

import "math"

// Kind is the type of a field's value.
type Kind uint8

// The kinds of values; the zero Kind is the absence of one.
const (
	None Kind = iota
	Float
	Int
	Uint
	Bool
	String
)

// Value is the value of a field. Text is set for strings only, and is as short-lived as the line.
type Value struct {
	Kind Kind
	Bits uint64 // the float's bits, the integer in two's complement, or 1 for true
	Text []byte // a string, unescaped
}

// Field is one key and its value.
type Field struct {
	Key []byte // unescaped
	Value
}

// Float is the value of any number; false for the other kinds.
func (v Value) Float() (float64, bool) {
	switch v.Kind {
	case Float:
		return math.Float64frombits(v.Bits), true
	case Int:
		return float64(int64(v.Bits)), true
	case Uint:
		return float64(v.Bits), true
	}
	return 0, false
}

// Uint is the value of a number that is whole and not negative, however it was written: foreign
// clients send counters as integers or floats.
func (v Value) Uint() (uint64, bool) {
	switch v.Kind {
	case Uint:
		return v.Bits, true
	case Int:
		return v.Bits, int64(v.Bits) >= 0
	case Float:
		f := math.Float64frombits(v.Bits)
		return uint64(f), f >= 0 && f < 1<<64 && f == math.Trunc(f)
	}
	return 0, false
}

// Int is the value of a whole number in the range of int64, however it was written.
func (v Value) Int() (int64, bool) {
	switch v.Kind {
	case Int:
		return int64(v.Bits), true
	case Uint:
		return int64(v.Bits), v.Bits <= math.MaxInt64
	case Float:
		f := math.Float64frombits(v.Bits)
		return int64(f), f >= -1<<63 && f < 1<<63 && f == math.Trunc(f)
	}
	return 0, false
}

// Bool is the value of a flag.
func (v Value) Bool() (value, ok bool) { return v.Bits == 1, v.Kind == Bool }

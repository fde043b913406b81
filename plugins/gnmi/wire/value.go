package wire

import (
	"fmt"
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// Type is what a value is.
type Type uint8

// The types of values.
const (
	None   Type = iota
	Text        // a string, or ASCII
	Int         // signed
	Uint        // unsigned
	Float       // float, double, or decimal64
	Bool        //
	Bytes       // octets without a meaning of their own
	JSON        // JSON or JSON_IETF
	List        // an encoded ScalarArray
	Opaque      // what only the vendor's schema can read: Any, proto_bytes
)

// Value is a value as a target sent it.
type Value struct {
	Kind Type
	Bits uint64 // of a number: the integer, the float's bits, 1 for true
	Text []byte // of the others
}

// Float is the number of a Float.
func (v *Value) Float() float64 { return math.Float64frombits(v.Bits) }

func floating(f float64) Value { return Value{Kind: Float, Bits: math.Float64bits(f)} }

// Widen is the shortest decimal that a float of 32 bits stands for: 36.66, where plain conversion makes 36.65999984741211.
func Widen(f float32) float64 {
	var room [32]byte
	wide, err := strconv.ParseFloat(string(strconv.AppendFloat(room[:0], float64(f), 'g', -1, 32)), 64)
	if err != nil {
		return float64(f)
	}
	return wide
}

// parse reads a TypedValue. Of several values in it the last counts, as protobuf has it.
func (v *Value) parse(b []byte) error {
	*v = Value{}
	for len(b) > 0 {
		f, n := next(b)
		if n < 0 {
			return errShort
		}
		b = b[n:]
		if err := v.set(&f); err != nil {
			return err
		}
	}
	return nil
}

func (v *Value) set(f *field) error {
	switch {
	case f.is(1, protowire.BytesType), f.is(12, protowire.BytesType):
		*v = Value{Kind: Text, Text: f.bytes}
	case f.is(2, protowire.VarintType):
		*v = Value{Kind: Int, Bits: f.number}
	case f.is(3, protowire.VarintType):
		*v = Value{Kind: Uint, Bits: f.number}
	case f.is(4, protowire.VarintType):
		*v = Value{Kind: Bool}
		if f.number != 0 {
			v.Bits = 1
		}
	case f.is(5, protowire.BytesType):
		*v = Value{Kind: Bytes, Text: f.bytes}
	case f.is(6, protowire.Fixed32Type):
		*v = floating(Widen(math.Float32frombits(uint32(f.number))))
	case f.is(7, protowire.BytesType):
		d, err := decimal64(f.bytes)
		if err != nil {
			return err
		}
		*v = floating(d)
	case f.is(8, protowire.BytesType):
		*v = Value{Kind: List, Text: f.bytes}
	case f.is(9, protowire.BytesType), f.is(13, protowire.BytesType):
		*v = Value{Kind: Opaque, Text: f.bytes}
	case f.is(10, protowire.BytesType), f.is(11, protowire.BytesType):
		*v = Value{Kind: JSON, Text: f.bytes}
	case f.is(14, protowire.Fixed64Type):
		*v = Value{Kind: Float, Bits: f.number}
	}
	return nil
}

// decimal64 reads digits and how many of them stand behind the point.
func decimal64(b []byte) (float64, error) {
	var digits, precision uint64
	for len(b) > 0 {
		f, n := next(b)
		if n < 0 {
			return 0, errShort
		}
		b = b[n:]
		switch {
		case f.is(1, protowire.VarintType):
			digits = f.number
		case f.is(2, protowire.VarintType):
			precision = f.number
		}
	}
	if precision > 18 {
		return 0, fmt.Errorf("decimal64 with %d digits behind the point: want at most 18", precision)
	}
	return float64(int64(digits)) / math.Pow10(int(precision)), nil
}

// Encodings of the deprecated Value.
const (
	oldJSON, oldBytes, oldProto, oldASCII, oldJSONIETF = 0, 1, 2, 3, 4
)

// parseOld reads the deprecated Value: octets and their encoding.
func (v *Value) parseOld(b []byte) error {
	*v = Value{Kind: JSON}
	var encoding uint64
	for len(b) > 0 {
		f, n := next(b)
		if n < 0 {
			return errShort
		}
		b = b[n:]
		switch {
		case f.is(1, protowire.BytesType):
			v.Text = f.bytes
		case f.is(2, protowire.VarintType):
			encoding = f.number
		}
	}
	switch encoding {
	case oldJSON, oldJSONIETF:
		v.Kind = JSON
	case oldBytes:
		v.Kind = Bytes
	case oldASCII:
		v.Kind = Text
	case oldProto:
		v.Kind = Opaque
	default:
		return fmt.Errorf("encoding %d: want 0 to 4", encoding)
	}
	return nil
}

// EachElement calls yield with the values of a List.
func (v *Value) EachElement(yield func(*Value) error) error {
	for b := v.Text; len(b) > 0; {
		f, n := next(b)
		if n < 0 {
			return fmt.Errorf("wire: list: %w", errShort)
		}
		b = b[n:]
		if !f.is(1, protowire.BytesType) {
			continue
		}
		var e Value
		if err := e.parse(f.bytes); err != nil {
			return fmt.Errorf("wire: list: %w", err)
		}
		if err := yield(&e); err != nil {
			return err
		}
	}
	return nil
}

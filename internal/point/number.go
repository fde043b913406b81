package point

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
)

// digits reads the decimal digits at t[i:] and says where they end. The value is exact for up to 19 of
// them. Eight are read at once and summed by three multiplications.
func digits(t []byte, i int) (v uint64, end int) {
	for len(t)-i >= 8 {
		x := binary.LittleEndian.Uint64(t[i:]) ^ 0x3030303030303030
		other := (x | (x + 0x7676767676767676)) & 0x8080808080808080 // the lowest bit marks the first that is no digit
		if other != 0 {
			n := bits.TrailingZeros64(other) / 8
			return v*pow10[n] + eightDigits(x<<(64-8*n)), i + n // zeros shifted in are leading zeros
		}
		v = v*1e8 + eightDigits(x)
		i += 8
	}
	for ; i < len(t) && t[i]-'0' <= 9; i++ {
		v = v*10 + uint64(t[i]-'0')
	}
	return v, i
}

// eightDigits is the number made of eight digit values, the first of them in the lowest byte.
func eightDigits(x uint64) uint64 {
	x = x*10 + x>>8
	const mask = 0x000000ff000000ff
	return ((x&mask)*(100+1000000<<32) + (x>>16&mask)*(1+10000<<32)) >> 32
}

// pow10 holds the powers of ten that fit a uint64.
var pow10 = [20]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

// number reads the number at t[i:] into v and says where it ends. A negative end means that this is
// not for us to judge.
func number(t []byte, start int, v *Value) int {
	i := start
	if t[i] == '-' {
		i++
	}
	n, end := digits(t, i)
	if end == len(t) {
		return anyNumber(t, start, v)
	}
	count, negative := end-i, i > start
	switch c := t[end]; {
	case c == '.':
		if end = fraction(t, end+1, n, count, v); end < 0 {
			return anyNumber(t, start, v)
		}
		if negative {
			v.Bits |= 1 << 63
		}
		return end
	case count == 0 || count > 18:
		return anyNumber(t, start, v)
	case c == 'i':
		v.Kind, v.Bits = Int, n
		if negative {
			v.Bits = -n
		}
		return end + 1
	case c == 'u' && !negative:
		v.Kind, v.Bits = Uint, n
		return end + 1
	case endsField(c) && n <= exactFloat:
		setFloat(v, float64(n), negative)
		return end
	}
	return anyNumber(t, start, v)
}

// exactFloat bounds the whole numbers that a float64 holds exactly.
const exactFloat = 1 << 53

// fraction reads the digits behind the decimal point of a number whose whole part, of so many digits,
// is known. A whole number up to exactFloat over an exact power of ten is one correctly rounded
// division; others get a negative end.
func fraction(t []byte, i int, whole uint64, count int, v *Value) int {
	part, end := digits(t, i)
	places := end - i
	if count += places; count == 0 || count > 19 || end < len(t) && !endsField(t[end]) {
		return -1
	}
	n := whole*pow10[places] + part
	if n > exactFloat {
		return -1
	}
	v.Kind, v.Bits = Float, math.Float64bits(float64(n)/float64(pow10[places]))
	return end
}

func setFloat(v *Value, f float64, negative bool) {
	if negative {
		f = -f
	}
	v.Kind, v.Bits = Float, math.Float64bits(f)
}

func endsField(c byte) bool { return c == ',' || c == ' ' || c == '\n' }

// anyNumber reads whatever form of number the standard library knows.
func anyNumber(t []byte, start int, v *Value) int {
	end := start
	for end < len(t) && !endsField(t[end]) && t[end] != '\r' {
		end++
	}
	if end == start || !parseNumber(t[start:end], v) {
		return -1
	}
	return end
}

func parseNumber(token []byte, v *Value) bool {
	var err error
	head := token[:len(token)-1]
	switch token[len(head)] {
	case 'i':
		var n int64
		n, err = strconv.ParseInt(string(head), 10, 64)
		v.Kind, v.Bits = Int, uint64(n)
	case 'u':
		v.Kind = Uint
		v.Bits, err = strconv.ParseUint(string(head), 10, 64)
	default:
		var f float64
		f, err = strconv.ParseFloat(string(token), 64)
		v.Kind, v.Bits = Float, math.Float64bits(f)
		return err == nil && f-f == 0
	}
	return err == nil
}

// flag reads a bool at t[i:], like number.
func flag(t []byte, i int, v *Value) int {
	end := i
	for end < len(t) && !endsField(t[end]) {
		end++
	}
	switch string(t[i:end]) {
	case "t", "T", "true", "True", "TRUE":
		v.Kind, v.Bits = Bool, 1
	case "f", "F", "false", "False", "FALSE":
		v.Kind, v.Bits = Bool, 0
	default:
		return -1
	}
	return end
}

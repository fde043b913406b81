package kpi

import (
	"math/big"
	"math/bits"

	"github.com/haidang-noc/haidang/collector/model"
)

// Int128 is a signed 128-bit integer in two's complement: wide enough for the seconds of a nation
// weighted by any weight a file can hold.
type Int128 struct {
	Hi int64
	Lo uint64
}

// Int is n as an Int128.
func Int(n int64) Int128 { return Int128{n >> 63, uint64(n)} }

// Add is a + b.
func (a Int128) Add(b Int128) Int128 {
	lo, carry := bits.Add64(a.Lo, b.Lo, 0)
	return Int128{a.Hi + b.Hi + int64(carry), lo}
}

// IsZero says whether a is 0.
func (a Int128) IsZero() bool { return a == Int128{} }

// mul is a × b for a, b >= 0.
func mul(a, b int64) Int128 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	return Int128{int64(hi), lo}
}

// Big is a as a big.Int, for the few divisions and comparisons at the end.
func (a Int128) Big() *big.Int {
	b := new(big.Int).Lsh(big.NewInt(a.Hi), 64)
	return b.Add(b, new(big.Int).SetUint64(a.Lo))
}

// Number is an exact quotient; it is divided only when it is printed. A zero Den means "no value".
type Number struct{ Num, Den Int128 }

// Quo is num/den.
func Quo(num, den int64) Number { return Number{Int(num), Int(den)} }

// Valid says whether there is a value.
func (n Number) Valid() bool { return !n.Den.IsZero() }

// Format prints n with the given number of decimals, rounded half up (away from zero), or "" if
// there is no value.
func (n Number) Format(decimals int) string { return n.scaled(1, decimals) }

// Percent prints n×100 like Format.
func (n Number) Percent(decimals int) string { return n.scaled(100, decimals) }

func (n Number) scaled(factor int64, decimals int) string {
	if !n.Valid() {
		return ""
	}
	return n.rat(factor).FloatString(decimals)
}

func (n Number) rat(factor int64) *big.Rat {
	r := new(big.Rat).SetFrac(n.Num.Big(), n.Den.Big())
	return r.Mul(r, new(big.Rat).SetInt64(factor))
}

// Float is n for display and metrics; 0 if there is no value.
func (n Number) Float() float64 {
	if !n.Valid() {
		return 0
	}
	f, _ := n.rat(1).Float64()
	return f
}

// Cmp compares n with the target exactly: -1 below, 0 equal, 1 above. n must be Valid.
func (n Number) Cmp(target model.Ratio) int {
	left := new(big.Int).Mul(n.Num.Big(), big.NewInt(target.Den))
	right := new(big.Int).Mul(big.NewInt(target.Num), n.Den.Big())
	return left.Cmp(right) * n.Den.Big().Sign() * sign(target.Den)
}

func sign(n int64) int {
	if n < 0 {
		return -1
	}
	return 1
}

// fromBig is num/den. A numerator beyond 128 bits, which no sum of seconds reaches, has no value.
func fromBig(num *big.Int, den int64) Number {
	if num.BitLen() > 127 {
		return Number{}
	}
	lo := new(big.Int).And(num, new(big.Int).SetUint64(1<<64-1))
	hi := new(big.Int).Rsh(num, 64)
	return Number{Int128{hi.Int64(), lo.Uint64()}, Int(den)}
}

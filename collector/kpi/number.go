package kpi

import (
	"cmp"
	"math/big"
	"math/bits"

	"github.com/haidang-noc/haidang/collector/kpi/exact"
	"github.com/haidang-noc/haidang/collector/model"
)

// Int128 is what sums that 64 bits may not hold are kept in.
type Int128 = exact.Int128

// Int is n as an Int128.
func Int(n int64) Int128 { return exact.Int(n) }

// mul is a × b for a, b >= 0.
func mul(a, b int64) Int128 { return exact.Mul(a, b) }

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
	if n.small() && target.Num >= 0 && target.Den > 0 {
		hi1, lo1 := bits.Mul64(n.Num.Lo, uint64(target.Den))
		hi2, lo2 := bits.Mul64(n.Den.Lo, uint64(target.Num))
		return cmp.Or(cmp.Compare(hi1, hi2), cmp.Compare(lo1, lo2))
	}
	left := new(big.Int).Mul(n.Num.Big(), big.NewInt(target.Den))
	right := new(big.Int).Mul(big.NewInt(target.Num), n.Den.Big())
	return left.Cmp(right) * n.Den.Big().Sign() * sign(target.Den)
}

// small says that neither part is negative or beyond 64 bits, as nearly all are.
func (n Number) small() bool { return n.Num.Hi == 0 && n.Den.Hi == 0 }

func sign(n int64) int {
	if n < 0 {
		return -1
	}
	return 1
}

// quotient is num/den, in lowest terms. What 128 bits cannot hold, which no sum of seconds reaches, has no value.
func quotient(num, den *big.Int) Number {
	if den.Sign() == 0 {
		return Number{}
	}
	r := new(big.Rat).SetFrac(num, den)
	if r.Num().BitLen() > 127 || r.Denom().BitLen() > 127 {
		return Number{}
	}
	return Number{int128(r.Num()), int128(r.Denom())}
}

func int128(n *big.Int) Int128 {
	lo := new(big.Int).And(n, new(big.Int).SetUint64(1<<64-1))
	return Int128{Hi: new(big.Int).Rsh(n, 64).Int64(), Lo: lo.Uint64()}
}

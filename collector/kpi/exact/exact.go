// Package exact holds the integers that sums are kept in: wide enough that no sum of a nation's year
// overflows, and added without any dependence on order.
package exact

import (
	"math/big"
	"math/bits"
)

// Int128 is a signed 128-bit integer in two's complement: wide enough for the seconds of a nation
// weighted by any weight a file can hold.
type Int128 struct {
	Hi int64
	Lo uint64
}

// Int is n as an Int128.
func Int(n int64) Int128 { return Int128{n >> 63, uint64(n)} }

// Mul is a × b for a, b >= 0.
func Mul(a, b int64) Int128 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	return Int128{int64(hi), lo}
}

// Add is a + b.
func (a Int128) Add(b Int128) Int128 {
	lo, carry := bits.Add64(a.Lo, b.Lo, 0)
	return Int128{a.Hi + b.Hi + int64(carry), lo}
}

// IsZero says whether a is 0.
func (a Int128) IsZero() bool { return a == Int128{} }

// Big is a as a big.Int, for the few divisions and comparisons at the end.
func (a Int128) Big() *big.Int {
	b := new(big.Int).Lsh(big.NewInt(a.Hi), 64)
	return b.Add(b, new(big.Int).SetUint64(a.Lo))
}

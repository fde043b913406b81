package score

import "math/big"

// Voice is what the E-model (ITU-T G.107, narrowband) needs to know of a voice path.
type Voice struct {
	DelayMs *big.Rat // one way, mouth to ear
	Ie      *big.Rat // equipment impairment of the codec
	Bpl     *big.Rat // its robustness against loss
	LossPct *big.Rat // packet loss, per cent
	BurstR  *big.Rat // 1: random loss
}

// Impairments are the two that delay and loss cause: Id and Ie,eff. Id is the planning approximation.
func (v Voice) Impairments() (delay, loss *big.Rat) {
	delay = mul(big.NewRat(24, 1000), v.DelayMs)
	if over := sub(v.DelayMs, big.NewRat(1773, 10)); over.Sign() > 0 {
		delay = add(delay, mul(big.NewRat(11, 100), over))
	}
	den := add(new(big.Rat).Quo(v.LossPct, v.BurstR), v.Bpl)
	if den.Sign() <= 0 {
		return delay, v.Ie
	}
	loss = mul(sub(big.NewRat(95, 1), v.Ie), v.LossPct)
	return delay, add(v.Ie, loss.Quo(loss, den))
}

// R is the transmission rating: 93.2 less both impairments.
func (v Voice) R() *big.Rat {
	delay, loss := v.Impairments()
	return sub(sub(big.NewRat(932, 10), delay), loss)
}

// MOS maps a rating to the mean opinion score, 1 to 4.5; it is not stretched to 5.
func MOS(r *big.Rat) *big.Rat {
	hundred := big.NewRat(100, 1)
	switch {
	case r.Sign() <= 0:
		return big.NewRat(1, 1)
	case r.Cmp(hundred) >= 0:
		return big.NewRat(45, 10)
	}
	curve := mul(mul(r, sub(r, big.NewRat(60, 1))), sub(hundred, r))
	return add(add(big.NewRat(1, 1), mul(big.NewRat(35, 1000), r)), mul(big.NewRat(7, 1_000_000), curve))
}

func add(a, b *big.Rat) *big.Rat { return new(big.Rat).Add(a, b) }
func sub(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }
func mul(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }

// Package emodel rates voice by what a network does to it: ITU-T G.107 (narrowband), with the planning approximation of the
// delay term. It is arithmetic, and the collector's own model in floating point.
package emodel

// Voice is what the model needs to know of a voice path.
type Voice struct {
	DelayMs float64 // one way, mouth to ear
	Loss    float64 // of packets, 0 to 1
	BurstR  float64 // how much longer than random losses hang together; 1: random
	Ie      float64 // equipment impairment of the codec
	Bpl     float64 // its robustness against loss
}

const (
	basic   = 93.2 // with nothing that impairs
	worst   = 95   // of equipment and loss
	perMs   = 0.024
	farFrom = 177.3 // ms
	farMs   = 0.11
)

// Impairments are those by delay and by loss: Id and Ie,eff.
func (v Voice) Impairments() (delay, loss float64) {
	delay = perMs * v.DelayMs
	if v.DelayMs > farFrom {
		delay += farMs * (v.DelayMs - farFrom)
	}
	percent := 100 * v.Loss
	room := percent/v.BurstR + v.Bpl
	if room <= 0 {
		return delay, v.Ie
	}
	return delay, v.Ie + (worst-v.Ie)*percent/room
}

// R is the transmission rating.
func (v Voice) R() float64 {
	delay, loss := v.Impairments()
	return basic - delay - loss
}

// MOS maps a rating to the mean opinion score, 1 to 4.5. It is not stretched to 5.
func MOS(r float64) float64 {
	switch {
	case r <= 0:
		return 1
	case r >= 100:
		return 4.5
	}
	return 1 + 0.035*r + 7e-6*r*(r-60)*(100-r)
}

// Codec is a codec's impairment and robustness, and the delay of packing speech: one packet and the look-ahead.
type Codec struct{ Ie, Bpl, DelayMs float64 }

// Codecs are those of ITU-T G.113 appendix I, by name, with 20 ms of speech in a packet.
func Codecs() map[string]Codec {
	return map[string]Codec{
		"g711":     {Ie: 0, Bpl: 4.3, DelayMs: 20},
		"g711-plc": {Ie: 0, Bpl: 25.1, DelayMs: 20},
		"g729a":    {Ie: 11, Bpl: 19, DelayMs: 25},
		"g723":     {Ie: 15, Bpl: 16.1, DelayMs: 37.5},
		"gsm-efr":  {Ie: 5, Bpl: 10, DelayMs: 20},
	}
}

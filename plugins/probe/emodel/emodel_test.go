package emodel_test

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/plugins/probe/emodel"
)

// The worked example: 120 ms, 1 % loss, Ie 5, Bpl 10.
func TestWorkedExample(t *testing.T) {
	v := emodel.Voice{DelayMs: 120, Loss: 0.01, BurstR: 1, Ie: 5, Bpl: 10}
	delay, loss := v.Impairments()
	for _, pair := range [][2]float64{{delay, 2.88}, {loss, 5 + 90.0/11}, {v.R(), 77.14}, {emodel.MOS(v.R()), 3.911}} {
		if math.Abs(pair[0]-pair[1]) > 0.005 {
			t.Errorf("%v, want %v", pair[0], pair[1])
		}
	}
	for r, mos := range map[float64]float64{50: 2.575, 60: 3.1, 70: 3.597, 80: 4.024, 90: 4.339, 93.2: 4.409, -3: 1, 0: 1, 100: 4.5, 120: 4.5} {
		if got := emodel.MOS(r); math.Abs(got-mos) > 0.0005 {
			t.Errorf("MOS at %v = %v, want %v", r, got, mos)
		}
	}
}

// This model and the collector's, which is exact, are the same.
func TestTheCollectorsModelAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, low, up float64) float64 { return rapid.Float64Range(low, up).Draw(t, name) }
		v := emodel.Voice{DelayMs: draw("delay", 0, 2000), Loss: draw("loss", 0, 1), BurstR: draw("burst", 1, 20), Ie: draw("ie", 0, 40), Bpl: draw("bpl", 1, 40)}
		exact := func(f float64) *big.Rat { return new(big.Rat).SetFloat64(f) }
		w := score.Voice{DelayMs: exact(v.DelayMs), Ie: exact(v.Ie), Bpl: exact(v.Bpl), LossPct: exact(100 * v.Loss), BurstR: exact(v.BurstR)}
		for what, pair := range map[string]struct {
			got  float64
			want *big.Rat
		}{"R": {v.R(), w.R()}, "MOS": {emodel.MOS(v.R()), score.MOS(w.R())}} {
			if want, _ := pair.want.Float64(); math.Abs(pair.got-want) > 1e-6 {
				t.Fatalf("%s = %v, the collector's is %v", what, pair.got, want)
			}
		}
	})
}

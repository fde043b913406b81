package ran

import (
	"math/big"

	"github.com/haidang-noc/haidang/collector/kpi/score"
)

// Pool is a KPI of LTE and NR cells together: the sums of both, divided once. Its status is the worse one.
func (r *Result) Pool(province, name string) (*big.Rat, score.Status) {
	num, den, status := new(big.Int), new(big.Int), score.NoData
	for _, kind := range [...]string{LTE, NR} {
		k := r.Find(province, kind, name)
		if k == nil || k.Value == nil || k.Den == nil {
			continue
		}
		good := k.Num
		if k.Lo != nil && good.Cmp(k.Den) > 0 { // a rate of success
			good = k.Den
		}
		num.Add(num, good)
		den.Add(den, k.Den)
		if status == score.NoData || k.Status != score.OK {
			status = k.Status
		}
	}
	if den.Sign() == 0 {
		return nil, score.NoData
	}
	return new(big.Rat).SetFrac(num, den), status
}

// PoolProduct multiplies pooled stages; its status is that of the worst one.
func (r *Result) PoolProduct(province string, names ...string) (*big.Rat, score.Status) {
	out, status := big.NewRat(1, 1), score.OK
	for _, name := range names {
		v, s := r.Pool(province, name)
		if out = mul(out, v); s != score.OK && status != score.NoData {
			status = s
		}
	}
	return out, status
}

// CongestedCells is the share of congested cells, LTE and NR together.
func (r *Result) CongestedCells(province string) (*big.Rat, score.Status) {
	congested, evaluated := 0, 0
	for i := range r.Congestion {
		if c := &r.Congestion[i]; c.Province == province {
			congested += c.Congested
			evaluated += c.Evaluated
		}
	}
	if evaluated == 0 {
		return nil, score.NoData
	}
	return big.NewRat(int64(congested), int64(evaluated)), score.OK
}

// Handover is the mobility of LTE cells, or of NR cells where there are none.
func (r *Result) Handover(province string) (*big.Rat, score.Status) {
	for _, kind := range [...]string{LTE, NR} {
		if k := r.Find(province, kind, Mobility); k != nil && k.Value != nil {
			return k.Value, k.Status
		}
	}
	return nil, score.NoData
}

package ran

import (
	"bytes"
	"strconv"
	"strings"
)

// dimension is what a suffix tells sub-counters apart by. A counter's value is that of the first one that
// it has, in this order; two dimensions of one counter are never added.
type dimension int

const (
	total   dimension = iota // .sum
	whole                    // no suffix
	byClass                  // QCI or 5QI
	bySlice                  // S-NSSAI
	byPLMN
	byCause
	dimensions
)

// tally is what one counter's sub-counters say.
type tally struct {
	has                                     uint8 // by dimension
	sum                                     [dimensions]int64
	most                                    [dimensions]int64 // the greatest
	voice, data, excluded, manual, energies int64
	weighted                                int64 // a distribution's bins times their numbers
	hasVoice, hasManual, hasEnergy          bool
}

// dimensionOf tells the label dimension by the suffix. Two labels at once (QCI and cause) are no plain
// sub-counter.
func dimensionOf(suffix []byte) (d dimension, plain bool) {
	suffix = class(suffix)
	digits := len(bytes.Trim(suffix, "0123456789")) == 0
	hex := len(bytes.Trim(suffix, "0123456789abcdefABCDEF")) == 0
	switch n := len(suffix); {
	case n == 0:
		return whole, true
	case string(suffix) == "sum":
		return total, true
	case digits && n <= 3:
		return byClass, true
	case hex && n == 8:
		return bySlice, true
	case hex && n == 6:
		return byPLMN, true
	}
	return byCause, bytes.IndexByte(suffix, '.') < 0
}

// class is the suffix without what some write before a QCI or 5QI: QCI1 is 1.
func class[T []byte | string](suffix T) T {
	for _, before := range [...]string{"QCI", "5QI"} {
		if len(suffix) > len(before) && string(suffix[:len(before)]) == before {
			return suffix[len(before):]
		}
	}
	return suffix
}

func (t *tally) add(d dimension, suffix string, v int64) {
	t.has |= 1 << d
	t.sum[d] += v
	t.most[d] = max(t.most[d], v)
	switch {
	case d == byClass && strings.TrimLeft(class(suffix), "0") == "1":
		t.voice, t.hasVoice = t.voice+v, true
	case d == byClass:
		t.data += v
	case d != byCause:
	case suffix == "ManualIntervention":
		t.manual, t.hasManual = v, true
	case suffix == "EnergySaving":
		t.energies, t.hasEnergy = v, true
	case strings.HasPrefix(suffix, "Bin"):
		if n, err := strconv.ParseUint(suffix[len("Bin"):], 10, 4); err == nil {
			t.weighted += int64(n) * v
		}
	}
}

// mean is the value of a counter that is a mean.
func (t *tally) mean(of members) (int64, bool) {
	switch {
	case of == class1:
		return t.voice, t.hasVoice
	case of == worst && t.has&(1<<total|1<<whole) == 0:
		for d := byClass; d < dimensions; d++ {
			if t.has&(1<<d) != 0 {
				return t.most[d], true
			}
		}
	}
	return t.value()
}

// value is the counter's total.
func (t *tally) value() (int64, bool) {
	for d := total; d < dimensions; d++ {
		if t.has&(1<<d) != 0 {
			return t.sum[d], true
		}
	}
	return 0, false
}

// attempts is the value without the excluded causes, where causes tell them apart.
func (t *tally) attempts() (int64, bool) {
	if t.has&(1<<byCause) != 0 {
		return t.sum[byCause] - t.excluded, true
	}
	return t.value()
}

// withoutVoice is the value without QCI 1, where classes tell it apart.
func (t *tally) withoutVoice() (int64, bool) {
	if t.has&(1<<byClass) != 0 {
		return t.data, true
	}
	return t.value()
}

package ran

import (
	"bytes"
	"math"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi/report"
)

// Reader makes reports of counters. It is reused, by one goroutine.
type Reader struct {
	lte, nr map[string]source

	LTEExcluded []string // causes that LTE's RRC and S1 setup leave out, where causes tell them apart; may change between reports

	kind    string
	period  int64
	tallies [counters]tally
	invalid bool // a value breaks a rule: the report is suspect
}

// NewReader makes a Reader.
func NewReader() *Reader { return &Reader{lte: lteSources(), nr: nrSources()} }

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
	voice, data, excluded, manual, energies int64
	hasVoice, hasManual, hasEnergy          bool
}

// Begin starts a report of an LTE or NR object over a period in seconds.
func (r *Reader) Begin(kind string, period int64) {
	r.kind, r.period, r.invalid = kind, period, false
	clear(r.tallies[:])
}

// Counter takes one counter under its standard name. Names that no KPI needs are passed over. A value that
// is negative or too large for its period makes the whole report suspect.
func (r *Reader) Counter(name []byte, value float64) {
	base, suffix := cut(name)
	table := r.lte
	if r.kind == NR {
		table = r.nr
	}
	src, known := table[string(base)]
	if !known {
		return
	}
	d, plain := dimensionOf(suffix)
	if !plain {
		return
	}
	scaled := math.Round(value * src.scale)
	if !(scaled >= 0 && scaled <= float64(r.limit(src.counter))) {
		r.invalid = true
		return
	}
	t := &r.tallies[src.counter]
	t.add(d, string(suffix), int64(scaled))
	if d == byCause && r.excludes(suffix) {
		t.excluded += int64(scaled)
	}
}

// excludes says whether attempts of the cause are not of the kind that a setup KPI is about.
func (r *Reader) excludes(cause []byte) bool {
	if r.kind == NR {
		return strings.EqualFold(string(cause), "mo-Signalling")
	}
	return slices.ContainsFunc(r.LTEExcluded, func(one string) bool { return strings.EqualFold(string(cause), one) })
}

// IsCause says whether a suffix of a counter names a cause.
func IsCause(suffix string) bool {
	d, plain := dimensionOf([]byte(suffix))
	clean := !strings.ContainsFunc(suffix, func(c rune) bool {
		return c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
	})
	return plain && clean && d == byCause
}

// limit is the greatest value that a counter may have: far above what a cell can do, so that no sum of
// a day overflows.
func (r *Reader) limit(c counter) int64 {
	switch c {
	case cPrbDl, cPrbUl:
		return 100 * percent
	}
	return r.period << 26
}

// cut splits Family.Name.suffix behind the name.
func cut(name []byte) (base, suffix []byte) {
	first := bytes.IndexByte(name, '.')
	if first < 0 {
		return name, nil
	}
	second := bytes.IndexByte(name[first+1:], '.')
	if second < 0 {
		return name, nil
	}
	second += first + 1
	return name[:second], name[second+1:]
}

// dimensionOf tells the label dimension by the suffix. Two labels at once (QCI and cause) are no plain
// sub-counter.
func dimensionOf(suffix []byte) (d dimension, plain bool) {
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

func (t *tally) add(d dimension, suffix string, v int64) {
	t.has |= 1 << d
	t.sum[d] += v
	switch {
	case d == byClass && strings.TrimLeft(suffix, "0") == "1":
		t.voice, t.hasVoice = t.voice+v, true
	case d == byClass:
		t.data += v
	case d != byCause:
	case suffix == "ManualIntervention":
		t.manual, t.hasManual = v, true
	case suffix == "EnergySaving":
		t.energies, t.hasEnergy = v, true
	}
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

// Report is what the counters since Begin say; false if none of them is needed by a KPI.
func (r *Reader) Report(out *report.Report) bool {
	out.Has = 0
	put := func(item int, v int64, ok bool) {
		if ok {
			out.Put(item, v)
		}
	}
	for c, item := range plainItems() {
		if item < 0 {
			continue
		}
		v, ok := r.tallies[c].value()
		put(item, v, ok)
	}
	if r.kind == NR || len(r.LTEExcluded) > 0 {
		for c, item := range map[counter]int{cRRCAtt: rrcAtt, cRRCSucc: rrcSucc, cSigAtt: signallingAtt, cSigSucc: signallingSucc} {
			v, ok := r.tallies[c].attempts()
			put(item, v, ok)
		}
	}
	r.voice(put)
	r.data(put)
	r.handovers(put)
	r.unavailability(put)
	out.Suspect = out.Suspect || r.invalid
	return out.Has != 0 || r.invalid
}

// plainItems are the counters whose total is an item as it is; -1: none.
func plainItems() [counters]int {
	out := [counters]int{
		cRRCAtt: rrcAtt, cRRCSucc: rrcSucc, cSigAtt: signallingAtt, cSigSucc: signallingSucc, cBearerAtt: bearerAtt, cBearerSucc: bearerSucc,
		cAddedAtt: addedAtt, cAddedSucc: addedSucc, cSessionAtt: sessionAtt, cSessionSucc: sessionSucc, cPrepAtt: prepAtt, cPrepSucc: prepSucc,
		cExeAtt: exeAtt, cExeSucc: exeSucc, cReleased: released, cSessionTime: sessionTime, cDRBReleased: drbReleased,
		cDRBSessionTime: drbSessionTime, cVolume: volume, cTime: volumeTime, cThroughput: ueThroughput,
		cPrbDl: prbDl, cPrbUl: prbUl, cPrbUsed: prbUsed, cPrbAvail: prbAvail,
	}
	for _, c := range [...]counter{cIntraAtt, cIntraSucc, cInterAtt, cInterSucc, cUnavailable} {
		out[c] = -1
	}
	return out
}

// voice are the bearers of QCI 1 and 5QI 1.
func (r *Reader) voice(put func(int, int64, bool)) {
	lost := &r.tallies[cReleased]
	if r.kind == NR {
		lost = &r.tallies[cDRBReleased]
	}
	put(voiceAtt, r.tallies[cBearerAtt].voice, r.tallies[cBearerAtt].hasVoice)
	put(voiceSucc, r.tallies[cBearerSucc].voice, r.tallies[cBearerSucc].hasVoice)
	put(voiceReleased, lost.voice, lost.hasVoice)
}

func (r *Reader) data(put func(int, int64, bool)) {
	if r.kind != LTE {
		return
	}
	v, ok := r.tallies[cVolume].withoutVoice()
	put(dataVolume, v, ok)
	v, ok = r.tallies[cTime].withoutVoice()
	put(dataTime, v, ok)
}

// handovers adds those inside and between base stations, each only with its attempts.
func (r *Reader) handovers(put func(int, int64, bool)) {
	att, succ, any := int64(0), int64(0), false
	for _, pair := range [...][2]counter{{cIntraAtt, cIntraSucc}, {cInterAtt, cInterSucc}} {
		a, tried := r.tallies[pair[0]].value()
		s, done := r.tallies[pair[1]].value()
		if tried && done {
			att, succ, any = att+a, succ+s, true
		}
	}
	if r.kind == NR {
		put(exeAtt, att, any)
		put(exeSucc, succ, any)
		return
	}
	put(enbAtt, att, any)
	put(enbSucc, succ, any)
}

// unavailability leaves out a time that is longer than its period: that time is unknown.
func (r *Reader) unavailability(put func(int, int64, bool)) {
	t := &r.tallies[cUnavailable]
	v, ok := t.value()
	if !ok || v > r.period {
		return
	}
	energy := min(t.energies, v)
	put(unavailable, v, true)
	put(unavailableEnergy, energy, t.hasEnergy)
	put(unavailableManual, min(t.manual, v-energy), t.hasManual)
}

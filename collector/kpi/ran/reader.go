package ran

import (
	"bytes"
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi/report"
)

// Reader makes reports of counters. It is reused, by one goroutine.
type Reader struct {
	kinds  map[string]*vocabulary
	means  [meanCount]mean
	totals [firstMeanCounter]int // the item that a counter's total is; -1: none

	LTEExcluded []string // causes that LTE's RRC and S1 setup leave out, where causes tell them apart; may change between reports

	kind    string
	words   *vocabulary // the kind's
	period  int64
	tallies [counters]tally
	used    []counter // those that are not empty
	invalid bool      // a value breaks a rule: the report is suspect
}

// vocabulary is what a kind of objects reports.
type vocabulary struct {
	sources map[string]source  // by standard name
	means   [meanCount]counter // what each mean is made of; -1: none of the kind's
}

// NewReader makes a Reader.
func NewReader() *Reader {
	r := &Reader{kinds: map[string]*vocabulary{}, means: means(), totals: totals()}
	for kind, sources := range map[string]map[string]source{LTE: lteSources(), NR: nrSources(), Site: {}} {
		maps.Copy(sources, siteSources())
		r.kinds[kind] = &vocabulary{sources: sources}
		r.kinds[kind].learn(kind, &r.means)
	}
	return r
}

// learn adds the counters of the kind's means; several means may be made of one counter.
func (w *vocabulary) learn(kind string, all *[meanCount]mean) {
	for i := range all {
		m := &all[i]
		if w.means[i] = -1; kind == Site || m.kind != "" && m.kind != kind {
			continue
		}
		for _, name := range m.counters {
			if _, known := w.sources[name]; !known {
				w.sources[name] = source{firstMeanCounter + counter(i), m.kept}
			}
			w.means[i] = w.sources[name].counter
		}
	}
}

// Begin starts a report of an object of one of the kinds over a period in seconds.
func (r *Reader) Begin(kind string, period int64) {
	r.kind, r.words, r.period, r.invalid = kind, r.kinds[kind], period, false
	for _, c := range r.used {
		r.tallies[c] = tally{}
	}
	r.used = r.used[:0]
}

// Counter takes one counter under its standard name. Names that no KPI needs are passed over. A value that
// is negative or too large for its period makes the whole report suspect.
func (r *Reader) Counter(name []byte, value float64) {
	base, suffix := cut(name)
	src, known := r.words.sources[string(base)]
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
	if t.has == 0 {
		r.used = append(r.used, src.counter)
	}
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
	case cPrbDl, cPrbUl, cPrbFullDl, cPrbFullUl:
		return 100 * percent
	}
	if i := int(c - firstMeanCounter); i >= 0 {
		return cmp.Or(r.means[i].limit, maxMean)
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

// Report is what the counters since Begin say; false if none of them is needed by a KPI. It may say nothing: what a later
// file leaves out, or has a value of that cannot be, is not known, whatever an earlier one said.
func (r *Reader) Report(out *report.Report) bool {
	out.Has = 0
	put := func(item int, v int64, ok bool) {
		if ok {
			out.Put(item, v)
		}
	}
	for _, c := range r.used {
		if c < firstMeanCounter && r.totals[c] >= 0 {
			v, ok := r.tallies[c].value()
			put(r.totals[c], v, ok)
		}
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
	r.qualities(put)
	r.spread(put)
	out.Suspect = out.Suspect || r.invalid
	return len(r.used) > 0 || r.invalid
}

// totals are the items that counters' totals are as they are; -1: none.
func totals() (out [firstMeanCounter]int) {
	for i := range out {
		out[i] = -1
	}
	for c, item := range map[counter]int{
		cRRCAtt: rrcAtt, cRRCSucc: rrcSucc, cSigAtt: signallingAtt, cSigSucc: signallingSucc, cBearerAtt: bearerAtt, cBearerSucc: bearerSucc,
		cAddedAtt: addedAtt, cAddedSucc: addedSucc, cSessionAtt: sessionAtt, cSessionSucc: sessionSucc, cPrepAtt: prepAtt, cPrepSucc: prepSucc,
		cExeAtt: exeAtt, cExeSucc: exeSucc, cReleased: released, cSessionTime: sessionTime, cDRBReleased: drbReleased,
		cDRBSessionTime: drbSessionTime, cVolume: volume, cTime: volumeTime, cThroughput: ueThroughput,
		cPrbDl: prbDl, cPrbUl: prbUl, cPrbUsed: prbUsed, cPrbAvail: prbAvail, cThroughputUl: ueThroughputUl, cVolumeUl: volumeUl,
		cPrbUsedUl: prbUsedUl, cPrbAvailUl: prbAvailUl, cPrbFullDl: prbFullDl, cPrbFullUl: prbFullUl, cEnergy: energy, cPower: power,
	} {
		out[c] = item
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

	session := &r.tallies[cClassTime]
	if r.kind == LTE {
		put(voiceSession, session.voice, session.hasVoice)
		return
	}
	put(flowSession, session.voice, session.hasVoice)
	if session.hasVoice {
		put(flowLost, r.tallies[cReleased].voice, r.tallies[cReleased].hasVoice)
	}
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

// qualities are the reports of channel quality, from 0 to 15, each counted in its bin.
func (r *Reader) qualities(put func(int, int64, bool)) {
	t := &r.tallies[cQuality]
	any := t.has&(1<<byCause) != 0
	put(qualities, t.weighted, any)
	put(qualityReports, t.sum[byCause], any)
}

// spread are the means of cells.
func (r *Reader) spread(put func(int, int64, bool)) {
	for i, c := range r.words.means {
		if c >= 0 {
			v, ok := r.tallies[c].mean(r.means[i].of)
			put(firstMean+i, v, ok)
		}
	}
}

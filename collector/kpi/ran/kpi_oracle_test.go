package ran

import (
	"math/big"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
)

// A second implementation of every KPI of cells, by the formulas of the documentation: period by period, from the
// counters as they were told.

// slowKPI is a KPI: what its sums are made of in one period, and how it is shown.
type slowKPI struct {
	kind, name string
	factor     int64
	rate       bool // attempts and successes
	of         func(c counterSet) (num, den int64, ok bool)
}

// counterSet is what one object told of one period.
type counterSet struct {
	kind string
	c    map[string]float64
}

// under are the sub-counters of a counter whose suffix is of the kind, by suffix.
func (s counterSet) under(name string, of func(suffix string) bool) (sum int64, any bool) {
	for key, v := range s.c {
		if n := len(name); len(key) > n && key[n] == '.' && key[:n] == name && of(key[n+1:]) {
			sum, any = sum+int64(v), true
		}
	}
	return sum, any
}

func isClass(suffix string) bool { _, err := strconv.Atoi(suffix); return err == nil }

func isSlowCause(suffix string) bool { return suffix != "sum" && !isClass(suffix) }

// total is the counter's: .sum, else without suffix, else its classes, else its causes.
func (s counterSet) total(name string) (int64, bool) {
	for _, key := range []string{name + ".sum", name} {
		if v, ok := s.c[key]; ok {
			return int64(v), true
		}
	}
	if v, ok := s.under(name, isClass); ok {
		return v, true
	}
	return s.under(name, isSlowCause)
}

// tried is the total of connections; of NR the causes but mo-Signalling, where there are causes.
func (s counterSet) tried(name string) (int64, bool) {
	if _, causes := s.under(name, isSlowCause); s.kind == NR && causes {
		v, _ := s.under(name, func(suffix string) bool { return isSlowCause(suffix) && suffix != "mo-Signalling" })
		return v, true
	}
	return s.total(name)
}

func (s counterSet) voice(name string) (int64, bool) {
	return s.under(name, func(suffix string) bool { return suffix == "1" })
}

// data is the total without QCI 1, where classes tell.
func (s counterSet) data(name string) (int64, bool) {
	if _, classes := s.under(name, isClass); classes {
		v, _ := s.under(name, func(suffix string) bool { return isClass(suffix) && suffix != "1" })
		return v, true
	}
	return s.total(name)
}

// share is a percentage in thousandths, weighted by its 900 seconds.
func (s counterSet) share(name string) (num, den int64, ok bool) {
	v, ok := s.c[name]
	return int64(v*1000+0.5) * 900, 100_000 * 900, ok
}

// two are two counters, read in one of these ways; both must be there.
func two(read func(counterSet, string) (int64, bool), num, den string) func(counterSet) (int64, int64, bool) {
	return func(s counterSet) (int64, int64, bool) {
		a, ok1 := read(s, num)
		b, ok2 := read(s, den)
		return a, b, ok1 && ok2
	}
}

// first is the first of some pairs that is there: other spellings.
func first(all ...func(counterSet) (int64, int64, bool)) func(counterSet) (int64, int64, bool) {
	return func(s counterSet) (num, den int64, ok bool) {
		for i := 0; i < len(all) && !ok; i++ {
			num, den, ok = all[i](s)
		}
		return num, den, ok
	}
}

// sumOf adds up pairs, each only if both are there.
func sumOf(all ...func(counterSet) (int64, int64, bool)) func(counterSet) (int64, int64, bool) {
	return func(s counterSet) (num, den int64, ok bool) {
		for _, one := range all {
			if a, b, there := one(s); there {
				num, den, ok = num+a, den+b, true
			}
		}
		return num, den, ok
	}
}

// byVolume is a speed weighted by Mbit, which are kept in kbit.
func byVolume(speed, volume string) func(counterSet) (int64, int64, bool) {
	return func(s counterSet) (int64, int64, bool) {
		v, ok1 := s.total(speed)
		w, ok2 := s.total(volume)
		return v * w * 1000, w * 1000, ok1 && ok2
	}
}

func shareOf(name string) func(counterSet) (int64, int64, bool) {
	return func(s counterSet) (int64, int64, bool) { return s.share(name) }
}

// quality is Σ n × bin / Σ bin.
func (s counterSet) quality() (num, den int64, ok bool) {
	for n := range int64(16) {
		if v, told := s.c["CARR.WBCQIDist.Bin"+strconv.FormatInt(n, 10)]; told {
			num, den, ok = num+n*int64(v), den+int64(v), true
		}
	}
	return num, den, ok
}

// The names under which handovers of LTE cells are kept until it is known which of them count.
const byRelation, byStation = "handover_execution", "between stations"

func slowKPIs() []slowKPI {
	total, tried, voice, data := counterSet.total, counterSet.tried, counterSet.voice, counterSet.data
	lost := func(read func(counterSet, string) (int64, bool), by string) func(counterSet) (int64, int64, bool) {
		return first(two(read, "QF.RelActNbr", by), two(read, "QosFlow.RelActNbr", by))
	}
	flows := first(two(total, "QF.RelActNbr", "QF.SessionTimeUE"), two(total, "QosFlow.RelActNbr", "QosFlow.SessionTimeUE"))
	voices := first(two(voice, "QF.RelActNbr", "QF.SessionTimeQoS"), two(voice, "QosFlow.RelActNbr", "QosFlow.SessionTimeQoS"))
	return []slowKPI{
		{LTE, "rrc_setup", 1, true, two(tried, "RRC.ConnEstabSucc", "RRC.ConnEstabAtt")},
		{LTE, "signalling_setup", 1, true, two(tried, "S1SIG.ConnEstabSucc", "S1SIG.ConnEstabAtt")},
		{LTE, "bearer_setup", 1, true, two(total, "ERAB.EstabInitSuccNbr", "ERAB.EstabInitAttNbr")},
		{LTE, "added_bearer_setup", 1, true, two(total, "ERAB.EstabAddSuccNbr", "ERAB.EstabAddAttNbr")},
		{LTE, "voice_setup", 1, true, two(voice, "ERAB.EstabInitSuccNbr", "ERAB.EstabInitAttNbr")},
		{LTE, "retainability", 3600, false, two(total, "ERAB.RelActNbr", "ERAB.SessionTimeUE")},
		{LTE, "voice_retainability", 3600, false, two(voice, "ERAB.RelActNbr", "ERAB.SessionTimeQCI")},
		{LTE, "drop", 1, false, two(total, "ERAB.RelActNbr", "ERAB.EstabInitSuccNbr")},
		{LTE, "voice_drop", 1, false, two(voice, "ERAB.RelActNbr", "ERAB.EstabInitSuccNbr")},
		{LTE, "throughput_dl", 1000, false, two(total, "DRB.IPVolDl", "DRB.IPTimeDl")},
		{LTE, "data", 1, false, two(data, "DRB.IPVolDl", "DRB.IPTimeDl")},
		{LTE, byRelation, 1, true, two(total, "HO.OutSuccTarget", "HO.OutAttTarget")},
		{LTE, byStation, 1, true, sumOf(two(total, "HO.IntraEnbOutSucc", "HO.IntraEnbOutAtt"), two(total, "HO.InterEnbOutSucc", "HO.InterEnbOutAtt"))},
		{LTE, "prb_dl", 1, false, shareOf("RRU.PrbTotDl")}, {LTE, "prb_ul", 1, false, shareOf("RRU.PrbTotUl")},
		{LTE, "prb_full_dl", 1, false, shareOf("RRU.PrbCongestionDl")}, {LTE, "prb_full_ul", 1, false, shareOf("RRU.PrbCongestionUl")},
		{LTE, "cqi_mean", 1, false, counterSet.quality},
		{NR, "rrc_setup", 1, true, two(tried, "RRC.ConnEstabSucc", "RRC.ConnEstabAtt")},
		{NR, "signalling_setup", 1, true, two(tried, "UECNTX.ConnEstabSucc", "UECNTX.ConnEstabAtt")},
		{NR, "bearer_setup", 1, true, two(total, "DRB.EstabSucc", "DRB.EstabAtt")},
		{NR, "pdu_session_setup", 1, true, two(total, "SM.PDUSessionSetupSucc", "SM.PDUSessionSetupReq")},
		{NR, "voice_setup", 1, true, two(voice, "DRB.EstabSucc", "DRB.EstabAtt")},
		{NR, "retainability", 3600, false, flows},
		{NR, "drb_retainability", 3600, false, two(total, "DRB.RelActNbr", "DRB.SessionTime")},
		{NR, "voice_retainability", 3600, false, voices},
		{NR, "drop", 1, false, lost(total, "DRB.EstabSucc")},
		{NR, "voice_drop", 1, false, two(voice, "DRB.RelActNbr", "DRB.EstabSucc")},
		{NR, "ue_throughput_dl", 1, false, byVolume("DRB.UEThpDl", "DRB.PdcpSduVolumeDl")},
		{NR, "ue_throughput_ul", 1, false, byVolume("DRB.UEThpUl", "DRB.PdcpSduVolumeUl")},
		{NR, "handover_preparation", 1, true, two(total, "MM.HoPrepInterSucc", "MM.HoPrepInterReq")},
		{NR, "handover_execution", 1, true, sumOf(two(total, "MM.HoExeInterSucc", "MM.HoExeInterReq"), two(total, "MM.HoExeIntraSucc", "MM.HoExeIntraReq"))},
		{NR, "prb_dl", 1, false, shareOf("RRU.PrbTotDl")}, {NR, "prb_ul", 1, false, shareOf("RRU.PrbTotUl")},
		{NR, "prb_used_dl", 1, false, two(total, "RRU.PrbUsedDl", "RRU.PrbAvailDl")}, {NR, "prb_used_ul", 1, false, two(total, "RRU.PrbUsedUl", "RRU.PrbAvailUl")},
	}
}

// slowSum is a KPI's sums: seconds are those of the object of a cell that told of most periods of the day.
type slowSum struct {
	num, den, seconds big.Int
}

// slowGroup is what the cells of one kind in one province, or in the nation, add up to.
type slowGroup struct {
	sums             map[string]*slowSum
	time             slowTime
	expected         int64
	flagged, dropped int64
}

func (g *slowGroup) of(name string) *slowSum {
	if g.sums[name] == nil {
		g.sums[name] = &slowSum{}
	}
	return g.sums[name]
}

func frac2(num, den *big.Int) *big.Rat {
	if den.Sign() == 0 {
		return nil
	}
	return new(big.Rat).SetFrac(num, den)
}

// bounds are the value and what the missing time could make of it: its attempts, in proportion, all failed, all good.
func (s *slowSum) bounds(expected int64) [3]*big.Rat {
	if s.den.Sign() == 0 {
		return [3]*big.Rat{}
	}
	att, succ := new(big.Rat).SetInt(&s.den), new(big.Rat).SetInt(&s.num)
	if succ.Cmp(att) > 0 {
		succ = att
	}
	missing := max(expected-s.seconds.Int64(), 0)
	extra := new(big.Rat).Mul(att, big.NewRat(missing, s.seconds.Int64()))
	all := new(big.Rat).Add(att, extra)
	return [3]*big.Rat{new(big.Rat).Quo(succ, att), new(big.Rat).Quo(succ, all), new(big.Rat).Quo(new(big.Rat).Add(succ, extra), all)}
}

func covered(seconds, expected int64) *big.Rat {
	if expected == 0 {
		return nil
	}
	return big.NewRat(min(seconds, expected), expected)
}

// slowStatus is that of a value of which at least nine tenths must have been covered.
func slowStatus(value, coverage *big.Rat) score.Status {
	switch {
	case value == nil:
		return score.NoData
	case coverage == nil || coverage.Cmp(big.NewRat(9, 10)) < 0:
		return score.Insufficient
	}
	return score.OK
}

// kpis are all KPIs of the group, in no order.
func (g *slowGroup) kpis(kind string) map[string]KPI {
	out := map[string]KPI{}
	put := func(k KPI) { k.Status = slowStatus(k.Value, k.Coverage); out[k.Name] = k }
	for _, f := range append(slowKPIs(), slowKPI{kind: LTE, name: "busy_throughput_dl", factor: 1000}) {
		s := g.sums[f.name]
		if f.kind != kind || f.name == "data" || f.name == byStation || s == nil || s.seconds.Sign() == 0 {
			continue
		}
		k := KPI{Name: f.name, Value: frac2(&s.num, &s.den), Coverage: covered(s.seconds.Int64(), g.expected)}
		if f.name == "busy_throughput_dl" {
			k.Coverage = covered(g.of("data").seconds.Int64(), g.expected)
		}
		if k.Value != nil {
			k.Value.Mul(k.Value, big.NewRat(f.factor, 1))
		}
		if f.rate {
			b := s.bounds(g.expected)
			k.Value, k.Lo, k.Hi = b[0], b[1], b[2]
		}
		put(k)
	}
	product := func(name string, stages ...string) {
		k := KPI{Name: name, Flagged: g.flagged, Dropped: g.dropped}
		b := [3]*big.Rat{big.NewRat(1, 1), big.NewRat(1, 1), big.NewRat(1, 1)}
		for i, stage := range stages {
			for j, v := range g.of(stage).bounds(g.expected) {
				if b[j] != nil && v != nil {
					v = new(big.Rat).Mul(b[j], v)
				} else {
					v = nil
				}
				b[j] = v
			}
			if c := covered(g.of(stage).seconds.Int64(), g.expected); i == 0 || c != nil && c.Cmp(k.Coverage) < 0 {
				k.Coverage = c
			}
		}
		k.Value, k.Lo, k.Hi = b[0], b[1], b[2]
		put(k)
	}
	product("accessibility", "rrc_setup", "signalling_setup", "bearer_setup")
	if kind == NR {
		product("mobility", "handover_preparation", "handover_execution")
	} else {
		product("mobility", "handover_execution")
	}
	g.time.kpis(g.expected, func(k KPI) { out[k.Name] = k })
	return out
}

func TestEveryKPIIsThatOfTheSlowWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anyRadioWorld(t)
		seconds := int64(2 * model.DaySeconds)
		r := Evaluate(totalOf(t, w.lines, NewPlan("p", slices.Clone(w.cells), staying(w.cells))), w.rules, seconds, seconds)
		o := w.slow()
		for key, g := range o.groups {
			want, got := g.kpis(key.kind), map[string]KPI{}
			for _, k := range r.KPIs {
				if k.Province == key.province && k.Kind == key.kind {
					got[k.Name] = k
				}
			}
			checkKPIs(t, key, want, got)
		}
		o.checkCells(t, &r, w)
		if r.Suspect != o.suspect {
			t.Fatalf("%d reports suspect, want %d", r.Suspect, o.suspect)
		}
	})
}

func checkKPIs(t *rapid.T, key groupKey, want, got map[string]KPI) {
	text := func(k KPI) [7]string {
		r := func(v *big.Rat) string {
			if v == nil {
				return "none"
			}
			return v.RatString()
		}
		flags := ""
		if k.Name == Accessibility || k.Name == Mobility {
			flags = strconv.FormatInt(k.Flagged, 10) + " " + strconv.FormatInt(k.Dropped, 10)
		}
		return [7]string{r(k.Value), r(k.Lo), r(k.Hi), r(k.Coverage), string(k.Status), flags}
	}
	for name, k := range want {
		if one, found := got[name]; !found || text(one) != text(k) {
			t.Fatalf("%s of %q, %s: %v, want %v", name, key.province, key.kind, text(one), text(k))
		}
	}
	for name := range got {
		if _, known := want[name]; !known {
			t.Fatalf("%s of %q, %s: %v, want none", name, key.province, key.kind, text(got[name]))
		}
	}
}

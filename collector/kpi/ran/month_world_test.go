package ran

import (
	"fmt"
	"math/rand/v2"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
)

// radioWorld is a few cells of both kinds and what they reported in two days.
type radioWorld struct {
	cells []Cell
	lines []told
	rules *model.RANRules
}

// teller is an object that reports a group of counters in every quarter of an hour, but for gaps.
type teller struct {
	object, kind, group string
	says                func(r *rand.Rand, style int, c map[string]float64)
}

func tellers() []teller {
	return []teller{
		{"l0", LTE, "setup", lteSetup}, {"l0", LTE, "load", lteLoad}, {"l0", LTE, "time", timeAway}, {"l0,Relation=1", LTE, "moves", lteRelation}, {"l0", LTE, "moves", lteMoves},
		{"l1", LTE, "setup", lteSetup}, {"l1", LTE, "load", lteLoad}, {"l1", LTE, "time", timeAway}, {"l1", LTE, "moves", lteMoves},
		{"n0cu", NR, "setup", nrSetup}, {"n0cu", NR, "moves", nrMoves}, {"n0cu", NR, "time", timeAway}, {"n0du", NR, "load", nrLoad}, {"n0du", NR, "time", timeAway},
		{"n1", NR, "setup", nrSetup}, {"n1", NR, "load", nrLoad}, {"n1", NR, "time", timeAway},
	}
}

func anyRadioWorld(t *rapid.T) *radioWorld {
	w := &radioWorld{rules: rules()}
	w.rules.MinServiceDays = rapid.IntRange(0, 2).Draw(t, "days in service")
	w.rules.MinUserSpeed = rapid.SampledFrom([]int64{0, 100, 5000}).Draw(t, "speed")
	w.rules.ThetaPerMille = rapid.SampledFrom([]int{600, 800}).Draw(t, "theta")
	instant := func(label string) int64 {
		return day0.Start() + rapid.SampledFrom([]int64{-1e6, -1e6, 0, 40_000, 86_400, 86_850, 86_851, 1e6}).Draw(t, label)
	}
	w.cells = []Cell{cell("l0", LTE, 50), cell("l1", LTE, 100), cell("n0", NR, 273), cell("n1", NR, 106)}
	w.cells[2].Objects = []string{"n0cu", "n0du"}
	for i := range w.cells {
		c := &w.cells[i]
		moved, begins := instant("moved"), instant("begins")
		if i%2 == 0 {
			begins = day0.Start() - 1e6
		}
		c.From, c.Stays = begins, nil
		for _, s := range []Stay{{"01", Span{0, moved}}, {"02", Span{moved, model.Forever}}} {
			if s.Span = c.clip(s.Span); s.seconds() > 0 {
				c.Stays = append(c.Stays, s)
			}
		}
		if length := rapid.SampledFrom([]int64{0, 0, 451, 5000, 90_000}).Draw(t, "planned for"); length > 0 {
			from := instant("window")
			c.Planned = []Span{{from, from + length}}
		}
	}
	for _, x := range tellers() {
		if rapid.IntRange(0, 5).Draw(t, "tells") > 0 {
			w.lines = append(w.lines, x.tell(t)...)
		}
	}
	return w
}

// tell draws what is rare, and has a generator of its own for the counters of each period.
func (x teller) tell(t *rapid.T) (lines []told) {
	r := rand.New(rand.NewPCG(1, rapid.Uint64Range(0, 1<<20).Draw(t, x.object)))
	style := rapid.IntRange(0, 2).Draw(t, "style")
	gap := rapid.Int64Range(-100, 191).Draw(t, "silent from")
	length := rapid.SampledFrom([]int64{1, 5, 19, 20, 60}).Draw(t, "for")
	for slot := range int64(192) {
		if slot >= gap && slot < gap+length {
			continue
		}
		m := told{device: "site", object: x.object, kind: x.kind, group: x.group, end: day0.Start() + (slot+1)*900, period: 900, counters: map[string]float64{}}
		x.says(r, style, m.counters)
		if len(m.counters) == 0 {
			continue
		}
		lines = append(lines, m)
		switch r.IntN(150) {
		case 0: // a later file says something else
			later := m
			later.revision, later.counters = 1, map[string]float64{}
			x.says(r, style, later.counters)
			if len(later.counters) > 0 {
				lines = append(lines, later)
			}
		case 1:
			lines[len(lines)-1].suspect = true
		case 2:
			m.counters["ERAB.RelActNbr.sum"], m.counters["DRB.RelActNbr.sum"] = -1, -1 // one of them is of the kind
		}
	}
	return lines
}

// try puts attempts and successes, in which a file's edge may be wrong, under their suffixes.
func try(r *rand.Rand, c map[string]float64, att, succ string, suffixes ...string) {
	for _, suffix := range suffixes {
		a := r.IntN(20)
		s := max(a-r.IntN(4), 0)
		if r.IntN(40) == 0 {
			s = a + r.IntN(5)
		}
		c[att+suffix] = float64(a)
		if r.IntN(30) > 0 {
			c[succ+suffix] = float64(s)
		}
	}
}

// suffixes are a total, classes, or both.
func suffixes(style int) []string {
	return [][]string{{".sum"}, {".1", ".9"}, {".sum", ".1", ".9"}}[style]
}

func lteSetup(r *rand.Rand, style int, c map[string]float64) {
	try(r, c, "RRC.ConnEstabAtt", "RRC.ConnEstabSucc", [][]string{{".sum"}, {".mo-Data", ".mo-Signalling"}, {""}}[style]...)
	try(r, c, "S1SIG.ConnEstabAtt", "S1SIG.ConnEstabSucc", "")
	try(r, c, "ERAB.EstabInitAttNbr", "ERAB.EstabInitSuccNbr", suffixes(style)...)
	try(r, c, "ERAB.EstabAddAttNbr", "ERAB.EstabAddSuccNbr", ".sum")
	try(r, c, "ERAB.SessionTimeUE", "ERAB.RelActNbr", suffixes(style)...)
	c["ERAB.SessionTimeQCI.1"], c["ERAB.SessionTimeQCI.9"] = float64(r.IntN(900)), float64(r.IntN(9))
}

func lteLoad(r *rand.Rand, style int, c map[string]float64) {
	busy := 10 * r.IntN(3)
	for _, suffix := range suffixes(style) {
		c["DRB.IPVolDl"+suffix], c["DRB.IPTimeDl"+suffix] = float64(r.IntN(50)*(busy+1)), float64(r.IntN(90))
	}
	for _, name := range []string{"RRU.PrbTotDl", "RRU.PrbTotUl", "RRU.PrbCongestionDl", "RRU.PrbCongestionUl"} {
		if r.IntN(25) > 0 {
			c[name] = float64(50+busy) + float64(r.IntN(30001))/1000
		}
	}
	if r.IntN(300) == 0 {
		c["RRU.PrbTotUl"] = 100.1
	}
	for n := range r.IntN(4) {
		c[fmt.Sprint("CARR.WBCQIDist.Bin", 5*n)] = float64(r.IntN(9))
	}
}

func lteMoves(r *rand.Rand, style int, c map[string]float64) {
	if style == 2 {
		return
	}
	try(r, c, "HO.IntraEnbOutAtt", "HO.IntraEnbOutSucc", "")
	try(r, c, "HO.InterEnbOutAtt", "HO.InterEnbOutSucc", ".sum")
}

func lteRelation(r *rand.Rand, _ int, c map[string]float64) {
	try(r, c, "HO.OutAttTarget", "HO.OutSuccTarget", ".sum")
}

// timeAway is a total, causes, or both, more than the period now and then.
func timeAway(r *rand.Rand, style int, c map[string]float64) {
	sum := 0.0
	for _, cause := range []string{"Fault", "ManualIntervention", "EnergySaving"} {
		if n := 100 * float64(r.IntN(5)) * float64(r.IntN(5)/4); style > 0 {
			c["RRU.CellUnavailableTime."+cause] = n
			sum += n
		}
	}
	if style != 1 {
		c["RRU.CellUnavailableTime.sum"] = sum + 10*float64(r.IntN(3))
	}
	if r.IntN(100) == 0 {
		for name := range c {
			c[name] = 901
		}
	}
}

func nrSetup(r *rand.Rand, style int, c map[string]float64) {
	causes := [][]string{{".sum"}, {".mo-Data", ".mo-Signalling", ".mt-Access"}, {".sum", ".mo-Data", ".mo-Signalling"}}[style]
	try(r, c, "RRC.ConnEstabAtt", "RRC.ConnEstabSucc", causes...)
	try(r, c, "UECNTX.ConnEstabAtt", "UECNTX.ConnEstabSucc", causes...)
	try(r, c, "DRB.EstabAtt", "DRB.EstabSucc", suffixes(style)...)
	try(r, c, "SM.PDUSessionSetupReq", "SM.PDUSessionSetupSucc", "")
	flow := []string{"QF", "QosFlow", "QF"}[style]
	try(r, c, flow+".SessionTimeUE", flow+".RelActNbr", suffixes(style)...)
	try(r, c, "DRB.SessionTime", "DRB.RelActNbr", suffixes(style)...)
	c[flow+".SessionTimeQoS.1"] = float64(r.IntN(900))
}

func nrMoves(r *rand.Rand, style int, c map[string]float64) {
	try(r, c, "MM.HoPrepInterReq", "MM.HoPrepInterSucc", "")
	try(r, c, "MM.HoExeInterReq", "MM.HoExeInterSucc", "")
	if style > 0 {
		try(r, c, "MM.HoExeIntraReq", "MM.HoExeIntraSucc", "")
	}
}

func nrLoad(r *rand.Rand, style int, c map[string]float64) {
	for _, way := range []string{"Dl", "Ul"} {
		if r.IntN(25) > 0 {
			c["DRB.UEThp"+way], c["DRB.PdcpSduVolume"+way] = float64(r.IntN(100_000)), float64(r.IntN(50))
		}
		if style < 2 && r.IntN(25) > 0 {
			c["RRU.PrbTot"+way] = float64(r.IntN(100_001)) / 1000
		}
		if style > 0 && r.IntN(25) > 0 {
			c["RRU.PrbAvail"+way] = float64(r.IntN(273))
			c["RRU.PrbUsed"+way] = float64(r.IntN(300))
		}
	}
}

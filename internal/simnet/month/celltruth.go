package month

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
	"github.com/haidang-noc/haidang/internal/simnet/pm"
)

// CellKPI is what the counters of a province's cells, or the nation's (""), come to.
type CellKPI struct {
	Province   string `json:"province"`
	Technology string `json:"technology"`
	KPI        string `json:"kpi"`
	Value      string `json:"value"` // exact: a fraction
}

// CellLoad is whether one cell was congested.
type CellLoad struct {
	Cell      string `json:"cell"`
	Evaluated bool   `json:"evaluated"`
	Congested bool   `json:"congested"`
}

// formula is a KPI that divides sums of counters.
type formula struct {
	technology, kpi string
	factor          int64
	num, den        []string
}

func formulas() []formula {
	return []formula{
		{nation.LTE, "rrc_setup", 1, []string{"RRC.ConnEstabSucc.sum"}, []string{"RRC.ConnEstabAtt.sum"}},
		{nation.LTE, "signalling_setup", 1, []string{"S1SIG.ConnEstabSucc.sum"}, []string{"S1SIG.ConnEstabAtt.sum"}},
		{nation.LTE, "bearer_setup", 1, []string{"ERAB.EstabInitSuccNbr.1", "ERAB.EstabInitSuccNbr.9"}, []string{"ERAB.EstabInitAttNbr.1", "ERAB.EstabInitAttNbr.9"}},
		{nation.LTE, "added_bearer_setup", 1, []string{"ERAB.EstabAddSuccNbr.sum"}, []string{"ERAB.EstabAddAttNbr.sum"}},
		{nation.LTE, "voice_setup", 1, []string{"ERAB.EstabInitSuccNbr.1"}, []string{"ERAB.EstabInitAttNbr.1"}},
		{nation.LTE, "retainability", 3600, []string{"ERAB.RelActNbr.1", "ERAB.RelActNbr.9"}, []string{"ERAB.SessionTimeUE"}},
		{nation.LTE, "voice_retainability", 3600, []string{"ERAB.RelActNbr.1"}, []string{"ERAB.SessionTimeQCI.1"}},
		{nation.LTE, "drop", 1, []string{"ERAB.RelActNbr.1", "ERAB.RelActNbr.9"}, []string{"ERAB.EstabInitSuccNbr.1", "ERAB.EstabInitSuccNbr.9"}},
		{nation.LTE, "voice_drop", 1, []string{"ERAB.RelActNbr.1"}, []string{"ERAB.EstabInitSuccNbr.1"}},
		{nation.LTE, "throughput_dl", 1000, []string{"DRB.IPVolDl.1", "DRB.IPVolDl.9"}, []string{"DRB.IPTimeDl.1", "DRB.IPTimeDl.9"}},
		{nation.LTE, "handover_execution", 1, []string{"HO.InterEnbOutSucc.sum", "HO.IntraEnbOutSucc.sum"}, []string{"HO.InterEnbOutAtt.sum", "HO.IntraEnbOutAtt.sum"}},
		{nation.NR, "rrc_setup", 1, []string{"RRC.ConnEstabSucc.mo-Data", "RRC.ConnEstabSucc.mt-Access"}, []string{"RRC.ConnEstabAtt.mo-Data", "RRC.ConnEstabAtt.mt-Access"}},
		{nation.NR, "signalling_setup", 1, []string{"UECNTX.ConnEstabSucc.mo-Data", "UECNTX.ConnEstabSucc.mt-Access"}, []string{"UECNTX.ConnEstabAtt.mo-Data", "UECNTX.ConnEstabAtt.mt-Access"}},
		{nation.NR, "bearer_setup", 1, []string{"DRB.EstabSucc.1", "DRB.EstabSucc.9"}, []string{"DRB.EstabAtt.1", "DRB.EstabAtt.9"}},
		{nation.NR, "pdu_session_setup", 1, []string{"SM.PDUSessionSetupSucc.sum"}, []string{"SM.PDUSessionSetupReq.sum"}},
		{nation.NR, "voice_setup", 1, []string{"DRB.EstabSucc.1"}, []string{"DRB.EstabAtt.1"}},
		{nation.NR, "retainability", 3600, []string{"QF.RelActNbr.1", "QF.RelActNbr.9"}, []string{"QF.SessionTimeUE"}},
		{nation.NR, "drb_retainability", 3600, []string{"DRB.RelActNbr.9"}, []string{"DRB.SessionTime.9"}},
		{nation.NR, "voice_retainability", 3600, []string{"QF.RelActNbr.1"}, []string{"QF.SessionTimeQoS.1"}},
		{nation.NR, "drop", 1, []string{"QF.RelActNbr.1", "QF.RelActNbr.9"}, []string{"DRB.EstabSucc.1", "DRB.EstabSucc.9"}},
		{nation.NR, "handover_preparation", 1, []string{"MM.HoPrepInterSucc"}, []string{"MM.HoPrepInterReq"}},
		{nation.NR, "handover_execution", 1, []string{"MM.HoExeInterSucc", "MM.HoExeIntraSucc"}, []string{"MM.HoExeInterReq", "MM.HoExeIntraReq"}},
		{nation.NR, "prb_used_dl", 1, []string{"RRU.PrbUsedDl"}, []string{"RRU.PrbAvailDl"}},
		{nation.NR, "prb_used_ul", 1, []string{"RRU.PrbUsedUl"}, []string{"RRU.PrbAvailUl"}},
	}
}

// counters are what one cell counted in one period.
type counters map[string]int64

func (c counters) sum(names []string) (n int64) {
	for _, name := range names {
		n += c[name]
	}
	return n
}

// fraction is two sums.
type fraction struct{ num, den big.Int }

func (f *fraction) add(num, den int64) {
	f.num.Add(&f.num, big.NewInt(num))
	f.den.Add(&f.den, big.NewInt(den))
}

// tower adds up the cells of the plan.
type tower struct {
	*witness
	formulas []formula
	sums     map[CellKPI]*fraction // without a value
	loads    []CellLoad
	crowd    []crowded
	means    []spreadOf
	bins     [16]string
	milli    map[string]int64 // power in mW by province
}

// cells works the KPIs of all cells out.
func (w *witness) cells(truth *Truth) {
	t := tower{witness: w, formulas: formulas(), sums: map[CellKPI]*fraction{}, means: spreads(), milli: map[string]int64{}}
	for i := range t.bins {
		t.bins[i] = fmt.Sprint("CARR.WBCQIDist.Bin", i)
	}
	for _, s := range sitesOf(w.Plan) {
		t.site(&s)
	}
	for province, mW := range t.milli {
		k := CellKPI{Province: province, Technology: "site", KPI: "power"}
		t.sums[k] = &fraction{}
		t.sums[k].add(mW, 1000)
	}
	out := make([]CellKPI, 0, len(t.sums))
	for k, f := range t.sums {
		if f.den.Sign() > 0 {
			k.Value = new(big.Rat).SetFrac(&f.num, &f.den).RatString()
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b CellKPI) int {
		return cmp.Or(cmp.Compare(a.Province, b.Province), cmp.Compare(a.Technology, b.Technology), cmp.Compare(a.KPI, b.KPI))
	})
	slices.SortFunc(t.loads, func(a, b CellLoad) int { return cmp.Compare(a.Cell, b.Cell) })
	truth.Cells, truth.Spreads, truth.Loads = out, t.spreads(), t.loads
}

// site adds the cells of one base station, period by period.
func (t *tower) site(s *pm.Site) {
	cells, province := t.Net.Cells(s.Device), t.Net.Devices[s.Device].Province
	of, windows := map[string]int{}, t.windows(s.Device)
	loads := make([]cellMonth, len(cells))
	use := consumer{province: province, windows: windows}
	for i := range cells {
		for _, object := range cells[i].Objects {
			of[object] = i
		}
	}
	for end := t.From + pm.Period; end <= t.To; end += pm.Period {
		from := int((end - pm.Period - t.From) / fault.Second)
		planned := 2*overlap(windows, run{from, from + pm.PeriodSeconds}) > pm.PeriodSeconds
		all := make([]counters, len(cells))
		for g := range s.Count(t.Net, end) {
			if g.RAT == "" {
				use.told(from, g.Values)
				continue
			}
			c := &all[of[g.Object]]
			if *c == nil {
				*c = counters{}
			}
			for _, v := range g.Values {
				(*c)[v.Name] = int64(v.Value)
			}
		}
		for i, c := range all {
			loads[i].period(from, planned, c)
			t.count(&loads[i], cells[i].Technology, planned, c)
			t.period(province, &cells[i], planned, c)
			use.carried(from, planned, c)
		}
	}
	t.consumed(&use)
	for i := range cells {
		t.load(province, &cells[i], &loads[i])
	}
}

func overlap(windows []run, r run) (seconds int) {
	for _, w := range windows {
		seconds += max(0, min(w.to, r.to)-max(w.from, r.from))
	}
	return seconds
}

// add adds to a KPI of the province and of the nation.
func (t *tower) add(province, technology, kpi string, num, den int64) {
	for _, p := range []string{"", province} {
		k := CellKPI{Province: p, Technology: technology, KPI: kpi}
		if t.sums[k] == nil {
			t.sums[k] = &fraction{}
		}
		t.sums[k].add(num, den)
	}
}

// period adds what one cell counted in one period; nil: nothing was reported.
func (t *tower) period(province string, cell *nation.Cell, planned bool, c counters) {
	if c == nil {
		return
	}
	dark, seconds := c["RRU.CellUnavailableTime.sum"], int64(pm.PeriodSeconds)
	t.add(province, cell.Technology, "availability", seconds-dark, seconds)
	if planned {
		return
	}
	for _, f := range t.formulas {
		if f.technology == cell.Technology {
			t.add(province, f.technology, f.kpi, f.factor*c.sum(f.num), c.sum(f.den))
		}
	}
	t.add(province, cell.Technology, "prb_dl", c["RRU.PrbTotDl"]*int64(cell.RBs), 100*int64(cell.RBs))
	t.add(province, cell.Technology, "prb_ul", c["RRU.PrbTotUl"]*int64(cell.RBs), 100*int64(cell.RBs))
	if cell.Technology == nation.NR {
		down, up := c["DRB.PdcpSduVolumeDL"], c["DRB.PdcpSduVolumeUL"]
		t.add(province, nation.NR, "ue_throughput_dl", c["DRB.UEThpDl"]*down, down)
		t.add(province, nation.NR, "ue_throughput_ul", c["DRB.UEThpUl"]*up, up)
		return
	}
	t.add(province, nation.LTE, "prb_full_dl", c["RRU.PrbCongestionDl"]*int64(cell.RBs), 100*int64(cell.RBs))
	t.add(province, nation.LTE, "prb_full_ul", c["RRU.PrbCongestionUl"]*int64(cell.RBs), 100*int64(cell.RBs))
	heard, reports := int64(0), int64(0)
	for bin, name := range t.bins {
		heard, reports = heard+int64(bin)*c[name], reports+c[name]
	}
	t.add(province, nation.LTE, "cqi_mean", heard, reports)
}

// cellMonth is one cell's clock hours.
type cellMonth struct {
	hours              map[int]*cellHour
	expected, reported int // periods
	means              map[string]int64
}

type cellHour struct{ volume, data, time, prb, periods int64 }

func (m *cellMonth) period(from int, planned bool, c counters) {
	if planned {
		return
	}
	m.expected++
	if c == nil {
		return
	}
	m.reported++
	if m.hours == nil {
		m.hours = map[int]*cellHour{}
	}
	h := m.hours[from/3600]
	if h == nil {
		h = &cellHour{}
		m.hours[from/3600] = h
	}
	h.volume += c.sum([]string{"DRB.IPVolDl.1", "DRB.IPVolDl.9", "DRB.PdcpSduVolumeDL"})
	h.data, h.time = h.data+c["DRB.IPVolDl.9"], h.time+c["DRB.IPTimeDl.9"]
	h.prb, h.periods = h.prb+c["RRU.PrbTotDl"], h.periods+1
}

// busiest is the hour of the day with the greatest volume among those with three of their four periods.
func (m *cellMonth) busiest(day int) (best *cellHour) {
	for hour := range 24 {
		if h := m.hours[24*day+hour]; h != nil && h.periods >= 3 && (best == nil || h.volume > best.volume) {
			best = h
		}
	}
	return best
}

// load holds the mean of the busy hours, in thousandths of a per cent, against 80 %.
func (t *tower) load(province string, cell *nation.Cell, m *cellMonth) {
	days, sum := int64(0), int64(0)
	for day := range t.seconds / 86400 {
		h := m.busiest(day)
		if h == nil {
			continue
		}
		days, sum = days+1, sum+h.prb*1000/h.periods
		if cell.Technology == nation.LTE {
			t.add(province, nation.LTE, "busy_throughput_dl", 1000*h.data, h.time)
		}
	}
	l := CellLoad{Cell: cell.Name, Evaluated: days > 0 && m.reported*10 >= m.expected*9}
	l.Congested = l.Evaluated && sum >= 80_000*days
	t.loads = append(t.loads, l)
	t.crowd = append(t.crowd, crowded{province, cell.Technology, m})
}

package kpi

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi/probe"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
)

// scoreWorld is one day of an operator in five units of before the merger, or three since, of which all scores are made.
type scoreWorld struct {
	month model.Month
	units string // the set
	inv   *model.Inventory
	sites []*site
	links []*wire

	baseVolume, baseTime int64 // of the nation
}

// site is a place with an access device, cells and probes.
type site struct {
	code                 string // of its province, before the merger
	name                 string
	broadband            bool
	subscribers          int64
	up, down, unknown    int64 // seconds of its device
	cells                []*station
	samples              []probing
	imported             []model.Measured
	baseVolume, baseTime int64
}

// wire is a link with a constant load.
type wire struct {
	name              string
	class             model.LinkClass
	a, b              *site // b may be nil
	mbps              int64
	kbps              uint32
	silent            bool // nobody reads its counters
	up, down, unknown int64
}

// station is a cell that says the same in each of the first quarters of an hour, and nothing later.
type station struct {
	kind  string
	rbs   int64
	heard int64
	says  map[string]int64
}

// probing is one sample of a service, in the units of the fields given here.
type probing struct {
	service                                                           string
	rtt, jitter, mos, loss, packets, speed, subscribed, web, zap      int64 // ms, ms, 1/100, 1/1000, 1, Mbit/s, Mbit/s, 1/10 s, 1/100 s
	hasRTT, hasJitter, hasMOS, hasLoss, hasPackets, hasSpeed, hasRate bool
}

func codes() []string { return []string{"01", "02", "06", "08", "19"} }

// unitOf is the unit that counts what lies in an old one.
func (w *scoreWorld) unitOf(code string) string {
	if w.units == inventory.Units63 {
		return code
	}
	return heir(code)
}

// unitCodes are the units that there are.
func (w *scoreWorld) unitCodes() (out []string) {
	for _, code := range codes() {
		out = append(out, w.unitOf(code))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func anyScoreWorld(t *rapid.T, shipped *model.Inventory) *scoreWorld {
	w := &scoreWorld{month: model.MonthOf(merger - 1), units: rapid.SampledFrom([]string{inventory.Units63, inventory.Units34}).Draw(t, "set")}
	inv := *shipped
	w.inv = &inv
	inv.Provinces, inv.Merged = nil, nil
	for _, code := range w.unitCodes() {
		inv.Provinces = append(inv.Provinces, model.Province{Set: w.units, Code: code, Validity: always})
	}
	if w.units == inventory.Units34 {
		inv.Merged = []model.Province{{Code: "08", Members: []string{"02", "08"}, Validity: model.Validity{From: merger, To: model.Forever}},
			{Code: "19", Members: []string{"06", "19"}, Validity: model.Validity{From: merger, To: model.Forever}}}
	}
	w.anyRules(t)
	for i, code := range codes() {
		w.sites = append(w.sites, w.anySite(t, fmt.Sprint("s", i), code))
	}
	w.baseVolume, w.baseTime = rapid.Int64Range(0, 4000).Draw(t, "base"), rapid.Int64Range(1, 400).Draw(t, "base ms")
	for i := range rapid.IntRange(3, 9).Draw(t, "links") {
		w.links = append(w.links, w.anyWire(t, fmt.Sprint("w", i)))
	}
	return w
}

func (w *scoreWorld) anyRules(t *rapid.T) {
	s := &w.inv.Targets.Scores
	s.CombineMin, s.Strict = rapid.Bool().Draw(t, "min"), rapid.Bool().Draw(t, "strict")
	s.Floor, s.Good = ratio(rapid.SampledFrom([]int64{150, 200, 250, 300}).Draw(t, "floor"), 100), ratio(rapid.Int64Range(200, 400).Draw(t, "good"), 100)
	s.GoodShare = ratio(rapid.SampledFrom([]int64{2, 4, 5, 8}).Draw(t, "share"), 10)
	s.MinWeight = ratio(rapid.SampledFrom([]int64{3, 7}).Draw(t, "known"), 10)
	s.NotSold = map[string][]string{}
	if rapid.Bool().Draw(t, "not sold") {
		s.NotSold["08"] = []string{"iptv", "transport"}
	}
}

func (w *scoreWorld) anySite(t *rapid.T, name, code string) *site {
	s := &site{code: code, name: name, broadband: rapid.IntRange(0, 3).Draw(t, "broadband") > 0, subscribers: rapid.SampledFrom([]int64{0, 10, 1000}).Draw(t, "subscribers")}
	s.down = rapid.SampledFrom([]int64{0, 60, 600, 5000}).Draw(t, "down")
	s.unknown = rapid.SampledFrom([]int64{0, 0, 4000, 9000}).Draw(t, "unknown")
	s.up = daySeconds - s.down - s.unknown
	for _, kind := range []string{ran.LTE, ran.NR} {
		for range rapid.IntRange(0, 2).Draw(t, kind) {
			s.cells = append(s.cells, anyStation(t, kind))
		}
	}
	for _, service := range []string{"mobile_voice", "mobile_data", "mobile_data_5g", "fixed_broadband", "iptv", "iptv_headend", "transport"} {
		n := rapid.SampledFrom([]int{0, 50, 99, 100, 130}).Draw(t, service)
		a, b := rapid.Int64Range(0, 60).Draw(t, "a"), rapid.Int64Range(1, 9).Draw(t, "b")
		for i := range int64(n) {
			s.samples = append(s.samples, sampleOf(service, a, a+i%b))
		}
	}
	for _, k := range [][2]string{{"mobile_voice", "radio_readiness"}, {"fixed_broadband", "ont_rx_in_budget"}, {"fixed_broadband", "repair_within_limit"}} {
		if den := rapid.SampledFrom([]int64{0, 0, 60, 100, 1000}).Draw(t, k[1]); den > 0 {
			s.imported = append(s.imported, model.Measured{Month: w.month, Province: code, Service: k[0], KPI: k[1], Num: den - rapid.Int64Range(0, den/5).Draw(t, "bad"), Den: den})
		}
	}
	s.baseVolume, s.baseTime = rapid.Int64Range(0, 4000).Draw(t, "base"), rapid.Int64Range(0, 400).Draw(t, "base ms")
	return s
}

// sampleOf is a sample of a service; a is the same for all of a site's, v is not.
func sampleOf(service string, a, v int64) probing {
	x := probing{service: service}
	switch service {
	case "mobile_voice":
		x.mos, x.hasMOS = 200+3*v, true
	case "mobile_data":
		x.rtt, x.speed, x.hasRTT, x.hasSpeed = 30+v, v%4, true, true
	case "mobile_data_5g":
		x.speed, x.hasSpeed = v, true
	case "fixed_broadband":
		x.rtt, x.loss, x.packets, x.speed, x.subscribed, x.web = 10+v, v%9, 1+a%7, 90-v, 97, 20+v
		x.hasRTT, x.hasLoss, x.hasPackets, x.hasSpeed, x.hasRate = true, true, true, true, true
	case "iptv":
		x.loss, x.mos, x.zap, x.hasLoss, x.hasMOS = []int64{0, 0, 0, 1, 199, 200}[(a+v)%6], 300+2*v, 100+v, true, true
	case "iptv_headend":
		x.loss, x.hasLoss = []int64{0, 199, 0, 200}[v%4], true
	case "transport":
		x.rtt, x.jitter, x.loss, x.hasRTT, x.hasJitter, x.hasLoss = 2+v, v%11, v%3, true, true, true
	}
	return x
}

func anyStation(t *rapid.T, kind string) *station {
	c := &station{kind: kind, rbs: rapid.SampledFrom([]int64{50, 100}).Draw(t, "blocks"), heard: rapid.SampledFrom([]int64{2, 60, 90, 96, 96, 96, 96, 96}).Draw(t, "heard"), says: map[string]int64{}}
	few := func(label string) int64 { return rapid.Int64Range(0, 4).Draw(t, label) }
	if rapid.IntRange(0, 9).Draw(t, "talks") == 0 {
		c.heard = 0
	}
	pair := func(att, succ string, n int64) {
		c.says[att], c.says[succ] = n, max(n-few("failed"), 0)
	}
	away := few("away")
	c.says["RRU.CellUnavailableTime.sum"] = away * away
	c.says["RRU.PrbTotDl"] = rapid.SampledFrom([]int64{10, 79, 80, 95}).Draw(t, "load")
	if kind == ran.LTE {
		pair("RRC.ConnEstabAtt.sum", "RRC.ConnEstabSucc.sum", 200)
		pair("S1SIG.ConnEstabAtt", "S1SIG.ConnEstabSucc", 150)
		pair("ERAB.EstabInitAttNbr.1", "ERAB.EstabInitSuccNbr.1", 40)
		pair("ERAB.EstabInitAttNbr.9", "ERAB.EstabInitSuccNbr.9", 300)
		pair("HO.OutAttTarget.sum", "HO.OutSuccTarget.sum", 90)
		c.says["ERAB.RelActNbr.1"], c.says["ERAB.RelActNbr.9"] = few("lost calls"), few("lost")
		c.says["DRB.IPVolDl.9"], c.says["DRB.IPTimeDl.9"], c.says["DRB.IPVolDl.1"], c.says["DRB.IPTimeDl.1"] = 100+50*few("kbit"), 10+few("ms"), 7, 3
		return c
	}
	pair("RRC.ConnEstabAtt.mo-Data", "RRC.ConnEstabSucc.mo-Data", 120)
	pair("UECNTX.ConnEstabAtt.mo-Data", "UECNTX.ConnEstabSucc.mo-Data", 110)
	pair("DRB.EstabAtt.1", "DRB.EstabSucc.1", 30)
	pair("DRB.EstabAtt.9", "DRB.EstabSucc.9", 210)
	pair("MM.HoPrepInterReq", "MM.HoPrepInterSucc", 80)
	pair("MM.HoExeInterReq", "MM.HoExeInterSucc", 70)
	c.says["DRB.RelActNbr.1"], c.says["QF.RelActNbr.sum"] = few("lost calls"), few("lost")
	c.says["DRB.UEThpDl"], c.says["DRB.PdcpSduVolumeDL"] = 30_000*(1+few("kbit/s")), 1+few("Mbit")
	return c
}

func (w *scoreWorld) anyWire(t *rapid.T, name string) *wire {
	l := &wire{name: name, class: rapid.SampledFrom([]model.LinkClass{model.Transport, model.Broadband}).Draw(t, "class"), a: rapid.SampledFrom(w.sites).Draw(t, "from"),
		mbps: rapid.SampledFrom([]int64{1000, 400}).Draw(t, "Mbit/s"), silent: rapid.IntRange(0, 6).Draw(t, "silent") == 0}
	l.kbps = uint32(l.mbps * rapid.SampledFrom([]int64{1, 300, 799, 800, 1000}).Draw(t, "per mille"))
	l.down = rapid.SampledFrom([]int64{0, 0, 9, 60, 600}).Draw(t, "down")
	if rapid.Bool().Draw(t, "two ends") {
		l.b = rapid.SampledFrom(w.sites).Draw(t, "to")
	} else {
		l.unknown = rapid.SampledFrom([]int64{0, 0, 0, 9000}).Draw(t, "unknown")
	}
	l.up = daySeconds - l.down - l.unknown
	return l
}

// evaluate writes the inventory and the chunk, and has the engine evaluate them.
func (w *scoreWorld) evaluate() MonthResult {
	day, inv := w.month.First(), w.inv
	chunk := &DayChunk{Day: day}
	entity := func(device, port string, down, unknown int64) {
		e := EntityDay{Device: device, IfName: port}
		for _, iv := range []Interval{{From: day.Start(), To: day.Start() + down, State: Down}, {From: day.End() - unknown, To: day.End(), State: Unknown}} {
			if iv.From < iv.To {
				e.NonUp = append(e.NonUp, iv)
			}
		}
		chunk.Entities = append(chunk.Entities, e)
	}
	base := model.SpeedBase{Month: model.Month{Year: 2020, Month: w.month.Month}}
	base.VolumeKbit, base.TimeMs = w.baseVolume, w.baseTime
	inv.SpeedBase = append(inv.SpeedBase, base)
	for _, s := range w.sites {
		system := model.System("man-e")
		if s.broadband {
			system = "olt-gpon"
		}
		row := model.Device{Name: s.name, Province: w.unitOf(s.code), System: system, Subscribers: s.subscribers, Validity: always}
		if row.Province != s.code {
			row.Former = s.code
		}
		inv.Devices = append(inv.Devices, row)
		entity(s.name, "", s.down, s.unknown)
		for i, c := range s.cells {
			object := fmt.Sprint(c.kind, i)
			inv.Cells = append(inv.Cells, model.RadioCell{Name: s.name + object, Device: s.name, Object: object, Technology: c.kind, RBs: c.rbs, Validity: always})
			chunk.Reports = append(chunk.Reports, c.day(s.name, object, day))
		}
		chunk.Reports = append(chunk.Reports, s.day(day)...)
		inv.Measured = append(inv.Measured, s.imported...)
		base.Province, base.VolumeKbit, base.TimeMs = s.code, s.baseVolume, s.baseTime
		inv.SpeedBase = append(inv.SpeedBase, base)
	}
	for _, l := range w.links {
		row := model.Link{Name: l.name, A: model.Port{Device: l.a.name, IfName: l.name + "a"}, Class: l.class, CapacityMbps: l.mbps, Validity: always}
		entity(row.A.Device, row.A.IfName, l.down, l.unknown)
		if l.b != nil {
			row.B = model.Port{Device: l.b.name, IfName: l.name + "b"}
			entity(row.B.Device, row.B.IfName, 0, 0)
		}
		inv.Links = append(inv.Links, row)
		if !l.silent {
			all := slices.Repeat([]uint32{l.kbps}, SlotsPerDay)
			chunk.Ports = append(chunk.Ports, PortDay{Device: row.A.Device, IfName: row.A.IfName, Day: day, In: slices.Repeat([]uint32{0}, SlotsPerDay), Out: all})
		}
	}
	slices.SortFunc(inv.Cells, func(a, b model.RadioCell) int { return compareText(a.Name, b.Name) })
	slices.SortFunc(chunk.Entities, func(a, b EntityDay) int {
		return comparePort(model.Port{Device: a.Device, IfName: a.IfName}, model.Port{Device: b.Device, IfName: b.IfName})
	})
	chunk.SortPorts()
	slices.SortFunc(chunk.Reports, func(a, b report.Day) int { return a.Compare(&b) })
	return Month(MonthInput{Month: w.month, End: day.End(), Plan: NewPlan(inv), Chunks: []*DayChunk{chunk}})
}

func compareText(a, b string) int { return slices.Compare([]byte(a), []byte(b)) }

func (c *station) day(device, object string, d model.Day) report.Day {
	var set report.Set
	reader := ran.NewReader()
	for i := range c.heard {
		one := report.Report{End: d.Start() + (i+1)*900, Period: 900}
		reader.Begin(c.kind, one.Period)
		for name, v := range c.says {
			reader.Counter([]byte(name), float64(v))
		}
		if reader.Report(&one) {
			set.Add(d, &one)
		}
	}
	out := report.Fold(d, []*report.Set{&set})
	out.Device, out.Object, out.Kind = device, object, c.kind
	return out
}

// day are the site's samples, of each service, told for the whole province.
func (s *site) day(d model.Day) (out []report.Day) {
	sets := map[string]*report.Set{}
	for i, x := range s.samples {
		if sets[x.service] == nil {
			sets[x.service] = &report.Set{}
		}
		values, one := make([]float64, len(probe.Fields())), report.Report{}
		put := func(field string, v float64, has bool) {
			if !has {
				v = math.NaN()
			}
			values[slices.Index(probe.Fields(), field)] = v
		}
		put("rtt_ms", float64(x.rtt), x.hasRTT)
		put("jitter_ms", float64(x.jitter), x.hasJitter)
		put("mos", float64(x.mos)/100, x.hasMOS)
		put("loss_ratio", float64(x.loss)/1000, x.hasLoss)
		put("samples", float64(x.packets), x.hasPackets)
		put("throughput_mbps", float64(x.speed), x.hasSpeed)
		put("subscribed_mbps", float64(x.subscribed), x.hasRate)
		put("web_load_s", float64(x.web)/10, x.hasRate)
		put("zap_s", float64(x.zap)/100, x.service == "iptv")
		probe.Sample(&one, d.Start()+int64(i)*60, values)
		sets[x.service].Add(d, &one)
	}
	for service, set := range sets {
		day := report.Fold(d, []*report.Set{set})
		day.Device, day.Object, day.Kind = probe.ProvincePrefix+s.code, "t", probe.KindPrefix+service
		out = append(out, day)
	}
	return out
}

func TestScoresAreTheOracle(t *testing.T) {
	shipped := shippedTargets(t)
	rapid.Check(t, func(t *rapid.T) {
		w := anyScoreWorld(t, shipped)
		got := w.evaluate()
		w.check(t, &got)
	})
}

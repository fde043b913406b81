package kpi

import (
	"cmp"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
)

// world is a tiny operator: what was observed, what the files say.
type world struct {
	month  model.Month
	from   model.Day // first day with observations
	to     model.Day // first day without
	day    bool      // only a day is asked for, of which start is the start
	start  int64
	end    int64
	inv    *model.Inventory
	seen   map[model.Port][]seen     // IfName empty: the device
	counts map[model.Port][]Counters // of ports
	served map[model.Port][]seen     // of some ports, as whom they serve tells
	lost   map[model.Port][]told     // readings of unavailable seconds, of some ports

	primary  string              // the method that decides; "": the first by name
	uptimes  map[string][]uptime // of devices, by that method
	advisory map[string][]seen   // what another method says of some devices
}

func anyWorld(t *rapid.T) *world {
	w := &world{month: model.MonthOf(day0.Start()), seen: map[model.Port][]seen{}, counts: map[model.Port][]Counters{}, lost: map[model.Port][]told{}, served: map[model.Port][]seen{}, uptimes: map[string][]uptime{}, advisory: map[string][]seen{}}
	first := w.month.First()
	w.from, w.to = first-2, first+3
	w.end = first.Start() + rapid.Int64Range(1, 2*daySeconds).Draw(t, "end")
	w.start = first.Start()
	if w.day = rapid.IntRange(0, 2).Draw(t, "part") == 0; w.day {
		w.start = rapid.SampledFrom([]int64{w.start, rapid.Int64Range(w.start, w.end-1).Draw(t, "start")}).Draw(t, "from")
	}
	w.inv = anyInventory(t, first)
	for _, d := range []string{"d0", "d1", "d2", "stranger"} {
		w.seen[model.Port{Device: d}] = anyObservations(t, d, w.from, w.to)
	}
	// d1 often fails together with its gateway d0.
	if rapid.Bool().Draw(t, "same fate") {
		shift := rapid.Int64Range(-100, 100).Draw(t, "shift")
		for _, o := range w.seen[model.Port{Device: "d0"}] {
			o.at += shift
			if d := model.DayOf(o.at); d >= w.from && d < w.to {
				w.seen[model.Port{Device: "d1"}] = append(w.seen[model.Port{Device: "d1"}], o)
			}
		}
	}
	w.anyMethods(t)
	for _, p := range w.aggregated() {
		if rapid.IntRange(0, 3).Draw(t, "heard") > 0 {
			w.seen[p] = anyObservations(t, p.IfName, w.from, w.to)
		}
	}
	for _, p := range []model.Port{{Device: "d0", IfName: "p"}, {Device: "d0", IfName: "q"}, {Device: "d1", IfName: "p"}, {Device: "d2", IfName: "p"}} {
		w.seen[p] = anyObservations(t, p.Device+p.IfName, w.from, w.to)
		if rapid.Bool().Draw(t, "quiet") {
			w.seen[p] = polls(w.from, w.to, 300)
		}
		w.counts[p] = append(steadyTraffic(t, first), anyReadings(t, first, first+3)...)
		if rapid.IntRange(0, 3).Draw(t, "serves") == 0 {
			w.served[p] = anyObservations(t, p.Device+p.IfName+" serves", w.from, w.to)
		}
		if rapid.IntRange(0, 3).Draw(t, "wavelength") == 0 {
			w.lost[p] = anyTold(t, w.from, w.to)
		}
	}
	return w
}

// aggregated are the members of the world's aggregates.
func (w *world) aggregated() []model.Port {
	if !slices.ContainsFunc(w.inv.Links, func(l model.Link) bool { return l.LAG != nil }) {
		return nil
	}
	return []model.Port{{Device: "d0", IfName: "m1"}, {Device: "d0", IfName: "m2"}, {Device: "d0", IfName: "m3"}}
}

func polls(from, to model.Day, every int64) []seen {
	var out []seen
	for at := from.Start(); at < to.Start(); at += every {
		out = append(out, seen{at, ObsUp, every})
	}
	return out
}

// steadyTraffic is a day or so of ordinary load, so that links are evaluated now and then.
func steadyTraffic(t *rapid.T, first model.Day) []Counters {
	var out []Counters
	r := Counters{Time: first.Start() * 1e9, Has: HasOctets | HasPackets, SpeedMbps: 1000}
	rate := rapid.Int64Range(0, 1100).Draw(t, "Mbit/s")
	swing := rapid.Int64Range(1, 200).Draw(t, "swing")
	lossy := rapid.Bool().Draw(t, "lossy")
	for n := rapid.SampledFrom([]int{0, 300, 500}).Draw(t, "slots"); n > 0; n-- {
		out = append(out, r)
		r.Time += 300e9
		mbps := uint64(rate + int64(n)*int64(n)%swing)
		r.InOctets += mbps * 300 * 125_000
		r.OutOctets += mbps * 300 * 100_000
		r.OutPkts += mbps * 1000
		if lossy {
			r.OutDiscards += mbps * uint64(n%4)
		}
	}
	return out
}

func anyInventory(t *rapid.T, first model.Day) *model.Inventory {
	start := first.Start()
	instant := func(label string) int64 { return start + rapid.Int64Range(-daySeconds, 2*daySeconds).Draw(t, label) }
	forever := model.Validity{From: start - 1e8, To: model.Forever}
	inv := &model.Inventory{Hash: "i"}
	for i, name := range []string{"d0", "d1", "d2"} {
		row := model.Device{Name: name, Province: fmt.Sprintf("0%d", i%2), System: "olt", Site: "s", Subscribers: int64(i) * 1000, Validity: forever}
		if i == 1 {
			row.Parent = "d0"
		}
		if i == 2 && rapid.Bool().Draw(t, "national") {
			row.System = "vn2"
		}
		inv.Devices = append(inv.Devices, splitRow(t, row, instant("moved"), func(r *model.Device) {
			r.Province, r.Site, r.Subscribers = "09", "s2", r.Subscribers+7
		})...)
	}
	link := model.Link{Name: "l0", A: model.Port{Device: "d0", IfName: "p"}, B: model.Port{Device: "d1", IfName: "p"}, Class: model.Transport, CapacityMbps: 1000, Validity: forever}
	second := model.Link{Name: "l1", A: model.Port{Device: "d0", IfName: "q"}, Class: model.Broadband, Validity: forever}
	if at := instant("link changed"); rapid.Bool().Draw(t, "link changes") {
		link.To = at
		next := link
		next.Validity, next.A, next.CapacityMbps = model.Validity{From: at + rapid.SampledFrom([]int64{0, 7000}).Draw(t, "pause"), To: model.Forever}, rapid.SampledFrom([]model.Port{{Device: "d2", IfName: "p"}, link.A}).Draw(t, "at"), 400
		link.CapacityMbps = rapid.SampledFrom([]int64{1000, 0}).Draw(t, "known")
		inv.Links = append(inv.Links, link, next)
	} else {
		inv.Links = append(inv.Links, link)
	}
	inv.Links = append(inv.Links, second)
	for i := range inv.Links {
		if n := rapid.IntRange(-3, 3).Draw(t, "members"); n > 0 && inv.Links[i].A.Device == "d0" {
			inv.Links[i].LAG = &model.LAG{Members: []string{"m1", "m2", "m3"}[:n], MinLinks: rapid.IntRange(1, n).Draw(t, "min links")}
		}
	}
	for n := rapid.IntRange(0, 4).Draw(t, "windows"); n > 0; n-- {
		scope := rapid.SampledFrom(coverable()).Draw(t, "scope")
		win := model.Window{Kind: scope.Kind, Key: scope.Key, ID: fmt.Sprint("w", n), Start: instant("window"),
			Override: rapid.SampledFrom([]string{"", "", "khẩn cấp"}).Draw(t, "override")}
		win.End = win.Start + rapid.Int64Range(0, 40000).Draw(t, "length")
		win.ApprovedAt = win.Start + rapid.SampledFrom([]int64{-100, -1, 0}).Draw(t, "approved")
		inv.Windows = append(inv.Windows, win)
	}
	slices.SortFunc(inv.Windows, func(a, b model.Window) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.ID, b.ID)) })
	inv.Freezes = anyFreezes(t, instant)
	inv.Composites = anyComposites(t, instant)
	inv.Targets = anyTargets(t)
	inv.Targets.IgnoreUnavailable = rapid.IntRange(0, 4).Draw(t, "ignore") == 0
	if rapid.Bool().Draw(t, "holiday") {
		inv.Holidays = []model.Day{first}
	}
	return inv
}

// coverable is what a window or a freeze of the world may cover.
func coverable() []model.Scope {
	return []model.Scope{{Kind: model.ScopeDevice, Key: "d0"}, {Kind: model.ScopeDevice, Key: "d1"}, {Kind: model.ScopeSite, Key: "s2"}, {Kind: model.ScopeProvince, Key: "01"},
		{Kind: model.ScopeSystem, Key: "olt"}, {Kind: model.ScopeLink, Key: "l0"}, {Kind: model.ScopeComposite, Key: "c0"}}
}

func anyFreezes(t *rapid.T, instant func(string) int64) []model.Freeze {
	var out []model.Freeze
	for n := rapid.IntRange(0, 2).Draw(t, "freezes"); n > 0; n-- {
		scopes := rapid.SliceOfN(rapid.SampledFrom(append(coverable(), model.Scope{Kind: model.ScopeNation})), 1, 2).Draw(t, "frozen")
		f := model.Freeze{ID: fmt.Sprint("f", n), Start: instant("freeze"), Scopes: scopes, Changes: rapid.IntRange(0, 3).Draw(t, "changes") > 0}
		f.End = f.Start + rapid.Int64Range(1, 50000).Draw(t, "frozen for")
		out = append(out, f)
	}
	return out
}

// anyComposites are c0 of devices and links, and c1, which may hold c0, and whose make-up may change.
func anyComposites(t *rapid.T, instant func(string) int64) []model.Composite {
	parts := []model.Scope{{Kind: model.ScopeDevice, Key: "d0"}, {Kind: model.ScopeDevice, Key: "d1"}, {Kind: model.ScopeDevice, Key: "d2"}, {Kind: model.ScopeLink, Key: "l0"}, {Kind: model.ScopeLink, Key: "l1"}, {Kind: model.ScopeDevice, Key: "none"}}
	make := func(name string, parts []model.Scope) model.Composite {
		c := model.Composite{Name: name, System: rapid.SampledFrom([]model.System{"olt", "vn2"}).Draw(t, "system"), Province: rapid.SampledFrom([]string{"", "01"}).Draw(t, "province"),
			Rule: rapid.SampledFrom([]model.CompositeRule{model.Series, model.Parallel, model.KofN, model.Ring, model.Capacity}).Draw(t, "rule"), Validity: model.Validity{To: model.Forever}}
		for _, s := range rapid.SliceOfNDistinct(rapid.SampledFrom(parts), 1, 4, rapid.ID[model.Scope]).Draw(t, "members") {
			c.Members = append(c.Members, model.CompositeMember{Scope: s, CapacityMbps: rapid.SampledFrom([]int64{0, 100, 300}).Draw(t, "Mbit/s")})
		}
		if c.Rule == model.KofN {
			c.Need = rapid.IntRange(1, len(c.Members)).Draw(t, "need")
		}
		return c
	}
	cables := []model.Scope{{Kind: model.ScopeLink, Key: "l0"}, {Kind: model.ScopeLink, Key: "l1"}}
	out := []model.Composite{make("c0", parts), make("c1", append(parts, model.Scope{Kind: model.ScopeComposite, Key: "c0"})), make("c2", cables)}
	out[2].Rule = model.Capacity
	if at := instant("rebuilt"); rapid.Bool().Draw(t, "rebuilt") {
		out = append(out, make("c1", parts))
		out[1].To, out[3].From = at, at+rapid.SampledFrom([]int64{0, 3000}).Draw(t, "pause")
	}
	return out
}

// splitRow makes two rows of one now and then: the device moves at an instant.
func splitRow(t *rapid.T, row model.Device, at int64, change func(*model.Device)) []model.Device {
	if rapid.IntRange(0, 2).Draw(t, "moves") > 0 {
		return []model.Device{row}
	}
	next := row
	row.To, next.From = at, at+rapid.SampledFrom([]int64{0, 5000}).Draw(t, "gap")
	change(&next)
	return []model.Device{row, next}
}

func anyTargets(t *rapid.T) model.Targets {
	rule := model.ClassRule{
		ThetaPerMille: 800, MaxRatio: ratio(3, 100), DropPerMillion: 1000, DropDays: rapid.IntRange(0, 2).Draw(t, "drop days"),
		MinCoverage: ratio(rapid.Int64Range(0, 10).Draw(t, "coverage"), 10), MinServiceDays: 15, OverflowPerMill: 1050,
	}
	return model.Targets{
		Availability:    map[model.System]model.SystemTarget{"olt": {Target: ratio(9, 10), Weighted: rapid.Bool().Draw(t, "weighted"), Test: rapid.SampledFrom([]string{"", "gross"}).Draw(t, "test")}, "vn2": {National: true}},
		Congestion:      map[model.LinkClass]model.ClassRule{model.Transport: rule, model.Broadband: rule},
		Composites:      map[string]model.CompositeTarget{"c0": {Target: ratio(9, 10), Gross: rapid.Bool().Draw(t, "c0 gross")}, "c2": {Target: ratio(9, 10)}},
		MaxUnknownMonth: ratio(1, 2),
		MaxUnknownDay:   ratio(1, 4),
		MinOutage:       rapid.SampledFrom([]int64{0, 10, 100}).Draw(t, "min outage"),
	}
}

// chunks is stage 1 for the whole world: two partitions, each entity folded day by day.
func (w *world) chunks() []*DayChunk {
	var out []*DayChunk
	for d := w.from; d < w.to; d++ {
		for p := range 2 {
			c := &DayChunk{Day: d}
			for _, key := range w.keys(p) {
				for _, method := range w.methods(key) {
					e := w.days(key, method)[d-w.from]
					e.Device, e.IfName, e.Method = key.Device, key.IfName, method
					c.Entities = append(c.Entities, e)
				}
				if r := readingsFrom(w.lost[key]); !r[d].Empty() {
					e := r[d].Fold(d, r[d-1], r[d+1])
					e.Device, e.IfName = key.Device, key.IfName
					c.Entities = append(c.Entities, e)
				}
				if w.served[key] != nil {
					e := foldDays(seriesOf(w.served[key]), w.from, w.to)[d-w.from]
					e.Device, e.IfName, e.Method = key.Device, key.IfName, MethodService
					c.Entities = append(c.Entities, e)
				}
				if key.IfName != "" {
					port := foldPort(counterDays(w.counts[key]), d)
					port.Device, port.IfName = key.Device, key.IfName
					c.Ports = append(c.Ports, port)
				}
			}
			out = append(out, c)
		}
	}
	return out
}

// keys are the entities of one partition, sorted: d1 lives in the second one.
func (w *world) keys(partition int) []model.Port {
	var out []model.Port
	for k := range w.seen {
		if (k.Device == "d1") == (partition == 1) {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, comparePort)
	return out
}

func (w *world) input(chunks []*DayChunk) MonthInput {
	return MonthInput{Month: w.month, Day: w.day, From: w.start, End: w.end, Plan: NewPlan(w.inv), Chunks: chunks}
}

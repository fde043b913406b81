package scorecard_test

import (
	"fmt"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// The small month, computed by hand. November 2026 has 30 days of 86 400 s: 2 592 000 s.
//
//	Hà Nội (01), olt-gpon, target 99.5 % (floor): three OLTs with 8000, 3000 and 1000 subscribers are down
//	  0, 3 600 and 36 000 s. Net 1 - 39 600/7 776 000 = 99.4907 %: missed.
//	  Weighted 1 - 46 800 000/31 104 000 000 = 99.8495 %.
//	Hà Nội (01), man-e, target 99.95 %: one router, 1 296 s down, 3 600 s down inside CR-1, 900 s unknown.
//	  Net 2 586 204/2 587 500 = 99.9499 %: missed. Budget 1 293.75 s, left -2.25 s. Not unrecoverable: of the
//	  whole month's 2 592 000 s the target allows 1 296 s, which is just what was spent.
//	Tuyên Quang (08): one OLT, nothing was ever seen.
//	vn2 (nation), target 99.99 %: one router, always up.
//	transport: 1 of 40 links of 10 Gbit/s is congested, 2.50 %: below 3 %.
//	broadband: 3 of 100 links are congested, 3.00 %: not below 3 %; a further one has too little data.
const (
	periodSeconds = 2_592_000
	slots         = 8640
)

var month = model.Month{Year: 2026, Month: 11}

func smallInventory() *model.Inventory {
	always := model.Validity{To: model.Forever}
	inv := &model.Inventory{
		Hash: strings.Repeat("1f", 32),
		Devices: []model.Device{
			{Name: "hni-mane-1", Province: "01", System: "man-e", Site: "HNI-CGY", Validity: always},
			{Name: "hni-olt-1", Province: "01", System: "olt-gpon", Site: "HNI-CGY", Subscribers: 8000, Validity: always},
			{Name: "hni-olt-2", Province: "01", System: "olt-gpon", Site: "HNI-TXN", Subscribers: 3000, Validity: always},
			{Name: "hni-olt-3", Province: "01", System: "olt-gpon", Site: "HNI-TXN", Subscribers: 1000, Validity: always},
			{Name: "tqg-olt-1", Province: "08", System: "olt-gpon", Site: "TQG", Validity: always},
			{Name: "vn2-p1", System: "vn2", Site: "HNI-GDI", Validity: always},
		},
		Provinces: []model.Province{
			{Set: "63", Code: "01", Slug: "ha-noi", NameVI: "Hà Nội", NameEN: "Hanoi", Region: "Bắc", Validity: model.Validity{To: 1751302800}},
			{Set: "34", Code: "01", Slug: "ha-noi", NameVI: "Hà Nội", NameEN: "Hanoi", Region: "Bắc", Row: 2, Col: 2, Validity: model.Validity{From: 1751302800, To: model.Forever}},
			// The name is decomposed here (NFD) and must be composed in every document.
			{Set: "34", Code: "08", Slug: "tuyen-quang", NameVI: "Tuye\u0302n Quang", NameEN: "Tuyen Quang", Region: "Bắc", Col: 2, Validity: model.Validity{From: 1751302800, To: model.Forever}},
		},
	}
	inv.Targets = model.Targets{
		Hash: strings.Repeat("2e", 32),
		Availability: map[model.System]model.SystemTarget{
			"vn2":      {Target: model.Ratio{Num: 9999, Den: 10000}, National: true, NameVI: "Mạng lõi IP VN2", NameEN: "VN2 IP core", Source: "QĐ 123/QĐ-VNPT"},
			"man-e":    {Target: model.Ratio{Num: 1999, Den: 2000}, NameVI: "Mạng MAN-E", NameEN: "MAN-E metro", Source: "QĐ 123/QĐ-VNPT"},
			"olt-gpon": {Target: model.Ratio{Num: 199, Den: 200}, NameVI: "Truy nhập quang OLT-GPON", NameEN: "OLT-GPON access", Source: "QCVN 34:2022/BTTTT"},
		},
	}
	return inv
}

func smallMonth() *kpi.MonthResult {
	r := &kpi.MonthResult{Month: month, From: month.Start(), End: month.End()}
	r.Availability = []kpi.Availability{
		mane(""), olts(""), vn2(),
		mane("01"), olts("01"),
		unseen("08", "olt-gpon"),
		unseen(kpi.UnknownProvince, ""),
	}
	r.Congestion = []kpi.Congestion{
		broadband(""), transport(""),
		broadband("01"), {Province: "08", Class: model.Broadband, MaxRatio: model.Ratio{Num: 3, Den: 100}, Status: kpi.NoData},
	}
	r.Outages = []kpi.Outage{
		{Level: kpi.LevelDevice, Name: "hni-olt-3", Province: "01", System: "olt-gpon", From: r.From - 3600, To: r.From + 36000, Seconds: 36000},
		{Level: kpi.LevelDevice, Name: "hni-mane-1", Province: "01", System: "man-e", From: r.From + 90000, To: r.From + 94896, Seconds: 1296, Counted: true, Planned: 3600, Windows: []string{"CR-1"}},
		{Level: kpi.LevelLink, Name: "bb-000", Provinces: []string{"01", "08"}, Class: model.Broadband, From: r.From + 100000, To: r.From + 100060, Seconds: 60, Counted: true},
		{Level: kpi.LevelLink, Name: "tr-000", Class: model.Transport, From: r.From + 100000, To: r.From + 100060, Seconds: 60, Counted: true},
		{Level: kpi.LevelDevice, Name: "hni-olt-2", Province: "01", System: "olt-gpon", From: r.End - 3600, To: r.End, Seconds: 3600, Open: true, Counted: true},
	}
	r.Links = links()
	r.Sampled = []kpi.Sampled{
		{Slots: 140 * slots, Expected: 141 * slots},
		{Province: "01", Slots: 100 * slots, Expected: 101 * slots},
		{Province: "08", Slots: slots, Expected: slots},
	}
	r.LateWindows = []model.Window{
		{ID: "CR-7", Kind: model.ScopeSite, Key: "HNI-TXN", Start: r.From, End: r.From + 7200, CreatedAt: r.From + 9000, ApprovedBy: "NOC Hà Nội", ApprovedAt: r.From + 9600, Reason: "Thay nguồn, \"gấp\""},
		{ID: "CR-8", Kind: model.ScopeSystem, Key: "vn2", Start: r.From, End: r.From + 60, CreatedAt: r.From - 60},
	}
	return r
}

// group derives the ratios of hand-given sums, as docs/kpi.md defines them.
func group(a kpi.Availability, weighted kpi.WSums) kpi.Availability {
	s := a.Sums
	a.Level, a.Weighted = kpi.LevelDevice, weighted
	a.Net, a.Gross = kpi.Quo(s.Up, s.Up+s.Down), kpi.Quo(s.Up, s.Up+s.Down+s.MaintDown)
	all := s.Up + s.Down + s.Unknown
	a.Lo, a.Hi, a.UnknownShare = kpi.Quo(s.Up, all), kpi.Quo(s.Up+s.Unknown, all), kpi.Quo(s.Unknown, all)
	wAll := weighted.Up.Add(weighted.Down).Add(weighted.Unknown)
	a.WNet = kpi.Number{Num: weighted.Up, Den: weighted.Up.Add(weighted.Down)}
	a.WGross = kpi.Number{Num: weighted.Up, Den: a.WNet.Den.Add(weighted.MaintDown)}
	a.WLo, a.WHi = kpi.Number{Num: weighted.Up, Den: wAll}, kpi.Number{Num: weighted.Up.Add(weighted.Unknown), Den: wAll}
	a.WUnknownShare = kpi.Number{Num: weighted.Unknown, Den: wAll}
	a.MTTR, a.MTBO = kpi.Quo(s.Down, s.Outages), kpi.Quo(s.Up, s.Outages)
	a.Expected = int64(a.Entities) * periodSeconds
	return a
}

func mane(province string) kpi.Availability {
	return group(kpi.Availability{
		Province: province, System: "man-e", Entities: 1, Target: model.Ratio{Num: 1999, Den: 2000}, Status: kpi.OK,
		Sums:   kpi.Sums{Up: 2586204, Down: 1296, Unknown: 900, MaintDown: 3600, Outages: 1},
		Budget: kpi.Quo(2587500, 2000), Left: kpi.Quo(2587500-2000*1296, 2000),
	}, kpi.WSums{})
}

func olts(province string) kpi.Availability {
	return group(kpi.Availability{
		Province: province, System: "olt-gpon", Entities: 3, Target: model.Ratio{Num: 199, Den: 200}, Status: kpi.OK, Lost: true,
		Sums:   kpi.Sums{Up: 7736400, Down: 39600, Outages: 1, Flaps: 2},
		Budget: kpi.Quo(7776000, 200), Left: kpi.Quo(7776000-200*39600, 200), Restarts: 1,
	}, kpi.WSums{Up: kpi.Int(31104000000 - 46800000), Down: kpi.Int(46800000)})
}

func vn2() kpi.Availability {
	return group(kpi.Availability{
		System: "vn2", Entities: 1, Target: model.Ratio{Num: 9999, Den: 10000}, Status: kpi.OK, Meets: true,
		Sums:   kpi.Sums{Up: periodSeconds},
		Budget: kpi.Quo(periodSeconds, 10000), Left: kpi.Quo(periodSeconds, 10000),
	}, kpi.WSums{})
}

// unseen is one device that was expected all month and never observed.
func unseen(province string, system model.System) kpi.Availability {
	return group(kpi.Availability{
		Province: province, System: system, Entities: 1, Status: kpi.NoData, Sums: kpi.Sums{Unknown: periodSeconds},
	}, kpi.WSums{})
}

func transport(province string) kpi.Congestion {
	return kpi.Congestion{
		Province: province, Class: model.Transport, Links: 40, Evaluated: 40, Congested: 1, CapEvaluated: 400_000, CapCongested: 10_000,
		Ratio: kpi.Quo(1, 40), CapRatio: kpi.Quo(10_000, 400_000), MaxRatio: model.Ratio{Num: 3, Den: 100}, Status: kpi.OK, Meets: true,
	}
}

func broadband(province string) kpi.Congestion {
	return kpi.Congestion{
		Province: province, Class: model.Broadband, Links: 101, Evaluated: 100, Congested: 3, NotEvaluated: 1, CapEvaluated: 248_800, CapCongested: 7_464,
		Ratio: kpi.Quo(3, 100), CapRatio: kpi.Quo(7_464, 248_800), MaxRatio: model.Ratio{Num: 3, Den: 100}, Status: kpi.OK, CapWarn: true,
	}
}

// links are 40 of transport (the first is congested, none belongs to a province) and 101 of
// broadband, by name.
func links() []kpi.LinkMonth {
	all := make([]kpi.LinkMonth, 0, 141)
	for i := range 101 {
		l := kpi.LinkMonth{Link: fmt.Sprintf("bb-%03d", i), Class: model.Broadband, Provinces: []string{"01"}, CapacityMbps: 2488, Congested: i < 3}
		all = append(all, measured(l, i))
	}
	all[0].Provinces = []string{"01", "08"}
	last := &all[100]
	last.In, last.Out = kpi.DirMonth{P95: -1, Max: -1, BusyHour: -1}, kpi.DirMonth{P95: -1, Max: -1, BusyHour: -1}
	last.P95, last.Coverage, last.NotEvaluated = -1, kpi.Quo(0, slots), kpi.LowCoverage
	for i := range 40 {
		l := kpi.LinkMonth{Link: fmt.Sprintf("tr-%03d", i), Class: model.Transport, CapacityMbps: 10_000, Congested: i < 1}
		all = append(all, measured(l, i))
	}
	return all
}

// measured gives link i its traffic.
func measured(l kpi.LinkMonth, i int) kpi.LinkMonth {
	dir := func(p95 int32) kpi.DirMonth {
		return kpi.DirMonth{Slots: slots, P95: p95, Max: p95 + 10, Occ: kpi.Quo(int64(slots)*400, slots), BusyHour: 20, BusyMean: kpi.Quo(21*12*700+1, 21*12)}
	}
	l.Port = model.Port{Device: "hni-olt-1", IfName: fmt.Sprintf("GPON 0/%d/<1>", i)}
	l.In, l.Out, l.P95, l.Expected, l.Coverage = dir(700), dir(710), 710, slots, kpi.Quo(slots, slots)
	if l.Congested {
		l.Out, l.P95, l.CongestedHours = dir(800), 800, 44
	}
	return l
}

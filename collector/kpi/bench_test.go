package kpi

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/model"
)

func BenchmarkSeriesAdd(b *testing.B) {
	var s Series
	for i := 0; i < b.N; i++ {
		at := int64(i) * 60 % daySeconds
		if at == 0 {
			s.runs = s.runs[:0]
		}
		s.Add(at, ObsUp, 60)
	}
}

func BenchmarkSeriesAddDuplicate(b *testing.B) {
	s := daySeries(polls(day0, day0+1, 60))
	for i := 0; i < b.N; i++ {
		s.Add(int64(i)*60%daySeconds, ObsUp, 60)
	}
}

func BenchmarkFoldQuietDay(b *testing.B) {
	s := daySeries(polls(day0, day0+1, 60))
	m := Machine{}.Fold(day0-1, s, nil).Carry
	b.ReportAllocs()
	for b.Loop() {
		m.Fold(day0, s, s)
	}
}

func BenchmarkCounterAdd(b *testing.B) {
	var c CounterDay
	for i := 0; i < b.N; i++ {
		c.Add(i/5%SlotsPerDay, Counters{Time: int64(i), InOctets: uint64(i), Has: HasOctets})
	}
}

func BenchmarkSlotsOfADay(b *testing.B) {
	var c CounterDay
	for i := range SlotsPerDay {
		n := uint64(i)
		c.Add(i, Counters{Time: (day0.Start() + int64(i)*300) * 1e9, InOctets: n * 1e9, OutOctets: n * 2e9, Uptime: n * 30000, SpeedMbps: 10000, Has: HasOctets | HasUptime})
	}
	b.ReportAllocs()
	for b.Loop() {
		c.Fold(nil, nil)
	}
}

// nation is 83,000 devices in 63 provinces over 30 quiet days of September, with one failure each
// month for one device in a hundred.
func nation(devices int) (MonthInput, []*DayChunk) {
	first := model.Month{Year: 2026, Month: 9}.First()
	inv := &model.Inventory{Targets: model.Targets{
		Availability: map[model.System]model.SystemTarget{"olt": {Target: ratio(995, 1000)}}, MaxUnknownMonth: ratio(5, 100), MinOutage: 10}}
	quiet := daySeries(polls(day0, day0+1, 60))
	carry := Machine{}.Fold(first-2, quiet, quiet).Carry
	chunks := make([]*DayChunk, 32)
	for d := range chunks {
		chunks[d] = &DayChunk{Day: first - 1 + model.Day(d)}
	}
	for i := range devices {
		name := fmt.Sprintf("olt-%02d-%05d", i%63+1, i)
		row := model.Device{Name: name, Province: name[4:6], System: "olt", Subscribers: 1000, Validity: model.Validity{To: model.Forever}}
		inv.Devices = append(inv.Devices, row)
	}
	sortDevices(inv.Devices)
	for d, c := range chunks {
		c.Entities = make([]EntityDay, 0, devices)
		for i := range inv.Devices {
			e := EntityDay{Device: inv.Devices[i].Name, Carry: carry}
			if i%100 == 0 && d == i%30 {
				e.NonUp = []Interval{{c.Day.Start() + 100, c.Day.Start() + 400, Down, 60}}
			}
			c.Entities = append(c.Entities, e)
		}
	}
	return MonthInput{Month: model.Month{Year: 2026, Month: 9}, Plan: NewPlan(inv), Chunks: chunks}, chunks
}

func BenchmarkMonth83000Devices(b *testing.B) {
	in, chunks := nation(83_000)
	b.Run("30 days apart", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Month(in)
		}
	})
	in.Chunks = []*DayChunk{MergeMonth(in.Month, chunks...)}
	b.Run("merged", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Month(in)
		}
	})
}

func BenchmarkNewPlan83000Devices(b *testing.B) {
	in, _ := nation(83_000)
	b.ReportAllocs()
	for b.Loop() {
		NewPlan(in.Plan.inv)
	}
}

func sortDevices(ds []model.Device) {
	slices.SortFunc(ds, func(a, b model.Device) int { return strings.Compare(a.Name, b.Name) })
}

// linkNation is n transport links, each with a day of traffic at its A end.
func linkNation(n int) (*Plan, *DayChunk) {
	inv := &model.Inventory{Targets: model.Targets{Congestion: map[model.LinkClass]model.ClassRule{
		model.Transport: {ThetaPerMille: 800, MaxRatio: ratio(3, 100), MinCoverage: ratio(9, 10), MinServiceDays: 15}}}}
	c := &DayChunk{Day: day0}
	for i := range n {
		a := model.Port{Device: fmt.Sprintf("r%06d", i/4), IfName: fmt.Sprint("xe-", i%4)}
		inv.Links = append(inv.Links, model.Link{Name: fmt.Sprintf("l%06d", i), A: a, Class: model.Transport, CapacityMbps: 10_000, Validity: model.Validity{To: model.Forever}})
		p := PortDay{Device: a.Device, IfName: a.IfName, Day: day0, In: make([]uint32, SlotsPerDay), Out: make([]uint32, SlotsPerDay)}
		for s := range p.In {
			p.In[s], p.Out[s] = uint32((s*s+i)%9_000_000), uint32((s*s*s+i)%9_000_000)
		}
		c.Ports = append(c.Ports, p)
		c.Entities = append(c.Entities, EntityDay{Device: a.Device, IfName: a.IfName})
	}
	return NewPlan(inv), c
}

func BenchmarkTrafficDayPerLink(b *testing.B) {
	const links = 2000
	p, c := linkNation(links)
	lines := p.Lines(model.MonthOf(day0.Start()), 0, []*DayChunk{c})
	ports := SplitPorts(c.Ports)
	b.ReportAllocs()
	for b.Loop() {
		for shard := range Shards {
			lines.Sum(shard, nil).Add(day0, 0, ports[shard])
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/links, "ns/link")
}

func BenchmarkDecodePorts(b *testing.B) {
	const links = 2000
	_, c := linkNation(links)
	data := (&DayChunk{Day: day0, Ports: c.Ports}).AppendTo(nil)
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := DecodeDayChunk(data); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/links, "ns/port")
}

func BenchmarkMonthOfSummedLinks(b *testing.B) {
	const links = 20_000
	p, c := linkNation(links)
	month := model.MonthOf(day0.Start())
	quiet := &DayChunk{Day: month.First(), Days: 31, Entities: c.Entities}
	lines := p.Lines(month, 0, []*DayChunk{quiet})
	t, ports := p.NewMonthTraffic(), SplitPorts(c.Ports)
	for shard := range Shards {
		s := lines.Sum(shard, nil)
		s.Add(day0, 0, ports[shard])
		s.Finish(t)
	}
	in := MonthInput{Month: month, Plan: p, Chunks: []*DayChunk{quiet}, Traffic: t}
	b.ReportAllocs()
	for b.Loop() {
		Month(in)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/links, "ns/link")
}

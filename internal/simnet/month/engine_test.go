package month_test

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/month"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// The collector's arithmetic, fed with a disordered month full of faults, agrees with the truth about
// every device and link to the second and the slot.
func TestEngineAgreesWithTruth(t *testing.T) {
	t.Parallel()
	o := network(t, func(c *nation.Config) {
		c.Devices, c.Interfaces, c.Agents, c.Cells = 70, 3, 3, 1
		c.Aggregates = nation.Aggregates{Members: 4, MinLinks: 2}
		window := func(id, scope string, approved fault.Time) nation.Window {
			return nation.Window{ID: id, Scope: scope, Start: instant(20, 1, 0), End: instant(21, 4, 0),
				CreatedAt: instant(1, 9, 0), ApprovedBy: "noc", ApprovedAt: approved, Reason: "nâng cấp"}
		}
		c.Windows = []nation.Window{window("A", "province:01", instant(2, 0, 0)), window("B", "system:ran-4g", instant(2, 0, 0)),
			window("C", "device:vn2-p-01", instant(22, 0, 0))}
	})
	random := fault.Random{Seed: 11, From: instant(1, 0, 0), To: instant(31, 23, 0), Count: map[fault.Kind]int{
		fault.Dead: 60, fault.Reboot: 40, fault.CounterReset: 20, fault.Loss: 40, fault.Truncate: 10, fault.WrongSource: 10,
		fault.LinkDown: 60, fault.Congestion: 30, fault.AdminDown: 20, fault.AgentStop: 4, fault.PortDown: 60}}
	troubled, err := o.Overlay(random.Draw(o.Targets()))
	if err != nil {
		t.Fatal(err)
	}
	p := plan(t, troubled, 5*time.Minute)
	p.Cells = true
	if err := p.Probe(30 * time.Minute); err != nil {
		t.Fatal(err)
	}
	e := newEngine(t)
	if _, err := month.Write(t.Context(), p, month.Options{Heartbeats: true, Disorder: 5}, e); err != nil {
		t.Fatal(err)
	}
	inv := load(t, troubled.Network)
	got, truth := e.evaluate(inv), month.TruthOf(p)
	compare(t, got, truth)
	compareReports(t, got, truth)
	compareVerdicts(t, inv, got, truth)
}

// Nor does the truth take another way about what nothing ever happens to.
func TestEngineAgreesWithTruthAboutCalm(t *testing.T) {
	t.Parallel()
	o := network(t, func(c *nation.Config) { c.Aggregates = nation.Aggregates{Members: 2} },
		fault.Fault{ID: "x", Kind: fault.Dead, Device: "ha-noi-olt-0001", From: instant(5, 10, 0), To: instant(5, 12, 0)},
		fault.Fault{ID: "y", Kind: fault.Congestion, Link: "apg", From: instant(1, 0, 0), To: instant(31, 0, 0), Factor: 9})
	p, e := plan(t, o, 5*time.Minute), newEngine(t)
	if _, err := month.Write(t.Context(), p, month.Options{}, e); err != nil {
		t.Fatal(err)
	}
	compare(t, e.evaluate(load(t, o.Network)), month.TruthOf(p))
}

func load(t *testing.T, n *nation.Network) *model.Inventory {
	t.Helper()
	dir, configs := t.TempDir(), "../../../configs"
	if err := n.WriteInventory(dir, 1161); err != nil {
		t.Fatal(err)
	}
	x, err := inventory.Load(inventory.Config{Devices: filepath.Join(dir, "devices.csv"), Links: filepath.Join(dir, "links.csv"),
		Maintenance: filepath.Join(dir, "maintenance.csv"), Composites: filepath.Join(dir, "composites.csv"), Cells: filepath.Join(dir, "cells.csv"),
		Goals: filepath.Join(dir, "goals.csv"), Targets: filepath.Join(configs, "targets.yaml"),
		Thresholds: filepath.Join(configs, "score_thresholds.csv"), Provinces: filepath.Join(configs, "provinces")})
	if err != nil {
		t.Fatal(err)
	}
	return x.Inventory
}

// engine is a sink that keeps observations as a partition does.
type engine struct {
	t        *testing.T
	series   map[model.Port]map[model.Day]*kpi.Series
	counters map[model.Port]map[model.Day]*kpi.CounterDay
	reports  reports
	known    map[string]point.Series // by raw key
	unpack   *point.Unpacker
}

func newEngine(t *testing.T) *engine {
	t.Helper()
	unpack, err := point.NewUnpacker(64 << 20)
	if err != nil {
		t.Fatal(err)
	}
	return &engine{t: t, series: map[model.Port]map[model.Day]*kpi.Series{}, counters: map[model.Port]map[model.Day]*kpi.CounterDay{},
		reports: reports{ran.NewReader(), map[report.Series]map[model.Day]*report.Set{}}, known: map[string]point.Series{}, unpack: unpack}
}

func (e *engine) Flush(context.Context) error { return nil }

func (e *engine) Put(_ context.Context, _ uint64, b point.Batch) error {
	text, err := e.unpack.Unpack(nil, b.Frames)
	if err != nil {
		return err
	}
	scan := point.NewScanner(text, point.Options{})
	for scan.Next() {
		if err := scan.Err(); err != nil {
			return err
		}
		e.line(scan.Line())
	}
	return nil
}

func (e *engine) line(l *point.Line) {
	s, known := e.known[string(l.Key)]
	if !known {
		var err error
		if s, err = point.ParseKey(l.Key); err != nil {
			e.t.Fatal(err)
		}
		e.known[string(l.Key)] = s
	}
	field := func(k string) uint64 {
		for _, f := range l.Fields {
			if v, ok := f.Uint(); ok && string(f.Key) == k {
				return v
			}
		}
		return 0
	}
	if e.reports.line(s, l) {
		return
	}
	obs, port := kpi.ObsDown, model.Port{Device: s.Tag("device"), IfName: s.Tag("ifname")}
	switch s.Measurement {
	case "reach":
		if up, _ := l.Fields[0].Bool(); up {
			obs = kpi.ObsUp
		}
	case "interface":
		if field("admin") == 2 {
			obs = kpi.ObsExcluded
		} else if field("oper") == 1 {
			obs = kpi.ObsUp
		}
		day, boundary := kpi.BoundaryOf(l.Time)
		at(e.counters, port, day).Add(boundary, kpi.Counters{Time: l.Time, Uptime: field("uptime_cs"), Discontinuity: field("discontinuity_cs"),
			InOctets: field("in_octets"), OutOctets: field("out_octets"), SpeedMbps: uint32(field("speed_mbps")),
			Has: kpi.HasUptime | kpi.HasDiscontinuity | kpi.HasOctets})
	default:
		return
	}
	day := model.DayOf(l.Time / 1e9)
	at(e.series, port, day).Add(l.Time/1e9-day.Start(), obs, int64(field("interval_s")))
}

func at[T any](m map[model.Port]map[model.Day]*T, p model.Port, d model.Day) *T {
	if m[p] == nil {
		m[p] = map[model.Day]*T{}
	}
	if m[p][d] == nil {
		m[p][d] = new(T)
	}
	return m[p][d]
}

// evaluate closes every day and computes the month.
func (e *engine) evaluate(inv *model.Inventory) kpi.MonthResult {
	return e.evaluateMonth(inv, model.Month{Year: 2026, Month: time.October})
}

func (e *engine) evaluateMonth(inv *model.Inventory, m model.Month) kpi.MonthResult {
	ports := make([]model.Port, 0, len(e.series))
	for p := range e.series {
		ports = append(ports, p)
	}
	slices.SortFunc(ports, func(a, b model.Port) int {
		return cmp.Or(cmp.Compare(a.Device, b.Device), cmp.Compare(a.IfName, b.IfName))
	})
	machines := map[model.Port]kpi.Machine{}
	var chunks []*kpi.DayChunk
	for d := m.First() - 1; d <= m.Next().First(); d++ {
		c := &kpi.DayChunk{Day: d, Reports: e.reports.fold(d)}
		for _, p := range ports {
			day := machines[p].Fold(d, e.series[p][d], e.series[p][d+1])
			machines[p] = day.Carry
			day.Device, day.IfName = p.Device, p.IfName
			c.Entities = append(c.Entities, day)
			if p.IfName != "" {
				traffic := at(e.counters, p, d).Fold(e.counters[p][d-1], e.counters[p][d+1])
				traffic.Device, traffic.IfName, traffic.Day = p.Device, p.IfName, d
				c.Ports = append(c.Ports, traffic)
			}
		}
		chunks = append(chunks, c)
	}
	return kpi.Month(kpi.MonthInput{Month: m, Plan: kpi.NewPlan(inv), Chunks: chunks})
}

func compare(t *testing.T, got kpi.MonthResult, truth month.Truth) {
	t.Helper()
	sums, links := map[string]month.StateTime{}, map[string]month.LinkTruth{}
	for _, e := range got.Entities {
		s := e.Sums
		sums[string(e.Level)+e.Name] = month.StateTime{Up: s.Up, Down: s.Down, Unknown: s.Unknown, MaintDown: s.MaintDown,
			MaintUnknown: s.MaintUnknown, Excluded: s.Excluded, Outages: s.Outages, Flaps: s.Flaps}
	}
	for _, l := range got.Links {
		links[l.Link] = month.LinkTruth{Link: l.Link, StateTime: sums[string(kpi.LevelLink)+l.Link], Capacity: uint32(l.CapacityMbps), P95In: int(l.In.P95), P95Out: int(l.Out.P95),
			Expected: int(l.Expected), Reported: int(min(l.In.Slots, l.Out.Slots)), Evaluated: l.NotEvaluated == "", Congested: l.Congested}
	}
	composites := map[string]month.CompositeTime{}
	for _, c := range got.Composites {
		s := c.Sums
		composites[c.Name] = month.CompositeTime{Composite: c.Name, Degraded: c.Degraded, StateTime: month.StateTime{Up: s.Up, Down: s.Down, Unknown: s.Unknown,
			MaintDown: s.MaintDown, MaintUnknown: s.MaintUnknown, Excluded: s.Excluded, Outages: s.Outages, Flaps: s.Flaps}}
	}
	var down, congested, degraded int64
	for _, c := range truth.Composites {
		degraded += c.Degraded
		if composites[c.Composite] != c {
			t.Errorf("collector %+v\ntruth     %+v", composites[c.Composite], c)
		}
	}
	for _, d := range truth.Devices {
		down += d.Down
		if s := sums[string(kpi.LevelDevice)+d.Device]; s != d.StateTime {
			t.Errorf("%s:\ncollector %+v\ntruth     %+v", d.Device, s, d.StateTime)
		}
	}
	for _, l := range truth.Links {
		if l.Congested {
			congested++
		}
		if links[l.Link] != l {
			t.Errorf("collector %+v\ntruth     %+v", links[l.Link], l)
		}
	}
	if down == 0 || congested == 0 || len(truth.Devices)+len(truth.Links) != len(got.Entities) {
		t.Errorf("%d devices and %d links, %d of them congested, %d s down: too easy; %d entities", len(truth.Devices), len(truth.Links), congested, down, len(got.Entities))
	}
}

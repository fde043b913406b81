package month_test

import (
	"cmp"
	"context"
	"maps"
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
		c.Aggregates, c.OTN, c.ONTs = nation.Aggregates{Members: 4, MinLinks: 2}, true, 8
		window := func(id, scope string, approved fault.Time) nation.Window {
			return nation.Window{ID: id, Scope: scope, Start: instant(20, 1, 0), End: instant(21, 4, 0),
				CreatedAt: instant(1, 9, 0), ApprovedBy: "noc", ApprovedAt: approved, Reason: "nâng cấp"}
		}
		c.Windows = []nation.Window{window("A", "province:01", instant(2, 0, 0)), window("B", "system:ran-4g", instant(2, 0, 0)),
			window("C", "device:vn2-p-01", instant(22, 0, 0)), window("D", "system:ring-north", instant(2, 0, 0)), window("E", "province:48", instant(2, 0, 0))}
		c.Windows[4].Override = "khẩn cấp"
		freeze := func(id string, from, to fault.Time, scopes ...string) nation.Freeze {
			return nation.Freeze{ID: id, Name: id, Scopes: scopes, Start: from, End: to}
		}
		c.Freezes = []nation.Freeze{freeze("summit", instant(20, 6, 0), instant(20, 18, 0), "province:01", "system:submarine"),
			freeze("vote", instant(20, 12, 7), instant(20, 20, 0), "nation"), freeze("node", instant(20, 22, 0), instant(22, 0, 0), "device:ring-north-01", "device:ring-north-02", "province:48")}
		c.Measured = true
	})
	random := fault.Random{Seed: 11, From: instant(1, 0, 0), To: instant(31, 23, 0), Count: map[fault.Kind]int{
		fault.Dead: 60, fault.Reboot: 40, fault.CounterReset: 20, fault.Loss: 40, fault.Truncate: 10, fault.WrongSource: 10,
		fault.LinkDown: 60, fault.Congestion: 30, fault.AdminDown: 20, fault.AgentStop: 4, fault.PortDown: 60, fault.ONTsOff: 30, fault.Errors: 30}}
	troubled, err := o.Overlay(append(random.Draw(o.Targets()), special()...))
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
	compareLists(t, got, truth)
}

// special are faults that no draw brings: all cables are full at once, a ring's node fails in a window of its system that
// a freeze takes from the node alone, and links drop packets: too many, and too many only of those to one receiver.
func special() (out []fault.Fault) {
	for _, cable := range []string{"sjc2", "apg", "aae1", "aag", "ia"} {
		out = append(out, fault.Fault{ID: cable, Kind: fault.Congestion, Link: cable, Factor: 9, From: instant(9, 18, 0), To: instant(9, 23, 0)})
	}
	for link, drop := range map[string]float64{"ring-south-arm-1": 0.01, "ring-south-arm-2": 0.00105, "ring-central-arm-1": 0.0012} {
		out = append(out, fault.Fault{ID: link, Kind: fault.Congestion, Link: link, Factor: 1, Drop: drop, From: instant(3, 0, 0), To: instant(12, 0, 0)})
	}
	return append(out, fault.Fault{ID: "node", Kind: fault.Dead, Device: "ring-north-01", From: instant(20, 21, 0), To: instant(21, 1, 0)})
}

// Nor does the truth take another way about what nothing ever happens to.
func TestEngineAgreesWithTruthAboutCalm(t *testing.T) {
	t.Parallel()
	o := network(t, func(c *nation.Config) { c.Seed, c.Aggregates = 8, nation.Aggregates{Members: 2} }, // the aggregate has no speed at a slot's end
		fault.Fault{ID: "x", Kind: fault.Dead, Device: "ha-noi-olt-0001", From: instant(5, 10, 0), To: instant(5, 12, 0)},
		fault.Fault{ID: "y", Kind: fault.Congestion, Link: "apg", From: instant(1, 0, 0), To: instant(31, 0, 0), Factor: 9},
		fault.Fault{ID: "z", Kind: fault.LinkDown, Link: "da-nang-agg-001--da-nang-core-01", From: instant(14, 10, 6), To: instant(14, 10, 41)})
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
		Goals: filepath.Join(dir, "goals.csv"), Freezes: filepath.Join(dir, "freezes.csv"), Measured: filepath.Join(dir, "measured.csv"), Targets: filepath.Join(configs, "targets.yaml"),
		Thresholds: filepath.Join(configs, "score_thresholds.csv"), Provinces: filepath.Join(configs, "provinces")})
	if err != nil {
		t.Fatal(err)
	}
	return x.Inventory
}

// entity is a device, or one of its ports by a method.
type entity struct {
	model.Port
	method string
}

// engine is a sink that keeps observations as a partition does.
type engine struct {
	t        *testing.T
	series   map[entity]map[model.Day]*kpi.Series
	readings map[entity]map[model.Day]*kpi.Readings
	counters map[entity]map[model.Day]*kpi.CounterDay
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
	return &engine{t: t, series: map[entity]map[model.Day]*kpi.Series{}, readings: map[entity]map[model.Day]*kpi.Readings{}, counters: map[entity]map[model.Day]*kpi.CounterDay{},
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
	if e.reports.line(s, l) {
		return
	}
	field := func(k string) uint64 { return number(l, k) }
	obs, port := kpi.ObsDown, entity{Port: model.Port{Device: s.Tag("device"), IfName: s.Tag("ifname") + s.Tag("object") + s.Tag("pon")}}
	day := model.DayOf(l.Time / 1e9)
	switch s.Measurement {
	case "reach", "otn":
		if field("up") == 1 {
			obs = kpi.ObsUp
		}
		if s.Measurement == "otn" {
			at(e.readings, entity{port.Port, kpi.MethodOTN}, day).Add(l.Time/1e9-day.Start(), field("unavailable_s"), int64(field("interval_s")))
		}
	case "pon":
		port.method = kpi.MethodService
		if field("onts_online") > 0 {
			obs = kpi.ObsUp
		} else if field("onts_total") == 0 {
			return
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
			OutPkts: field("out_ucast_pkts") + field("out_mcast_pkts") + field("out_bcast_pkts"), OutDiscards: field("out_discards"),
			Has: kpi.HasUptime | kpi.HasDiscontinuity | kpi.HasOctets | kpi.HasPackets | kpi.HasSpeed})
	default:
		return
	}
	at(e.series, port, day).Add(l.Time/1e9-day.Start(), obs, int64(field("interval_s")))
}

// number is a field's value, 1 for true.
func number(l *point.Line, name string) uint64 {
	for _, f := range l.Fields {
		if string(f.Key) != name {
			continue
		}
		if yes, ok := f.Bool(); ok && yes {
			return 1
		}
		v, _ := f.Uint()
		return v
	}
	return 0
}

func at[T any](m map[entity]map[model.Day]*T, p entity, d model.Day) *T {
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
	ports := slices.Concat(slices.Collect(maps.Keys(e.series)), slices.Collect(maps.Keys(e.readings)))
	slices.SortFunc(ports, func(a, b entity) int {
		return cmp.Or(cmp.Compare(a.Device, b.Device), cmp.Compare(a.IfName, b.IfName), cmp.Compare(a.method, b.method))
	})
	machines := map[entity]kpi.Machine{}
	var chunks []*kpi.DayChunk
	for d := m.First() - 1; d <= m.Next().First(); d++ {
		c := &kpi.DayChunk{Day: d, Reports: e.reports.fold(d)}
		for _, p := range ports {
			day := machines[p].Fold(d, e.series[p][d], e.series[p][d+1])
			if readings := e.readings[p]; readings != nil {
				day = readings[d].Fold(d, readings[d-1], readings[d+1])
			}
			machines[p] = day.Carry
			day.Device, day.IfName, day.Method = p.Device, p.IfName, p.method
			c.Entities = append(c.Entities, day)
			if p.IfName != "" && p.method == "" {
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
			Expected: int(l.Expected), Reported: int(min(l.In.Slots, l.Out.Slots)), DropDays: int(l.DropDays), Evaluated: l.NotEvaluated == "", Congested: l.Congested}
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

package kpi

import (
	"encoding/hex"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
)

// fields of a reading in numbers, by name; one that it lacks is missing.
func fields(r *Counters) map[string]uint64 {
	out := map[string]uint64{"in": r.InOctets, "out": r.OutOctets}
	if r.Has&HasPackets != 0 {
		out["packets"], out["discards"] = r.OutPkts, r.OutDiscards
	}
	if r.Has&HasUptime != 0 {
		out["uptime"] = r.Uptime
	}
	if r.Has&HasDiscontinuity != 0 {
		out["discontinuity"] = r.Discontinuity
	}
	if r.SpeedMbps != 0 {
		out["speed"] = uint64(r.SpeedMbps)
	}
	return out
}

// conflicting is how many boundaries of a day have, at the latest instant before them, readings with two values of one
// field.
func conflicting(all []Counters, d model.Day) (n uint32) {
	for b := range SlotsPerDay {
		latest, values, two := int64(-1), map[string]uint64{}, false
		for i := range all {
			day, boundary := BoundaryOf(all[i].Time)
			if day != d || boundary != b || all[i].Time < latest {
				continue
			}
			if all[i].Time > latest {
				latest, values, two = all[i].Time, map[string]uint64{}, false
			}
			for name, v := range fields(&all[i]) {
				known, ok := values[name]
				two = two || ok && known != v
				values[name] = v
			}
		}
		if two {
			n++
		}
	}
	return n
}

// Readings that contradict each other are counted once for each slot's edge that they decide, in whatever order, however
// often and in whatever pieces they came; the same reading again contradicts nothing.
func TestConflictsAreAFunctionOfTheSet(t *testing.T) {
	d := model.Day(20_000)
	rapid.Check(t, func(t *rapid.T) {
		few := func(label string) uint64 { return rapid.Uint64Range(1, 2).Draw(t, label) }
		all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Counters {
			r := Counters{Time: (d.Start() + rapid.SampledFrom([]int64{0, 10, 20, 300, 86_000}).Draw(t, "at")) * 1e9, Has: HasOctets | Has(rapid.Uint8Range(0, 31).Draw(t, "has"))}
			r.InOctets, r.OutOctets, r.SpeedMbps = few("in"), 1, uint32(rapid.Uint64Range(0, 2).Draw(t, "speed"))
			if r.Has&HasPackets != 0 {
				r.OutPkts, r.OutDiscards = few("packets"), 1
			}
			if r.Has&HasUptime != 0 {
				r.Uptime = few("uptime")
			}
			if r.Has&HasDiscontinuity != 0 {
				r.Discontinuity = few("discontinuity")
			}
			return r
		}), 0, 8).Draw(t, "readings")
		want := conflicting(all, d)
		again := rapid.Permutation(slices.Concat(all, all)).Draw(t, "order")
		var one, first, second CounterDay
		cut := rapid.IntRange(0, len(again)).Draw(t, "cut")
		for i, r := range again {
			_, b := BoundaryOf(r.Time)
			one.Add(b, r)
			if i < cut {
				first.Add(b, r)
			} else {
				second.Add(b, r)
			}
		}
		for h := range 24 {
			if block, ok := second.Hour(h); ok {
				kept, _, err := DecodeCounterHour(block.AppendTo(nil))
				if err != nil {
					t.Fatal(err)
				}
				first.MergeHour(h, &kept)
			}
		}
		for h := range 24 {
			whole, _ := one.Hour(h)
			if pieces, _ := first.Hour(h); pieces != whole {
				t.Fatalf("hour %d in pieces: %+v, want %+v", h, pieces, whole)
			}
		}
		if got := one.Fold(nil, nil).Conflicts; got != want {
			t.Fatalf("%d conflicts, want %d", got, want)
		}
	})
}

// A month counts the conflicts of a link's port once for the nation and once for each province that has an end.
func TestAMonthCountsConflicts(t *testing.T) {
	inv := lossyLink(model.ClassRule{})
	inv.Devices = []model.Device{{Name: "a", Province: "01", Validity: always}}
	chunk := &DayChunk{Day: november.First(), Ports: []PortDay{{Device: "a", IfName: "1", Day: november.First(), Conflicts: 3}, {Device: "a", IfName: "1", Day: november.First() + 1, Conflicts: 2}}}
	chunk.Days = 2
	plan := NewPlan(inv)
	in := MonthInput{Month: november, Plan: plan, Chunks: []*DayChunk{chunk}}
	r := Month(in)
	if r.Links[0].Conflicts != 5 || len(r.Sampled) != 2 || r.Sampled[0].Conflicts != 5 || r.Sampled[1].Conflicts != 5 {
		t.Errorf("%+v, %+v", r.Links[0], r.Sampled)
	}
	kept, err := DecodeDayChunk(chunk.AppendTo(nil))
	if err != nil {
		t.Fatal(err)
	}
	in.Chunks = []*DayChunk{kept}
	if diff := cmp.Diff(r, Month(in)); diff != "" {
		t.Errorf("(-want +from its encoding):\n%s", diff)
	}
	sum := in.Plan.Lines(november, 0, in.Chunks).Sum(0, nil)
	sum.sum.Links = []LinkTraffic{{Conflicts: 5, In: samplesOf(3, 5)}}
	again, err := DecodeTraffic(sum.Traffic().AppendTo(nil))
	if err != nil || again.Links[0].Conflicts != 5 {
		t.Errorf("%+v, %v", again, err)
	}
}

// A day that was closed before conflicts were counted has none, and is written as it was.
func TestDaysWithoutConflictsAreAsBefore(t *testing.T) {
	old, err := hex.DecodeString(recordedDay)
	if err != nil {
		t.Fatal(err)
	}
	c, err := DecodeDayChunk(old)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Ports) != 1 || c.Ports[0].Resets != 7 || c.Ports[0].Conflicts != 0 || hex.EncodeToString(c.AppendTo(nil)) != recordedDay {
		t.Errorf("%+v", c.Ports)
	}
	c.Ports[0].Conflicts = 2
	if again, err := DecodeDayChunk(c.AppendTo(nil)); err != nil || again.Ports[0].Conflicts != 2 || again.Ports[0].Resets != 7 {
		t.Errorf("%+v, %v", again, err)
	}
	if _, err := DecodeTraffic([]byte{4, 0, 0}); err == nil {
		t.Error("sums without conflicts were read: they are made anew")
	}
}

// recordedDay is a day of one port as it was written before conflicts were counted.
const recordedDay = "03c0b80201000100027231000467652d30000700000100e8070103640200"

package partition

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
)

// Of the days beside it a day's fold needs no more than their edges, and folded a shard at a time it is packed as in one
// piece.
func TestEdgesAreAllThatTheDayBesideNeeds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		date := model.DayOf(1_790_000_000)
		var blocks [3][]store.Block
		for i := range blocks {
			blocks[i] = anyDay(t, date+model.Day(i-1))
		}
		whole, wholeDays := readBack(t, blocks, date, false)
		edged, edgedDays := readBack(t, blocks, date, true)
		want := whole.fold(date, nil, wholeDays, true)
		if diff := cmp.Diff(want, edged.fold(date, nil, edgedDays, true)); diff != "" {
			t.Fatalf("-whole neighbours +their edges:\n%s", diff)
		}
		closed, err := NewClosed()
		if err != nil {
			t.Fatal(err)
		}
		shards := edged.byShard(edgedDays[1])
		row := closed.pack(want, func(shard int) []kpi.PortDay { return edged.foldPorts(date, edgedDays, shards[shard]) })
		if diff := cmp.Diff(closed.Pack(want), row); diff != "" {
			t.Fatalf("-in one piece +by shards:\n%s", diff)
		}
	})
}

// anyDay is one day's blocks, with most of what was seen at its edges.
func anyDay(t *rapid.T, date model.Day) (out []store.Block) {
	o, err := NewObserved(date)
	if err != nil {
		t.Fatal(err)
	}
	second := rapid.OneOf(rapid.Int64Range(0, 4000), rapid.Int64Range(0, 86_399), rapid.Int64Range(82_000, 86_399))
	for range rapid.IntRange(0, 60).Draw(t, "seen") {
		device, when := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "device"), second.Draw(t, "second")
		switch rapid.IntRange(0, 3).Draw(t, "what") {
		case 0:
			s := o.Series(device, "", "snmp")
			s.Add(when, rapid.SampledFrom([]kpi.Obs{kpi.ObsUp, kpi.ObsDown, kpi.ObsDownNow}).Draw(t, "says"), 300)
			s.AddUptime(date.Start()+when, uint64(rapid.Int64Range(0, 8_640_000).Draw(t, "uptime")))
		case 1:
			o.Series(device, "p", "").Add(when, rapid.SampledFrom([]kpi.Obs{kpi.ObsUp, kpi.ObsDown}).Draw(t, "says"), 300)
		case 2:
			n := uint64(when) * 1000
			o.Counters(device, "p").Add(int(when/kpi.SlotSeconds), kpi.Counters{Time: (date.Start() + when/300*300) * 1e9, InOctets: n, OutOctets: n / 2, Has: kpi.HasOctets})
		case 3:
			id := o.state.entity(entityKey{device, "p", kpi.MethodOTN})
			at(&o.day.readings, id).Add(second.Draw(t, "read"), uint64(rapid.IntRange(0, 20).Draw(t, "count")), 900)
		}
	}
	for hour := range 24 {
		out = append(out, o.Block(hour))
	}
	return out
}

// readBack reads a day and those beside it, or of these the edges.
func readBack(t *rapid.T, blocks [3][]store.Block, date model.Day, edges bool) (*state, [3]*day) {
	c, err := newCodec()
	if err != nil {
		t.Fatal(err)
	}
	s, days := newState(), [3]*day{}
	for i := range days {
		days[i] = &day{date: date + model.Day(i-1), edge: edges && i != 1}
		for _, b := range blocks[i] {
			if err := s.merge(c, days[i], b); err != nil {
				t.Fatal(err)
			}
		}
	}
	return s, days
}

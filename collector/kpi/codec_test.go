package kpi

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/report"
)

func TestChunkCodec(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anyWorld(t)
		chunks := w.chunks()
		merged := MergeMonth(w.month, chunks[2], chunks[0])
		var again DayChunk
		for _, c := range append(chunks, merged, &DayChunk{Day: day0}) {
			got, err := DecodeDayChunk(c.AppendTo(nil))
			if err != nil {
				t.Fatal(err)
			}
			want := *c
			want.Days = max(c.Days, 1)
			if diff := cmp.Diff(&want, got); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
			if err := again.Decode(c.AppendTo(nil)); err != nil || !cmp.Equal(&again, got, cmpopts.EquateEmpty()) {
				t.Fatalf("over another one: %v\n%s", err, cmp.Diff(got, &again))
			}
		}
	})
}

// Names that do not fit one text any more are whole, and stay so while others are added.
func TestNamesAreWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var n names
		var got, want []string
		for range rapid.IntRange(1, 100).Draw(t, "names") {
			begin := strings.Repeat("b", rapid.IntRange(0, 900).Draw(t, "shared"))
			end := strings.Repeat("e", rapid.IntRange(0, 900).Draw(t, "own"))
			got, want = append(got, n.add(begin, []byte(end))), append(want, begin+end)
		}
		if !slices.Equal(got, want) {
			t.Fatal(cmp.Diff(want, got))
		}
	})
}

func TestMachineCodec(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := Machine{}.Fold(day0, seriesOf(anyObservations(t, "o", day0, day0+1))[day0], nil)
		got, rest, err := DecodeMachine(append(e.Carry.AppendTo(nil), 9))
		if err != nil || len(rest) != 1 || got != e.Carry {
			t.Fatalf("%+v, want %+v: %v", got, e.Carry, err)
		}
	})
}

// sampleChunk is a small chunk with everything in it.
func sampleChunk() *DayChunk {
	s := seriesFrom(step{0, ObsUp, 60}, step{60, ObsDown, 60}, step{120, ObsDown, 60}, step{400, ObsExcluded, 60})
	e := Machine{}.Fold(day0, s, nil)
	e.Device = "olt-01-0001"
	p := foldPort(counterDays([]Counters{
		{Time: day0.Start() * 1e9, Has: HasOctets | HasPackets, SpeedMbps: 1000},
		{Time: (day0.Start() + 300) * 1e9, Has: HasOctets | HasPackets, InOctets: 1e9, OutPkts: 9, OutDiscards: 1, SpeedMbps: 1000},
	}), day0)
	p.Device, p.IfName = e.Device, "xe-0/0/1"
	port := e
	port.IfName = p.IfName
	var rows report.Set
	rows.Add(day0, &report.Report{End: day0.Start() + 900, Period: 900, Has: 3})
	return &DayChunk{Day: day0, Days: 1, Entities: []EntityDay{e, port}, Ports: []PortDay{p}, Reports: []report.Day{
		{Device: "enb-1", Object: "Cell=1", Kind: "lte", Date: day0, Rows: rows}, {Device: "enb-1", Object: "Cell=2", Kind: "lte", Date: day0, Sums: (&ran.Sums{Dropped: 1}).AppendTo(nil), Suspect: 1},
	}}
}

// Every cut of a good encoding is refused, with an error that says so.
func TestDecodersRefuseShortInput(t *testing.T) {
	traffic := (&Traffic{Links: []LinkTraffic{{In: samplesOf(3, 5)}}}).AppendTo(nil)
	if _, err := DecodeTraffic(traffic); err != nil {
		t.Fatal(err)
	}
	for n := range traffic {
		if _, err := DecodeTraffic(traffic[:n]); !errors.Is(err, errCorrupt) {
			t.Errorf("traffic cut to %d bytes: %v", n, err)
		}
	}
	chunk := sampleChunk().AppendTo(nil)
	for n := range chunk {
		if _, err := DecodeDayChunk(chunk[:n]); !errors.Is(err, errCorrupt) {
			t.Errorf("chunk cut to %d bytes: %v", n, err)
		}
	}
	if _, err := DecodeDayChunk(append(chunk, 0)); !errors.Is(err, errCorrupt) {
		t.Errorf("trailing byte: %v", err)
	}
}

func FuzzDecodeDayChunk(f *testing.F) {
	f.Add(sampleChunk().AppendTo(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := DecodeDayChunk(data)
		if err != nil {
			return
		}
		again, err := DecodeDayChunk(c.AppendTo(nil))
		if err != nil || !bytes.Equal(c.AppendTo(nil), again.AppendTo(nil)) {
			t.Fatalf("not stable: %v", err)
		}
	})
}

func FuzzDecodeTraffic(f *testing.F) {
	f.Add((&Traffic{Links: []LinkTraffic{{In: samplesOf(3, 5)}}}).AppendTo(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := DecodeTraffic(data)
		if err != nil {
			return
		}
		again, err := DecodeTraffic(c.AppendTo(nil))
		if err != nil || !bytes.Equal(c.AppendTo(nil), again.AppendTo(nil)) {
			t.Fatalf("not stable: %v", err)
		}
	})
}

func FuzzDecodeMachine(f *testing.F) {
	f.Add(Machine{State: Down, Since: 5, Until: 9, Poll: 60}.AppendTo(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, _, err := DecodeMachine(data)
		if err != nil {
			return
		}
		if again, _, err := DecodeMachine(m.AppendTo(nil)); err != nil || again != m {
			t.Fatalf("not stable: %v", err)
		}
		m.Fold(day0, nil, nil)
	})
}

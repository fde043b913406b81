package partition

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/store"
)

// sampleDay has a device, a port with counters in two hours, and a channel with unavailable seconds.
func sampleDay() (*state, *day) {
	s, d := newState(), &day{date: 20000}
	at(&d.series, s.entity(entityKey{device: "r2", method: "snmp"})).Add(3700, kpi.ObsUp, 60)
	port := s.entity(entityKey{device: "r1", ifname: "ge0"})
	at(&d.series, port).Add(3600, kpi.ObsDown, 300)
	for _, slot := range []int{12, 13, 24} {
		at(&d.counters, port).Add(slot, kpi.Counters{Time: d.date.Start()*1e9 + int64(slot)*300e9, InOctets: 7, OutOctets: 9, Has: kpi.HasOctets})
	}
	for i := range int64(40) {
		at(&d.readings, s.entity(entityKey{device: "r1", ifname: "ch1", method: kpi.MethodOTN})).Add(3000+i*60, uint64(i/10)*30, 60)
	}
	cell := s.reporterID(report.Series{Device: "r1", Object: "Cell=1", Kind: "lte", Group: "RRC"})
	at(&d.reports, cell).Add(d.date, &report.Report{End: d.date.Start() + 4500, Period: 900, Has: 3})
	at(&d.reports, cell).Add(d.date, &report.Report{End: d.date.Start() + 9000, Period: 900, Has: 5, Suspect: true})
	return s, d
}

// What an hour's block says does not depend on which entity was met first.
func TestBlocksAreCanonical(t *testing.T) {
	s, d := sampleDay()
	want := s.appendHour(nil, d, 1, s.sorted())
	again, other := newState(), &day{date: d.date}
	again.entity(entityKey{device: "r1", ifname: "ge0"})
	for _, hour := range []int{2, 1} {
		if err := again.mergeHour(other, hour, s.appendHour(nil, d, hour, s.sorted())); err != nil {
			t.Fatal(err)
		}
	}
	if got := again.appendHour(nil, other, 1, again.sorted()); !bytes.Equal(got, want) {
		t.Errorf("the hour read back is\n%x, want\n%x", got, want)
	}
}

func FuzzMergeHour(f *testing.F) {
	s, d := sampleDay()
	f.Add(s.appendHour(nil, d, 1, s.sorted()), uint8(1))
	f.Add(s.appendHour(nil, d, 2, s.sorted()), uint8(2))
	f.Add([]byte{blockVersion, 2, 'r', '1', 0, 0, 0}, uint8(0))
	f.Add(recordedHour(f), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, hour uint8) {
		s, d := newState(), &day{date: 20000}
		if err := s.mergeHour(d, int(hour%24), data); err != nil {
			return
		}
		first := s.appendHour(nil, d, int(hour%24), s.sorted())
		again, other := newState(), &day{date: 20000}
		if err := again.mergeHour(other, int(hour%24), first); err != nil {
			t.Fatalf("what was read is written as %x, which cannot be read: %v", first, err)
		}
		if second := again.appendHour(nil, other, int(hour%24), again.sorted()); !bytes.Equal(first, second) {
			t.Fatalf("%x, after another round %x", first, second)
		}
		fold := s.fold(20000, nil, [3]*day{nil, d, nil}, true)
		if _, err := kpi.DecodeDayChunk(fold.AppendTo(nil)); err != nil && longest(s) < maxName {
			t.Fatalf("its chunk cannot be read: %v", err)
		}
	})
}

func longest(s *state) (n int) {
	for _, k := range s.entities {
		n = max(n, len(k.device), len(k.ifname), len(k.method))
	}
	for _, k := range s.series {
		n = max(n, len(k.Device), len(k.Object), len(k.Kind))
	}
	return n
}

// recordedHour is hour 1 of sampleDay as it was written before there were unavailable seconds.
func recordedHour(t testing.TB) []byte {
	text, err := hex.DecodeString("021d0272310643656c6c3d31036c7465035252430a099423840700000300000102723103676530000182e101ac020100010308008080e2f8e2cc81fb2f80e0a596bb110000000000000e001200000000000272320004736e6d7001a1e7013c010000")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// What programs wrote before there were unavailable seconds is read, and written again byte for byte.
func TestRecordedBlock(t *testing.T) {
	s, d := newState(), &day{date: 20000}
	if err := s.mergeHour(d, 1, recordedHour(t)); err != nil {
		t.Fatal(err)
	}
	if got := s.appendHour(nil, d, 1, s.sorted()); !bytes.Equal(got, recordedHour(t)) {
		t.Errorf("read and written again: %x", got)
	}
	if n := len(d.readings); n > 0 {
		t.Errorf("%d channels were read", n)
	}
}

// Damaged rows of the store are errors that name them, however much they claim to hold.
func TestDamagedRows(t *testing.T) {
	c, err := newCodec()
	if err != nil {
		t.Fatal(err)
	}
	// One frame in one segment that announces 64 GiB.
	bomb := binary.LittleEndian.AppendUint64([]byte{0x28, 0xb5, 0x2f, 0xfd, 0xe0}, 64<<30)
	s, d := sampleDay()
	good := c.enc.EncodeAll(s.appendHour(nil, d, 1, s.sorted()), nil)
	for name, b := range map[string]store.Block{
		"empty":        {Hour: 1},
		"not zstd":     {Hour: 1, Data: []byte("text")},
		"cut off":      {Hour: 1, Data: good[:len(good)-3]},
		"no such hour": {Hour: store.WholeDay, Data: good},
		"bomb":         {Hour: 1, Data: append(bomb, 1, 0, 0)},
		"other form":   {Hour: 1, Data: c.enc.EncodeAll([]byte{9}, nil)},
		"half a row":   {Hour: 1, Data: c.enc.EncodeAll([]byte{blockVersion, 2, 'r', '1', 0, 0, 0, 0}, nil)},
	} {
		if err := newState().merge(c, &day{}, b); err == nil {
			t.Errorf("block, %s: no error", name)
		} else {
			t.Log(err)
		}
		if _, err := (Closed{c}).Decode(store.DayChunk{Data: b.Data}); err == nil {
			t.Errorf("chunk, %s: no error", name)
		}
	}
	if err := newState().merge(c, &day{}, store.Block{Hour: 1, Data: good}); err != nil {
		t.Errorf("a good block: %v", err)
	}
}

package store

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A store of before there were parts is opened as it is: its closed days are known to be in one piece.
func TestOlderStoreIsUpgraded(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	l := acquire(t, s, 0, "a")
	commit(t, s, Checkpoint{Lease: l, LogSeq: 1, Blocks: []Block{{Day: 7, Hour: 1, Data: []byte("x")}}, Days: []DayChunk{{Day: 7, Data: []byte("old"), Revision: 2, ClosedAt: 9}}})
	p, err := s.migrations()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.DownTo(ctx, 39); err != nil {
		t.Fatal(err)
	}
	if _, err := s.w.Exec(`SELECT split FROM day_chunk`); err == nil {
		t.Fatal("this is no older store")
	}
	if _, err := Open(ctx, Config{Path: path, ReadOnly: true}, nil); err == nil {
		t.Error("who may only read has read an older store")
	}
	s = open(t, path)
	err = s.View(ctx, func(v *View) error {
		row, ok, err := v.Chunk(7, 0)
		want := DayChunk{Day: 7, Data: []byte("old"), Revision: 2, ClosedAt: 9}
		if diff := cmp.Diff(want, row); diff != "" || !ok || err != nil {
			t.Errorf("%v %v (-want +got):\n%s", ok, err, diff)
		}
		days, err := v.DaysOf(0)
		if diff := cmp.Diff([]DayState{{Day: 7, Open: true, Closed: true, Revision: 2, ClosedAt: 9}}, days); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSumsAndPartsAreReadBack(t *testing.T) {
	ctx, s := t.Context(), openNew(t)
	l := acquire(t, s, 1, "a")
	day := DayChunk{Day: 3, Revision: 1, Split: true, Parts: []DayPart{{Shard: 5, Digest: 8, Data: []byte("five")}, {Shard: 9, Digest: 7}}}
	commit(t, s, Checkpoint{Lease: l, LogSeq: 1, Days: []DayChunk{day}, Lines: []MonthLine{{Month: 1, Made: "3:1", Data: []byte("line")}}})
	day.Revision, day.Parts = 2, day.Parts[:1]
	commit(t, s, Checkpoint{Lease: l, LogSeq: 2, Days: []DayChunk{day}})
	sums := []MonthSum{{Month: 1, Shard: 0, Made: []byte("a"), Totals: []byte("t"), State: []byte("s")}, {Month: 1, Shard: 1, Made: []byte("b"), Totals: []byte("u"), State: []byte("r")}}
	for _, m := range slices.Backward(append(sums, MonthSum{Month: 2, Made: []byte("c")}, MonthSum{Month: 1, Shard: 1, Made: []byte("older")})) {
		if err := s.PutMonthSum(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
	err := s.View(ctx, func(v *View) error {
		parts, err := v.Digests(0, 10)
		if diff := cmp.Diff([]DayPart{{Partition: 1, Day: 3, Shard: 5, Digest: 8}}, parts); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if line, err := v.MonthLine(1, 1); line.Made != "3:1" || string(line.Data) != "line" || err != nil {
			t.Errorf("%+v %v", line, err)
		}
		if line, err := v.MonthLine(1, 0); line.Made != "" || err != nil {
			t.Errorf("of another partition: %+v %v", line, err)
		}
		var got []MonthSum
		err = v.MonthSums(1, func(m MonthSum) (err error) {
			m.State, err = v.MonthState(1, m.Shard)
			got = append(got, m)
			return err
		})
		if diff := cmp.Diff(sums, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

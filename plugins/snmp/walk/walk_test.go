package walk_test

import (
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/snmptest"
	"github.com/haidang-noc/haidang/plugins/snmp/walk"
)

// run walks a device to the end, so many varbinds at a time.
func run(t *rapid.T, d *snmptest.Device, w *walk.Walk, varbinds int) error {
	for n := 0; ; n++ {
		request := w.Next("public", varbinds)
		if request == nil {
			return nil
		}
		if n > 1000 {
			t.Fatalf("the walk does not end")
		}
		response, err := ber.ParseResponse(d.Handle(request.Append(nil, 1<<30))[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Take(response.Varbinds); err != nil {
			return err
		}
	}
}

// Whatever rows have whatever columns, and however few of them an agent answers at a time, every cell is found once.
func TestEveryCellIsFoundOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := snmptest.NewDevice(time.Now)
		columns := make([][]byte, rapid.IntRange(1, 5).Draw(t, "columns"))
		want, got := map[string]uint64{}, map[string]uint64{}
		for c := range columns {
			columns[c] = ber.OID(1, 3, 6, 1, 4, 1, 9, uint32(c))
			for _, row := range rapid.SliceOfNDistinct(rapid.Uint32(), 0, 20, rapid.ID).Draw(t, "rows") {
				d.SetNumber(ber.Gauge32, uint64(row), 1, 3, 6, 1, 4, 1, 9, uint32(c), row)
				want[fmt.Sprint(c, " ", row)] = uint64(row)
			}
		}
		d.Fail(snmptest.Faults{CutTo: rapid.IntRange(0, 9).Draw(t, "cut")})
		w := walk.New(columns, func(c int, row uint32, v ber.Varbind) error {
			name := fmt.Sprint(c, " ", row)
			if _, twice := got[name]; twice {
				t.Errorf("%s is found twice", name)
			}
			got[name], _ = v.Number()
			return nil
		})
		if err := run(t, d, w, rapid.IntRange(1, 40).Draw(t, "varbinds")); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(got, want) || w.Partial() || w.Back() != 0 {
			t.Errorf("found %v, want %v", got, want)
		}
	})
}

// An agent whose rows begin again is left at the place where they do, and what the caller refuses ends the walk.
func TestRowsThatBeginAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := snmptest.NewDevice(time.Now)
		for row := range uint32(5) {
			d.SetNumber(ber.Gauge32, 1, 1, 3, 6, 1, 4, 1, 9, row)
		}
		d.Fail(snmptest.Faults{Loops: true})
		w := walk.New([][]byte{ber.OID(1, 3, 6, 1, 4, 1, 9)}, func(int, uint32, ber.Varbind) error { return nil })
		if err := run(t, d, w, rapid.IntRange(1, 10).Draw(t, "varbinds")); err != nil || w.Back() != 1 || !w.Partial() {
			t.Errorf("%v, back %d, partial %v", err, w.Back(), w.Partial())
		}
		full := errors.New("full")
		w = walk.New([][]byte{ber.OID(1, 3, 6, 1, 4, 1, 9)}, func(int, uint32, ber.Varbind) error { return full })
		if err := run(t, d, w, 1); !errors.Is(err, full) {
			t.Errorf("got %v, want %v", err, full)
		}
	})
}

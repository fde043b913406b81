package mib_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/internal/simnet/ber"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/mib"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// view is a device that knows its neighbours by LLDP or by CDP.
func view(t testing.TB, vendor string) *mib.Device {
	t.Helper()
	cfg := nation.Defaults()
	cfg.Provinces = "../../../configs/provinces/provinces-34.csv"
	n, err := nation.Build(cfg)
	if err != nil {
		t.Fatal(err)
	}
	o, err := n.Overlay(nil)
	if err != nil {
		t.Fatal(err)
	}
	d, clock := mib.New(n), n.Clock(fault.TickOf(cfg.Since.Time)+90*fault.Day)
	i := slices.IndexFunc(n.Devices, func(d nation.Device) bool { return d.Vendor == vendor && d.Role != "core" })
	d.Look(o, int32(i), &clock)
	return d
}

// Positions are in the order of names, and each name finds its position.
func TestPositionsAndNamesAgree(t *testing.T) {
	for _, vendor := range []string{"huawei", "cisco"} {
		positions(t, view(t, vendor))
	}
}

func positions(t *testing.T, d *mib.Device) {
	t.Helper()
	var last []byte
	for pos := range d.Len() {
		name := d.AppendName(nil, pos)
		if pos > 0 && ber.CompareOID(last, name) >= 0 {
			t.Fatalf("position %d is not after %d", pos, pos-1)
		}
		if got, exact := d.Find(name); got != pos || !exact {
			t.Fatalf("name of %d found at %d, %v", pos, got, exact)
		}
		last = name
	}
}

// Find agrees with looking at every name in turn.
func TestFind(t *testing.T) {
	views := []*mib.Device{view(t, "huawei"), view(t, "cisco")}
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SampledFrom(views).Draw(t, "device")
		name := d.AppendName(nil, rapid.IntRange(0, d.Len()-1).Draw(t, "near"))
		name = name[:rapid.IntRange(1, len(name)).Draw(t, "cut")]
		for len(name) > 0 && name[len(name)-1] >= 0x80 {
			name = name[:len(name)-1]
		}
		for _, arc := range rapid.SliceOfN(rapid.Uint32Range(0, 300), 0, 2).Draw(t, "more") {
			name = ber.AppendArc(name, arc)
		}
		want := 0
		for want < d.Len() && ber.CompareOID(d.AppendName(nil, want), name) < 0 {
			want++
		}
		exact := want < d.Len() && ber.CompareOID(d.AppendName(nil, want), name) == 0
		if got, found := d.Find(name); got != want || found != exact {
			t.Fatalf("% x: position %d, %v, want %d, %v", name, got, found, want, exact)
		}
	})
}

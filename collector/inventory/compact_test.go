package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
)

func TestRowsAreSortedInPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l list[int]
		l.rows = rapid.SliceOf(rapid.IntRange(0, 9)).Draw(t, "rows")
		type both struct{ row, line int }
		want := make([]both, len(l.rows))
		for i, row := range l.rows {
			l.lines = append(l.lines, i+2)
			want[i] = both{row, i + 2}
		}
		l.sort(func(a, b *int) int { return cmp.Compare(*a, *b) })
		slices.SortStableFunc(want, func(a, b both) int { return cmp.Compare(a.row, b.row) })
		for i := range want {
			if l.rows[i] != want[i].row || l.lines[i] != want[i].line {
				t.Fatalf("%v in lines %v, want %v", l.rows, l.lines, want)
			}
		}
	})
}

func TestEveryEndOfEveryLinkIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		port := rapid.Custom(func(t *rapid.T) model.Port {
			return model.Port{Device: rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "device"), IfName: rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "if")}
		})
		inv := &model.Inventory{Devices: []model.Device{{Name: "a"}, {Name: "c"}}}
		for i := range rapid.IntRange(0, 12).Draw(t, "links") {
			inv.Links = append(inv.Links, model.Link{Name: fmt.Sprintf("l%02d", i/2), A: port.Draw(t, "a"), B: port.Draw(t, "b")})
		}
		x := NewIndex(inv)
		for _, device := range []string{"a", "b", "c", "d"} {
			for _, ifName := range []string{"", "1", "2", "3"} {
				p := model.Port{Device: device, IfName: ifName}
				if want, got := endsAt(inv, p), linksAt(x, p); !slices.Equal(want, got) {
					t.Fatalf("links at %v: %v, want %v", p, got, want)
				}
			}
		}
		for i := range inv.Links {
			name := inv.Links[i].Name
			if rows := x.LinkRows(name); len(rows) == 0 || &rows[0] != &inv.Links[i-i%2] || len(rows) > 2 || len(x.LinkRows(name+"x")) > 0 {
				t.Fatalf("rows of %s: %v", name, rows)
			}
		}
	})
}

func endsAt(inv *model.Inventory, p model.Port) (out []*model.Link) {
	for i := range inv.Links {
		for _, end := range []model.Port{inv.Links[i].A, inv.Links[i].B} {
			if end == p {
				out = append(out, &inv.Links[i])
			}
		}
	}
	return out
}

func linksAt(x *Index, p model.Port) (out []*model.Link) {
	for l := range x.LinksAt(p) {
		out = append(out, l)
	}
	return out
}

func TestTextsAreKeptApartFromTheirRecord(t *testing.T) {
	kept := newTexts()
	record := "device-1,xe-0"
	one, again := kept.keep(record[:8]), kept.keep("device-1")
	if one != "device-1" || again != one {
		t.Fatalf("%q, %q", one, again)
	}
	if n := testing.AllocsPerRun(10, func() { kept.keep(record[:8]) }); n != 0 {
		t.Errorf("%v copies of a text that came before", n)
	}
}

package meas_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/plugins/pmfile/meas"
)

// piece is a part of a group: some of its counters, of some objects.
type piece struct {
	group    string
	counters []string
	objects  []string
}

// write writes a piece as a measInfo: lists, or values by p in an order of their own.
func (p piece) write(t *rapid.T, value func(object, counter string) int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<measInfo measInfoId="%s">%s`, p.group, gran)
	lists := rapid.Bool().Draw(t, "lists")
	first := rapid.IntRange(1, 50).Draw(t, "first p")
	if lists {
		fmt.Fprintf(&b, "<measTypes>%s</measTypes>", strings.Join(p.counters, " "))
	}
	for i, c := range p.counters {
		if !lists {
			fmt.Fprintf(&b, `<measType p="%d">%s</measType>`, first+i, c)
		}
	}
	for _, o := range p.objects {
		fmt.Fprintf(&b, `<measValue measObjLdn="%s">`, o)
		list := make([]string, 0, len(p.counters))
		for _, i := range rapid.Permutation(indexes(len(p.counters))).Draw(t, "order") {
			if !lists {
				fmt.Fprintf(&b, `<r p="%d">%d</r>`, first+i, value(o, p.counters[i]))
			}
		}
		for _, c := range p.counters {
			list = append(list, fmt.Sprint(value(o, c)))
		}
		if lists {
			fmt.Fprintf(&b, "<measResults>%s</measResults>", strings.Join(list, "\n"))
		}
		b.WriteString("</measValue>")
	}
	return b.String() + "</measInfo>"
}

func indexes(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// However a file divides its groups, in whatever order and form: the values are the same, and each object has one record a group.
func TestOrderAndFormDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := func(object, counter string) int {
			return len(object)*1000 + int(object[len(object)-1])*10 + int(counter[len(counter)-1])
		}
		want, records := map[string]float64{}, map[string]bool{}
		pieces := make([]piece, 0, 9)
		for g := range rapid.IntRange(1, 3).Draw(t, "groups") {
			group := fmt.Sprintf("g%d", g)
			for part := range rapid.IntRange(1, 3).Draw(t, "parts") {
				p := piece{group: group}
				for c := range rapid.IntRange(1, 4).Draw(t, "counters") {
					p.counters = append(p.counters, fmt.Sprintf("c%d%d", part, c))
				}
				for o := range rapid.IntRange(1, 3).Draw(t, "objects") {
					p.objects = append(p.objects, fmt.Sprintf("Cell=%d", o))
				}
				pieces = append(pieces, p)
				for _, o := range p.objects {
					records[group+o] = true
					for _, c := range p.counters {
						want[group+"|"+o+"|"+c] = float64(value(o, c))
					}
				}
			}
		}
		var infos strings.Builder
		for _, p := range rapid.Permutation(pieces).Draw(t, "pieces") {
			infos.WriteString(p.write(t, value))
		}
		f, err := meas.NewReader(meas.Options{MaxSize: 1 << 20, Local: hanoi}).Read(strings.NewReader(document(infos.String())))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]float64{}
		for i := range f.Records {
			r := &f.Records[i]
			for v := range f.Values(r) {
				got[r.Group+"|"+r.Object+"|"+f.Name(v.Counter)] = v.Number
			}
		}
		if !maps.Equal(got, want) || len(f.Records) != len(records) || f.SuspectOf > 0 {
			t.Fatalf("%d records, want %d\ngot  %v\nwant %v", len(f.Records), len(records), got, want)
		}
	})
}

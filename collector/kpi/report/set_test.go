package report

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
)

const today = model.Day(20000)

// anyReport is a report of the day, often of the same period and revision as others.
func anyReport(t *rapid.T) *Report {
	r := &Report{Period: rapid.SampledFrom([]int64{60, 300, 900, 901, 3600}).Draw(t, "period")}
	middle := today.Start() + rapid.SampledFrom([]int64{0, 450, 900, 40000, 40450, 86399}).Draw(t, "middle")
	r.End = middle + r.Period/2 + r.Period%2
	r.Revision = rapid.SampledFrom([]uint64{0, 0, 1, 1800000000}).Draw(t, "revision")
	r.Suspect = rapid.IntRange(0, 3).Draw(t, "suspect") == 0
	for range rapid.IntRange(0, 3).Draw(t, "values") {
		r.Put(rapid.IntRange(0, MaxItems-1).Draw(t, "item"), rapid.Int64Range(0, 3).Draw(t, "value"))
	}
	return r
}

// slow is the set as its sentence says: the winner of each period, and whether all agreed.
func slow(reports []*Report) map[string]string {
	type period struct{ end, length int64 }
	content := func(r *Report) string { return string(view(appendRow(nil, today.Start(), r)).content) }
	winners, contents := map[period]*Report{}, map[period]map[string]bool{}
	for _, r := range reports {
		p := period{r.End, r.Period}
		if contents[p] == nil {
			contents[p] = map[string]bool{}
		}
		contents[p][content(r)] = true
		w := winners[p]
		if w == nil || r.Revision > w.Revision || r.Revision == w.Revision && content(r) > content(w) {
			winners[p] = r
		}
	}
	out := map[string]string{}
	for p, r := range winners {
		one := *r
		one.Conflict = len(contents[p]) > 1
		out[fmt.Sprint(p)] = fmt.Sprint(one)
	}
	return out
}

func listed(s *Set) map[string]string {
	out := map[string]string{}
	for r := range s.All(today) {
		out[fmt.Sprint(struct{ end, length int64 }{r.End, r.Period})] = fmt.Sprint(*r)
	}
	return out
}

func encoded(s *Set) []byte { return s.AppendRange(nil, 0, model.DaySeconds) }

// Any order, any duplicates and any way of splitting the reports give the same bytes, and what they
// say is what the slow way says.
func TestOrderAndDuplicatesLeaveNoTrace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reports := rapid.SliceOfN(rapid.Custom(anyReport), 1, 12).Draw(t, "reports")
		var a Set
		for _, r := range reports {
			a.Add(today, r)
		}
		if got, want := fmt.Sprint(listed(&a)), fmt.Sprint(slow(reports)); got != want {
			t.Fatalf("the set says\n%s, want\n%s", got, want)
		}
		order := rapid.Permutation(append(reports, reports...)).Draw(t, "order")
		var b, c Set
		for i, r := range order {
			half := &b
			if i%2 == 1 {
				half = &c
			}
			half.Add(today, r)
		}
		hour := rapid.Int64Range(0, 23).Draw(t, "hour") * 3600
		var d Set
		for _, part := range [][]byte{c.AppendRange(nil, hour, 86400), b.AppendRange(nil, 0, hour), c.AppendRange(nil, 0, hour), b.AppendRange(nil, hour, 86400)} {
			rest, err := d.MergeEncoded(part)
			if err != nil || len(rest) > 0 {
				t.Fatal(err, rest)
			}
		}
		if !bytes.Equal(encoded(&a), encoded(&d)) {
			t.Fatalf("%x, and in another order %x", encoded(&a), encoded(&d))
		}
		for _, r := range order {
			if d.Add(today, r) {
				t.Fatal("a duplicate changed the set")
			}
		}
	})
}

func TestMiddleDecidesTheDay(t *testing.T) {
	midnight := today.Start()
	for _, x := range []struct {
		end, period int64
		day         model.Day
		second      int64
	}{{midnight, 900, today - 1, 85950}, {midnight + 450, 900, today, 0}, {midnight + 449, 900, today - 1, 86399}, {midnight + 900, 900, today, 450}, {midnight + 1, 1, today, 0}} {
		r := Report{End: x.end, Period: x.period}
		if day, second := r.Day(); day != x.day || second != x.second {
			t.Errorf("%+v lies in %s at %d", x, day, second)
		}
	}
}

func FuzzDecodeDays(f *testing.F) {
	var s Set
	s.Add(today, &Report{End: today.Start() + 900, Period: 900, Revision: 7, Has: 5, Values: [MaxItems]int64{1, 0, 1 << 40}})
	f.Add(AppendDays(nil, today, []Day{{Device: "enb1", Object: "Cell=1", Kind: "lte", Date: today, Rows: s}, {Device: "enb1", Object: "Cell=2", Kind: "lte", Date: today + 1, Sums: []byte{1, 2}, Suspect: 3}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		days, _, err := DecodeDays(data, today, today+2)
		if err != nil {
			return
		}
		first := AppendDays(nil, today, days)
		again, rest, err := DecodeDays(first, today, today+2)
		if err != nil || len(rest) > 0 {
			t.Fatalf("what was read is written as %x, which cannot be read: %v", first, err)
		}
		if second := AppendDays(nil, today, again); !bytes.Equal(first, second) {
			t.Fatalf("%x, after another round %x", first, second)
		}
	})
}

// What a day of a busy cell costs while it is open: 96 periods of 24 values each.
func TestBytesOfACellDay(t *testing.T) {
	var s Set
	for i := range int64(96) {
		r := Report{End: today.Start() + (i+1)*900, Period: 900}
		for item := range 24 {
			r.Put(item, (int64(item)*7919+i*104729)%[]int64{200, 20_000, 3_000_000}[item%3])
		}
		s.Add(today, &r)
	}
	t.Logf("%d bytes a cell-day in memory, %d encoded", s.Size(), len(encoded(&s)))
	if n := len(encoded(&s)); n > 96*100 {
		t.Errorf("%d bytes", n)
	}
}

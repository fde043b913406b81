package scorecard_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
)

func TestTheFirstPublicationIsRevisionOne(t *testing.T) {
	docs := build()
	changed, err := scorecard.Revise(docs, nil)
	if err != nil || !changed || docs[2].Revision != 1 || docs[2].Changes != nil {
		t.Errorf("changed %v, revision %d, changes %v: %v", changed, docs[2].Revision, docs[2].Changes, err)
	}
}

// The same numbers are not published again, whatever else was edited in the operator's files.
func TestTheSameNumbersAreNoRevision(t *testing.T) {
	docs, inv := build(), smallInventory()
	inv.Hash = "another file, the same devices"
	again := scorecard.Build(smallMonth(), inv, 0)
	changed, err := scorecard.Revise(again, docs)
	if err != nil || changed || again[0].Revision != 0 {
		t.Errorf("changed %v, revision %d: %v", changed, again[0].Revision, err)
	}
}

// One second less of one outage, and one outage more, are named cell by cell and nothing else is.
func TestEveryChangedCellIsNamed(t *testing.T) {
	before, month := build(), smallMonth()
	month.Outages[1].Seconds--
	month.Outages = append(month.Outages, kpi.Outage{Level: kpi.LevelDevice, Name: "tqg-olt-1", Province: "08", System: "olt-gpon", From: month.From + 7, To: month.From + 9, Seconds: 2})
	after := scorecard.Build(month, smallInventory(), 0)
	changed, err := scorecard.Revise(after, before)
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	want := []scorecard.Change{{Cell: "outages/hni-mane-1@2026-11-02T01:00:00+07:00/seconds", Before: "1296", After: "1295"}}
	if diff := cmp.Diff(want, after[1].Changes); diff != "" || after[1].Revision != 3 {
		t.Errorf("revision %d (-want +got)\n%s", after[1].Revision, diff)
	}
	if after[0].Changes != nil || after[0].Revision != 3 {
		t.Errorf("nation: revision %d, changes %v; want 3 and none: the outages are the provinces'", after[0].Revision, after[0].Changes)
	}
	added := map[string]string{}
	for _, c := range after[2].Changes {
		added[c.Cell] = c.Before + ">" + c.After
	}
	if got := added["outages/tqg-olt-1@2026-11-01T00:00:07+07:00/seconds"]; got != ">2" || len(added) != 10 {
		t.Errorf("%d changes, %q; want the ten cells with a value of one new outage: %v", len(added), got, added)
	}
	if err := validate(t, schema(t), render(t, after[2])); err != nil {
		t.Error(err)
	}
}

func TestAnotherSetOfUnitsIsARevision(t *testing.T) {
	before := build()
	changed, err := scorecard.Revise(build()[:2], before)
	if err != nil || !changed {
		t.Errorf("a unit that is gone: changed %v, %v", changed, err)
	}
	after := build()
	changed, err = scorecard.Revise(after, before[:2])
	if err != nil || !changed || len(after[2].Changes) == 0 {
		t.Errorf("a new unit: changed %v with %d changes, %v", changed, len(after[2].Changes), err)
	}
}

// Documents are equal exactly if nothing is listed, and what is listed is turned round with them.
func TestComparingIsSymmetric(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, b := scorecard.Build(drawn(rt), smallInventory(), 0), scorecard.Build(drawn(rt), smallInventory(), 0)
		for i := range a {
			there, err1 := scorecard.Compare(a[i], b[i])
			back, err2 := scorecard.Compare(b[i], a[i])
			if err1 != nil || err2 != nil || len(there) != len(back) {
				rt.Fatal(err1, err2, there, back)
			}
			for k, c := range there {
				if back[k] != (scorecard.Change{Cell: c.Cell, Before: c.After, After: c.Before}) {
					rt.Fatalf("%+v and back %+v", c, back[k])
				}
			}
			if same := bytes.Equal(render(t, a[i]), render(t, b[i])); same != (len(there) == 0) {
				rt.Fatalf("equal bytes: %v, changes: %v", same, there)
			}
		}
	})
}

// What a revision lists is exactly what of its leaves differs: each once, with both values.
func TestTheListIsExactlyTheLeavesThatDiffer(t *testing.T) {
	var docs []*scorecard.Document
	docs = append(append(docs, composed(t, model.Ratio{Num: 1, Den: 2})...), counted(t)...)
	rapid.Check(t, func(rt *rapid.T) {
		before := docs[rapid.IntRange(0, len(docs)-1).Draw(rt, "document")]
		tree := treeOf(rt, render(t, before))
		all := leavesOf(nil, tree)
		want := map[string]int{}
		for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(all)-1), 0, 5, rapid.ID).Draw(rt, "leaves") {
			was := *all[i].value
			*all[i].value = other(was)
			if all[i].cell {
				want[fmt.Sprint(was, ">", *all[i].value)]++
			}
		}
		text, err := json.Marshal(tree)
		if err != nil {
			rt.Fatal(err)
		}
		after, err := scorecard.Parse(text)
		if err != nil {
			rt.Fatal(err)
		}
		changes, err := scorecard.Compare(before, after)
		if err != nil {
			rt.Fatal(err)
		}
		got := map[string]int{}
		for _, c := range changes {
			got[c.Before+">"+c.After]++
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("changes (-want +got):\n%s", diff)
		}
	})
}

type cellValue struct {
	value *any
	cell  bool
}

func treeOf(t rapid.TB, text []byte) any {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	return tree
}

// leavesOf are the single values of a tree that name no row, in some order that is always the same.
func leavesOf(path []string, tree any) (out []cellValue) {
	named := []string{"id", "start", "link", "name", "from", "level", "key", "measure", "technology", "kpi", "service", "code", "class", "month", "like_for_like", "scope", "schema", "kind"}
	switch v := tree.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			below := append(slices.Clone(path), key)
			if _, parts := v[key].(map[string]any); parts || isList(v[key]) {
				out = append(out, leavesOf(below, v[key])...)
			} else if v[key] != nil && !slices.Contains(named, key) {
				value := v[key]
				out = append(out, cellValue{&value, !outside(below)})
				v[key] = &value
			}
		}
	case []any:
		for i := range v {
			out = append(out, leavesOf(append(slices.Clone(path), "#"), v[i])...)
		}
	}
	return out
}

func isList(v any) bool { _, ok := v.([]any); return ok }

// outside says that a leaf is no cell.
func outside(path []string) bool {
	return slices.Contains([]string{"revision", "changes", "generated_from", "past", "late_after_close"}, path[0]) || path[len(path)-1] == "place_before"
}

// other is another value of the same kind.
func other(v any) any {
	switch v := v.(type) {
	case nil:
		return json.Number("7")
	case bool:
		return !v
	case json.Number:
		return json.Number("7" + strings.TrimLeft(string(v), "-"))
	}
	return "7" + fmt.Sprint(v)
}

// drawn is the small month with some outages of some length.
func drawn(rt *rapid.T) *kpi.MonthResult {
	m := smallMonth()
	m.Outages = m.Outages[:rapid.IntRange(0, len(m.Outages)).Draw(rt, "outages")]
	name := rapid.SampledFrom([]string{"a", "a/b", "a~1b", "a@b", "a#2", "a b", `"a"`, ""})
	for i := range m.Outages {
		m.Outages[i].Name, m.Outages[i].Windows = name.Draw(rt, "name"), rapid.SliceOfN(name, 0, 2).Draw(rt, "windows")
		m.Outages[i].Seconds = rapid.Int64Range(1, 2).Draw(rt, "seconds")
		m.Outages[i].Open = rapid.Bool().Draw(rt, "open")
	}
	return m
}

func TestParseRefusesWhatIsNoDocument(t *testing.T) {
	text := render(t, build()[1])
	if d, err := scorecard.Parse(text); err != nil || !bytes.Equal(text, render(t, d)) {
		t.Errorf("a document does not survive being read: %v", err)
	}
	for _, bad := range [][]byte{nil, []byte("{}"), []byte("[]"), bytes.Replace(text, []byte(`"month"`), []byte(`"moon"`), 1), bytes.Replace(text, []byte("scorecard/1"), []byte("scorecard/9"), 1)} {
		if _, err := scorecard.Parse(bad); err == nil {
			t.Errorf("%.40q was read", bad)
		}
	}
}

package scorecard_test

import (
	"encoding/json"
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
)

// spot is a single value of a tree.
type spot struct {
	path string
	was  any
	set  func(any)
}

// spots are all of a tree.
func spots(path string, tree any, set func(any)) (out []spot) {
	switch v := tree.(type) {
	case map[string]any:
		for key := range v {
			out = append(out, spots(path+"/"+key, v[key], func(x any) { v[key] = x })...)
		}
	case []any:
		for i := range v {
			out = append(out, spots(path+"/#", v[i], func(x any) { v[i] = x })...)
		}
	default:
		out = append(out, spot{path, v, set})
	}
	return out
}

// No kind of value of a document of a month or a year can be another one without being told, cells or not: the small month,
// one with systems with redundancy, one with cells and scores, their revisions and their year.
func TestEveryValueIsHeld(t *testing.T) {
	docs, cells, revised := composed(t, model.Ratio{Num: 1, Den: 2}), counted(t), build()
	revised[0].Past = []scorecard.Past{{Month: "2026-10", Revision: 1, Place: 2, Measures: revised[0].Measures()}}
	revised[0].Changes = []scorecard.Change{{Cell: "a", Before: "1", After: "2"}}
	scorecard.Late(revised, []scorecard.LateDay{{Day: "2026-11-07", Revisions: 2}})
	n := 0
	for _, d := range []*scorecard.Document{docs[0], cells[1], revised[0]} {
		n += held(t, d.Name(), d, render(t, d), func(text []byte) (any, error) { return scorecard.Parse(text) })
	}
	inv := cellInventory()
	y := kpi.NewYear(kpi.NewPlan(inv))
	first := cellMonth(kpi.NewPlan(inv), month, 12_000, 1000)
	y.Add(&first)
	sums := y.Result()
	year := scorecard.BuildYear(&sums, inv, cells[:1])
	text, err := year.JSON()
	if err != nil {
		t.Fatal(err)
	}
	n += held(t, year.Name(), year, text, func(text []byte) (any, error) { return scorecard.ParseYear(text) })
	if n < 500 {
		t.Errorf("%d values were changed, want those of whole documents", n)
	}
}

// held changes a value of every kind in the document, one after the other, and returns how many there are.
func held(t *testing.T, name string, doc any, text []byte, parse func([]byte) (any, error)) int {
	t.Helper()
	tree := treeOf(t, text)
	done := map[string]bool{}
	for _, s := range spots("", tree, nil) {
		if done[s.path] {
			continue
		}
		done[s.path] = true
		s.set(other(s.was))
		changed, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		s.set(s.was)
		wrong, err := parse(changed)
		if err != nil {
			continue // told
		}
		if list, err := scorecard.Differences(doc, wrong); err != nil || len(list) == 0 {
			t.Errorf("%s: %s: nobody saw it: %v", name, s.path, err)
		}
	}
	return len(done)
}

package main

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/store"
)

// recall adds to a month's documents what was published of the year before it.
func recall(ctx context.Context, s *store.Store, docs []*scorecard.Document) error {
	month, err := model.ParseMonth(docs[0].Month)
	if err != nil {
		return err
	}
	before, from := previous(month), month
	for range scorecard.PastMonths {
		from = previous(from)
	}
	rows, err := s.ScopeMonths(ctx, from.String(), month.String())
	if err != nil {
		return err
	}
	scorecard.Recall(docs, before.String(), pastOf(rows))
	return nil
}

// lateDays are the days of a month that points changed after they were closed. How often depends on when the points
// came, which nothing else in a document does: so only what is published says it.
func lateDays(ctx context.Context, s *store.Store, name string) (out []scorecard.LateDay, err error) {
	m, err := model.ParseMonth(name)
	if err != nil {
		return nil, err
	}
	err = s.View(ctx, func(v *store.View) error {
		days, err := v.Days(int32(m.First()), int32(m.Next().First()))
		for _, d := range days {
			if !d.Closed || d.Revision < 2 {
				continue
			}
			name := model.Day(d.Day).String()
			if n := len(out); n == 0 || out[n-1].Day != name {
				out = append(out, scorecard.LateDay{Day: name})
			}
			out[len(out)-1].Revisions += d.Revision - 1
		}
		return err
	})
	return out, err
}

func previous(m model.Month) model.Month { return model.MonthOf(m.Start() - 1) }

// pastOf puts rows, sorted by scope and month, together.
func pastOf(rows []store.ScopeMonth) map[string][]scorecard.Past {
	past := map[string][]scorecard.Past{}
	for _, row := range rows {
		list := past[row.Scope]
		if n := len(list); n == 0 || list[n-1].Month != row.Month {
			list = append(list, scorecard.Past{Month: row.Month, Revision: row.Revision, Measures: []scorecard.Measure{}})
		}
		last := &list[len(list)-1]
		if row.Measure == scorecard.MeasureRank {
			last.Place, _ = strconv.Atoi(row.Num) // this program wrote it
		} else {
			last.Measures = append(last.Measures, scorecard.Measure{Name: row.Measure, Key: row.Key, Value: quotient(row), Outcome: row.Outcome})
		}
		past[row.Scope] = list
	}
	return past
}

func quotient(row store.ScopeMonth) *scorecard.Quotient {
	if row.Value == "" {
		return nil
	}
	return &scorecard.Quotient{Value: json.Number(row.Value), Num: row.Num, Den: row.Den}
}

// rowsOf are a document's numbers as the store keeps them.
func rowsOf(d *scorecard.Document) []store.ScopeMonth {
	var rows []store.ScopeMonth
	for _, m := range d.Measures() {
		row := store.ScopeMonth{Scope: d.Scope.Code, Measure: m.Name, Key: m.Key, Outcome: m.Outcome}
		if m.Value != nil {
			row.Value, row.Num, row.Den = string(m.Value.Value), m.Value.Num, m.Value.Den
		}
		rows = append(rows, row)
	}
	if r := d.Rank; r != nil {
		place := strconv.Itoa(r.Place)
		rows = append(rows, store.ScopeMonth{Scope: d.Scope.Code, Measure: scorecard.MeasureRank, Value: place, Num: place, Den: strconv.Itoa(r.Of)})
	}
	return rows
}

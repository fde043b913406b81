package board

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/haidang-noc/haidang/collector/alarm"
	"github.com/haidang-noc/haidang/collector/view"
)

// shiftPage is what one shift hands to the next.
type shiftPage struct {
	Hours    int
	Choices  []int
	From, To int64
	Parts    []shiftPart
	Notes    []alarm.Note
}

type shiftPart struct {
	Title string // key of the words
	Rows  []row
}

// shiftHours are the lengths that may be chosen, the usual one first.
func shiftHours() []int { return []int{8, 12, 24} }

func (b *Board) shift(v *visit) error {
	r, err := b.latest()
	if err != nil {
		return err
	}
	p := &shiftPage{Hours: shiftHours()[0], Choices: shiftHours()}
	if n, err := strconv.Atoi(v.r.URL.Query().Get("hours")); err == nil && slices.Contains(p.Choices, n) {
		p.Hours = n
	}
	to := b.Now()
	from := to.Add(-time.Duration(p.Hours) * time.Hour)
	sheet, err := b.Alarms.Handover(v.r.Context(), from, to, alarm.Filter{Visible: visible(v.who)})
	if err != nil {
		return err
	}
	p.From, p.To, p.Notes = from.Unix(), to.Unix(), sheet.Notes
	p.Parts = []shiftPart{{"shift.open", rowsOf(r, sheet.Open)}, {"shift.held", rowsOf(r, sheet.Acknowledged)}, {"shift.muted", rowsOf(r, sheet.Muted)},
		{"shift.cleared", rowsOf(r, sheet.Cleared)}}
	return b.show(v, http.StatusOK, "shift", v.words.Say("nav.shift"), p)
}

// maxShift bounds each part of the sheet.
const maxShift = 500

func rowsOf(r *view.Result, list []alarm.Alarm) []row {
	list = list[:min(len(list), maxShift)]
	rows := make([]row, 0, len(list))
	for _, a := range list {
		rows = append(rows, rowOf(r, a))
	}
	return rows
}

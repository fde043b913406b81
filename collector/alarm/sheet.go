package alarm

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/collector/model"
)

// Handover is what a shift hands to the next one, as far as the filter lets it through.
func (e *Engine) Handover(ctx context.Context, from, to time.Time, f Filter) (Sheet, error) {
	s := Sheet{From: from, To: to, Open: []Alarm{}, Acknowledged: []Alarm{}, Muted: []Alarm{}, New: []Alarm{}, Notes: []Note{}}
	var err error
	if s.Cleared, err = e.History(ctx, from, to, f, maxHistory); err != nil {
		return s, err
	}
	f.State = ""
	open := e.List(f)
	for _, a := range open {
		switch {
		case a.Maintenance != "":
			s.Muted = append(s.Muted, a)
		case a.Acknowledged != nil:
			s.Acknowledged = append(s.Acknowledged, a)
		default:
			s.Open = append(s.Open, a)
		}
	}
	for _, a := range slices.Concat(open, s.Cleared) {
		if within(a.RaisedAt, from, to) {
			s.New = append(s.New, a)
		}
		for _, n := range a.Notes {
			if within(n.At, from, to) {
				s.Notes = append(s.Notes, Note{a.ID, a.Name, n})
			}
		}
	}
	slices.SortFunc(s.New, func(a, b Alarm) int { return cmp.Or(a.RaisedAt.Compare(b.RaisedAt), cmp.Compare(a.ID, b.ID)) })
	slices.SortStableFunc(s.Notes, func(a, b Note) int { return a.At.Compare(b.At) })
	return s, nil
}

func within(t, from, to time.Time) bool { return !t.Before(from) && t.Before(to) }

// WriteTo writes the sheet as text, in Vietnamese and English, for paper and mail.
func (s Sheet) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "BÀN GIAO CA / SHIFT HANDOVER  %s – %s\n", clock(s.From), clock(s.To))
	for _, part := range []struct {
		title  string
		alarms []Alarm
	}{
		{"Chưa xác nhận / Open, not acknowledged", s.Open},
		{"Đang xử lý / Acknowledged", s.Acknowledged},
		{"Trong cửa sổ bảo trì / In maintenance", s.Muted},
		{"Mới trong ca / New in this shift", s.New},
		{"Đã hết trong ca / Cleared in this shift", s.Cleared},
	} {
		fmt.Fprintf(&b, "\n%s: %d\n", part.title, len(part.alarms))
		for i := range part.alarms {
			b.WriteString(line(&part.alarms[i]))
		}
	}
	fmt.Fprintf(&b, "\nGhi chú / Notes: %d\n", len(s.Notes))
	for _, n := range s.Notes {
		fmt.Fprintf(&b, "  %s  #%d %s  %s: %s\n", clock(n.At), n.AlarmID, n.Name, n.Who, oneLine(n.Text))
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

// line is one alarm of the sheet.
func line(a *Alarm) string {
	var b strings.Builder
	where := cmp.Or(strings.Join(a.Provinces, ","), "vn")
	fmt.Fprintf(&b, "  #%d  %-13s %-14s %s  [%s]  %s", a.ID, a.Severity, a.Cause, a.Name, where, clock(a.Since))
	if n := a.Beneath.Devices + a.Beneath.Links; n > 0 {
		fmt.Fprintf(&b, "  +%d", n)
	}
	if a.State == Over {
		fmt.Fprintf(&b, "  → %s", clock(a.ClearedAt))
	}
	if a.Owner != "" {
		fmt.Fprintf(&b, "  @%s", a.Owner)
	}
	if a.Acknowledged != nil {
		fmt.Fprintf(&b, "  ✓%s %s", a.Acknowledged.Who, oneLine(a.Acknowledged.Text))
	}
	return strings.TrimRight(b.String(), " ") + "\n"
}

func clock(t time.Time) string { return t.In(model.Local).Format("2006-01-02 15:04:05") }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

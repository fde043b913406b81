package board

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/collector/view"
)

// outagesCSV is a month's outages, as a spreadsheet reads them: UTF-8 with a mark, CRLF. A month that is
// named is read from its last publication; without one it is the running month.
func (b *Board) outagesCSV(v *visit) error {
	q := v.r.URL.Query()
	code, month := q.Get("province"), q.Get("month")
	if code != "" && !v.who.MaySee(provinceOf(code)) {
		return refuse(http.StatusForbidden, "error.scope", code)
	}
	var rows [][]string
	if month == "" {
		r, err := b.latest()
		if err != nil {
			return err
		}
		month, rows = r.Month.String(), runningOutages(r, v.who, code)
	} else {
		p, err := b.Store.Published(v.r.Context(), month, 0)
		if errors.Is(err, store.ErrNotPublished) {
			return refuse(http.StatusNotFound, "error.scorecard")
		}
		if err == nil {
			rows, err = publishedOutages(p, v.who, code)
		}
		if err != nil {
			return err
		}
	}
	name := "outages-" + safe(month)
	if code != "" {
		name += "-" + safe(code)
	}
	v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	v.w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name+".csv"))
	writeCSV(v.w, append([][]string{{"level", "name", "key", "provinces", "from", "to", "open", "seconds", "planned_seconds", "windows"}}, rows...))
	return nil
}

// writeCSV writes until the browser has gone.
func writeCSV(w io.Writer, rows [][]string) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	_ = out.WriteAll(rows)
}

// runningOutages are those of the running month that the caller sees, or that belong to one scope.
func runningOutages(r *view.Result, who *principal.Principal, code string) (rows [][]string) {
	for i := range r.Outages {
		o := &r.Outages[i]
		places := placesOf(o)
		if maySee(who, places...) && (code == "" || belongs(places, provinceOf(code))) {
			rows = append(rows, outageCells(o, places))
		}
	}
	return rows
}

// publishedOutages are those of the published documents of the caller's scopes, or of one. One of a link
// stands in the documents of both its ends.
func publishedOutages(p store.Publication, who *principal.Principal, code string) (rows [][]string, err error) {
	seen := map[string]bool{}
	for _, c := range p.Scorecards {
		if code != "" && c.Scope != code || !who.MaySee(provinceOf(c.Scope)) {
			continue
		}
		doc, err := scorecard.Parse(c.JSON)
		if err != nil {
			return nil, err
		}
		for _, o := range doc.Outages {
			key := o.Level + " " + o.Name + " " + o.From
			if !seen[key] {
				rows = append(rows, []string{o.Level, text(o.Name), o.Key, strings.Join(o.Provinces, " "), o.From, o.To, strconv.FormatBool(o.Open),
					strconv.FormatInt(o.Seconds, 10), strconv.FormatInt(o.Planned, 10), text(strings.Join(o.Windows, " "))})
			}
			seen[key] = true
		}
	}
	slices.SortStableFunc(rows, func(a, b []string) int { return strings.Compare(a[4], b[4]) })
	return rows, nil
}

func outageCells(o *kpi.Outage, places []string) []string {
	key, to := string(o.System), stamp(o.To)
	if o.Level == kpi.LevelLink {
		key = string(o.Class)
	}
	if o.Open {
		to = ""
	}
	return []string{string(o.Level), text(o.Name), key, strings.Join(places, " "), stamp(o.From), to, strconv.FormatBool(o.Open),
		strconv.FormatInt(o.Seconds, 10), strconv.FormatInt(o.Planned, 10), text(strings.Join(o.Windows, " "))}
}

func stamp(sec int64) string { return time.Unix(sec, 0).In(model.Local).Format(time.RFC3339) }

// text keeps a spreadsheet from taking a name for a formula.
func text(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// safe keeps what may stand in a file name.
func safe(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '-' {
			return c
		}
		return -1
	}, s)
}

package board

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// outagesCSV is the running month's outages, as a spreadsheet reads them: UTF-8 with a mark, CRLF.
func (b *Board) outagesCSV(v *visit) error {
	r, err := b.latest()
	if err != nil {
		return err
	}
	code := v.r.URL.Query().Get("province")
	scope := code
	if code == nation {
		scope = ""
	}
	if code != "" && !v.who.MaySee(scope) {
		return refuse(http.StatusForbidden, "error.scope", code)
	}
	name := "outages-" + r.Month.String()
	if code != "" {
		name += "-" + safe(code)
	}
	v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	v.w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name+".csv"))
	if _, err := v.w.Write([]byte("\ufeff")); err != nil {
		return nil // the browser has gone
	}
	out := csv.NewWriter(v.w)
	out.UseCRLF = true
	_ = out.Write([]string{"level", "name", "key", "provinces", "from", "to", "open", "seconds", "planned_seconds", "windows"}) // Flush tells
	for i := range r.Outages {
		o := &r.Outages[i]
		places := placesOf(o)
		if maySee(v.who, places...) && (code == "" || belongs(places, scope)) {
			_ = out.Write(outageCells(o, places))
		}
	}
	out.Flush()
	return nil
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

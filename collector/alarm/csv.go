package alarm

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/collector/model"
)

// csvHeader is the first row of WriteCSV.
const csvHeader = "id,kind,name,cause,severity,state,provinces,system,site,since,raised_at,cleared_at,reason,occurrences,flapping," +
	"beneath_devices,beneath_links,beneath_most,subscribers,maintenance,owner,acknowledged_by,acknowledged_at,notes"

// WriteCSV writes alarms as rows, with a byte order mark, without which Excel takes UTF-8 for something else.
func WriteCSV(w io.Writer, alarms []Alarm) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	rows := csv.NewWriter(w)
	_ = rows.Write(strings.Split(csvHeader, ",")) // an error is kept until Error
	for i := range alarms {
		_ = rows.Write(alarms[i].row())
	}
	rows.Flush()
	return rows.Error()
}

func (a *Alarm) row() []string {
	by, at := "", ""
	if a.Acknowledged != nil {
		by, at = a.Acknowledged.Who, stamp(a.Acknowledged.At)
	}
	notes := make([]string, 0, len(a.Notes))
	for _, n := range a.Notes {
		notes = append(notes, n.Who+": "+oneLine(n.Text))
	}
	number := func(n int) string { return strconv.Itoa(n) }
	return []string{strconv.FormatInt(a.ID, 10), string(a.Kind), cell(a.Name), string(a.Cause), string(a.Severity), string(a.State),
		strings.Join(a.Provinces, "|"), string(a.System), cell(a.Site), stamp(a.Since), stamp(a.RaisedAt), stamp(a.ClearedAt), a.Reason,
		number(a.Occurrences), strconv.FormatBool(a.Flapping), number(a.Beneath.Devices), number(a.Beneath.Links), number(a.Beneath.Most),
		strconv.FormatInt(a.Subscribers, 10), a.Maintenance, cell(a.Owner), cell(by), at, cell(strings.Join(notes, " | "))}
}

// cell keeps a spreadsheet from taking text for a formula.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(model.Local).Format(time.RFC3339)
}

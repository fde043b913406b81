package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"time"
)

// muteBegin and muteEnd stand around what mute writes into an Alertmanager configuration.
const (
	muteBegin = "  # BEGIN change-freezes: go run ./dashboards/gen mute\n"
	muteEnd   = "  # END change-freezes\n"
)

// freezeHeader is that of freezes.csv; the columns that mute reads are start, end, scope and changes.
const freezeHeader = "id,name_vi,name_en,start,end,scope,changes,alert_sensitivity,note_vi,note_en"

// vietnam is the zone that days are cut in; it has no daylight saving time.
func vietnam() *time.Location { return time.FixedZone("+07", 7*3600) }

// piece is what an Alertmanager interval can say at once: days of one month, and a time of day.
type piece struct {
	year        int
	month       time.Month
	first, last int    // days
	from, to    string // 00:00 to 24:00: the whole day
}

// mute puts the nation's change freezes into an Alertmanager configuration, between its two marks.
func mute(config, freezes []byte) ([]byte, error) {
	head, rest, begun := bytes.Cut(config, []byte(muteBegin))
	_, tail, ended := bytes.Cut(rest, []byte(muteEnd))
	if !begun || !ended {
		return nil, fmt.Errorf("gen: mute: want the lines %q and %q in the configuration", muteBegin, muteEnd)
	}
	section, err := interval(freezes)
	if err != nil {
		return nil, err
	}
	return slices.Concat(head, []byte(muteBegin+section+muteEnd), tail), nil
}

// interval is one time interval of Alertmanager that holds all freezes.
func interval(freezes []byte) (string, error) {
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(freezes, []byte("\xef\xbb\xbf")))).ReadAll()
	if err != nil {
		return "", fmt.Errorf("gen: mute: freezes: %w", err)
	}
	if len(rows) < 2 || strings.Join(rows[0], ",") != freezeHeader {
		return "", fmt.Errorf("gen: mute: freezes: want the header %s and a row", freezeHeader)
	}
	var out strings.Builder
	out.WriteString("  - name: change-freezes\n    time_intervals:\n")
	for _, row := range rows[1:] {
		if row[5] != "nation" || row[6] != "frozen" { // an interval of Alertmanager holds for all alerts of its route
			continue
		}
		start, err := instant(row[3])
		if err != nil {
			return "", fmt.Errorf("gen: mute: freezes: %s: start: %w", row[0], err)
		}
		end, err := instant(row[4])
		if err != nil {
			return "", fmt.Errorf("gen: mute: freezes: %s: end: %w", row[0], err)
		}
		fmt.Fprintf(&out, "      # %s\n", row[0])
		for _, p := range pieces(start, end) {
			out.WriteString("      - " + p.String() + "\n")
		}
	}
	return out.String(), nil
}

// instant reads a time of the inventory files: with an offset, or a date, which means its midnight in Việt Nam.
func instant(s string) (time.Time, error) {
	if t, err := time.ParseInLocation(time.DateOnly, s, vietnam()); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	return t.In(vietnam()), err
}

// pieces cuts [start, end) at midnights, and joins the whole days of a month again. Seconds are left out.
func pieces(start, end time.Time) (out []piece) {
	for at := start; at.Before(end); {
		y, m, d := at.Date()
		next := time.Date(y, m, d+1, 0, 0, 0, 0, vietnam())
		p := piece{y, m, d, d, at.Format("15:04"), "24:00"}
		if end.Before(next) {
			p.to = end.Format("15:04")
		}
		if n := len(out) - 1; n >= 0 && out[n].joins(p) {
			out[n].last = d
		} else if p.from != p.to {
			out = append(out, p)
		}
		at = next
	}
	return out
}

func (p piece) whole() bool { return p.from == "00:00" && p.to == "24:00" }

func (p piece) joins(next piece) bool {
	return p.whole() && next.whole() && p.year == next.year && p.month == next.month
}

// String is the piece as YAML.
func (p piece) String() string {
	times := ""
	if !p.whole() {
		times = fmt.Sprintf(", times: [{start_time: %q, end_time: %q}]", p.from, p.to)
	}
	return fmt.Sprintf(`{location: Asia/Ho_Chi_Minh, years: ["%d"], months: [%s], days_of_month: ["%d:%d"]%s}`,
		p.year, strings.ToLower(p.month.String()), p.first, p.last, times)
}

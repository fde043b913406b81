package scorecard

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// JSON is the canonical form, as that of a Document.
func (y *Year) JSON() ([]byte, error) { return canonical(y.Name(), y) }

// Name is the name of the year's files, without what tells the format.
func (y *Year) Name() string { return fmt.Sprintf("scorecard-year-%d", y.Year) }

// CSV has a line for each unit, each of its systems, link classes and composites, and, without a unit, for each verdict.
func (y *Year) CSV() ([]byte, error) {
	var text bytes.Buffer
	out := csv.NewWriter(&text)
	out.UseCRLF = true
	lines := [][]string{{"year", "section", "key", "name", "qos", "qoe", "combined", "outcome", "floor_months", "good_months", "months_met", "months", "value", "numerator", "denominator"}}
	year, n := itoa(int64(y.Year)), func(n int) string { return itoa(int64(n)) }
	for i := range y.Units {
		lines = append(lines, y.Units[i].lines(year, n(len(y.Published)))...)
	}
	for _, v := range y.Verdicts {
		lines = append(lines, []string{year, "verdict", v.ID, "", "", "", "", v.Outcome, "", "", n(v.MonthsMet), n(v.Months), "", "", ""})
	}
	if err := out.WriteAll(lines); err != nil {
		return nil, fmt.Errorf("scorecard: %s: %w", y.Name(), err)
	}
	return norm.NFC.Bytes(text.Bytes()), nil
}

// lines are one unit's.
func (u *YearUnit) lines(year, months string) [][]string {
	own := []string{year, "unit", u.Scope.Code, u.Scope.NameVI, "", "", "", "", itoa(int64(u.FloorMonths)), itoa(int64(u.GoodMonths)), "", months, "", "", ""}
	if s := u.Scores; s != nil {
		own[4], own[5], own[6] = string(s.QoS.Value), string(s.QoE.Value), string(s.Combined)
	}
	lines := [][]string{own}
	add := func(section, key, name, outcome string, q *Quotient) {
		line := []string{year, section, u.Scope.Code + ":" + key, name, "", "", "", outcome, "", "", "", "", "", "", ""}
		if q != nil {
			line[12], line[13], line[14] = string(q.Value), q.Num, q.Den
		}
		lines = append(lines, line)
	}
	for i := range u.Availability {
		a := &u.Availability[i]
		add("availability", a.Level+":"+a.Key, a.NameVI, a.Outcome, a.tested())
	}
	for _, c := range u.Congestion {
		add("congestion", c.Class, c.NameVI, c.Outcome, c.Ratio)
	}
	for i := range u.Composites {
		c := &u.Composites[i]
		add("composite", c.Name, c.Availability.NameVI, c.Availability.Outcome, c.Availability.tested())
	}
	for _, m := range u.Measured { // a value is in its unit
		add("measured", m.Service+":"+m.KPI, m.Unit, m.Outcome, m.Value)
	}
	return lines
}

// WriteYear writes the JSON and the CSV into dir, which it creates, as Write does.
func WriteYear(dir string, y *Year) ([]string, error) {
	return writeFiles(dir, []file{{y.Name() + ".json", y.JSON}, {y.Name() + ".csv", y.CSV}}, nil)
}

// IsYear says whether text calls itself a year's document.
func IsYear(text []byte) bool {
	var d struct {
		Schema string `json:"schema"`
	}
	return json.Unmarshal(text, &d) == nil && strings.HasPrefix(d.Schema, "haidang.scorecard-year/")
}

// ParseYear reads a year's document from its JSON, as Parse does a month's.
func ParseYear(text []byte) (*Year, error) {
	y := new(Year)
	if err := parse(text, y); err != nil {
		return nil, err
	}
	if y.Schema != YearSchema {
		return nil, fmt.Errorf("scorecard: parse: schema %q, want %q", y.Schema, YearSchema)
	}
	return y, nil
}

// parse reads one JSON value and refuses keys that into does not have.
func parse(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("scorecard: parse: %w", err)
	}
	return nil
}

// canonical encodes a document: the keys in the order of its fields, two spaces of indent, NFC, a newline at the end.
func canonical(name string, document any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(document); err != nil {
		return nil, fmt.Errorf("scorecard: %s: %w", name, err)
	}
	return norm.NFC.Bytes(b.Bytes()), nil
}

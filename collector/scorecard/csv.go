package scorecard

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/big"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// CSV prints the document in long form, one value a line (RFC 4180, UTF-8): files of all units and
// months can be loaded one after the other into one table. docs/scorecard.md lists the sections.
func (d *Document) CSV(lang string) ([]byte, error) {
	return d.csv(lang, sheet{comma: ',', point: "."})
}

// ExcelCSV prints the same lines as Excel opens them by double click: marked as UTF-8 and, in Vietnamese, with
// semicolons between the cells and decimal commas.
func (d *Document) ExcelCSV(lang string) ([]byte, error) {
	s := sheet{mark: "\ufeff", comma: ',', point: "."}
	if lang == Vietnamese {
		s.comma, s.point = ';', ","
	}
	return d.csv(lang, s)
}

func (d *Document) csv(lang string, s sheet) ([]byte, error) {
	w, ok := wordsOf(lang)
	if !ok {
		return nil, fmt.Errorf("scorecard: language %q: want vi or en", lang)
	}
	var text bytes.Buffer
	text.WriteString(s.mark)
	s.words, s.lang, s.doc, s.out = w, lang, d, csv.NewWriter(&text)
	s.out.UseCRLF, s.out.Comma = true, s.comma
	s.record = append(s.record, s.header...)
	s.flush()
	s.about()
	s.rank("rank", "", "", d.Rank)
	for _, a := range d.Availability {
		s.availability("availability", &a)
	}
	for _, a := range d.Tagged {
		s.availability("tagged", &a)
	}
	for _, a := range d.Unassigned {
		s.availability("unassigned", &a)
	}
	s.congestion()
	s.links()
	s.outages()
	s.lateWindows()
	s.composites()
	s.quality()
	s.measured()
	s.data()
	s.calendar()
	s.events()
	s.progress()
	s.provinces()
	s.past()
	s.out.Flush()
	return norm.NFC.Bytes(text.Bytes()), s.out.Error()
}

// sheet writes the lines. Those added after of share section, key and name.
type sheet struct {
	words
	mark    string // before everything
	comma   rune   // between cells
	point   string // of decimals
	lang    string
	doc     *Document
	out     *csv.Writer
	section string
	key     string
	name    string
	record  []string
}

// of starts the lines of another thing.
func (s *sheet) of(section, key, name string) { s.section, s.key, s.name = section, key, name }

// say picks the name in the sheet's language.
func (s *sheet) say(vi, en string) string {
	if s.lang == English {
		return en
	}
	return vi
}

func (s *sheet) line(measure, value, unit, num, den string) {
	d := s.doc
	s.record = append(s.record,
		d.Month, d.Scope.Code, s.say(d.Scope.NameVI, d.Scope.NameEN), itoa(int64(d.Revision)),
		s.section, s.key, s.name, measure, value, unit, num, den)
	s.flush()
}

// flush writes the record and empties it.
func (s *sheet) flush() {
	s.out.Write(s.record) //nolint:errcheck // kept by the writer until Error
	s.record = s.record[:0]
}

func (s *sheet) text(measure, value string)              { s.line(measure, value, "", "", "") }
func (s *sheet) count(measure string, n int64)           { s.line(measure, itoa(n), "", "", "") }
func (s *sheet) unit(measure string, n int64, of string) { s.line(measure, itoa(n), of, "", "") }

// decimal prints a value that may have places.
func (s *sheet) decimal(measure, value, unit, num, den string) {
	s.line(measure, strings.Replace(value, ".", s.point, 1), unit, num, den)
}

// word prints a status or outcome in the sheet's language.
func (s *sheet) word(measure, value string) {
	if said, ok := s.outcomes[value]; ok {
		value = said
	}
	s.text(measure, value)
}

func (s *sheet) flag(measure string, v bool) {
	if v {
		s.text(measure, s.yes)
	} else {
		s.text(measure, s.no)
	}
}

// percent prints a ratio times 100, with the same digits. No value is an empty cell.
func (s *sheet) percent(measure string, q *Quotient) {
	if q == nil {
		s.line(measure, "", "%", "", "")
		return
	}
	value, ok := new(big.Rat).SetString(string(q.Value))
	if !ok {
		value = new(big.Rat)
	}
	s.decimal(measure, value.Mul(value, big.NewRat(100, 1)).FloatString(ratioPlaces-2), "%", q.Num, q.Den)
}

func (s *sheet) seconds(measure string, q *Quotient) {
	if q == nil {
		s.line(measure, "", "s", "", "")
		return
	}
	s.decimal(measure, string(q.Value), "s", q.Num, q.Den)
}

// tenths prints a utilisation in whole per mille as a percentage.
func (s *sheet) tenths(measure string, v *int32) {
	if v == nil {
		s.line(measure, "", "%", "", "")
		return
	}
	s.decimal(measure, fmt.Sprintf("%d.%d", *v/10, *v%10), "%", itoa(int64(*v)), "1000")
}

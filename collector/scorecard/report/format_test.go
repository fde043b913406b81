package report

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNumbersAreWrittenInTheirLanguage(t *testing.T) {
	words := Words{Outcomes: map[string]string{"met": "đạt"}}
	for _, c := range []struct {
		cell   Cell
		vi, en string
	}{
		{Cell{Kind: Count, Value: "1234567"}, "1.234.567", "1,234,567"},
		{Cell{Kind: Count, Value: "-999"}, "-999", "-999"},
		{Cell{Kind: Decimal, Value: "4.19"}, "4,19", "4.19"},
		{Cell{Kind: Decimal, Value: "18000.500"}, "18.000,500", "18,000.500"},
		{Cell{Kind: Percent, Value: "0.999499"}, "99,9499\u00a0%", "99.9499\u00a0%"},
		{Cell{Kind: Percent, Value: "1.000000"}, "100,0000\u00a0%", "100.0000\u00a0%"},
		{Cell{Kind: Percent}, "–", "–"},
		{Cell{Kind: Tenths, Value: "805"}, "80,5\u00a0%", "80.5\u00a0%"},
		{Cell{Kind: Duration, Value: "1296"}, "0:21:36", "0:21:36"},
		{Cell{Kind: Duration, Value: "-2.250"}, "-0:00:02,25", "-0:00:02.25"},
		{Cell{Kind: Duration, Value: "36000000.000"}, "10.000:00:00", "10,000:00:00"},
		{Cell{Kind: Time, Value: "2026-11-02T01:00:00+07:00"}, "02/11/2026 01:00:00", "2 Nov 2026 01:00:00"},
		{Cell{Kind: Mark, Value: "met"}, "đạt", "đạt"},
		{Cell{}, "", ""},
		{Cell{Value: "hni-olt-1"}, "hni-olt-1", "hni-olt-1"},
		{Cell{Kind: Time, Value: "strange"}, "strange", "strange"},
	} {
		for lang, want := range map[string]string{"vi": c.vi, "en": c.en} {
			r := Report{Lang: lang, Words: words}
			if got := r.Print(c.cell); got != want {
				t.Errorf("%s %+v: %q, want %q", lang, c.cell, got, want)
			}
		}
	}
}

// Separators change how a number looks, never its digits.
func TestSeparatorsKeepTheDigits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.StringMatching(`-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?`).Draw(rt, "value")
		r := Report{Lang: rapid.SampledFrom([]string{"vi", "en"}).Draw(rt, "lang")}
		digits := func(s string) string {
			return strings.Map(func(c rune) rune {
				if c == '.' || c == ',' {
					return -1
				}
				return c
			}, s)
		}
		if got := r.number(value); digits(got) != digits(value) {
			rt.Fatalf("%q became %q", value, got)
		}
	})
}

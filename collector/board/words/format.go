package words

import (
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// none stands where there is no value.
const none = "–"

// Decimal writes a decimal as the language does: 1.234,5 in Vietnamese, 1,234.5 in English.
func (w *Words) Decimal(text string) string {
	if text == "" {
		return none
	}
	group, point := ".", ","
	if w.Lang == English {
		group, point = ",", "."
	}
	text, negative := strings.CutPrefix(text, "-")
	whole, places, fraction := strings.Cut(text, ".")
	var b strings.Builder
	if negative {
		b.WriteString("−")
	}
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(group)
		}
		b.WriteRune(d)
	}
	if fraction {
		b.WriteString(point + places)
	}
	return b.String()
}

// Count writes a whole number.
func (w *Words) Count(n int) string { return w.Decimal(fmt.Sprint(n)) }

// Percent writes a ratio with its exact value rounded to the places.
func (w *Words) Percent(n kpi.Number, places int) string {
	if !n.Valid() {
		return none
	}
	return w.Decimal(n.Percent(places)) + "\u00a0%"
}

// Ratio writes a target, with as many places as it has.
func (w *Words) Ratio(r model.Ratio) string {
	if r.Den == 0 {
		return none
	}
	text := strings.TrimRight(kpi.Quo(r.Num, r.Den).Percent(7), "0")
	return w.Decimal(strings.TrimSuffix(text, ".")) + "\u00a0%"
}

// PerMille writes a whole number of per mille as per cent; negative: there is none.
func (w *Words) PerMille(n int32) string {
	if n < 0 {
		return none
	}
	return w.Decimal(fmt.Sprintf("%d.%d", n/10, n%10)) + "\u00a0%"
}

// Span writes seconds: 12 s, 4:05 (minutes), 2:14:00 (hours) or 3 d 2:14.
func (w *Words) Span(seconds int64) string {
	sign := ""
	if seconds < 0 {
		sign, seconds = "−", -seconds
	}
	d, h, m, s := seconds/86400, seconds/3600%24, seconds/60%60, seconds%60
	switch {
	case d > 0:
		return fmt.Sprintf("%s%s\u00a0%s\u00a0%d:%02d", sign, w.Count(int(d)), w.Say("day.short"), h, m)
	case h > 0:
		return fmt.Sprintf("%s%d:%02d:%02d", sign, h, m, s)
	}
	return fmt.Sprintf("%s%d:%02d", sign, m, s)
}

// Seconds writes an exact number of seconds like Span.
func (w *Words) Seconds(n kpi.Number) string {
	if !n.Valid() {
		return none
	}
	return w.Span(int64(n.Float()))
}

// Stamp writes an instant: date and minute, in the country's time.
func (w *Words) Stamp(sec int64) string {
	t := time.Unix(sec, 0).In(model.Local)
	if w.Lang == English {
		return t.Format("2 Jan 15:04")
	}
	return t.Format("15:04 02/01")
}

// Clock writes an instant's time of day.
func (w *Words) Clock(sec int64) string {
	return time.Unix(sec, 0).In(model.Local).Format("15:04:05")
}

// Capacity writes Mbit/s; 0: nobody knows.
func (w *Words) Capacity(mbps int64) string {
	switch {
	case mbps <= 0:
		return none
	case mbps%1000 == 0:
		return w.Count(int(mbps/1000)) + "\u00a0Gbit/s"
	}
	return w.Count(int(mbps)) + "\u00a0Mbit/s"
}

// Fraction writes the decimal text of a ratio as per cent, with three places.
func (w *Words) Fraction(text string) string {
	v, ok := new(big.Rat).SetString(text)
	if !ok {
		return none
	}
	return w.Decimal(v.Mul(v, big.NewRat(100, 1)).FloatString(3)) + "\u00a0%"
}

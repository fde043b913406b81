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

// Span writes seconds in the two greatest units that they need: 12 s, 4 min 5 s, 2 h 14 min, 3 d 2 h.
// The pages' script writes running times the same way.
func (w *Words) Span(seconds int64) string {
	sign := ""
	if seconds < 0 {
		sign, seconds = "−", -seconds
	}
	units := w.Units()
	for i, size := range [...]int64{86400, 3600, 60} {
		if seconds < size {
			continue
		}
		next := [...]int64{3600, 60, 1}[i]
		return fmt.Sprintf("%s%s\u00a0%s\u00a0%d\u00a0%s", sign, w.Count(int(seconds/size)), units[i], seconds%size/next, units[i+1])
	}
	return fmt.Sprintf("%s%d\u00a0%s", sign, seconds, units[3])
}

// Units are the short words for days, hours, minutes and seconds.
func (w *Words) Units() [4]string {
	return [4]string{w.Say("unit.day"), w.Say("unit.hour"), w.Say("unit.minute"), w.Say("unit.second")}
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

// Moment writes an instant to the second.
func (w *Words) Moment(sec int64) string {
	t := time.Unix(sec, 0).In(model.Local)
	if w.Lang == English {
		return t.Format("2 Jan 15:04:05")
	}
	return t.Format("15:04:05 02/01")
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

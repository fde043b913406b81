package report

import (
	"fmt"
	"math/big"
	"strings"
	"time"
)

// Print writes a cell as people of the report's language write it. No value is a dash.
func (r *Report) Print(c Cell) string {
	if c.Value == "" {
		if c.Kind == Text || c.Kind == Mark {
			return ""
		}
		return "–"
	}
	switch c.Kind {
	case Count, Decimal:
		return r.number(c.Value)
	case Percent:
		return r.number(scale(c.Value, big.NewRat(100, 1), 4)) + "\u00a0%"
	case Tenths:
		return r.number(scale(c.Value, big.NewRat(1, 10), 1)) + "\u00a0%"
	case Duration:
		return r.duration(c.Value)
	case Time:
		return r.time(c.Value)
	case Mark:
		return r.Words.Outcomes[c.Value]
	case Move:
		return signed(c.Value)
	}
	return c.Value
}

// signed says which way a number went; no change is an equals sign.
func signed(value string) string {
	switch {
	case value == "0":
		return "="
	case strings.HasPrefix(value, "-"):
		return "−" + value[1:]
	}
	return "+" + value
}

// scale multiplies a decimal exactly and prints it with the given places.
func scale(value string, factor *big.Rat, places int) string {
	v, ok := new(big.Rat).SetString(value)
	if !ok {
		return value
	}
	return v.Mul(v, factor).FloatString(places)
}

// number puts separators into a decimal: 1.234,5 in Vietnamese, 1,234.5 in English.
func (r *Report) number(decimal string) string {
	group, point := ".", ","
	if r.Lang == "en" {
		group, point = ",", "."
	}
	sign, digits := "", decimal
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	whole, places, fraction := strings.Cut(digits, ".")
	var b strings.Builder
	b.WriteString(sign)
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

// duration prints seconds as h:mm:ss; places only if there are any.
func (r *Report) duration(seconds string) string {
	v, ok := new(big.Rat).SetString(seconds)
	if !ok {
		return seconds
	}
	sign := ""
	if v.Sign() < 0 {
		sign = "-"
		v.Neg(v)
	}
	whole, places, _ := strings.Cut(v.FloatString(3), ".")
	n, _ := new(big.Int).SetString(whole, 10)
	minutes, s := new(big.Int).DivMod(n, big.NewInt(60), new(big.Int))
	hours, m := new(big.Int).DivMod(minutes, big.NewInt(60), new(big.Int))
	out := fmt.Sprintf("%s%s:%02d:%02d", sign, r.number(hours.String()), m.Int64(), s.Int64())
	if places = strings.TrimRight(places, "0"); places != "" {
		out += r.number("0." + places)[1:]
	}
	return out
}

func (r *Report) time(stamp string) string {
	t, err := time.Parse(time.RFC3339, stamp)
	if err != nil {
		return stamp
	}
	if r.Lang == "en" {
		return t.Format("2 Jan 2006 15:04:05")
	}
	return t.Format("02/01/2006 15:04:05")
}

package scorecard

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// The places of the values. A ratio's six are the four of its percentage.
const (
	ratioPlaces    = 6
	secondsPlaces  = 3
	perMillePlaces = 3
)

// quotient prints n with the given places; nil if it has no value.
func quotient(n kpi.Number, places int) *Quotient {
	if !n.Valid() {
		return nil
	}
	return &Quotient{Value: json.Number(n.Format(places)), Num: n.Num.Big().String(), Den: n.Den.Big().String()}
}

func ratio(n kpi.Number) *Quotient { return quotient(n, ratioPlaces) }

func seconds(n kpi.Number) *Quotient { return quotient(n, secondsPlaces) }

func fraction(r model.Ratio) *Quotient { return ratio(kpi.Quo(r.Num, r.Den)) }

// perMille is nil for the engine's "none".
func perMille[T int8 | int32](v T) *T {
	if v < 0 {
		return nil
	}
	return &v
}

// stamp prints an instant in the time of Việt Nam; empty for none.
func stamp(sec int64) string {
	if sec == 0 {
		return ""
	}
	return time.Unix(sec, 0).In(model.Local).Format(time.RFC3339)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

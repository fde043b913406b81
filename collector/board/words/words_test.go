package words

import (
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// Each language writes numbers and times in its own way.
func TestFormats(t *testing.T) {
	vi, en, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		of     func(*Words) string
		vi, en string
	}{
		{func(w *Words) string { return w.Decimal("1234567.5") }, "1.234.567,5", "1,234,567.5"},
		{func(w *Words) string { return w.Decimal("-12") }, "−12", "−12"},
		{func(w *Words) string { return w.Decimal("") }, "–", "–"},
		{func(w *Words) string { return w.Percent(kpi.Quo(2, 3), 3) }, "66,667\u00a0%", "66.667\u00a0%"},
		{func(w *Words) string { return w.Percent(kpi.Number{}, 3) }, "–", "–"},
		{func(w *Words) string { return w.Ratio(model.Ratio{Num: 4999, Den: 5000}) }, "99,98\u00a0%", "99.98\u00a0%"},
		{func(w *Words) string { return w.Ratio(model.Ratio{Num: 1, Den: 1}) }, "100\u00a0%", "100\u00a0%"},
		{func(w *Words) string { return w.Ratio(model.Ratio{}) }, "–", "–"},
		{func(w *Words) string { return w.PerMille(905) }, "90,5\u00a0%", "90.5\u00a0%"},
		{func(w *Words) string { return w.PerMille(-1) }, "–", "–"},
		{func(w *Words) string { return w.Span(0) }, "0\u00a0s", "0\u00a0s"},
		{func(w *Words) string { return w.Span(245) }, "4\u00a0ph\u00a05\u00a0s", "4\u00a0min\u00a05\u00a0s"},
		{func(w *Words) string { return w.Span(-8059) }, "−2\u00a0giờ\u00a014\u00a0ph", "−2\u00a0h\u00a014\u00a0min"},
		{func(w *Words) string { return w.Span(3*86400 + 7200) }, "3\u00a0ngày\u00a02\u00a0giờ", "3\u00a0d\u00a02\u00a0h"},
		{func(w *Words) string { return w.Seconds(kpi.Number{}) }, "–", "–"},
		{func(w *Words) string { return w.Stamp(1_790_000_000) }, "21:13 21/09", "21 Sep 21:13"},
		{func(w *Words) string { return w.Moment(1_790_000_000) }, "21:13:20 21/09", "21 Sep 21:13:20"},
		{func(w *Words) string { return w.Capacity(100_000) }, "100\u00a0Gbit/s", "100\u00a0Gbit/s"},
		{func(w *Words) string { return w.Capacity(2488) }, "2.488\u00a0Mbit/s", "2,488\u00a0Mbit/s"},
		{func(w *Words) string { return w.Capacity(0) }, "–", "–"},
		{func(w *Words) string { return w.Fraction("0.99955") }, "99,955\u00a0%", "99.955\u00a0%"},
		{func(w *Words) string { return w.Fraction("") }, "–", "–"},
		{func(w *Words) string { return w.Say("no.such.word") }, "no.such.word", "no.such.word"},
	} {
		if v, e := c.of(vi), c.of(en); v != c.vi || e != c.en {
			t.Errorf("%q and %q, want %q and %q", v, e, c.vi, c.en)
		}
	}
}

package score

import (
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
)

func r(text string) *big.Rat {
	out, ok := new(big.Rat).SetString(text)
	if !ok {
		panic(text)
	}
	return out
}

func ratio(text string) model.Ratio {
	v := r(text)
	return model.Ratio{Num: v.Num().Int64(), Den: v.Denom().Int64()}
}

func threshold(service, kpi, weight string, lower, log bool, x ...string) model.Threshold {
	t := model.Threshold{Kind: model.QoS, Service: service, KPI: kpi, LowerBetter: lower, Log: log, Weight: ratio(weight)}
	for i := range x {
		t.X[i] = ratio(x[i])
	}
	return t
}

func voice() []model.Threshold {
	return []model.Threshold{
		threshold("mobile_voice", "call_setup_failure", "0.3", true, false, "10", "5", "2", "0.8", "0.3"),
		threshold("mobile_voice", "call_drop", "0.3", true, false, "5", "3", "2", "0.5", "0.2"),
		threshold("mobile_voice", "handover_success", "0.15", false, false, "90", "94", "97", "99", "99.5"),
		threshold("mobile_voice", "radio_readiness", "0.1", false, false, "80", "90", "95", "98", "99.5"),
		threshold("mobile_voice", "cell_availability", "0.15", false, false, "95", "98", "99", "99.7", "99.95"),
	}
}

func rules() *model.ScoreRules {
	return &model.ScoreRules{
		Thresholds: voice(), MinWeight: ratio("0.7"), Floor: ratio("3"), Good: ratio("4"), GoodShare: ratio("0.8"),
		Weights: map[model.ScoreKind]map[string]model.Ratio{model.QoS: {"mobile_voice": ratio("0.2"), "mobile_data": ratio("0.3"),
			"fixed_broadband": ratio("0.25"), "iptv": ratio("0.1"), "transport": ratio("0.15")}},
	}
}

func ok(v string) Value { return Value{V: r(v), Status: OK} }

func want(t *testing.T, what string, got *big.Rat, text string) {
	t.Helper()
	if got == nil || got.Cmp(r(text)) != 0 {
		t.Errorf("%s = %v, want %s", what, got, text)
	}
}

// Q1: a voice path with 120 ms and 1 % loss.
func TestExampleQ1(t *testing.T) {
	v := Voice{DelayMs: r("120"), Ie: r("5"), Bpl: r("10"), LossPct: r("1"), BurstR: r("1")}
	delay, loss := v.Impairments()
	want(t, "Id", delay, "2.88")
	want(t, "Ie,eff", loss, "145/11")
	if got := v.R().FloatString(2); got != "77.14" {
		t.Errorf("R = %s", got)
	}
	if got := MOS(v.R()).FloatString(3); got != "3.911" {
		t.Errorf("MOS = %s", got)
	}
	for rating, mos := range map[string]string{"-3": "1.000", "0": "1.000", "50": "2.575", "60": "3.100", "70": "3.597", "80": "4.024", "90": "4.339", "93.2": "4.409", "100": "4.500", "120": "4.500"} {
		if got := MOS(r(rating)).FloatString(3); got != mos {
			t.Errorf("MOS at %s = %s, want %s", rating, got, mos)
		}
	}
	v.DelayMs = r("277.3")
	delay, _ = v.Impairments()
	want(t, "Id beyond 177.3 ms", delay, "17.6552")
}

// Q2: the voice service of one unit.
func TestExampleQ2(t *testing.T) {
	values, points := Values{}, map[string]string{}
	for _, k := range []struct{ kpi, value, points string }{
		{"call_setup_failure", "0.5", "4.6"}, {"call_drop", "0.8", "3.8"}, {"handover_success", "98.2", "3.6"},
		{"radio_readiness", "98.9", "4.6"}, {"cell_availability", "99.82", "4.48"},
	} {
		values[Name{"mobile_voice", k.kpi}], points[k.kpi] = ok(k.value), k.points
	}
	s := Evaluate(rules(), "01", values).QoS.Services[0]
	for _, k := range s.KPIs {
		want(t, k.Threshold.KPI, k.Points, points[k.Threshold.KPI])
	}
	want(t, "voice", s.Score, "4.192")
	want(t, "voice as published", Publish(s.Score), "4.19")
}

// Q3: a loss on the logarithmic scale.
func TestExampleQ3(t *testing.T) {
	loss := threshold("iptv", "stream_packet_loss", "1", true, true, "0.001", "0.0001", "0.00001", "0.000001", "0.0000001")
	want(t, "loss of 3e-6", Points(&loss, r("3e-6")), "3.522878745")
	want(t, "no loss", Points(&loss, r("0")), "5")
	want(t, "a threshold's own value", Points(&loss, r("1e-5")), "3")
	up := threshold("x", "y", "1", false, true, "1", "10", "100", "1000", "10000")
	want(t, "nothing, where more is better", Points(&up, r("0")), "1")
}

// Q4: a unit of which one service is missing.
func TestExampleQ4(t *testing.T) {
	var m mean
	for _, s := range []struct{ weight, score string }{{"0.2", "4.2"}, {"0.3", "3.9"}, {"0.25", "4.1"}, {"0.1", ""}, {"0.15", "4.4"}} {
		if s.score == "" {
			m.add(r(s.weight), nil)
		} else {
			m.add(r(s.weight), r(s.score))
		}
	}
	value, known := m.value(ratio("0.7"))
	want(t, "QoS", value, "3695/900")
	want(t, "QoS as published", Publish(value), "4.11")
	want(t, "known", known, "0.9")
}

// Q5: the combined score comes from the published ones.
func TestExampleQ5(t *testing.T) {
	c := rules()
	want(t, "mean", Combine(c, r("4.11"), r("3.86")), "3.99")
	c.CombineMin = true
	want(t, "min", Combine(c, r("4.11"), r("3.86")), "3.86")
	if Combine(c, nil, r("3")) != nil || Combine(c, r("3"), nil) != nil {
		t.Error("a missing score has no combined one")
	}
}

// A unit whose scores round up by half a hundredth each: the printed ones have the mean 3.985, those behind them 3.98.
func TestCombinedIsMadeOfPublishedScores(t *testing.T) {
	c := rules()
	c.Weights[model.QoE] = map[string]model.Ratio{"mobile_voice": ratio("1")}
	points := func(kind model.ScoreKind) model.Threshold {
		th := threshold("mobile_voice", string(kind), "1", false, false, "1", "2", "3", "4", "5")
		th.Kind = kind
		return th
	}
	c.Thresholds = []model.Threshold{points(model.QoS), points(model.QoE)}
	card := Evaluate(c, "01", Values{{"mobile_voice", "QoS"}: ok("4.105"), {"mobile_voice", "QoE"}: ok("3.855")})
	want(t, "QoS", card.QoS.Score, "4.11")
	want(t, "QoE", card.QoE.Score, "3.86")
	want(t, "combined", card.Combined, "3.99")
}

// A unit at exactly 3.00 has reached the floor, one at 2.99 has not.
func TestTheFloorItself(t *testing.T) {
	cards := []Card{{Unit: "01", Combined: r("3")}, {Unit: "02", Combined: r("3.00")}}
	if u := Judge(rules(), cards); !u.T2 || len(u.Reached) != 2 || u.T3 {
		t.Errorf("%+v", u)
	}
	cards[1].Combined = r("2.99")
	if u := Judge(rules(), cards); u.T2 || len(u.Below) != 1 || u.Below[0] != "02" {
		t.Errorf("%+v", u)
	}
}

// Q6: how many units 80 % are.
func TestExampleQ6(t *testing.T) {
	for _, x := range []struct{ n, need int }{{63, 51}, {34, 28}, {10, 8}, {1, 1}} {
		if got := need(ratio("0.8"), x.n); got != x.need {
			t.Errorf("of %d units %d, want %d", x.n, got, x.need)
		}
	}
}

// R3: growth of exactly 20 % meets the goal, which a float would miss.
func TestExampleR3(t *testing.T) {
	b := big.NewInt
	if !Grown(b(4_500_000), b(250_000), b(3_000_000), b(200_000), ratio("0.2")) {
		t.Error("+20 % was missed")
	}
	if Grown(b(4_499_999), b(250_000), b(3_000_000), b(200_000), ratio("0.2")) {
		t.Error("less than +20 % was enough")
	}
}

// The worked verdict of a year: 60 units at 3 or more, 2 below, one without data; 51 or 50 at 4.
func TestVerdict(t *testing.T) {
	year := func(good int, gate string) []Card {
		cards := make([]Card, 63)
		for i := range cards {
			cards[i] = Card{Unit: "u", Combined: r("3.5")}
			switch {
			case i < good:
				cards[i].Combined = r(gate)
			case i >= 60 && i < 62:
				cards[i].Combined = r("2.99")
			case i == 62:
				cards[i].Combined = nil
			}
		}
		return cards
	}
	c := rules()
	u := Judge(c, year(51, "4"))
	if u.T2 || !u.T3 || len(u.Reached) != 60 || len(u.Below) != 2 || len(u.Unknown) != 1 || u.Need != 51 {
		t.Errorf("%+v", u)
	}
	if Judge(c, year(50, "4")).T3 {
		t.Error("50 of 63 are not 80 %")
	}
	c.Strict = true
	if Judge(c, year(51, "4")).T3 || !Judge(c, year(51, "4.01")).T3 {
		t.Error("strict: above 4")
	}
	if v := Judge(c, nil); v.T2 || v.T3 {
		t.Error("no unit at all meets nothing")
	}
}

// Less than 70 % of the weight known: no score. What does not count is shown and earns nothing.
func TestLittleKnown(t *testing.T) {
	values := Values{{"mobile_voice", "call_setup_failure"}: ok("2"), {"mobile_voice", "call_drop"}: ok("2")}
	s := Evaluate(rules(), "01", values).QoS.Services[0]
	if s.Score != nil || s.Known.Cmp(r("0.6")) != 0 {
		t.Errorf("score %v of %v", s.Score, s.Known)
	}
	values[Name{"mobile_voice", "radio_readiness"}] = Value{V: r("99"), Status: Insufficient}
	s = Evaluate(rules(), "01", values).QoS.Services[0]
	if s.Score != nil || s.KPIs[3].Points != nil || s.KPIs[3].V == nil || s.KPIs[4].Status != NoData {
		t.Errorf("%+v", s)
	}
	values[Name{"mobile_voice", "radio_readiness"}] = ok("95")
	want(t, "exactly 70 %", Evaluate(rules(), "01", values).QoS.Services[0].Score, "3")
	c := rules()
	c.NotSold = map[string][]string{"01": {"mobile_voice"}}
	if p := Evaluate(c, "01", values).QoS; len(p.Services) != 0 || p.Score != nil {
		t.Errorf("not sold: %+v", p)
	}
}

// A better value never earns less, points stay within 1 and 5, and a threshold earns its own points.
func TestPointsAreMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfNDistinct(rapid.Int64Range(1, 1_000_000), 5, 5, rapid.ID).Draw(t, "x")
		slices.Sort(x)
		th := model.Threshold{LowerBetter: rapid.Bool().Draw(t, "lower"), Log: rapid.Bool().Draw(t, "log")}
		if th.LowerBetter {
			slices.Reverse(x)
		}
		for i := range x {
			th.X[i] = model.Ratio{Num: x[i], Den: 1000}
		}
		for i := range x {
			if Points(&th, rat(th.X[i])).Cmp(big.NewRat(int64(i)+1, 1)) != 0 {
				t.Fatalf("threshold %d earns %v", i, Points(&th, rat(th.X[i])))
			}
		}
		value := rapid.Int64Range(-10, 1_100_000)
		a, b := big.NewRat(value.Draw(t, "a"), 1000), big.NewRat(value.Draw(t, "b"), 1000)
		if (a.Cmp(b) > 0) != th.LowerBetter { // a is the worse one
			a, b = b, a
		}
		pa, pb := Points(&th, a), Points(&th, b)
		if pa.Cmp(pb) > 0 || pa.Cmp(big.NewRat(1, 1)) < 0 || pb.Cmp(big.NewRat(5, 1)) > 0 {
			t.Fatalf("%v earns %v, %v earns %v", a, pa, b, pb)
		}
	})
}

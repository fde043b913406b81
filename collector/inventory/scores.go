package inventory

import (
	"maps"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/model"
)

const thresholdHeader = "score_kind,service,kpi,unit,better,scale,x1,x2,x3,x4,x5,weight,anchor,anchor_status"

// scoresYAML, ranYAML and probesYAML are sections of targets.yaml.
type scoresYAML struct {
	Combined   scalar                       `yaml:"combined"`
	MinWeight  scalar                       `yaml:"min_weight"`
	Floor      scalar                       `yaml:"floor"`
	Good       scalar                       `yaml:"good"`
	GoodShare  scalar                       `yaml:"good_share"`
	Gate       scalar                       `yaml:"gate"`
	MinSamples scalar                       `yaml:"min_samples"`
	Weights    map[string]map[string]scalar `yaml:"weights"`
	NotSold    map[string]scalar            `yaml:"not_sold"`
}

type ranYAML struct {
	Theta          scalar `yaml:"theta"`
	MaxRatio       scalar `yaml:"max_ratio"`
	MinPRBCoverage scalar `yaml:"min_prb_coverage"`
	MinCoverage    scalar `yaml:"min_coverage"`
	MaxUnknown     scalar `yaml:"max_unknown"`
	MinServiceDays scalar `yaml:"min_service_days"`
	MinUserSpeed   scalar `yaml:"min_user_speed_kbps"`
	CounterMap     scalar `yaml:"counter_map"`
	SpeedGrowth    scalar `yaml:"speed_growth"`
	UseSuspect     scalar `yaml:"use_suspect"`
	LTEExcluded    scalar `yaml:"lte_excluded_causes"`
}

type probesYAML struct {
	UnavailableLoss scalar `yaml:"unavailable_loss"`
	SpeedFloor4G    scalar `yaml:"speed_floor_4g_mbps"`
	SpeedFloor5G    scalar `yaml:"speed_floor_5g_mbps"`
}

func (v values) scores(y *scoresYAML) model.ScoreRules {
	s := model.ScoreRules{
		MinWeight:  v.ratio("scores.min_weight", y.MinWeight, "0.7"),
		CombineMin: v.choice("scores.combined", y.Combined, "mean", "min") == "min",
		Floor:      v.points("scores.floor", y.Floor, "3"),
		Good:       v.points("scores.good", y.Good, "4"),
		Strict:     v.choice("scores.gate", y.Gate, "reached", "exceeded") == "exceeded",
		GoodShare:  v.ratio("scores.good_share", y.GoodShare, "0.80"),
		MinSamples: v.count("scores.min_samples", y.MinSamples, "100", 1_000_000),
		Weights:    map[model.ScoreKind]map[string]model.Ratio{},
		NotSold:    map[string][]string{},
	}
	for _, kind := range []model.ScoreKind{model.QoS, model.QoE} {
		s.Weights[kind] = v.weights("scores.weights."+strings.ToLower(string(kind)), y.Weights[strings.ToLower(string(kind))], defaultWeights(kind))
	}
	for _, name := range slices.Sorted(maps.Keys(y.Weights)) {
		if name != "qos" && name != "qoe" {
			v.found.add(v.file, 0, "scores.weights", "%s is not a score: want qos or qoe", quote(name))
		}
	}
	for _, unit := range slices.Sorted(maps.Keys(y.NotSold)) {
		s.NotSold[unit] = v.notSold(unit, y.NotSold[unit], s.Weights)
	}
	return s
}

// notSold reads services separated by |. A unit of either era may be named: the file is for all months.
func (v values) notSold(unit string, services scalar, weights map[model.ScoreKind]map[string]model.Ratio) []string {
	key := "scores.not_sold." + unit
	if !v.units.known(unit) {
		v.found.add(v.file, services.line, key, "%s is not a province code: want one of the registry in quotes, for example \"01\"", quote(unit))
	}
	out := strings.Split(v.text(services, ""), "|")
	for i, service := range out {
		_, qos := weights[model.QoS][service]
		_, qoe := weights[model.QoE][service]
		switch {
		case !qos && !qoe:
			v.found.add(v.file, services.line, key, "%s is not a service: want one of scores.weights, several separated by |", quote(service))
		case slices.Contains(out[:i], service):
			v.found.add(v.file, services.line, key, "%s is named twice", quote(service))
		}
	}
	return out
}

// defaultWeights are the services and what each counts in a unit's score.
func defaultWeights(kind model.ScoreKind) map[string]string {
	if kind == model.QoS {
		return map[string]string{"mobile_voice": "0.20", "mobile_data": "0.30", "fixed_broadband": "0.25", "iptv": "0.10", "transport": "0.15"}
	}
	return map[string]string{"mobile_voice": "0.25", "mobile_data": "0.35", "fixed_broadband": "0.25", "iptv": "0.15"}
}

func (v values) weights(key string, y map[string]scalar, absent map[string]string) map[string]model.Ratio {
	out := map[string]model.Ratio{}
	for service, weight := range absent {
		out[service] = v.ratio(key+"."+service, y[service], weight)
	}
	for _, service := range slices.Sorted(maps.Keys(y)) {
		if _, known := absent[service]; !known {
			out[service] = v.ratio(key+"."+service, y[service], "0")
		}
	}
	return out
}

// points reads a score from 1 to 5.
func (v values) points(key string, s scalar, absent string) model.Ratio {
	got := v.text(s, absent)
	r, ok := parseDecimal(got)
	if !ok || r.Num < r.Den || r.Num > 5*r.Den {
		v.found.add(v.file, s.line, key, "%s: want a score from 1 to 5", quote(got))
		return model.Ratio{Num: 5, Den: 1}
	}
	return r
}

func (v values) ran(y *ranYAML) model.RANRules {
	return model.RANRules{
		ThetaPerMille:  int(v.scaled("ran.theta", y.Theta, "0.80", 1000)),
		MaxRatio:       v.ratio("ran.max_ratio", y.MaxRatio, "0.03"),
		MinPRBCoverage: v.ratio("ran.min_prb_coverage", y.MinPRBCoverage, "0.90"),
		MinCoverage:    v.ratio("ran.min_coverage", y.MinCoverage, "0.90"),
		MaxUnknown:     v.ratio("ran.max_unknown", y.MaxUnknown, "0.05"),
		MinServiceDays: int(v.count("ran.min_service_days", y.MinServiceDays, "15", 31)),
		MinUserSpeed:   v.count("ran.min_user_speed_kbps", y.MinUserSpeed, "0", 1_000_000),
		CounterMap:     v.text(y.CounterMap, ""),
		SpeedGrowth:    v.ratio("ran.speed_growth", y.SpeedGrowth, "0.20"),
		UseSuspect:     v.choice("ran.use_suspect", y.UseSuspect, "false", "true") == "true",
		LTEExcluded:    v.causes("ran.lte_excluded_causes", y.LTEExcluded),
	}
}

// causes reads suffixes of counters that name a cause, separated by |.
func (v values) causes(key string, s scalar) (out []string) {
	text := v.text(s, "")
	if text == "" {
		return nil
	}
	for cause := range strings.SplitSeq(text, "|") {
		same := func(other string) bool { return strings.EqualFold(other, cause) }
		switch {
		case !ran.IsCause(cause):
			v.found.add(v.file, s.line, key, "%s is not a cause: want for example mo-Signalling|mt-Access", quote(cause))
		case slices.ContainsFunc(out, same):
			v.found.add(v.file, s.line, key, "%s is named twice", quote(cause))
		}
		out = append(out, cause)
	}
	return out
}

func (v values) probes(y *probesYAML) model.ProbeRules {
	return model.ProbeRules{
		UnavailableLoss: v.ratio("probes.unavailable_loss", y.UnavailableLoss, "0.20"),
		SpeedFloorKbit: map[string]int64{
			"mobile_data":    1000 * v.count("probes.speed_floor_4g_mbps", y.SpeedFloor4G, "2", 100_000),
			"mobile_data_5g": 1000 * v.count("probes.speed_floor_5g_mbps", y.SpeedFloor5G, "30", 100_000),
		},
	}
}

// readThresholds reads which values of the KPIs earn which points.
func (l *loader) readThresholds(path string) {
	if path == "" {
		return
	}
	seen := map[[3]string]int{}
	readable := l.readTable(path, "score_thresholds.csv", thresholdHeader, func(r *row) {
		t := model.Threshold{
			Kind: model.ScoreKind(r.oneOf("QoS", "QoE")), Service: r.name(), KPI: r.name(), Unit: r.text(),
			LowerBetter: r.oneOf("lower", "higher") == "lower", Log: r.oneOf("linear", "log10") == "log10", Line: r.line,
		}
		for i := range t.X {
			t.X[i] = r.decimal()
			r.follows(&t, i)
		}
		t.Weight, t.Anchor, t.AnchorStatus = r.decimal(), r.text(), r.text()
		key := [3]string{string(t.Kind), t.Service, t.KPI}
		if first, dup := seen[key]; dup {
			r.found.add(r.file, r.line, "kpi", "%s of %s stands in line %d already", quote(t.KPI), quote(t.Service), first)
		}
		seen[key] = r.line
		if _, known := l.targets.Scores.Weights[t.Kind][t.Service]; !known && t.Kind != "" && l.targets.Scores.Weights != nil {
			r.found.add(r.file, r.line, "service", "%s has no weight in %s (scores.weights.%s)", quote(t.Service), l.targets.path, strings.ToLower(string(t.Kind)))
		}
		l.targets.Scores.Thresholds = append(l.targets.Scores.Thresholds, t)
	})
	if readable {
		l.targets.Scores.Hash, _, _ = strings.Cut(l.digests[len(l.digests)-1], " ")
	}
}

// follows wants the thresholds strictly monotone in the better direction, and above 0 for a logarithm.
func (r *row) follows(t *model.Threshold, i int) {
	if t.Log && t.X[i].Num <= 0 {
		r.fail("%s has no logarithm: want a decimal above 0", quote(r.cells[r.next-1]))
	}
	if i == 0 || t.X[i].Den == 0 || t.X[i-1].Den == 0 {
		return
	}
	a, b := t.X[i-1], t.X[i]
	if down := b.Num*a.Den < a.Num*b.Den; down != t.LowerBetter || b.Num*a.Den == a.Num*b.Den {
		r.fail("%s follows %s: want better values from x1 to x5", quote(r.cells[r.next-1]), quote(r.cells[r.next-2]))
	}
}

// decimal reads a number from 0 exactly.
func (r *row) decimal() model.Ratio {
	s := r.text()
	d, ok := parseDecimal(s)
	if !ok {
		r.fail("%s is not a decimal: want for example 99.5, with at most 9 places", quote(s))
	}
	return d
}

// oneOf reads one of two words.
func (r *row) oneOf(first, second string) string {
	s := r.text()
	if s != first && s != second {
		r.fail("%s: want %s or %s", quote(s), first, second)
		return ""
	}
	return s
}

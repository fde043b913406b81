package inventory

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"math/big"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/internal/conf"
)

// targetsYAML is the shape of targets.yaml. Values are kept as written, with their lines, so that
// decimals stay exact and all wrong values are reported at once; conf checks the keys.
type targetsYAML struct {
	Availability struct {
		Test       scalar `yaml:"test"`
		Weight     scalar `yaml:"weight"`
		MaxUnknown struct {
			Month scalar `yaml:"month"`
			Day   scalar `yaml:"day"`
		} `yaml:"max_unknown"`
		MinOutage          scalar `yaml:"min_outage"`
		UnavailableSeconds scalar `yaml:"unavailable_seconds"`
		Floor              struct {
			FixedBroadband scalar `yaml:"fixed_broadband"`
			Weight         scalar `yaml:"weight"`
			Source         scalar `yaml:"source"`
		} `yaml:"floor"`
		Systems    map[string]systemYAML    `yaml:"systems"`
		Composites map[string]compositeYAML `yaml:"composites"`
	} `yaml:"availability"`
	NMinus1 struct {
		Theta scalar `yaml:"theta"`
	} `yaml:"n_minus_1"`
	Congestion map[string]classYAML `yaml:"congestion"`
	RAN        ranYAML              `yaml:"ran"`
	Probes     probesYAML           `yaml:"probes"`
	Scores     scoresYAML           `yaml:"scores"`

	Coverage map[string]map[string]scalar `yaml:"coverage"`

	Protection protectionYAML `yaml:"protection"`
}

type systemYAML struct {
	NameVI         scalar `yaml:"name_vi"`
	NameEN         scalar `yaml:"name_en"`
	National       bool   `yaml:"national"`
	FixedBroadband bool   `yaml:"fixed_broadband"`
	Target         scalar `yaml:"target"`
	Test           scalar `yaml:"test"`
	Weight         scalar `yaml:"weight"`
	Source         scalar `yaml:"source"`
}

type compositeYAML struct {
	Target scalar `yaml:"target"`
	Test   scalar `yaml:"test"`
	Source scalar `yaml:"source"`
}

type classYAML struct {
	Theta          scalar `yaml:"theta"`
	MaxRatio       scalar `yaml:"max_ratio"`
	DropRatio      scalar `yaml:"drop_ratio"`
	DropDays       scalar `yaml:"drop_days"`
	MinCoverage    scalar `yaml:"min_coverage"`
	MinServiceDays scalar `yaml:"min_service_days"`
	Overflow       scalar `yaml:"overflow"`
}

// scalar is a YAML value as written and the line it stands in; line 0 means that it is absent.
type scalar struct {
	text  string
	line  int
	plain bool // not a list or a mapping
}

// UnmarshalYAML takes the value's own text: a decimal must not pass through a float.
func (s *scalar) UnmarshalYAML(n ast.Node) error {
	token := n.GetToken()
	s.line, s.plain = token.Position.Line, true
	switch n := n.(type) {
	case *ast.NullNode:
	case *ast.StringNode:
		s.text = n.Value
	case *ast.FloatNode, *ast.IntegerNode, *ast.BoolNode:
		s.text = token.Value
	default:
		s.plain = false
	}
	return nil
}

// targetsFile is targets.yaml as read; path places later mistakes.
type targetsFile struct {
	model.Targets
	path       string
	composites map[string]int // the line of each composite's target
}

func (l *loader) readTargets(path string) targetsFile {
	t := targetsFile{path: path}
	text, err := os.ReadFile(path)
	if err != nil {
		l.found.add(path, 0, "", "%s", reason(err))
		return t
	}
	sum := sha256.Sum256(text)
	var y targetsYAML
	if err := conf.Decode(path, 1, text, &y); err != nil {
		line, text := place(path, err)
		l.found.add(path, line, "", "%s", text)
		return t
	}
	v := values{file: path, found: l.found, units: &l.units}
	t.Targets = v.targets(&y)
	t.composites = map[string]int{}
	for name, c := range y.Availability.Composites {
		t.composites[name] = max(c.Target.line, c.Test.line, c.Source.line)
	}
	t.Hash = hex.EncodeToString(sum[:])
	return t
}

// place splits conf's path:line:column: text.
func place(path string, err error) (line int, text string) {
	parts := strings.SplitN(strings.TrimPrefix(err.Error(), path+":"), ":", 3)
	line, bad := strconv.Atoi(parts[0])
	if bad != nil || len(parts) < 3 {
		return 0, err.Error()
	}
	return line, strings.TrimSpace(parts[2])
}

// values turns scalars into numbers, with the defaults for those that are absent.
type values struct {
	file  string
	found *Problems
	units *units
}

func (v values) targets(y *targetsYAML) model.Targets {
	a := &y.Availability
	test := v.choice("availability.test", a.Test, "net", "gross")
	return model.Targets{
		Availability:      v.systems(y, test),
		Congestion:        v.classes(y.Congestion),
		MaxUnknownMonth:   v.ratio("availability.max_unknown.month", a.MaxUnknown.Month, "0.05"),
		MaxUnknownDay:     v.ratio("availability.max_unknown.day", a.MaxUnknown.Day, "0.25"),
		MinOutage:         v.seconds("availability.min_outage", a.MinOutage, "10s"),
		TestGross:         test == "gross",
		IgnoreUnavailable: v.choice("availability.unavailable_seconds", a.UnavailableSeconds, "count", "ignore") == "ignore",
		Composites:        v.composites(y, test),
		RAN:               v.ran(&y.RAN),
		Probes:            v.probes(&y.Probes),
		Scores:            v.scores(&y.Scores),
		Coverage:          v.coverage(y.Coverage),
		Protection:        v.protection(&y.Protection),
		N1PerMille:        int(v.scaled("n_minus_1.theta", y.NMinus1.Theta, "0.90", 1000)),
	}
}

func (v values) systems(y *targetsYAML, test string) map[model.System]model.SystemTarget {
	systems := map[model.System]model.SystemTarget{}
	floor := y.Availability.Floor
	lowest := v.ratio("availability.floor.fixed_broadband", floor.FixedBroadband, "0.995")
	source := v.text(floor.Source, "QCVN 34:2022/BTTTT")
	weight := v.weight("availability.weight", y.Availability.Weight, elements)
	floorWeight := v.weight("availability.floor.weight", floor.Weight, subscribers)
	for _, name := range slices.Sorted(maps.Keys(y.Availability.Systems)) {
		s := y.Availability.Systems[name]
		if name == "" || !isToken(name) {
			v.found.add(v.file, s.NameVI.line, "availability.systems", "%s is not a system name: want lower-case letters, digits, - and _", quote(name))
		}
		t := model.SystemTarget{
			Source: v.text(s.Source, ""), National: s.National, FixedBroadband: s.FixedBroadband, Test: v.choice("availability.systems."+name+".test", s.Test, test, other(test)),
			NameVI: v.text(s.NameVI, name), NameEN: v.text(s.NameEN, name),
		}
		absent := weight
		switch {
		case s.Target.text != "":
			t.Target = v.ratio("availability.systems."+name+".target", s.Target, "")
		case s.FixedBroadband:
			t.Target, t.Source, absent = lowest, source, floorWeight
		}
		t.Weighted = v.weight("availability.systems."+name+".weight", s.Weight, absent) == subscribers
		systems[model.System(name)] = t
	}
	if len(systems) == 0 {
		v.found.add(v.file, 0, "availability.systems", "no system is declared: want at least one")
		return nil // what names a system cannot be checked
	}
	return systems
}

// composites reads what each composite is held against; whether there is such a composite is checked
// when they are known.
func (v values) composites(y *targetsYAML, test string) map[string]model.CompositeTarget {
	all := map[string]model.CompositeTarget{}
	for name, c := range y.Availability.Composites {
		key := "availability.composites." + name
		t := model.CompositeTarget{Gross: v.choice(key+".test", c.Test, test, other(test)) == "gross", Source: v.text(c.Source, "")}
		if c.Target.text != "" {
			t.Target = v.ratio(key+".target", c.Target, "")
		}
		all[name] = t
	}
	return all
}

// What the devices of a target weigh.
const (
	elements    = "elements"
	subscribers = "subscribers"
)

func (v values) weight(key string, s scalar, absent string) string {
	if absent == subscribers {
		return v.choice(key, s, subscribers, elements)
	}
	return v.choice(key, s, elements, subscribers)
}

// other is the other one of net and gross.
func other(test string) string {
	if test == "net" {
		return "gross"
	}
	return "net"
}

// defaultTheta is the utilisation from which a link of the class is congested, unless configured;
// empty for an unknown class.
func defaultTheta(c model.LinkClass) string {
	switch c {
	case model.Transport, model.Broadband:
		return "0.80"
	case model.International:
		return "0.90"
	}
	return ""
}

func (v values) classes(y map[string]classYAML) map[model.LinkClass]model.ClassRule {
	classes := map[model.LinkClass]model.ClassRule{}
	for _, class := range []model.LinkClass{model.Transport, model.Broadband, model.International} {
		classes[class] = v.class("congestion."+string(class)+".", y[string(class)], defaultTheta(class))
	}
	for name, c := range y {
		if defaultTheta(model.LinkClass(name)) == "" {
			v.found.add(v.file, max(c.Theta.line-1, 0), "congestion", "%s is not a link class: want transport, broadband or international", quote(name))
		}
	}
	return classes
}

func (v values) class(key string, c classYAML, theta string) model.ClassRule {
	return model.ClassRule{
		ThetaPerMille:   int(v.scaled(key+"theta", c.Theta, theta, 1000)),
		MaxRatio:        v.ratio(key+"max_ratio", c.MaxRatio, "0.03"),
		DropPerMillion:  v.scaled(key+"drop_ratio", c.DropRatio, "0.001", 1_000_000),
		DropDays:        int(v.count(key+"drop_days", c.DropDays, "3", 31)),
		MinCoverage:     v.ratio(key+"min_coverage", c.MinCoverage, "0.90"),
		MinServiceDays:  int(v.count(key+"min_service_days", c.MinServiceDays, "15", 31)),
		OverflowPerMill: int(v.scaled(key+"overflow", c.Overflow, "1.05", 1000)),
	}
}

func (v values) text(s scalar, absent string) string {
	if why := unclean(s.text); why != "" {
		v.found.add(v.file, s.line, "", "%s %s", quote(s.text), why)
	}
	if s.line > 0 && !s.plain {
		v.found.add(v.file, s.line, "", "a list or mapping: want one plain value")
	}
	if s.text == "" {
		return absent
	}
	return s.text
}

func (v values) choice(key string, s scalar, first, second string) string {
	got := v.text(s, first)
	if got != first && got != second {
		v.found.add(v.file, s.line, key, "%s: want %s or %s", quote(got), first, second)
	}
	return got
}

// ratio reads a decimal from 0 to 1 exactly.
func (v values) ratio(key string, s scalar, absent string) model.Ratio {
	got := v.text(s, absent)
	r, ok := parseDecimal(got)
	if !ok || r.Num > r.Den {
		v.found.add(v.file, s.line, key, "%s is not a ratio: want a decimal from 0 to 1 with at most 9 places, for example 0.995", quote(got))
		return model.Ratio{Num: 0, Den: 1}
	}
	return r
}

// scaled reads a decimal from 0 to 2 that is a whole number of 1/scale.
func (v values) scaled(key string, s scalar, absent string, scale int64) int64 {
	got := v.text(s, absent)
	r, ok := parseDecimal(got)
	if !ok || r.Num > 2*r.Den || r.Num*scale%r.Den != 0 {
		v.found.add(v.file, s.line, key, "%s: want a decimal from 0 to 2 in steps of 1/%d, for example %s", quote(got), scale, absent)
		return 0
	}
	return r.Num * scale / r.Den
}

func (v values) count(key string, s scalar, absent string, most int64) int64 {
	got := v.text(s, absent)
	r, ok := parseDecimal(got)
	if !ok || r.Den != 1 || r.Num > most {
		v.found.add(v.file, s.line, key, "%s: want a whole number from 0 to %d", quote(got), most)
		return 0
	}
	return r.Num
}

func (v values) seconds(key string, s scalar, absent string) int64 {
	var d conf.Duration
	got := v.text(s, absent)
	if err := d.UnmarshalText([]byte(got)); err != nil {
		v.found.add(v.file, s.line, key, "%v", err)
	}
	return int64(d.D().Seconds())
}

// parseDecimal reads a plain decimal of at most 9 digits on either side of the point, in lowest
// terms. No float is involved: 0.995 is 199/200.
func parseDecimal(s string) (model.Ratio, bool) {
	whole, places, point := strings.Cut(s, ".")
	if whole == "" || len(whole) > 9 || len(places) > 9 || point == (places == "") || strings.Trim(whole+places, "0123456789") != "" {
		return model.Ratio{}, false
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return model.Ratio{}, false
	}
	return model.Ratio{Num: r.Num().Int64(), Den: r.Denom().Int64()}, true
}

package scorecard_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/scorecard/explain"
)

// notOwn are the numbers of a document that are none of the month's: its version, places on the map, how often days
// came late, and what is quoted of earlier months, whose own scorecards explain it.
func notOwn() []string {
	return []string{"revision", "past", "changes", "late_after_close", "provinces/*/tiles", "provinces/*/rank/place_before", "rank/place_before"}
}

func exempt(path string) bool {
	if parts := strings.Split(path, "/"); parts[0] == "provinces" && len(parts) > 1 {
		parts[1] = "*"
		path = strings.Join(parts, "/")
	}
	return slices.ContainsFunc(notOwn(), func(p string) bool { return path == p || strings.HasPrefix(path, p+"/") })
}

// numbered are the paths of all numbers that a type can hold, with * for the rows of lists.
func numbered(path string, t reflect.Type) (out []string) {
	switch {
	case t == reflect.TypeFor[scorecard.Quotient](), t == reflect.TypeFor[json.Number]():
		return []string{path}
	case t.Kind() == reflect.Pointer:
		return numbered(path, t.Elem())
	case t.Kind() == reflect.Slice:
		return numbered(path+"/*", t.Elem())
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			below := path + "/" + name
			if f.Anonymous {
				below = path
			}
			out = append(out, numbered(below, f.Type)...)
		}
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Float64:
		return []string{path}
	}
	return out
}

// A number that somebody adds to the document has to have an explanation.
func TestEveryNumberHasAnExplanation(t *testing.T) {
	all := numbered("", reflect.TypeFor[scorecard.Document]())
	if len(all) < 150 {
		t.Fatalf("%d numbers: the walk does not see them", len(all))
	}
	for _, path := range all {
		path = strings.TrimPrefix(path, "/")
		if exempt(path) {
			continue
		}
		if q, ok := explain.Where("", path); !ok || !slices.Contains(explain.KPIs(), q.KPI) {
			t.Errorf("%s: nothing explains it", path)
		}
	}
}

// everything is a month with what documents can hold: cells, scores, a pair, a ring, and two cables that carried something.
func everything(t *testing.T) (*kpi.MonthResult, *model.Inventory) {
	t.Helper()
	inv, all := cellInventory(), chunks()
	reportCell(all, 12_000, 1000)
	always := model.Validity{To: model.Forever}
	scope := func(kind model.ScopeKind, key string, mbps int64) model.CompositeMember {
		return model.CompositeMember{Scope: model.Scope{Kind: kind, Key: key}, CapacityMbps: mbps}
	}
	inv.Links = slices.Insert(inv.Links, 0, model.Link{Name: "sea/1", A: model.Port{Device: "vn2-p1", IfName: "1"}, B: model.Port{Device: "x", IfName: "1"}, Class: model.International, CapacityMbps: 400, Validity: always},
		model.Link{Name: "sea@2", A: model.Port{Device: "vn2-p1", IfName: "2"}, B: model.Port{Device: "x", IfName: "2"}, Class: model.International, CapacityMbps: 500, Validity: always})
	inv.Composites = []model.Composite{
		{Name: "pair", NameVI: "Cặp", NameEN: "Pair", System: "olt-gpon", Province: "01", Rule: model.Parallel, Validity: always, Members: []model.CompositeMember{scope(model.ScopeDevice, "hni-olt-2", 0), scope(model.ScopeDevice, "hni-olt-3", 0)}},
		{Name: "sea", NameVI: "Biển", NameEN: "Sea", System: "vn2", Rule: model.Capacity, Validity: always, Members: []model.CompositeMember{scope(model.ScopeLink, "sea/1", 0), scope(model.ScopeLink, "sea@2", 700)}},
	}
	inv.Targets.Composites = map[string]model.CompositeTarget{"pair": {Target: model.Ratio{Num: 1, Den: 1}}, "sea": {Target: model.Ratio{Num: 999, Den: 1000}}}
	rule := inv.Targets.Congestion[model.Broadband]
	rule.MaxRatio, rule.ThetaPerMille = model.Ratio{Num: 1, Den: 10}, 100
	inv.Targets.Congestion[model.International], inv.Targets.N1PerMille = rule, 900
	inv.Goals = []model.Goal{{ID: "olts", NameVI: "OLT", NameEN: "OLTs", Year: 2026, Unit: "OLT", Measure: model.CountDevices, Systems: []model.System{"olt-gpon"}, Planned: 7, Start: new(int64)}}
	inv.Measured = []model.Measured{{Month: month, Province: "01", Service: "mobile_voice", KPI: "radio_readiness", Num: 97, Den: 113, Source: "drive", Line: 2},
		{Month: month, Province: "01", Service: model.Coverage, KPI: "population", Num: 953, Den: 1009, Source: "grid", Line: 3}, {Month: month, Province: "01", Service: model.Coverage, KPI: "area", Num: 7, Den: 17, Source: "grid", Line: 4}}
	inv.Targets.Coverage = map[string]map[string]model.Ratio{"01": {"population": {Num: 19, Den: 20}}}
	inv.Devices = slices.Clone(inv.Devices)
	for i := range inv.Devices {
		if inv.Devices[i].Name == "hni-mane-1" || inv.Devices[i].Name == "hni-olt-2" {
			inv.Devices[i].Tags = model.TagVIP
		}
	}
	from := month.Start()
	inv.Freezes = []model.Freeze{{ID: "le/1", NameVI: "Lễ", NameEN: "Holiday", Start: from + 80_000, End: from + 93_000, Scopes: []model.Scope{{Kind: model.ScopeNation}}, Changes: true}}
	inv.Targets.Protection = model.ProtectionRules{National: true, MinSubscribers: 1000, Composites: true, MaxUnknown: model.Ratio{Num: 1, Den: 20}}
	for i, c := range all {
		for k, kbps := range []uint32{310_000, 201_000 + uint32(i)} { // entities and ports are sorted
			port := fmt.Sprint(k + 1)
			c.Entities = append(c.Entities, kpi.EntityDay{Device: "vn2-p1", IfName: port, NonUp: []kpi.Interval{{From: c.Day.Start() + 600, To: c.Day.Start() + 900 + int64(i), State: kpi.Down}}})
			one := kpi.PortDay{Device: "vn2-p1", IfName: port, Day: c.Day, Conflicts: uint32(k), In: make([]uint32, kpi.SlotsPerDay), Out: make([]uint32, kpi.SlotsPerDay)}
			for s := range one.In {
				one.In[s], one.Out[s] = kbps+uint32(s), kbps/2
			}
			c.Ports = append(c.Ports, one)
		}
	}
	r := kpi.Month(kpi.MonthInput{Month: month, Plan: kpi.NewPlan(inv), Chunks: all})
	return &r, inv
}

// Of every number of a document the explanation names the numbers that it was divided of, or the number itself.
func TestExplanationsHaveTheNumbers(t *testing.T) {
	result, inv := everything(t)
	answers := map[explain.Question]string{}
	n := 0
	for _, d := range scorecard.Build(result, inv, 0) {
		province := strings.TrimPrefix(d.Scope.Code, scorecard.Nation)
		values, err := scorecard.Values(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range slices.Sorted(maps.Keys(values)) {
			want, ok := shown(path, values)
			q, known := explain.Where(province, path)
			if !ok || !known || exempt(path) {
				continue
			}
			q.Lang, q.All = "en", true
			if _, ok := answers[q]; !ok {
				var text strings.Builder
				if err := q.Answer(&text, result, inv); err != nil {
					t.Fatalf("%s: %v", path, err)
				}
				answers[q] = text.String()
			}
			if n++; !strings.Contains(answers[q], want) {
				t.Errorf("%s %s: no %q in the explanation %+v", d.Scope.Code, path, want, q)
			}
		}
	}
	if n < 300 {
		t.Errorf("%d numbers, want those of whole documents", n)
	}
}

// shown is how an explanation says a number; ok is false if the path is none, or is told with the one above it.
func shown(path string, values map[string]string) (string, bool) {
	v, last := values[path], path[strings.LastIndex(path, "/")+1:]
	switch {
	case last == "value" && values[strings.TrimSuffix(path, "value")+"num"] != "", last == "den":
		return "", false
	case last == "num":
		num, den := values[path], values[strings.TrimSuffix(path, "num")+"den"]
		if den == "1" {
			return num, true
		}
		return fmt.Sprintf("%s / %s", num, den), true
	}
	if _, ok := new(big.Int).SetString(v, 10); !ok {
		return "", false
	}
	return v, true
}

package board

import (
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/haidang-noc/haidang/collector/board/words"
	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition/partitiontest"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/view"
)

// judged is a result with every kind of target, for the nation and for two provinces.
func judged() *view.Result {
	inv := &partitiontest.Inventory{Devices: make([]model.Device, 3)}
	for i, name := range []string{"r1", "r2", "r3"} {
		inv.Devices[i].Name = name
	}
	country(inv)
	inv.Targets.Scores = model.ScoreRules{Floor: model.Ratio{Num: 3, Den: 1}, Good: model.Ratio{Num: 4, Den: 1}}
	inv.Targets.RAN = model.RANRules{MaxRatio: model.Ratio{Num: 3, Den: 100}, SpeedGrowth: model.Ratio{Num: 1, Den: 5}}
	group := func(province string, net int64, meets, lost bool) kpi.Availability {
		return kpi.Availability{Province: province, Level: kpi.LevelDevice, System: "man-e", Entities: 2, Net: kpi.Quo(net, 1000), Target: model.Ratio{Num: 999, Den: 1000},
			Status: kpi.OK, Meets: meets, Lost: lost, Budget: kpi.Quo(100, 1), Left: kpi.Quo(net-990, 1)}
	}
	ring := group("", 998, false, false)
	return &view.Result{At: time.Unix(1_790_000_000, 0), Inventory: inventory.NewIndex(inv), Unseen: map[string]int{"": 1, "01": 1}, MonthResult: kpi.MonthResult{
		Availability: []kpi.Availability{group("", 999, true, false), group("01", 980, false, true), group("48", 1000, true, false)},
		Congestion:   []kpi.Congestion{{Province: "01", Class: model.Transport, Evaluated: 100, Congested: 4, Ratio: kpi.Quo(4, 100), MaxRatio: model.Ratio{Num: 3, Den: 100}, Status: kpi.OK}},
		Composites:   []kpi.Composite{{Name: "ring-north", Availability: ring}, {Name: "untested", Availability: kpi.Availability{Level: kpi.LevelDevice}}},
		Radio: ran.Result{Congestion: []ran.Congestion{{Kind: ran.LTE, Evaluated: 10, Congested: 0, Status: score.OK, Meets: true}, {Province: "48", Kind: ran.LTE, Evaluated: 10, Congested: 1, Status: score.OK}},
			Growth: []ran.Growth{{Value: big.NewRat(1, 4), Status: "ok", Meets: true}, {Province: "48", Status: ran.NoBaseline}, {LikeForLike: true, Value: big.NewRat(1, 10), Status: "ok"}}},
		Scores: []score.Card{{Combined: big.NewRat(7, 2)}, {Unit: "01", Combined: big.NewRat(5, 2)}, {Unit: "48", Combined: big.NewRat(9, 2)}},
		Units:  score.Units{N: 2, Reached: []string{"48"}, Below: []string{"01"}, Good: []string{"48"}, Need: 2},
	}}
}

// told is a strip as text: KPI, grade and place of each card.
func told(cards []card) string {
	all := make([]string, 0, len(cards))
	for _, c := range cards {
		all = append(all, strings.Join([]string{c.KPI, c.Grade, c.Place.EN}, " "))
	}
	return strings.Join(all, ", ")
}

// The strip holds every target of its scope, the worst first; of several provinces the worst of each.
func TestStrip(t *testing.T) {
	r := judged()
	all, danang, both := viewer(t), viewer(t, "48"), viewer(t, "48", "01")
	for _, c := range []struct {
		who         *principal.Principal
		scope, want string
	}{
		{all, "", "composite-ring-north bad Nation, score bad , score bad , sys-man-e near Nation, cells-lte good Nation, growth good Nation"},
		{all, "48", "cells-lte bad Da Nang, sys-man-e near Da Nang, score good Da Nang"},
		{danang, "", "cells-lte bad Da Nang, sys-man-e near Da Nang, score good Da Nang"},
		{both, "", "sys-man-e lost Hanoi, class-transport bad Hanoi, cells-lte bad Da Nang, score bad Hanoi"},
	} {
		if got := told(strip(r, c.who, c.scope)); got != c.want {
			t.Errorf("%s %q:\n%s, want\n%s", c.who, c.scope, got, c.want)
		}
	}
	if n := missed(strip(r, all, "")); n != 3 {
		t.Errorf("%d targets missed, want 3", n)
	}
}

// viewer is a caller who sees these provinces, or all.
func viewer(t *testing.T, provinces ...string) *principal.Principal {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(secret), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "users.yaml")
	text := fmt.Sprintf("users: [{name: v, role: viewer, password: '%s', provinces: [%s]}]\n", hash, quoted(provinces))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	users, err := principal.OpenUsers(file)
	if err != nil {
		t.Fatal(err)
	}
	return &users.Find("v").Principal
}

func quoted(list []string) string {
	all := make([]string, 0, len(list))
	for _, s := range list {
		all = append(all, `"`+s+`"`)
	}
	return strings.Join(all, ", ")
}

// A tile has the grade and the number of its province; one that the viewer does not see has neither.
func TestTiles(t *testing.T) {
	r := judged()
	vi, _, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"score": "Hà Nội bad 2,50, Đà Nẵng good 4,50, Hoàng Sa good 4,50", "sys-man-e": "Hà Nội lost 98,00, Đà Nẵng near 100,00, Hoàng Sa near 100,00",
		"class-transport": "Hà Nội bad 4,00, Đà Nẵng free , Hoàng Sa free ", "now": "Hà Nội unknown , Đà Nẵng near 2, Hoàng Sa near 2", "nonsense": "Hà Nội unknown , Đà Nẵng near 2, Hoàng Sa near 2",
	} {
		m := mapMaker{result: r, who: viewer(t), words: vi, alarms: map[string]*tally{"48": {Open: 2}}}
		if got := tilesText(m.make(key)); got != want {
			t.Errorf("%s: %s, want %s", key, got, want)
		}
	}
	m := mapMaker{result: r, who: viewer(t, "48"), words: vi, alarms: map[string]*tally{}}
	if got := tilesText(m.make("score")); got != "Hà Nội  , Đà Nẵng good 4,50, Hoàng Sa good 4,50" {
		t.Errorf("of one province: %s", got)
	}
}

func tilesText(m tileMap) string {
	all := make([]string, 0, len(m.Tiles))
	for _, x := range m.Tiles {
		all = append(all, strings.Join([]string{x.Names.VI, x.Grade, x.Value}, " "))
	}
	return strings.Join(all, ", ")
}

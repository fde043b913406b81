package month_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/month"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// A month from before the merger agrees with the truth under the 63 units. Under the 34 it is the same
// devices, in the same windows: the sums of a merged unit are those of its members.
func TestAMonthOfTheOldEra(t *testing.T) {
	t.Parallel()
	may := func(day int) fault.Time { return fault.Time{Time: time.Date(2025, 5, day, 0, 0, 0, 0, nation.Local)} }
	random := fault.Random{Seed: 7, From: may(2), To: may(30), Count: map[fault.Kind]int{
		fault.Dead: 60, fault.Reboot: 10, fault.Loss: 20, fault.LinkDown: 40, fault.Congestion: 20, fault.AgentStop: 2}}
	o := network(t, func(c *nation.Config) {
		c.Provinces, c.Only, c.Since = "../../../configs/provinces/provinces-63.csv", []string{"01", "02", "08"}, may(1)
		c.Devices, c.Agents = 45, 2
		for code, day := range map[string]int{"02": 5, "08": 15} { // what each of them covers, and nothing of the other
			c.Windows = append(c.Windows, nation.Window{ID: code, Scope: "province:" + code, Start: may(day), End: may(day + 7),
				CreatedAt: may(1), ApprovedBy: "NOC", ApprovedAt: may(2), Reason: "nâng cấp"})
		}
	})
	troubled, err := o.Overlay(random.Draw(o.Targets()))
	if err != nil {
		t.Fatal(err)
	}
	p, err := month.NewPlan(troubled, "2025-05", 5*time.Minute, "")
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(t)
	if _, err := month.Write(t.Context(), p, month.Options{Heartbeats: true}, e); err != nil {
		t.Fatal(err)
	}
	m := model.Month{Year: 2025, Month: time.May}
	before, after := loadUnits(t, troubled.Network, inventory.UnitsAuto), loadUnits(t, troubled.Network, inventory.Units34)
	old, merged := e.evaluateMonth(before, m), e.evaluateMonth(after, m)
	compare(t, old, month.TruthOf(p))
	checkMerged(t, old, merged)
	for _, c := range []struct {
		result *kpi.MonthResult
		inv    *model.Inventory
		units  int
	}{{&old, before, 63}, {&merged, after, 34}} {
		if docs := scorecard.Build(c.result, c.inv, 0); len(docs) != c.units+1 {
			t.Errorf("%d scorecards, want %d and the nation's", len(docs), c.units)
		}
	}
}

func loadUnits(t *testing.T, n *nation.Network, units string) *model.Inventory {
	t.Helper()
	dir, configs := t.TempDir(), "../../../configs"
	if err := n.WriteInventory(dir, 1161); err != nil {
		t.Fatal(err)
	}
	devices := filepath.Join(dir, "devices.csv")
	text, err := os.ReadFile(devices)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.ReplaceAll(text, []byte(",\n"), []byte(",2025-07-01\n")) // the old codes end there
	if err := os.WriteFile(devices, text, 0o600); err != nil {
		t.Fatal(err)
	}
	x, err := inventory.Load(inventory.Config{Devices: devices, Links: filepath.Join(dir, "links.csv"), UnitSet: units,
		Maintenance: filepath.Join(dir, "maintenance.csv"), Composites: filepath.Join(dir, "composites.csv"), Targets: filepath.Join(configs, "targets.yaml"), Provinces: filepath.Join(configs, "provinces")})
	if err != nil {
		t.Fatal(err)
	}
	return x.Inventory
}

// checkMerged holds Tuyên Quang (08), which took up Hà Giang (02), against the two.
func checkMerged(t *testing.T, old, merged kpi.MonthResult) {
	t.Helper()
	sums := func(r kpi.MonthResult, codes ...string) map[model.System]kpi.Sums {
		out := map[model.System]kpi.Sums{}
		for _, a := range r.Availability {
			for _, code := range codes {
				if a.Province == code && a.Level == kpi.LevelDevice {
					s := out[a.System]
					s.Up += a.Sums.Up
					s.Down += a.Sums.Down
					s.Unknown += a.Sums.Unknown
					s.MaintDown += a.Sums.MaintDown
					s.MaintUnknown += a.Sums.MaintUnknown
					s.Outages += a.Sums.Outages
					out[a.System] = s
				}
			}
		}
		return out
	}
	members, heir := sums(old, "02", "08"), sums(merged, "08")
	if len(heir) == 0 || len(heir) != len(members) || len(sums(merged, "02")) != 0 || len(sums(old, "02")) == 0 {
		t.Fatalf("systems: members %v, heir %v", members, heir)
	}
	down, planned := int64(0), int64(0)
	for system, want := range members {
		down, planned = down+want.Down, planned+want.MaintDown
		if got := heir[system]; got != want {
			t.Errorf("%s of the merged unit: %+v, want the members' %+v", system, got, want)
		}
	}
	if down == 0 || planned == 0 {
		t.Error("nothing was down in either, or in a window: too easy")
	}
	if a, b := sums(old, ""), sums(merged, ""); len(a) != len(b) {
		t.Errorf("the nation has %d systems under one set and %d under the other", len(a), len(b))
	}
}

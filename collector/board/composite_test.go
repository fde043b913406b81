package board

import (
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/alarm"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition/partitiontest"
)

// A pair that has lost one of its two is one alarm with a page of its own; it says which one, and is found by
// its name. Who sees one province only does not see the nation's.
func TestCompositePage(t *testing.T) {
	r := newRig(t)
	r.Reload(func(inv *partitiontest.Inventory) {
		country(inv)
		inv.Composites[0].Rule, inv.Composites[0].Members = model.Parallel, nil
		for _, d := range []string{"r2", "r3"} {
			inv.Composites[0].Members = append(inv.Composites[0].Members, model.CompositeMember{Scope: model.Scope{Kind: model.ScopeDevice, Key: d}})
		}
	})
	r.fall("r3")
	r.until(func() bool {
		all := r.alarms.List(alarm.Filter{})
		return len(all) == 1 && all[0].Kind == alarm.Composite && len(r.view.Latest().Composites) == 1 && r.view.Latest().Composites[0].Unprotected
	})
	noc := r.login("noc")
	a := noc.get("/composite/pair")
	for _, want := range []string{"Cặp Bắc – Trung", "Hết dự phòng", `href="/device/r3"`, "Mất dự phòng", `href="/alarm/`} {
		if !strings.Contains(a.text, want) {
			t.Errorf("no %s in\n%s", want, a.text)
		}
	}
	if strings.Index(a.text, "/device/r3") > strings.Index(a.text, "/device/r2") {
		t.Error("the member that is down is not the first")
	}
	for path, want := range map[string]string{"/explain?kpi=composites&system=pair": "KHÔNG CÒN DỰ PHÒNG", "/explain?kpi=moon": "Chưa có gì để giải thích", "/explain?province=48": "Khả dụng:"} {
		if a := noc.get(path); a.status != 200 || !strings.Contains(a.text, want) {
			t.Errorf("%s: %d, no %s in\n%s", path, a.status, want, a.text)
		}
	}
	if !strings.Contains(a.text, `href="/explain?province=vn&amp;kpi=composites&amp;system=pair"`) {
		t.Errorf("no way to what made its numbers:\n%s", a.text)
	}
	if a := noc.get("/province/vn"); !strings.Contains(a.text, `href="/composite/pair"`) {
		t.Errorf("the nation's page does not name it:\n%s", a.text)
	}
	if a := noc.get("/search?q=cap+bac"); a.status != 303 || a.header.Get("Location") != "/composite/pair" {
		t.Errorf("search: %d %s", a.status, a.header.Get("Location"))
	}
	if a := noc.get(alarmPath(r.alarmOf("pair").ID)); !strings.Contains(a.text, `href="/composite/pair"`) || !strings.Contains(a.text, `href="/device/r3"`) {
		t.Errorf("its alarm:\n%s", a.text)
	}
	lan := r.login("lan")
	for path, want := range map[string]int{"/explain?kpi=composites": 403, "/explain?province=01": 403, "/explain?province=48": 200, "/composite/pair": 403, "/composite/none": 404} {
		if a := lan.get(path); a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
	}
	if a := lan.get("/search?q=pair"); strings.Contains(a.text, "/composite/") {
		t.Error("found by somebody who may not see it")
	}
}

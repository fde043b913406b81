package board

import (
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/store"
)

// publish freezes what the view shows as a month's scorecards.
func (r *rig) publish(month string, revision int) {
	r.t.Helper()
	result := r.view.Latest().MonthResult
	p := store.Publication{Month: month, Revision: revision, PublishedAt: r.Now.Unix(), PublishedBy: "Trưởng ca"}
	for _, d := range scorecard.Build(&result, r.Inventory.Load().Inventory, revision) {
		text, err := d.JSON()
		r.Must(err)
		p.Scorecards = append(p.Scorecards, store.PublishedScorecard{Scope: d.Scope.Code, JSON: text})
		for _, m := range d.Measures() {
			p.Measures = append(p.Measures, store.ScopeMonth{Scope: d.Scope.Code, Measure: m.Name, Key: m.Key, Value: "0.9991", Num: "1", Den: "1", Outcome: m.Outcome})
		}
	}
	r.Must(r.Store.Publish(r.t.Context(), p))
}

// A published scorecard is fetched in every format and language by who may see its province, as it was
// published.
func TestScorecards(t *testing.T) {
	r := newRig(t)
	r.fall("r1", "r2")
	r.publish("2026-09", 1)
	r.publish("2026-09", 2)
	lan, noc := r.login("lan"), r.login("noc")
	for format, begin := range map[string]string{"xlsx": "PK", "pdf": "%PDF-", "html": "<!DOCTYPE html>", "csv": "", "json": "{\n"} {
		for _, lang := range []string{"vi", "en"} {
			a := lan.get("/scorecards/2026-09/1/48." + lang + "." + format)
			if a.status != 200 || len(a.text) < 500 || !strings.HasPrefix(a.text, begin) || !strings.Contains(a.header.Get("Content-Disposition"), "48-da-nang.r1."+lang+"."+format) {
				t.Errorf("%s %s: %d, %d bytes, %v", format, lang, a.status, len(a.text), a.header)
			}
			if format == "html" && (!strings.Contains(a.header.Get("Content-Security-Policy"), "sandbox") || strings.Contains(a.header.Get("Content-Security-Policy"), "script")) {
				t.Errorf("a scorecard's policy: %s", a.header.Get("Content-Security-Policy"))
			}
		}
	}
	for path, want := range map[string]int{"/scorecards/2026-09/1/01.vi.pdf": 403, "/scorecards/2026-09/1/vn.vi.pdf": 403, "/scorecards/2026-09/3/48.vi.pdf": 404,
		"/scorecards/2026-08/1/48.vi.pdf": 404, "/outages.csv?month=2026-08": 404, "/outages.csv?month=2026-09&province=01": 403} {
		if a := lan.get(path); a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
	}
	if a := lan.get("/scorecards"); strings.Count(a.text, "48.vi.xlsx") != 2 || strings.Contains(a.text, "01.vi") || strings.Contains(a.text, "vn.vi") {
		t.Errorf("what lan may fetch: %s", a.text)
	}
	if a := noc.get("/scorecards"); strings.Count(a.text, ".vi.xlsx") != 6 {
		t.Errorf("what noc may fetch: %s", a.text)
	}
	if a := lan.get("/province/48"); !strings.Contains(a.text, "99,910") || !strings.Contains(a.text, "/scorecards/2026-09/2/48.vi.xlsx") {
		t.Error("the province's page shows no published month")
	}
	if a := lan.get("/outages.csv?month=2026-09"); !strings.Contains(a.text, "device,r2,man-e,48,") || strings.Contains(a.text, ",r1,") || !strings.HasPrefix(a.text, "\ufefflevel,") {
		t.Errorf("published outages: %q", a.text)
	}
	if a := noc.get("/outages.csv?month=2026-09"); strings.Count(a.text, "\nlink,l1,") > 1 || !strings.Contains(a.text, ",r1,") {
		t.Errorf("published outages: %q", a.text)
	}
}

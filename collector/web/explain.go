package web

import (
	"bytes"
	"cmp"
	"net/http"

	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/scorecard/explain"
)

// explain says what made a number of the running month: ?province=01&kpi=availability&system=olt-gpon&lang=vi.
func (d Deps) explain(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	a, ok := d.ask(w, r, cmp.Or(query.Get("province"), nation))
	if !ok {
		return
	}
	q := explain.Question{Province: provinceOf(a.code), KPI: cmp.Or(query.Get("kpi"), explain.KPIs()[0]), System: query.Get("system"), Lang: cmp.Or(query.Get("lang"), "vi"),
		Cell: query.Get("cell"), All: query.Has("all")}
	var out bytes.Buffer
	if err := q.Answer(&out, &a.MonthResult, a.Inventory.Inventory); err != nil {
		principal.WriteError(w, http.StatusNotFound, err.Error())
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(out.Bytes()) // a caller that has gone needs no answer
}

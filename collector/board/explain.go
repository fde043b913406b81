package board

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/haidang-noc/haidang/collector/scorecard/explain"
)

// explainPage says what made a number of the month so far, as the command and the API do.
type explainPage struct {
	Names  names // of the unit
	Code   string
	System string
	KPI    string
	KPIs   []string
	Text   string // empty: there is nothing of this kind
}

func (b *Board) explain(v *visit) error {
	r, err := b.latest()
	if err != nil {
		return err
	}
	query := v.r.URL.Query()
	p := &explainPage{Code: cmp.Or(query.Get("province"), nation), System: query.Get("system"), KPI: cmp.Or(query.Get("kpi"), "availability"), KPIs: explain.KPIs()}
	code := strings.TrimPrefix(p.Code, nation)
	if !v.who.MaySee(code) {
		return refuse(http.StatusForbidden, "error.scope", p.Code)
	}
	p.Names = provinceNames(r, code)
	var text strings.Builder
	q := explain.Question{Province: code, KPI: p.KPI, System: p.System, Lang: v.words.Lang, All: query.Has("all")}
	if err := q.Answer(&text, &r.MonthResult, r.Inventory.Inventory); err == nil { // else there is nothing of this kind, which the page says
		p.Text = text.String()
	}
	return b.show(v, http.StatusOK, "explain", p.Names.in(v.words), p)
}

package explain

import (
	"fmt"
	"io"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// Question is what somebody wants explained.
type Question struct {
	Province string // code; empty: the nation
	KPI      string // one of KPIs
	System   string // only this system or link class; empty: all
	Lang     string // vi or en
}

// KPIs are what can be explained.
func KPIs() []string { return []string{"availability", "congestion", "qos", "qoe", "ran", "probes"} }

// Answer explains a number of a month in words.
func (q Question) Answer(out io.Writer, result *kpi.MonthResult, inv *model.Inventory) error {
	if q.Lang != "vi" && q.Lang != "en" {
		return fmt.Errorf("explain: language %q: want vi or en", q.Lang)
	}
	p := NewPrinter(out, q.Lang)
	if err := q.answer(p, result, inv); err != nil {
		return err
	}
	return p.Err()
}

func (q Question) answer(p *Printer, result *kpi.MonthResult, inv *model.Inventory) error {
	switch q.KPI {
	case "availability":
		all, err := MonthAvailability(result, inv, q.Province, q.System)
		for i := range all {
			p.Availability(&all[i])
			p.line("")
		}
		return err
	case "congestion":
		all, err := MonthCongestion(result, inv, q.Province, q.System)
		for i := range all {
			p.Congestion(&all[i])
			p.line("")
		}
		return err
	case "qos":
		return q.score(p, result, model.QoS)
	case "qoe":
		return q.score(p, result, model.QoE)
	case "ran":
		p.Radio(result, q.Province)
	case "probes":
		p.Samples(result, q.Province)
	default:
		return fmt.Errorf("explain: KPI %q: want one of %q", q.KPI, KPIs())
	}
	return nil
}

func (q Question) score(p *Printer, result *kpi.MonthResult, kind model.ScoreKind) error {
	part, err := MonthScore(result, kind, q.Province)
	if err == nil {
		p.Score(part)
	}
	return err
}

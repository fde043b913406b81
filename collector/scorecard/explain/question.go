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
	System   string // only this system, link class, composite or event; empty: all
	Cell     string // a path in the scorecard, in the place of KPI and System; empty: none
	Lang     string // vi or en
	All      bool   // every row of lists, not the first ones alone
}

// KPIs are what can be explained.
func KPIs() []string {
	return []string{"availability", "congestion", "composites", "scores", "qos", "qoe", "ran", "growth", "probes", "measured", "verdicts", "rank", "coverage", "progress", "events", "reports", "tagged"}
}

// Answer explains a number of a month in words.
func (q Question) Answer(out io.Writer, result *kpi.MonthResult, inv *model.Inventory) error {
	if q.Lang != "vi" && q.Lang != "en" {
		return fmt.Errorf("explain: language %q: want vi or en", q.Lang)
	}
	p := NewPrinter(out, q.Lang)
	p.all = q.All
	if q.Cell != "" {
		var err error
		if q, err = q.cell(p, result, inv); err != nil {
			return err
		}
	}
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
	case "tagged":
		for _, a := range MonthTagged(result, inv, q.Province) {
			p.Availability(&a)
			p.line("")
		}
	case "congestion":
		all, err := MonthCongestion(result, inv, q.Province, q.System)
		for i := range all {
			p.Congestion(&all[i])
			p.line("")
		}
		return err
	case "composites":
		all, err := MonthComposites(result, inv, q.Province, q.System)
		for i := range all {
			p.Composite(&all[i])
			p.line("")
		}
		return err
	case "events":
		return q.events(p, result, inv)
	case "qos":
		return q.score(p, result, model.QoS)
	case "qoe":
		return q.score(p, result, model.QoE)
	case "ran":
		p.Radio(result, q.Province)
	case "probes":
		p.Samples(result, q.Province)
	case "measured":
		p.Measured(result, q.Province)
	case "scores":
		return q.scores(p, result)
	case "verdicts", "rank", "coverage", "progress", "growth", "reports":
		return q.ofDocument(p, result, inv)
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

// scores are both, and what they come to together.
func (q Question) scores(p *Printer, result *kpi.MonthResult) error {
	for _, kind := range []model.ScoreKind{model.QoS, model.QoE} {
		if err := q.score(p, result, kind); err != nil {
			return err
		}
		p.line("")
	}
	for i := range result.Scores {
		if c := &result.Scores[i]; c.Unit == q.Province {
			p.line("%s: %s", p.say("Chung, từ hai điểm đã làm tròn", "Combined, of the two rounded scores"), p.two(c.Combined))
		}
	}
	return nil
}

// ofDocument explains what only a scorecard says.
func (q Question) ofDocument(p *Printer, result *kpi.MonthResult, inv *model.Inventory) error {
	d, err := q.document(result, inv)
	if err != nil {
		return err
	}
	switch q.KPI {
	case "verdicts":
		p.Verdicts(d)
	case "rank":
		p.Rank(d)
	case "coverage":
		p.Coverage(d, result, q.Province)
	case "reports":
		p.Reports(d, result)
	case "progress":
		p.Progress(d, inv, result.End-1)
	default:
		p.Growth(d)
	}
	return nil
}

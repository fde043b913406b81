package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/scorecard/explain"
)

func explainCommand(file *string) *cobra.Command {
	var month, lang string
	var q question
	cmd := &cobra.Command{Use: "explain", Short: "Say what made a number, and what would have met its target", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if lang != scorecard.Vietnamese && lang != scorecard.English {
				return fmt.Errorf("--lang %q: want vi or en", lang)
			}
			result, inv, err := evaluate(cmd.Context(), *file, month, time.Now().Unix())
			if err != nil {
				return err
			}
			return q.answer(cmd.OutOrStdout(), &result, inv, lang)
		}}
	monthFlag(cmd, &month)
	cmd.Flags().StringVar(&q.province, "province", scorecard.Nation, "province code, or vn for the nation")
	cmd.Flags().StringVar(&q.kpi, "kpi", "availability", "availability, congestion, qos, qoe, ran or probes")
	cmd.Flags().StringVar(&q.system, "system", "", "only this system or link class (default all)")
	cmd.Flags().StringVar(&lang, "lang", scorecard.Vietnamese, "language: vi or en")
	return cmd
}

type question struct{ province, kpi, system string }

func (q question) answer(out io.Writer, result *kpi.MonthResult, inv *model.Inventory, lang string) error {
	scope := q.province
	if scope == scorecard.Nation {
		scope = ""
	}
	p := explain.NewPrinter(out, lang)
	switch q.kpi {
	case "availability":
		all, err := explain.MonthAvailability(result, inv, scope, q.system)
		if err != nil {
			return err
		}
		for i := range all {
			p.Availability(&all[i])
			fmt.Fprintln(out)
		}
	case "congestion":
		all, err := explain.MonthCongestion(result, inv, scope, q.system)
		if err != nil {
			return err
		}
		for i := range all {
			p.Congestion(&all[i])
			fmt.Fprintln(out)
		}
	case "qos", "qoe":
		kind := model.QoS
		if q.kpi == "qoe" {
			kind = model.QoE
		}
		part, err := explain.MonthScore(result, kind, scope)
		if err != nil {
			return err
		}
		p.Score(part)
	case "ran":
		p.Radio(result, scope)
	case "probes":
		p.Samples(result, scope)
	default:
		return fmt.Errorf("--kpi %q: want availability, congestion, qos, qoe, ran or probes", q.kpi)
	}
	return p.Err()
}

package main

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/scorecard/explain"
)

func explainCommand(file *string) *cobra.Command {
	var month string
	var q explain.Question
	cmd := &cobra.Command{Use: "explain", Short: "Say what made a number, and what would have met its target", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if q.Province == scorecard.Nation {
				q.Province = ""
			}
			result, inv, err := evaluate(cmd.Context(), *file, month, time.Now().Unix())
			if err != nil {
				return err
			}
			return q.Answer(cmd.OutOrStdout(), &result, inv)
		}}
	monthFlag(cmd, &month)
	cmd.Flags().StringVar(&q.Province, "province", scorecard.Nation, "province code, or vn for the nation")
	cmd.Flags().StringVar(&q.KPI, "kpi", "availability", "one of "+strings.Join(explain.KPIs(), ", "))
	cmd.Flags().StringVar(&q.System, "system", "", "only this system, link class or composite (default all)")
	cmd.Flags().StringVar(&q.Cell, "cell", "", "a number by its path, as revisions and verify print it, in the place of --kpi and --system")
	cmd.Flags().BoolVar(&q.All, "all", false, "every row of lists (default the first 20)")
	cmd.Flags().StringVar(&q.Lang, "lang", scorecard.Vietnamese, "language: vi or en")
	return cmd
}

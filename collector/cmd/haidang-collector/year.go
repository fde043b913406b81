package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/collector/config"
	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/store"
)

func yearCommand(file *string) *cobra.Command {
	var year int
	var out, units string
	cmd := &cobra.Command{Use: "year", Short: "Write the scores of a year, from its counters, and in how many months each target was met", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			y, err := scoreYear(cmd.Context(), *file, units, year, time.Now().Unix())
			if err != nil {
				return err
			}
			files, err := scorecard.WriteYear(out, y)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d files written to %s\n", len(files), out)
			return nil
		}}
	cmd.Flags().IntVar(&year, "year", time.Now().In(model.Local).Year(), "year, YYYY")
	cmd.Flags().StringVar(&out, "out", ".", "directory to write to")
	cmd.Flags().StringVar(&units, "units", "", "compute for the 63 or the 34 units (default: as configured, for auto those at the end of the year)")
	return cmd
}

// scoreYear computes the year up to an instant, one month after the other.
func scoreYear(ctx context.Context, file, units string, year int, until int64) (doc *scorecard.Year, err error) {
	month := model.Month{Year: year, Month: time.January}
	if until <= month.Start() {
		return nil, fmt.Errorf("year %d has not begun", year)
	}
	if units, err = yearUnits(file, units, year); err != nil {
		return nil, err
	}
	m, err := openMonths(ctx, file, units)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.store.Close()) }()
	sum := kpi.NewYear(m.plan)
	var nations []*scorecard.Document
	for ; month.Year == year && month.Start() < until; month = month.Next() {
		result, err := m.evaluate(ctx, month, until)
		if err != nil {
			return nil, err
		}
		sum.Add(&result)
		nation, err := publishedNation(ctx, m.store, month)
		if err != nil {
			return nil, err
		}
		nations = append(nations, nation...)
	}
	result := sum.Result()
	return scorecard.BuildYear(&result, m.inv, nations), nil
}

// yearUnits is one unit set for all of a year.
func yearUnits(file, units string, year int) (string, error) {
	cfg, err := config.Load(file)
	configured := cfg.Inventory.UnitSet
	switch {
	case err != nil || units != "":
		return units, err
	case configured != "" && configured != inventory.UnitsAuto:
		return configured, nil
	case year < 2025:
		return inventory.Units63, nil
	}
	return inventory.Units34, nil
}

// publishedNation is the nation's document of the month's last revision, if there is one.
func publishedNation(ctx context.Context, s *store.Store, month model.Month) ([]*scorecard.Document, error) {
	p, err := s.Published(ctx, month.String(), 0)
	if errors.Is(err, store.ErrNotPublished) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	docs, err := parse(p)
	if err != nil {
		return nil, err
	}
	return docs[:1], nil
}

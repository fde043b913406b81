package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/collector/config"
	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/collector/view"
)

func scorecardCommand(file *string) *cobra.Command {
	var month, out string
	var options scorecard.Options
	cmd := &cobra.Command{Use: "scorecard", Short: "Write the scorecards of a month", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			result, inv, err := evaluate(cmd, *file, month)
			if err != nil {
				return err
			}
			files, err := scorecard.Write(out, scorecard.Build(&result, inv.Inventory, 0), options)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d files written to %s\n", len(files), out)
			return err
		}}
	last := time.Now().In(model.Local).AddDate(0, 0, -time.Now().In(model.Local).Day())
	cmd.Flags().StringVar(&month, "month", last.Format("2006-01"), "month, YYYY-MM")
	cmd.Flags().StringVar(&out, "out", ".", "directory to write to")
	cmd.Flags().StringVar(&options.Province, "province", "", "only this province's code, or vn for the nation (default all)")
	cmd.Flags().StringSliceVar(&options.Formats, "format", []string{"csv", "json"}, "formats: xlsx, pdf, html, csv, json")
	cmd.Flags().StringSliceVar(&options.Langs, "lang", []string{"vi"}, "languages: vi, en")
	return cmd
}

// evaluate computes a month from the store, up to the collector's last checkpoints.
func evaluate(cmd *cobra.Command, file, name string) (result kpi.MonthResult, inv *inventory.Index, err error) {
	month, err := model.ParseMonth(name)
	if err != nil {
		return result, nil, err
	}
	now := time.Now().Unix()
	if now < month.Start() {
		return result, nil, fmt.Errorf("month %s has not begun", month)
	}
	cfg, err := config.Load(file)
	if err != nil {
		return result, nil, err
	}
	if inv, err = inventory.Load(cfg.Inventory); err != nil {
		return result, nil, err
	}
	s, err := store.Open(cmd.Context(), store.Config{Path: storePath(cfg), ReadOnly: true}, nil)
	if err != nil {
		return result, nil, err
	}
	defer func() { _ = s.Close() }() // it was only read
	all := make([]int, s.Partitions())
	for p := range all {
		all[p] = p
	}
	chunks, err := partition.FromStore(cmd.Context(), s, view.Around(month), all)
	if err != nil {
		return result, nil, err
	}
	return kpi.Month(kpi.MonthInput{Month: month, End: now, Plan: kpi.NewPlan(inv.Inventory), Chunks: chunks}), inv, nil
}

func backupCommand(file *string) *cobra.Command {
	return &cobra.Command{Use: "backup FILE", Short: "Copy the store, also while the collector runs", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := config.Load(*file)
			if err != nil {
				return err
			}
			s, err := store.Open(cmd.Context(), store.Config{Path: storePath(cfg), ReadOnly: true}, nil)
			if err != nil {
				return err
			}
			defer func() { _ = s.Close() }() // it was only read
			if err := s.Backup(cmd.Context(), args[0]); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "store copied to %s\n", args[0])
			return err
		}}
}

func restoreCommand(file *string) *cobra.Command {
	var force bool
	cmd := &cobra.Command{Use: "restore FILE", Short: "Put a backup in the store's place; the collector must be stopped", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := config.Load(*file)
			if err != nil {
				return err
			}
			if err := store.Restore(cmd.Context(), args[0], storePath(cfg), force); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "store restored from %s\n", args[0])
			return err
		}}
	cmd.Flags().BoolVar(&force, "force", false, "overwrite the store that is there")
	return cmd
}

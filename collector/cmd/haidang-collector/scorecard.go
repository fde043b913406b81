package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/collector/config"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/store"
)

func scorecardCommand(file *string) *cobra.Command {
	var month, out, revision, units string
	var options scorecard.Options
	cmd := &cobra.Command{Use: "scorecard", Short: "Write the scorecards of a month", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if units != "" && revision != "" {
				return errors.New("--units: what was published has the units it was published for: leave out --revision")
			}
			docs, err := documents(cmd.Context(), *file, month, revision, units)
			if err != nil {
				return err
			}
			var stop func()
			options.Progress, stop = progress(cmd.ErrOrStderr())
			files, err := scorecard.Write(out, docs, options)
			stop()
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d files written to %s\n", len(files), out)
			return nil
		}}
	monthFlag(cmd, &month)
	cmd.Flags().StringVar(&out, "out", ".", "directory to write to")
	cmd.Flags().StringVar(&revision, "revision", "", "a published revision's number, or last (default: computed now, provisional)")
	cmd.Flags().StringVar(&units, "units", "", "compute for the 63 or the 34 units, whatever the month (default: as configured)")
	cmd.Flags().StringVar(&options.Province, "province", "", "only this province's code, or vn for the nation (default all)")
	cmd.Flags().StringSliceVar(&options.Formats, "format", []string{"csv", "json"}, "formats: xlsx, pdf, html, csv, excel.csv, json")
	cmd.Flags().StringSliceVar(&options.Langs, "lang", []string{"vi"}, "languages: vi, en")
	cmd.AddCommand(publishCommand(file), yearCommand(file), verifyCommand(file), historyCommand(file))
	return cmd
}

// monthFlag adds --month, by default the one before this.
func monthFlag(cmd *cobra.Command, month *string) {
	now := time.Now().In(model.Local)
	cmd.Flags().StringVar(month, "month", now.AddDate(0, 0, -now.Day()).Format("2006-01"), "month, YYYY-MM")
}

// documents are a month's scorecards: as published, or computed now.
func documents(ctx context.Context, file, month, revision, units string) ([]*scorecard.Document, error) {
	if revision == "" {
		return provisional(ctx, file, month, units)
	}
	number, err := revisionNumber(revision)
	if err != nil {
		return nil, err
	}
	s, err := openStore(ctx, file, true)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	p, err := s.Published(ctx, month, number)
	if err != nil {
		return nil, err
	}
	return parse(p)
}

// provisional computes a month's scorecards as the data are now.
func provisional(ctx context.Context, file, month, units string) ([]*scorecard.Document, error) {
	result, inv, err := evaluateUnits(ctx, file, month, units, time.Now().Unix())
	if err != nil {
		return nil, err
	}
	docs := scorecard.Build(&result, inv, 0)
	if units != "" {
		return docs, nil // what was published is of other units: another series
	}
	s, err := openStore(ctx, file, true)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return docs, recall(ctx, s, docs)
}

// revisionNumber is 0 for the last one.
func revisionNumber(text string) (int, error) {
	if text == "last" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("--revision %q: want last or a number from 1", text)
	}
	return n, nil
}

func parse(p store.Publication) ([]*scorecard.Document, error) {
	docs := make([]*scorecard.Document, len(p.Scorecards))
	for i, c := range p.Scorecards {
		d, err := scorecard.Parse(c.JSON)
		if err != nil {
			return nil, fmt.Errorf("%s revision %d %s: %w", p.Month, p.Revision, c.Scope, err)
		}
		docs[i] = d
	}
	return docs, nil
}

// progress says every second how far an export is, until stop is called.
func progress(w io.Writer) (report func(done, total int), stop func()) {
	var done, total atomic.Int64
	ended, finished := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(finished)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				fmt.Fprintf(w, "%d of %d files\n", done.Load(), total.Load())
			case <-ended:
				return
			}
		}
	}()
	report = func(n, all int) {
		done.Store(max(done.Load(), int64(n)))
		total.Store(int64(all))
	}
	return report, func() { close(ended); <-finished }
}

func openStore(ctx context.Context, file string, readOnly bool) (*store.Store, error) {
	cfg, err := config.Load(file)
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, store.Config{Path: storePath(cfg), ReadOnly: readOnly}, nil)
}

// evaluate computes a month up to an instant from the store, as far as the collector's last
// checkpoints reach, with each device and link.
func evaluate(ctx context.Context, file, name string, until int64) (kpi.MonthResult, *model.Inventory, error) {
	return question{file: file, month: name, until: until, whole: true}.answer(ctx)
}

// evaluateUnits computes what scorecards are made of, for another unit set than the configured one, unless units is
// empty.
func evaluateUnits(ctx context.Context, file, name, units string, until int64) (kpi.MonthResult, *model.Inventory, error) {
	return question{file: file, month: name, units: units, until: until}.answer(ctx)
}

// question is what is asked of a month.
type question struct {
	file, month, units string
	until              int64
	whole              bool // with what no scorecard lists
}

func (q question) answer(ctx context.Context) (result kpi.MonthResult, inv *model.Inventory, err error) {
	month, err := model.ParseMonth(q.month)
	if err != nil {
		return result, nil, err
	}
	if q.until < month.Start() {
		return result, nil, fmt.Errorf("month %s has not begun", month)
	}
	m, err := openMonths(ctx, q.file, q.units)
	if err != nil {
		return result, nil, err
	}
	defer func() { err = errors.Join(err, m.store.Close()) }()
	m.whole = q.whole
	result, err = m.evaluate(ctx, month, q.until)
	return result, m.inv, err
}

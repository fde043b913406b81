package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/user"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/store"
)

func publishCommand(file *string) *cobra.Command {
	var month, by string
	cmd := &cobra.Command{Use: "publish", Short: "Freeze a month's scorecards as its next revision, if a number changed", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if by == "" {
				return errors.New("--by: want the name of who publishes")
			}
			return publish(cmd.Context(), cmd.OutOrStdout(), *file, month, by)
		}}
	monthFlag(cmd, &month)
	cmd.Flags().StringVar(&by, "by", userName(), "who publishes")
	return cmd
}

// userName is the name of who is logged in, or none.
func userName() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.Username
}

func publish(ctx context.Context, out io.Writer, file, month, by string) error {
	docs, err := documents(ctx, file, month, "", "")
	if err != nil {
		return err
	}
	if !docs[0].Complete {
		return fmt.Errorf("month %s is not over: only a whole month is published", month)
	}
	s, err := openStore(ctx, file, false)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := closed(ctx, s, month); err != nil {
		return err
	}
	p, changed, err := release(ctx, s, docs, by)
	if err != nil {
		return err
	}
	if !changed {
		fmt.Fprintf(out, "%s: revision %d still holds, nothing published\n", month, p.Revision)
		return nil
	}
	fmt.Fprintf(out, "%s: revision %d published, %d scorecards, %d cells changed\n", month, p.Revision, len(docs), changes(docs))
	return nil
}

// release publishes a month's documents as its next revision, if a number changed since the last one,
// which it returns otherwise.
func release(ctx context.Context, s *store.Store, docs []*scorecard.Document, by string) (p store.Publication, changed bool, err error) {
	last, err := s.Published(ctx, docs[0].Month, 0)
	if err != nil && !errors.Is(err, store.ErrNotPublished) {
		return last, false, err
	}
	before, err := parse(last)
	if err != nil {
		return last, false, err
	}
	changed, err = scorecard.Revise(docs, before)
	if err != nil || !changed {
		return last, false, err
	}
	late, err := lateDays(ctx, s, docs[0].Month)
	if err != nil {
		return last, false, err
	}
	scorecard.Late(docs, late)
	if p, err = publication(docs, by); err != nil {
		return p, false, err
	}
	return p, true, s.Publish(ctx, p)
}

// closed says whether the collector has closed every day of the month: before, data may still be on its way.
func closed(ctx context.Context, s *store.Store, name string) error {
	month, err := model.ParseMonth(name)
	if err != nil {
		return err
	}
	return s.View(ctx, func(v *store.View) error {
		days, err := v.Days(int32(month.First()), int32(month.Next().First()))
		if err != nil {
			return err
		}
		for _, d := range days {
			if !d.Closed {
				return fmt.Errorf("day %s is still open in partition %d: publish %s once the collector has closed its days", model.Day(d.Day), d.Partition, name)
			}
		}
		return nil
	})
}

func changes(docs []*scorecard.Document) (n int) {
	for _, d := range docs {
		n += len(d.Changes)
	}
	return n
}

func publication(docs []*scorecard.Document, by string) (store.Publication, error) {
	first := docs[0]
	p := store.Publication{
		Month: first.Month, Revision: first.Revision, PublishedAt: time.Now().Unix(), PublishedBy: by,
		Inventory: first.GeneratedFrom.Inventory, Targets: first.GeneratedFrom.Targets,
	}
	for _, d := range docs {
		text, err := d.JSON()
		if err != nil {
			return p, err
		}
		p.Scorecards = append(p.Scorecards, store.PublishedScorecard{Scope: d.Scope.Code, JSON: text})
		p.Measures = append(p.Measures, rowsOf(d)...)
	}
	return p, nil
}

func historyCommand(file *string) *cobra.Command {
	var month string
	cmd := &cobra.Command{Use: "history", Short: "List what was published, when and by whom", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := openStore(cmd.Context(), *file, true)
			if err != nil {
				return err
			}
			defer s.Close()
			all, err := s.History(cmd.Context(), month)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "MONTH\tREVISION\tPUBLISHED\tBY\tSCORECARDS\tNATION (SHA-256)\tINVENTORY\tTARGETS")
			for _, p := range all {
				at := time.Unix(p.PublishedAt, 0).In(model.Local).Format(time.RFC3339)
				fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%d\t%s\t%s\t%s\n", p.Month, p.Revision, at, p.PublishedBy, len(p.Scorecards),
					p.Scorecards[0].Digest, p.Inventory, p.Targets)
			}
			return w.Flush()
		}}
	cmd.Flags().StringVar(&month, "month", "", "only this month, YYYY-MM (default all)")
	return cmd
}

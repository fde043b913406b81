package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/collector/config"
	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/maintenance"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
)

func maintenanceCommand(file *string) *cobra.Command {
	cmd := &cobra.Command{Use: "maintenance", Short: "Enter, approve, cancel and list maintenance windows"}
	cmd.AddCommand(windowAddCommand(file), windowListCommand(file),
		windowStepCommand(file, "approve ID", "Approve a proposed window: it counts if it has not begun", (*maintenance.Book).Approve),
		windowStepCommand(file, "cancel ID", "Cancel a window, or end one that has begun", (*maintenance.Book).Cancel))
	return cmd
}

// withBook opens the register beside a collector that may be running, which sees a change within seconds.
func withBook(ctx context.Context, file string, do func(*maintenance.Book) error) error {
	cfg, err := config.Load(file)
	if err != nil {
		return err
	}
	files, err := inventory.Load(cfg.Inventory)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(cfg.DataDir, 0o750); err != nil {
		return fmt.Errorf("data_dir: %w", err)
	}
	s, err := store.Open(ctx, store.Config{Path: storePath(cfg), Partitions: cfg.Partitions.Count}, nil)
	if err != nil {
		return err
	}
	book := maintenance.New(maintenance.Deps{Store: s, Files: func() *inventory.Index { return files }, Now: time.Now, FourEyes: cfg.Maintenance.FourEyes})
	return errors.Join(do(book), s.Close())
}

func windowAddCommand(file *string) *cobra.Command {
	var by, start, end string
	var q maintenance.Request
	cmd := &cobra.Command{Use: "add", Short: "Propose a window; somebody has to approve it before it starts", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			for _, t := range []struct {
				flag, text string
				into       *int64
			}{{"--start", start, &q.Start}, {"--end", end, &q.End}} {
				at, err := time.Parse(time.RFC3339, t.text)
				if err != nil {
					return fmt.Errorf("%s %q: want a time as 2026-10-01T22:00:00+07:00", t.flag, t.text)
				}
				*t.into = at.Unix()
			}
			return withBook(cmd.Context(), *file, func(b *maintenance.Book) error {
				e, err := b.Propose(cmd.Context(), maintenance.Actor{Name: by}, q)
				if err != nil {
					return err
				}
				text := fmt.Sprintf("%s: proposed, to be approved before %s", e.ID, localTime(e.Start))
				if len(e.Frozen) > 0 {
					text += ", without effect in the change freeze " + strings.Join(e.Frozen, ", ")
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), text)
				return err
			})
		}}
	cmd.Flags().StringVar(&q.ID, "id", "", "its name, for example the ticket's (default MW-YYYYMMDD-NN)")
	cmd.Flags().StringVar(&q.Scope, "scope", "", "device:X, site:X, province:X, system:X, link:X or composite:X")
	cmd.Flags().StringVar(&start, "start", "", "first instant, as 2026-10-01T22:00:00+07:00")
	cmd.Flags().StringVar(&end, "end", "", "first instant after it")
	cmd.Flags().StringVar(&q.Reason, "reason", "", "what will be done")
	cmd.Flags().StringVar(&q.Override, "freeze-override", "", "why it has to go on in a change freeze")
	cmd.Flags().StringVar(&by, "by", userName(), "who proposes it")
	return cmd
}

func windowStepCommand(file *string, use, short string, do func(b *maintenance.Book, ctx context.Context, by maintenance.Actor, id, note string) (maintenance.Entry, error)) *cobra.Command {
	var by, note string
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withBook(cmd.Context(), *file, func(b *maintenance.Book) error {
				e, err := do(b, cmd.Context(), maintenance.Actor{Name: by}, args[0], note)
				if err != nil {
					return err
				}
				text := e.ID + ": " + e.State
				if e.State == maintenance.Approved && !e.Planned() {
					text += ", but not before its start: it will be shown as registered late"
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), text)
				return err
			})
		}}
	cmd.Flags().StringVar(&by, "by", userName(), "who does it")
	cmd.Flags().StringVar(&note, "note", "", "what to say with it")
	return cmd
}

func windowListCommand(file *string) *cobra.Command {
	var month string
	cmd := &cobra.Command{Use: "list", Short: "List the windows of the file and of the register", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := model.ParseMonth(month)
			if err != nil && month != "" {
				return err
			}
			return withBook(cmd.Context(), *file, func(b *maintenance.Book) error {
				all, err := b.List(cmd.Context())
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "ID\tSTATE\tPLANNED\tSCOPE\tSTART\tEND\tPROPOSED BY\tAPPROVED BY\tSOURCE\tREASON")
				for _, e := range all {
					if month == "" || e.End > m.Start() && e.Start < m.End() {
						fmt.Fprintf(w, "%s\t%s\t%t\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.ID, e.State, e.Planned() && !e.Void(), e.Scope(), localTime(e.Start), localTime(e.End),
							e.CreatedBy, e.ApprovedBy, e.Source, e.Reason)
					}
				}
				return w.Flush()
			})
		}}
	cmd.Flags().StringVar(&month, "month", "", "only those that touch this month, YYYY-MM (default all)")
	return cmd
}

func localTime(sec int64) string { return time.Unix(sec, 0).In(model.Local).Format(time.RFC3339) }

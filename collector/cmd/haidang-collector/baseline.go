package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/model"
)

func baselineCommand(file *string) *cobra.Command {
	var b baseline
	cmd := &cobra.Command{Use: "baseline", Short: "Freeze the 4G speed of a year, which later ones are compared with", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b.file, b.say = *file, cmd.OutOrStdout()
			return b.freeze(cmd.Context())
		}}
	cmd.Flags().IntVar(&b.year, "year", time.Now().In(model.Local).Year()-1, "a year that is over")
	cmd.Flags().StringVar(&b.out, "out", "", "file to write; it must not exist")
	cmd.Flags().StringVar(&b.counterMap, "counter-map", "", "version of the counter map that the agents used in that year")
	cmd.Flags().StringVar(&b.units, "units", inventory.Units34, "units of the years that it will be compared with: 63 or 34")
	return cmd
}

// baseline is what to freeze, and where.
type baseline struct {
	file       string
	say        io.Writer
	year       int
	out        string
	counterMap string
	units      string
}

// freeze writes the file whole or not at all, and never over another one: its name is given to it last, when
// it was read back.
func (b *baseline) freeze(ctx context.Context) (err error) {
	switch {
	case b.out == "":
		return errors.New("--out: want the file to write, for example configs/speed_baseline.csv")
	case b.counterMap == "":
		return errors.New("--counter-map: want the version of the counter map, for example vendor-2025.1")
	}
	if _, err := os.Lstat(b.out); err == nil {
		return fmt.Errorf("%s: %w: a baseline is frozen, want another name", b.out, fs.ErrExist)
	}
	m, err := openMonths(ctx, b.file, b.units)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.store.Close()) }()
	temp, err := os.CreateTemp(filepath.Dir(b.out), ".baseline-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(temp.Name())) }()
	if err := errors.Join(b.write(ctx, m, temp), temp.Chmod(0o644), temp.Sync(), temp.Close()); err != nil {
		return err
	}
	m.files.Baseline = temp.Name()
	if _, err := inventory.Load(m.files); err != nil {
		return err
	}
	return os.Link(temp.Name(), b.out)
}

// write adds the months one after the other. A month without cells has no rows, which is said; a year
// without any is an error.
func (b *baseline) write(ctx context.Context, m *months, to io.Writer) error {
	out, total := inventory.NewBaselineWriter(to), 0
	for month := (model.Month{Year: b.year, Month: time.January}); month.Year == b.year; month = month.Next() {
		if month.End() > time.Now().Unix() {
			return fmt.Errorf("month %s is not over: want a year that is", month)
		}
		if err := closed(ctx, m.store, month.String()); err != nil {
			return err
		}
		result, err := m.evaluate(ctx, month, month.End())
		if err != nil {
			return err
		}
		rows, err := result.Radio.Freeze(month, b.counterMap)
		if err != nil {
			return err
		}
		out.Write(rows)
		total += len(rows)
		b.tell(month, &result.Radio, len(rows))
	}
	if total == 0 {
		return fmt.Errorf("no LTE cell reported in %d: nothing to freeze", b.year)
	}
	return out.Flush()
}

func (b *baseline) tell(month model.Month, r *ran.Result, rows int) {
	k := r.Find("", ran.LTE, "busy_throughput_dl")
	if rows == 0 || k == nil || k.Value == nil {
		fmt.Fprintf(b.say, "%s: nothing\n", month)
		return
	}
	fmt.Fprintf(b.say, "%s: %s kbit/s, %s, %d rows\n", month, k.Value.FloatString(3), k.Status, rows)
}

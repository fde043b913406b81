// Haidang-bench measures haidang's programs beside others, on this machine. make bench runs it.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/internal/bench"
)

func main() {
	if err := command().Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "haidang-bench:", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	c := bench.Config{Progress: os.Stderr}
	var out string
	cmd := &cobra.Command{
		Use: "haidang-bench", Short: "Measures haidang's programs beside others", Args: cobra.NoArgs, SilenceUsage: true, SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := absolute(&c.Bin, &c.Configs, &c.Source); err != nil {
				return err
			}
			c.Victoria, _ = exec.LookPath("victoria-metrics") // without it its rows are left out
			var parts []bench.Part
			return bench.Run(c, func(p bench.Part) error {
				parts = append(parts, p)
				return errors.Join(save(out, parts), p.Write(cmd.OutOrStdout()))
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&c.Bin, "bin", "bin", "folder of the programs")
	f.StringVar(&c.Configs, "configs", "configs", "folder of the shipped configuration")
	f.StringVar(&c.Source, "source", ".", "folder of go.mod; empty: no benchmarks of packages")
	f.Float64Var(&c.Scale, "scale", 1, "how much more is sent than by default")
	f.IntVar(&c.Runs, "runs", 3, "medians are over so many runs")
	f.StringSliceVar(&c.Only, "only", nil, "ingest, agent, snmpv3, peers, gnmi, events, pmfile, month, closing, noc, panels, probe, packages, soak; default: all but closing and soak")
	f.IntVar(&c.Minutes, "minutes", 15, "how long the soak is watched")
	f.BoolVar(&c.Live, "live", false, "the agent of the soak ships to a collector and not to a sink")
	f.StringVar(&out, "out", "bin/bench.json", "file for the figures")
	cmd.AddCommand(gosnmp(), month(), closing())
	return cmd
}

// gosnmp is a peer of the SNMP input; the benchmark runs it as a process of its own.
func gosnmp() *cobra.Command {
	return &cobra.Command{Use: "gosnmp DEVICES.CSV ROUNDS VERSION", Hidden: true, Args: cobra.ExactArgs(3), RunE: func(cmd *cobra.Command, args []string) error {
		rounds, err := strconv.Atoi(args[1])
		if err != nil {
			return fmt.Errorf("rounds: %w", err)
		}
		return bench.PollWithGosnmp(cmd.OutOrStdout(), args[0], rounds, args[2])
	}}
}

// month asks for a stored month's KPIs; the benchmark runs it as a process of its own.
func month() *cobra.Command {
	var q bench.Question
	cmd := &cobra.Command{Use: "month DIR MONTH", Hidden: true, Args: cobra.ExactArgs(2), RunE: func(cmd *cobra.Command, args []string) (err error) {
		if q.Month, err = model.ParseMonth(args[1]); err != nil {
			return err
		}
		q.Dir = args[0]
		return q.Ask(cmd.Context(), cmd.OutOrStdout())
	}}
	cmd.Flags().StringVar(&q.Configs, "configs", "configs", "folder of the shipped configuration")
	cmd.Flags().IntVar(&q.Runs, "runs", 3, "how often it is asked")
	cmd.Flags().BoolVar(&q.AddUp, "add-up", false, "make the sums first, and ask no more")
	return cmd
}

// closing has a day of a store closed; the benchmark runs it as a process of its own.
func closing() *cobra.Command {
	var q bench.ClosingQuestion
	cmd := &cobra.Command{Use: "closing DIR DAY", Hidden: true, Args: cobra.ExactArgs(2), RunE: func(cmd *cobra.Command, args []string) error {
		day, err := strconv.Atoi(args[1])
		if err != nil {
			return fmt.Errorf("day: %w", err)
		}
		q.Dir, q.Day = args[0], model.Day(day)
		return q.Ask(cmd.Context(), cmd.OutOrStdout())
	}}
	cmd.Flags().StringVar(&q.Configs, "configs", "configs", "folder of the shipped configuration")
	return cmd
}

func absolute(paths ...*string) (err error) {
	for _, p := range paths {
		if *p == "" {
			continue
		}
		if *p, err = filepath.Abs(*p); err != nil {
			return err
		}
	}
	return nil
}

func save(path string, parts []bench.Part) error {
	data, err := json.MarshalIndent(parts, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}

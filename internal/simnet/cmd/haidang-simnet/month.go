package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/simnet"
	"github.com/haidang-noc/haidang/internal/simnet/month"
)

// polling is what month and truth have in common.
type polling struct {
	file     *string
	month    string
	interval time.Duration
	agent    string
	polls    bool
	cells    bool
	probes   time.Duration
	until    string
}

func (p *polling) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&p.month, "month", "", "local month, for example 2026-10")
	cmd.Flags().DurationVar(&p.interval, "interval", time.Minute, "time between two polls of a device")
	cmd.Flags().StringVar(&p.agent, "agent", "", "only what this agent polls")
	cmd.Flags().BoolVar(&p.polls, "polls", true, "what polling the devices brings")
	cmd.Flags().BoolVar(&p.cells, "cells", false, "what the radio cells counted, too, each quarter of an hour")
	cmd.Flags().DurationVar(&p.probes, "probes", 0, "time between two samples of each service in each province; 0: none")
	cmd.Flags().StringVar(&p.until, "until", "", "end before the month does: a time in RFC 3339, or now")
	_ = cmd.MarkFlagRequired("month")
}

func (p *polling) plan() (*month.Plan, error) {
	c, err := simnet.Load(*p.file)
	if err != nil {
		return nil, err
	}
	script, err := c.Script()
	if err != nil {
		return nil, err
	}
	plan, err := month.NewPlan(script.Overlay().Load(), p.month, p.interval, p.agent)
	if err != nil {
		return nil, err
	}
	plan.Cells, plan.Quiet = p.cells, !p.polls
	if err := plan.Probe(p.probes); err != nil {
		return nil, err
	}
	return plan, p.cut(plan)
}

// cut ends the plan where it is asked to.
func (p *polling) cut(plan *month.Plan) error {
	switch p.until {
	case "":
		return nil
	case "now":
		return plan.Cut(time.Now())
	}
	end, err := time.Parse(time.RFC3339, p.until)
	if err != nil {
		return fmt.Errorf("month: --until: %q: want now or a time such as 2026-10-20T12:00:00+07:00", p.until)
	}
	return plan.Cut(end)
}

// destination is where a month goes.
type destination struct{ out, url, token, spool string }

func monthCommand(file *string) *cobra.Command {
	p, to, o := polling{file: file}, destination{}, month.Options{}
	cmd := &cobra.Command{
		Use: "month --config FILE --month YYYY-MM (--out FILE | --url URL --token REF)", Args: cobra.NoArgs,
		Short: "Write what polling the network for a month brings, as line protocol",
		RunE: func(cmd *cobra.Command, _ []string) error {
			plan, err := p.plan()
			if err != nil {
				return err
			}
			if to.url != "" && p.agent == "" && len(plan.Net.Agents) > 0 {
				return errors.New("month: each agent has a token of its own: name one with --agent")
			}
			begin := time.Now()
			t, err := to.write(cmd.Context(), plan, o)
			cmd.PrintErrf("%d points, %d MB of text, %d MB sent in %d batches, %.1f s\n",
				t.Points, t.Raw>>20, t.Compressed>>20, t.Batches, time.Since(begin).Seconds())
			return err
		},
	}
	p.flags(cmd)
	cmd.Flags().StringVar(&to.out, "out", "", "file for the zstd frames, - for standard output")
	cmd.Flags().StringVar(&to.url, "url", "", "collector to send write requests to")
	cmd.Flags().StringVar(&to.token, "token", "", "its token: env:NAME or file:PATH")
	cmd.Flags().StringVar(&to.spool, "spool", "", "spool-id, 32 hexadecimal digits (default: a random one)")
	cmd.Flags().BoolVar(&o.Heartbeats, "heartbeats", false, "write the agents' heartbeats too")
	cmd.Flags().Uint64Var(&o.Disorder, "disorder", 0, "seed: shuffle, repeat and split; 0: in order")
	cmd.MarkFlagsOneRequired("out", "url")
	cmd.MarkFlagsMutuallyExclusive("out", "url")
	cmd.MarkFlagsRequiredTogether("url", "token")
	return cmd
}

func (d destination) write(ctx context.Context, p *month.Plan, o month.Options) (month.Totals, error) {
	if d.url != "" {
		sink, err := d.upload()
		if err != nil {
			return month.Totals{}, err
		}
		return month.Write(ctx, p, o, sink)
	}
	if d.out == "-" {
		return writeTo(ctx, os.Stdout, p, o)
	}
	f, err := os.Create(d.out)
	if err != nil {
		return month.Totals{}, fmt.Errorf("month: %w", err)
	}
	t, err := writeTo(ctx, f, p, o)
	return t, errors.Join(err, f.Close())
}

func writeTo(ctx context.Context, w io.Writer, p *month.Plan, o month.Options) (month.Totals, error) {
	buffered := bufio.NewWriterSize(w, 1<<20)
	t, err := month.Write(ctx, p, o, month.Stream{W: buffered})
	return t, errors.Join(err, buffered.Flush())
}

func (d destination) upload() (*month.Upload, error) {
	ref, err := conf.NewSecret(d.token)
	if err != nil {
		return nil, fmt.Errorf("month: --token: %w", err)
	}
	token, err := ref.Reveal()
	if err != nil {
		return nil, fmt.Errorf("month: --token: %w", err)
	}
	u := &month.Upload{URL: d.url, Token: token, Spool: d.spool, Client: &http.Client{Timeout: time.Minute}}
	if u.Spool == "" {
		var id [16]byte
		_, _ = rand.Read(id[:]) // never fails
		u.Spool = hex.EncodeToString(id[:])
	}
	return u, nil
}

func truthCommand(file *string) *cobra.Command {
	p := polling{file: file}
	cmd := &cobra.Command{
		Use: "truth --config FILE --month YYYY-MM", Args: cobra.NoArgs,
		Short: "Print as JSON what a correct collector makes of that month",
		RunE: func(cmd *cobra.Command, _ []string) error {
			plan, err := p.plan()
			if err != nil {
				return err
			}
			return json.NewEncoder(cmd.OutOrStdout()).Encode(month.TruthOf(plan))
		},
	}
	p.flags(cmd)
	return cmd
}

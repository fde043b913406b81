package snmp

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/snmp/discover"
	"github.com/haidang-noc/haidang/plugins/snmp/engine"
	"github.com/haidang-noc/haidang/plugins/snmp/profile"
)

// discovery is what the command line says.
type discovery struct {
	ranges    []string
	rules     string
	inventory string
	write     bool
	choice    discover.Choice
}

func discoverCommand() *cobra.Command {
	var d discovery
	cmd := &cobra.Command{Use: "discover CIDR…", Short: "Find devices and compare them with the inventory", Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := toolConfig(cmd.InOrStdin(), cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			d.ranges = args
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			return d.run(ctx, c, cmd.OutOrStdout())
		}}
	cmd.Flags().StringVar(&d.rules, "rules", "", "rules file")
	cmd.Flags().StringVar(&d.inventory, "inventory", "", "folder of devices.csv and links.csv")
	cmd.Flags().BoolVar(&d.write, "write", false, "write the changes")
	cmd.Flags().BoolVar(&d.choice.Incomplete, "incomplete", false, "write rows that are not complete, too")
	cmd.Flags().BoolVar(&d.choice.Retire, "retire", false, "end the rows of what was not seen")
	return cmd
}

// run finds, compares, shows and, if it shall, writes.
func (d *discovery) run(ctx context.Context, c sdk.Config, out io.Writer) error {
	s := defaults()
	if err := conf.Decode(c.File, c.Line, c.YAML, &s); err != nil {
		return err
	}
	cfg, err := d.config(c, &s)
	if err != nil {
		return err
	}
	inventory, err := d.folder(c, &s)
	if err != nil {
		return err
	}
	found, err := discover.Find(ctx, cfg)
	if err != nil {
		return err
	}
	plan, err := discover.Compare(cfg, found, discover.Inventory{Dir: inventory, Now: time.Now()})
	if err != nil {
		return err
	}
	if err := plan.Report(out); err != nil {
		return err
	}
	return d.finish(plan, out)
}

// finish writes the plan, or says how to.
func (d *discovery) finish(plan *discover.Plan, out io.Writer) error {
	n := plan.Changes(d.choice)
	if !d.write || n == 0 {
		_, err := fmt.Fprintf(out, "\nnothing was written%s\n", map[bool]string{true: fmt.Sprintf("; --write would write %d changes", n)}[n > 0])
		return err
	}
	written, kept, err := plan.Write(d.choice)
	if _, say := fmt.Fprintf(out, "\n%d changes: %s written, old: %s\n", n, strings.Join(written, ", "), strings.Join(kept, ", ")); err == nil {
		err = say
	}
	return err
}

// config puts a discovery together of the input's settings and the rules.
func (d *discovery) config(c sdk.Config, s *settings) (cfg discover.Config, err error) {
	rules := discover.DefaultRules()
	if d.rules != "" {
		if rules, err = discover.LoadRules(d.rules); err != nil {
			return cfg, err
		}
	}
	credentials, err := readCredentials(s.Credentials)
	if err != nil {
		return cfg, err
	}
	cfg = discover.Config{Rules: &rules, Retries: s.Retries, Progress: progress(c.Log)}
	for _, one := range credentials {
		cfg.Credentials = append(cfg.Credentials, discover.Credential{Name: one.name, Community: one.community, User: one.user, Context: one.context})
	}
	if len(cfg.Credentials) == 0 {
		return cfg, conf.At(c.File, c.Line, "credentials", "there are none: want at least one to ask with")
	}
	if cfg.Range, err = discover.ParseRange(d.ranges); err != nil {
		return cfg, err
	}
	profiles, err := s.readProfiles(c)
	if err != nil {
		return cfg, err
	}
	cfg.Profile = func(object string) string { return family(profiles, object) }
	// All addresses together are one subnet here: its limit is that of the whole discovery, of either family.
	limits := engine.Limits{Device: s.Limits.engine().Device, Subnet: engine.Limit{PerSecond: max(rules.Rate/cfg.Range.Families(), 1)}}
	e, err := engine.New(engine.Config{Timeout: s.Timeout.D(), Window: s.Window, Lanes: 1, Limits: limits, Log: c.Log}, prometheus.NewRegistry())
	if err == nil {
		cfg.Ask = e.Once
	}
	return cfg, err
}

// family is the profile of a device; one that no profile is made for has none of its own.
func family(profiles *profile.Set, object string) string {
	if p := profiles.Match(object); p != nil && p.Name != profile.Standard {
		return p.Name
	}
	return ""
}

func progress(log *slog.Logger) func(discover.Progress) {
	return func(p discover.Progress) { log.Info("asking", "with", p.Pass, "addresses", p.Asked, "found", p.Found) }
}

// folder is where the inventory is: beside devices.csv of the input's settings, unless the command line says otherwise.
func (d *discovery) folder(c sdk.Config, s *settings) (string, error) {
	if d.inventory != "" {
		return d.inventory, nil
	}
	if filepath.Base(s.Inventory) != "devices.csv" {
		return "", fmt.Errorf("discover: --inventory: want the folder of devices.csv and links.csv: the input's settings name none")
	}
	return filepath.Dir(conf.Path(c.Dir, s.Inventory)), nil
}

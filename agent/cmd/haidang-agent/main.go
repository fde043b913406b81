// Command haidang-agent collects near the equipment: it runs the inputs, keeps what they collect until the collector
// has it, and sends it there.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/agent/config"
	"github.com/haidang-noc/haidang/agent/pluginhost"
	"github.com/haidang-noc/haidang/agent/spool"
	"github.com/haidang-noc/haidang/internal/obs"
)

func main() {
	if err := command().ExecuteContext(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "haidang-agent:", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	root := &cobra.Command{Use: "haidang-agent", Short: "Collect from equipment and ship to the collector", SilenceUsage: true,
		SilenceErrors: true, Version: obs.Version}
	var file string
	root.PersistentFlags().StringVar(&file, "config", "configs/agent.yaml", "configuration file")
	root.AddCommand(runCommand(&file), onceCommand(&file), checkCommand(&file), discoverCommand(&file), profileCommand(&file), spoolCommand(&file), versionCommand())
	return root
}

func runCommand(file *string) *cobra.Command {
	return &cobra.Command{Use: "run", Short: "Run the agent", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, log, err := load(cmd, *file)
			if err != nil {
				return err
			}
			a, err := wire(cfg, log)
			if err != nil {
				return err
			}
			return a.run(cmd.Context())
		}}
}

func onceCommand(file *string) *cobra.Command {
	return &cobra.Command{Use: "once INPUT", Short: "Print one round of an input as line protocol", Args: oneInput,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withInputs(cmd, *file, func(ctx context.Context, _ config.Config, host *pluginhost.Host) error {
				return host.Once(ctx, args[0], cmd.OutOrStdout())
			})
		}}
}

func oneInput(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("once: want the type of one input, for example: haidang-agent once snmp")
	}
	return nil
}

func checkCommand(file *string) *cobra.Command {
	return &cobra.Command{Use: "check", Short: "Check the configuration, every file it names and the inputs' own parts", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withInputs(cmd, *file, func(ctx context.Context, cfg config.Config, host *pluginhost.Host) error {
				if err := errors.Join(cfg.Check(*file), host.Check(ctx)); err != nil {
					return err
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "ok: agent %s, %d inputs\n", cfg.Name, len(cfg.Host.Inputs))
				return err
			})
		}}
}

func spoolCommand(file *string) *cobra.Command {
	parent := &cobra.Command{Use: "spool", Short: "Look at the spool"}
	parent.AddCommand(&cobra.Command{Use: "inspect [DIR]", Short: "List the segments and check every byte, also while the agent runs",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return spool.Inspect(args[0], cmd.OutOrStdout())
			}
			cfg, err := config.Load(*file)
			if err != nil {
				return err
			}
			return spool.Inspect(cfg.Spool.Dir, cmd.OutOrStdout())
		}})
	return parent
}

func versionCommand() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), obs.Version)
			return err
		}}
}

// load reads the configuration and opens the log that it asks for.
func load(cmd *cobra.Command, file string) (config.Config, zerolog.Logger, error) {
	cfg, err := config.Load(file)
	if err != nil {
		return cfg, zerolog.Nop(), err
	}
	log, err := obs.NewLogger(cmd.ErrOrStderr(), cfg.Log.Level, cfg.Log.Format)
	if err != nil {
		return cfg, log, fmt.Errorf("%s: log: %w", file, err)
	}
	return cfg, log, nil
}

// withInputs is for the commands that need the inputs and nothing else. A signal ends them.
func withInputs(cmd *cobra.Command, file string, do func(context.Context, config.Config, *pluginhost.Host) error) error {
	cfg, log, err := load(cmd, file)
	if err != nil {
		return err
	}
	host, err := pluginhost.New(cfg.Host, nil, log, obs.NewRegistry("haidang-agent"))
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	return do(ctx, cfg, host)
}

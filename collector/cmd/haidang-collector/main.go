// Command haidang-collector takes in what the agents send and turns it into KPIs, metrics and scorecards.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/collector/config"
	"github.com/haidang-noc/haidang/internal/obs"
)

func main() {
	if err := command().ExecuteContext(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "haidang-collector:", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	root := &cobra.Command{Use: "haidang-collector", Short: "KPIs of a national network", SilenceUsage: true, SilenceErrors: true,
		Version: obs.Version}
	var file string
	root.PersistentFlags().StringVar(&file, "config", "configs/collector.yaml", "configuration file")
	root.AddCommand(serveCommand(&file), checkCommand(&file), scorecardCommand(&file), baselineCommand(&file), explainCommand(&file), maintenanceCommand(&file), userCommand(), backupCommand(&file), restoreCommand(&file))
	return root
}

func serveCommand(file *string) *cobra.Command {
	return &cobra.Command{Use: "serve", Short: "Run the collector", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := config.Load(*file)
			if err != nil {
				return err
			}
			return serve(cmd.Context(), cfg)
		}}
}

func checkCommand(file *string) *cobra.Command {
	return &cobra.Command{Use: "check", Short: "Check the configuration and every file it names", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := config.Load(*file)
			if err != nil {
				return err
			}
			c := &collector{cfg: cfg, registry: obs.NewRegistry("haidang-collector")}
			if err := c.openFiles(cmd.Context()); err != nil {
				return err
			}
			inv := c.files.Load()
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "ok: %d devices, %d links, %d composites, %d maintenance windows, %d freezes, %d systems\n", len(inv.Devices),
				len(inv.Links), len(inv.Composites), len(inv.Windows), len(inv.Freezes), len(inv.Targets.Availability))
			return err
		}}
}

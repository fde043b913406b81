package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/agent/config"
	"github.com/haidang-noc/haidang/agent/pluginhost"
)

// discoverCommand hands everything to the input's own program, which knows how to ask: haidang-input-snmp discover.
func discoverCommand(file *string) *cobra.Command {
	cmd := &cobra.Command{Use: "discover CIDR…", Short: "Find devices by SNMP and compare them with the inventory",
		Args: cobra.MinimumNArgs(1), Example: "  haidang-agent discover --rules configs/discover.yaml 10.1.0.0/16"}
	own := cmd.Flags()
	own.String("rules", "", "what names and addresses tell of devices (see configs/discover.yaml)")
	own.String("inventory", "", "folder of devices.csv and links.csv; default: that of the input's inventory")
	own.Bool("write", false, "write the changes; the old files are kept")
	own.Bool("incomplete", false, "with --write: new rows that the collector will refuse until they are filled in, too")
	own.Bool("retire", false, "with --write: rows of what was not seen end today")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		pass := []string{"discover"}
		for _, name := range []string{"rules", "inventory", "write", "incomplete", "retire"} {
			if f := own.Lookup(name); f.Changed {
				pass = append(pass, fmt.Sprintf("--%s=%s", name, f.Value))
			}
		}
		return withInputs(cmd, *file, func(ctx context.Context, _ config.Config, host *pluginhost.Host) error {
			return host.Tool(ctx, "snmp", append(append(pass, "--"), args...), cmd.OutOrStdout(), cmd.ErrOrStderr())
		})
	}
	return cmd
}

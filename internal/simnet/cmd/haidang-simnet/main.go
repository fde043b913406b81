// Haidang-simnet is the simulated nation: devices that answer SNMP on loopback addresses, faults on
// demand, inventory files to match, and whole months of measurements at once.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/internal/obs"
	"github.com/haidang-noc/haidang/internal/simnet"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "haidang-simnet:", err)
		os.Exit(1)
	}
}

// command is the program with its sub-commands.
func command() *cobra.Command {
	var file string
	root := &cobra.Command{
		Use: "haidang-simnet --config FILE", Short: "The simulated nation",
		Version: obs.Version, Args: cobra.NoArgs, SilenceUsage: true, SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := simnet.Load(file)
			if err != nil {
				return err
			}
			log, err := obs.NewLogger(os.Stderr, c.Log.Level, c.Log.Format)
			if err != nil {
				return err
			}
			return simnet.Run(cmd.Context(), c, log)
		},
	}
	root.PersistentFlags().StringVar(&file, "config", "", "configuration file")
	_ = root.MarkPersistentFlagRequired("config") // the flag exists
	root.AddCommand(inventoryCommand(&file), monthCommand(&file), truthCommand(&file), pmCommand(&file))
	return root
}

func inventoryCommand(file *string) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use: "inventory --config FILE --out DIR", Short: "Write the inventory files: devices, links, maintenance, composites, cells, goals", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := simnet.Load(*file)
			if err != nil {
				return err
			}
			script, err := c.Script()
			if err != nil {
				return err
			}
			return script.Overlay().Load().WriteInventory(dir, c.SNMP.Port)
		},
	}
	cmd.Flags().StringVar(&dir, "out", "", "folder for the files")
	_ = cmd.MarkFlagRequired("out")
	return cmd
}

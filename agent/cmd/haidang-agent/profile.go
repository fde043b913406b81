package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/agent/config"
)

// profileCommand hands everything to the SNMP input's own program, which knows profiles: haidang-input-snmp profile. It
// works without a configuration: nothing is asked of any device.
func profileCommand(file *string) *cobra.Command {
	return &cobra.Command{Use: "profile list|show|import|compile", Short: "Look at the SNMP profiles of device families, and make new ones",
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			path, args := cutConfig(*file, args)
			program, err := profileProgram(path)
			if err != nil {
				return err
			}
			tool := exec.CommandContext(cmd.Context(), program, append([]string{"profile"}, args...)...) //nolint:gosec // the operator's own words
			tool.Stdin, tool.Stdout, tool.Stderr = os.Stdin, cmd.OutOrStdout(), cmd.ErrOrStderr()
			if err := tool.Run(); err != nil {
				return fmt.Errorf("profile: %w", err) // the tool has said what is wrong
			}
			return nil
		}}
}

// profileProgram is the input's program. Without a configuration it is beside this one; a configuration that cannot be read
// might say where it is, and what its checksum is.
func profileProgram(file string) (string, error) {
	cfg, err := config.Load(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("profile: %w", err)
	}
	return cfg.Host.Program("snmp")
}

// cutConfig takes --config FILE out of arguments: that flag is the agent's, all others are the tool's.
func cutConfig(file string, args []string) (string, []string) {
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--config="); ok {
			return value, slices.Delete(slices.Clone(args), i, i+1)
		}
		if arg == "--config" && i+1 < len(args) {
			return args[i+1], slices.Delete(slices.Clone(args), i, i+2)
		}
	}
	return file, args
}

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/collector/config"
	"github.com/haidang-noc/haidang/collector/store"
)

func backupCommand(file *string) *cobra.Command {
	return &cobra.Command{Use: "backup FILE", Short: "Copy the store, also while the collector runs", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := config.Load(*file)
			if err != nil {
				return err
			}
			s, err := store.Open(cmd.Context(), store.Config{Path: storePath(cfg), ReadOnly: true}, nil)
			if err != nil {
				return err
			}
			defer func() { _ = s.Close() }() // it was only read
			if err := s.Backup(cmd.Context(), args[0]); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "store copied to %s\n", args[0])
			return err
		}}
}

func restoreCommand(file *string) *cobra.Command {
	var force bool
	cmd := &cobra.Command{Use: "restore FILE", Short: "Put a backup in the store's place; the collector must be stopped", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := config.Load(*file)
			if err != nil {
				return err
			}
			if err := store.Restore(cmd.Context(), args[0], storePath(cfg), force); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "store restored from %s\n", args[0])
			return err
		}}
	cmd.Flags().BoolVar(&force, "force", false, "overwrite the store that is there")
	return cmd
}

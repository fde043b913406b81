package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/internal/simnet"
	"github.com/haidang-noc/haidang/internal/simnet/pm"
)

func pmCommand(file *string) *cobra.Command {
	var dir, from, to string
	cmd := &cobra.Command{
		Use: "pm --config FILE --from TIME --to TIME --out DIR", Args: cobra.NoArgs,
		Short: "Write the files of measurements (TS 32.435) of past periods, one for each element manager and period",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var span [2]time.Time
			for i, text := range [...]string{from, to} {
				t, err := time.Parse(time.RFC3339, text)
				if err != nil {
					return fmt.Errorf("pm: %q: want a time like 2026-10-01T00:00:00+07:00", text)
				}
				span[i] = t
			}
			c, err := simnet.Load(*file)
			if err != nil {
				return err
			}
			script, err := c.Script()
			if err != nil {
				return err
			}
			overlay := script.Overlay().Load()
			c.PM.Dir = dir
			w, err := pm.NewWriter(overlay.Network, c.PM)
			if err != nil {
				return err
			}
			n, err := w.Past(cmd.Context(), overlay, span[0], span[1])
			cmd.PrintErrf("%d files\n", n)
			return err
		},
	}
	cmd.Flags().StringVar(&dir, "out", "", "folder for the files")
	cmd.Flags().StringVar(&from, "from", "", "begin of the first period, for example 2026-10-01T00:00:00+07:00")
	cmd.Flags().StringVar(&to, "to", "", "end of the last one")
	for _, name := range [...]string{"out", "from", "to"} {
		_ = cmd.MarkFlagRequired(name) // the flag exists
	}
	return cmd
}

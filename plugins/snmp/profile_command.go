package snmp

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/haidang-noc/haidang/plugins/snmp/profile"
	"github.com/haidang-noc/haidang/plugins/snmp/profile/mibs"
)

// profileCommand is what haidang-agent profile runs.
func profileCommand() *cobra.Command {
	parent := &cobra.Command{Use: "profile", Short: "Look at the profiles of device families, and make new ones"}
	var dir string
	parent.PersistentFlags().StringVar(&dir, "profiles", "", "folder of your own profiles, as in the input's configuration")
	parent.AddCommand(listCommand(&dir), showCommand(&dir), importCommand(&dir), compileCommand(&dir))
	return parent
}

func listCommand(dir *string) *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List the profiles: which devices, and whether they were tried on one", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := profile.Load(*dir)
			if err != nil {
				return err
			}
			return set.List(cmd.OutOrStdout())
		}}
}

func showCommand(dir *string) *cobra.Command {
	return &cobra.Command{Use: "show NAME|SYSOBJECTID", Short: "Show what a profile polls and how often", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			set, err := profile.Load(*dir)
			if err != nil {
				return err
			}
			p, ok := set.Named(args[0])
			if !ok && profile.IsOID(args[0]) {
				p, ok = set.Match(args[0]), true
			}
			if !ok {
				return fmt.Errorf("profile show: %q: want the name of a profile (haidang-agent profile list shows them) or a sysObjectID", args[0])
			}
			return p.Show(cmd.OutOrStdout())
		}}
}

func importCommand(dir *string) *cobra.Command {
	return &cobra.Command{Use: "import SNMP.YML MODULE", Short: "Make a profile from a module of an snmp_exporter's configuration", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := os.ReadFile(args[0])
			if err != nil {
				return fmt.Errorf("profile import: %w", err)
			}
			draft, notes, err := profile.ImportExporter(args[1], text)
			return write(cmd, *dir, draft, notes, err)
		}}
}

func compileCommand(dir *string) *cobra.Command {
	var folders []string
	cmd := &cobra.Command{Use: "compile MIBFILE", Short: "Make a profile from the tables and scalars of a MIB file, offline", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			draft, notes, err := mibs.Compile(args[0], folders...)
			return write(cmd, *dir, draft, notes, err)
		}}
	cmd.Flags().StringSliceVar(&folders, "mibs", nil, "folders with the modules that it imports, beside its own")
	return cmd
}

// write writes a draft, and what has to be done by hand to standard error.
func write(cmd *cobra.Command, dir string, draft profile.Draft, notes []string, err error) error {
	tell(cmd.ErrOrStderr(), notes)
	if err != nil {
		return err
	}
	text, err := draft.YAML()
	if err != nil {
		return err
	}
	set, err := profile.Load(dir)
	if err != nil {
		return err
	}
	if err := set.Check(draft.Name+".yaml", text); err != nil {
		return err
	}
	_, err = cmd.OutOrStdout().Write(text)
	return err
}

func tell(w io.Writer, notes []string) {
	for _, n := range notes {
		_, _ = fmt.Fprintln(w, "note:", n) // a note that cannot be told is no reason to stop
	}
}

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/haidang-noc/haidang/collector/principal"
)

func userCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "user", Short: "Work on the file of users"}
	cmd.AddCommand(&cobra.Command{Use: "hash", Short: "Read a password and print the line for the file of users", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			secret, err := readPassword(cmd.InOrStdin(), cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			hash, err := principal.HashPassword(secret)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "password: '%s'\n", hash)
			return err
		}})
	return cmd
}

// readPassword reads one line. A terminal does not show it.
func readPassword(in io.Reader, prompt io.Writer) (string, error) {
	if f, ok := in.(*os.File); ok {
		if was, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS); err == nil {
			silent := *was
			silent.Lflag &^= unix.ECHO
			if err := unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, &silent); err != nil {
				return "", fmt.Errorf("terminal: %w", err)
			}
			defer func() { _ = unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, was) }() // the shell repairs it, too
			if _, err := fmt.Fprint(prompt, "Password: "); err != nil {
				return "", fmt.Errorf("terminal: %w", err)
			}
			defer func() { _, _ = fmt.Fprintln(prompt) }() // only the line break that was not shown
		}
	}
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

package pluginhost

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"

	"google.golang.org/protobuf/encoding/protojson"
)

// Program is where the program of an input is, which need not be configured. If it is, and with a checksum, the program was
// found to have that.
func (c Config) Program(input string) (path string, err error) {
	if c, err = c.withDefaults(); err != nil {
		return "", err
	}
	in := Input{Type: input}
	if i := slices.IndexFunc(c.Inputs, func(one Input) bool { return one.Type == input }); i >= 0 {
		in = c.Inputs[i]
	}
	path = c.program(in)
	if err := examine(path, in.SHA256); err != nil {
		return "", fmt.Errorf("input %s: %w", input, err)
	}
	return path, nil
}

// Tool runs a sub-command of an input's program, as an operator's tool: what it writes goes to out, what it logs to log. The
// program gets the input's settings as JSON on its standard input, and sees no more of the environment than when it collects.
func (h *Host) Tool(ctx context.Context, input string, args []string, out, log io.Writer) error {
	in, err := h.find(input)
	if err != nil {
		return err
	}
	program := h.config.program(in)
	if err := examine(program, in.SHA256); err != nil {
		return fmt.Errorf("input %s: %w", input, err)
	}
	settings, err := protojson.Marshal(h.config.settings(in, h.log.GetLevel()))
	if err != nil {
		return fmt.Errorf("input %s: settings: %w", input, err)
	}
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // the operator's program, just examined
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(settings), out, log
	cmd.Env, cmd.SysProcAttr = environment(in.Env), attributes()
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = h.config.StopTimeout.D()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("input %s: %s: %w", input, args[0], err)
	}
	return nil
}

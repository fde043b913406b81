package snmp

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/haidang-noc/haidang/internal/wire"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// Tools are the sub-commands of haidang-input-snmp, which haidang-agent runs for an operator.
func Tools() *cobra.Command {
	root := &cobra.Command{Use: "haidang-input-snmp", Short: "Tools of the SNMP input; haidang-agent runs them", SilenceUsage: true, SilenceErrors: true}
	root.AddCommand(discoverCommand(), profileCommand())
	return root
}

// toolConfig is the input's configuration as haidang-agent gives it to a tool: as JSON on its standard input. Logs go to log.
func toolConfig(in io.Reader, log io.Writer) (sdk.Config, error) {
	text, err := io.ReadAll(io.LimitReader(in, wire.MaxSettings))
	if err != nil {
		return sdk.Config{}, fmt.Errorf("snmp: settings: %w", err)
	}
	var s wire.Settings
	if err := protojson.Unmarshal(text, &s); err != nil {
		return sdk.Config{}, fmt.Errorf("snmp: settings: want those that haidang-agent gives: run its command of the same name: %w", err)
	}
	return sdk.Config{Agent: s.GetAgent(), YAML: s.GetYaml(), File: s.GetFile(), Line: int(s.GetLine()), Dir: s.GetDir(),
		Log: slog.New(slog.NewTextHandler(log, nil))}, nil
}

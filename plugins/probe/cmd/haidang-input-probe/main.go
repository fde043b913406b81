// Command haidang-input-probe is the input for active measurements; haidang-agent starts it. With arguments it is a tool.
package main

import (
	"fmt"
	"os"
	"runtime/debug"

	"github.com/haidang-noc/haidang/plugins/probe"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

func main() {
	if len(os.Args) == 1 {
		debug.SetGCPercent(50) // what is kept of many targets hardly changes
		sdk.Serve(probe.New())
		return
	}
	if err := probe.Tools().Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "haidang-input-probe:", err)
		os.Exit(1)
	}
}

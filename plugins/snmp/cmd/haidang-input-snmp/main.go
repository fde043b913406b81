// Command haidang-input-snmp is the SNMP input; haidang-agent starts it. With arguments it is a tool, which haidang-agent
// runs for its own commands of the same names.
package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/snmp"
)

func main() {
	if len(os.Args) == 1 {
		debug.SetGCPercent(50)                            // what is kept of many devices is most of the memory, and hardly changes
		time.AfterFunc(5*time.Minute, debug.FreeOSMemory) // learning takes much that is not needed again
		sdk.Serve(snmp.New())
		return
	}
	if err := snmp.Tools().Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "haidang-input-snmp:", err)
		os.Exit(1)
	}
}

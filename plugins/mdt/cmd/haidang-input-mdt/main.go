// Command haidang-input-mdt is the input for telemetry that devices dial out with; haidang-agent starts it.
package main

import (
	"github.com/haidang-noc/haidang/plugins/mdt"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

func main() { sdk.Serve(mdt.New()) }

// Command haidang-input-pmfile is the input for 3GPP measurement files; haidang-agent starts it.
package main

import (
	"github.com/haidang-noc/haidang/plugins/pmfile"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

func main() { sdk.Serve(pmfile.New()) }

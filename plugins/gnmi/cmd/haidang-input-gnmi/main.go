// Command haidang-input-gnmi is the gNMI input; haidang-agent starts it.
package main

import (
	"github.com/haidang-noc/haidang/plugins/gnmi"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

func main() { sdk.Serve(gnmi.New()) }

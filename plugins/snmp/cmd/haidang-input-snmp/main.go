// Command haidang-input-snmp is the SNMP input; haidang-agent starts it.
package main

import (
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/snmp"
)

func main() { sdk.Serve(snmp.New()) }

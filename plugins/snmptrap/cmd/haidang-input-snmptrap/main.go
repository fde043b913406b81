// Command haidang-input-snmptrap is the input for SNMP notifications; haidang-agent starts it.
package main

import (
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/snmptrap"
)

func main() { sdk.Serve(snmptrap.New()) }

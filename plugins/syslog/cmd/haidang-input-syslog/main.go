// Command haidang-input-syslog is the input for syslog messages; haidang-agent starts it.
package main

import (
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/syslog"
)

func main() { sdk.Serve(syslog.New()) }

//go:build !linux

package pluginhost

import (
	"os"
	"syscall"
)

// attributes are none: where the kernel cannot tie the plugin to the agent, its standard input does.
func attributes() *syscall.SysProcAttr { return nil }

func killGroup(pid int) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill() // it may have ended by itself
	}
}

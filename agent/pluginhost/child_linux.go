package pluginhost

import "syscall"

// attributes puts the plugin into a process group of its own, out of reach of the terminal's ctrl-C (the agent stops it
// in order), and has the kernel kill it when the agent dies.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) } // it may have ended by itself

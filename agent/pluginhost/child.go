package pluginhost

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// pipeDelay is how long a dead plugin's pipes may stay open in the hands of a process it has left behind.
const pipeDelay = time.Second

// child is a plugin's process as go-plugin's runner. In place of go-plugin's own it keeps the plugin's standard input
// open for as long as the agent lives, ties the process to the agent's life and reads its log.
type child struct {
	cmd    *exec.Cmd
	log    io.WriteCloser
	stdout io.ReadCloser
	pid    atomic.Int64
	exited chan struct{}
	err    error // of the exit; valid when exited is closed
}

// newChild prepares a process; env names the variables it may see beside the usual ones.
func newChild(ctx context.Context, program string, env []string, log io.WriteCloser) *child {
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program) // ended by stop or kill alone
	cmd.Env = environment(env)
	cmd.Stderr = log
	cmd.SysProcAttr = attributes()
	cmd.WaitDelay = pipeDelay
	return &child{cmd: cmd, log: log, exited: make(chan struct{})}
}

// environment is what every program needs, and what the configuration allows.
func environment(names []string) []string {
	env := []string{}
	for _, name := range append([]string{"PATH", "HOME", "LANG", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"}, names...) {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// Start starts the process.
func (c *child) Start(context.Context) (err error) {
	if c.stdout, err = c.cmd.StdoutPipe(); err != nil {
		return err
	}
	if _, err := c.cmd.StdinPipe(); err != nil { // open until the process is waited for; its end tells the plugin
		return err
	}
	started := make(chan error)
	go c.live(started)
	return <-started
}

// live is the process's life from start to exit. The kernel kills the process when the thread that started it ends, so
// this goroutine keeps its thread.
func (c *child) live(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := c.cmd.Start()
	if err == nil {
		c.pid.Store(int64(c.cmd.Process.Pid))
	}
	started <- err
	if err == nil {
		c.err = c.cmd.Wait()
	}
	_ = c.log.Close() // writes the last line
	close(c.exited)
}

// Wait waits for the exit.
func (c *child) Wait(context.Context) error {
	<-c.exited
	return c.err
}

// Kill ends the process at once.
func (c *child) Kill(context.Context) error {
	c.kill()
	return nil
}

func (c *child) kill() {
	select {
	case <-c.exited:
	default:
		if pid := c.pid.Load(); pid != 0 {
			killGroup(int(pid))
		}
	}
}

// status is how the process ended, or nothing if it was never started or was killed.
func (c *child) status() string {
	if c.pid.Load() == 0 {
		return ""
	}
	<-c.exited
	if !c.cmd.ProcessState.Exited() {
		return ""
	}
	return c.cmd.ProcessState.String()
}

// ID is the process id.
func (c *child) ID() string {
	if pid := c.pid.Load(); pid != 0 {
		return strconv.FormatInt(pid, 10)
	}
	return ""
}

// Name is the path of the program.
func (c *child) Name() string { return c.cmd.Path }

// Stdout carries the handshake.
func (c *child) Stdout() io.ReadCloser { return c.stdout }

// Stderr is empty for go-plugin: the log is read by us.
func (c *child) Stderr() io.ReadCloser { return io.NopCloser(strings.NewReader("")) }

// Diagnose helps with a plugin that did not shake hands.
func (c *child) Diagnose(context.Context) string {
	return fmt.Sprintf("is %s an input plugin, built for this machine?", c.cmd.Path)
}

// PluginToHost translates nothing: both sides see the same sockets.
func (c *child) PluginToHost(network, addr string) (string, string, error) { return network, addr, nil }

// HostToPlugin translates nothing.
func (c *child) HostToPlugin(network, addr string) (string, string, error) { return network, addr, nil }

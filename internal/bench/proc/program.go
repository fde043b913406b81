package proc

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Program is a running program under test.
type Program struct {
	cmd   *exec.Cmd
	log   string
	ended chan struct{} // closed when the program has ended
}

// Start runs the program in dir, its output in dir/name.log. Nobody else may wait for it.
func Start(dir, name, path string, args ...string) (*Program, error) {
	log, err := os.Create(filepath.Join(dir, name+".log"))
	if err != nil {
		return nil, fmt.Errorf("proc: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	// Whatever becomes of the driver, it leaves nothing running behind it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("proc: %w", err)
	}
	p := &Program{cmd: cmd, log: log.Name(), ended: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // how it ended is in its output
		close(p.ended)
	}()
	return p, nil
}

// PID is the program's process id.
func (p *Program) PID() int { return p.cmd.Process.Pid }

// Stop asks the program to end, and ends it if it has not after ten seconds.
func (p *Program) Stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(10 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

// Until asks done again and again until it is, the program ends, or the time is over.
func (p *Program) Until(what string, within time.Duration, done func() (bool, error)) error {
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	tick := time.NewTicker(250 * time.Millisecond) // asking costs the program something, too
	defer tick.Stop()
	var last error
	for {
		ok, err := done()
		if ok && err == nil {
			return nil
		}
		last = err
		select {
		case <-tick.C:
		case <-p.ended:
			return fmt.Errorf("%s: %s ended: %s", what, filepath.Base(p.cmd.Path), p.Tail())
		case <-deadline.C:
			return fmt.Errorf("%s: not within %s (%w): %s", what, within, last, p.Tail())
		}
	}
}

// Tail is the end of what the program said.
func (p *Program) Tail() string {
	f, err := os.Open(p.log)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > 1000 {
		_, _ = f.Seek(-1000, io.SeekEnd)
	}
	text, _ := io.ReadAll(f)
	return string(text)
}

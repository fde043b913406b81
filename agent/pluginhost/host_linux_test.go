package pluginhost_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

var pidField = regexp.MustCompile(`pid=(\d+)i`)

func pidIn(t *testing.T, text string, nth int) int {
	t.Helper()
	all := pidField.FindAllStringSubmatch(text, -1)
	pid, err := strconv.Atoi(all[nth][1])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func TestPluginDiesWithItsAgent(t *testing.T) {
	agent := exec.Command(os.Args[0])
	agent.Env = append(os.Environ(), "TEST_AGENT_PLUGINS="+plugins, "TMPDIR="+shortDir(t))
	agent.Stderr = os.Stderr
	out, err := agent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	gone := watch(t, pidIn(t, line, 0))
	if err := agent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = agent.Wait()
	gone()
}

func TestKilledPluginStartsAgain(t *testing.T) {
	text, deliver := spool(t)
	a := newAgent(t, deliver, input("pid"))
	a.start(t)
	first := pidIn(t, text.wait(t, "pid=", 1), 0)
	gone := watch(t, first)
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	gone()
	runs := regexp.MustCompile(`"pid":"(\d+)"`).FindAllStringSubmatch(a.log.wait(t, "input runs", 2), -1)
	text.wait(t, fmt.Sprintf("pid=%si", runs[1][1]), 1)
	if err := syscall.Kill(first, 0); err != syscall.ESRCH {
		t.Errorf("the killed plugin is still there: %v", err)
	}
}

// watch returns a function that waits until the process has ended.
func watch(t *testing.T, pid int) (gone func()) {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatalf("pid %d: %v", pid, err)
	}
	return func() {
		t.Helper()
		defer unix.Close(fd)
		for {
			n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 300_000)
			if err == unix.EINTR {
				continue
			}
			if err != nil || n != 1 {
				t.Errorf("process %d is still there: %v", pid, err)
			}
			return
		}
	}
}

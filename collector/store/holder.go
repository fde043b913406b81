package store

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// writeLock is the byte of the -shm file that whoever writes holds a lock on, by SQLite's format of the
// write-ahead log.
const writeLock = "120"

// held adds to an error that says that the file is locked which process has locked it: one that is stopped
// in the middle of a commit keeps the lock until somebody wakes or kills it, and nobody else can.
func (s *Store) held(err error) error {
	if !isBusy(err) {
		return err
	}
	if who := lockHolder(s.path); who != "" {
		return fmt.Errorf("%w: %s has been writing for five seconds; if it hangs or is stopped, wake it or kill it", err, who)
	}
	return err
}

// lockHolder describes the process that is writing to the SQLite file, or is empty if /proc does not tell.
// The -shm file is not opened for that: closing it again would give back this process's own locks on it.
func lockHolder(path string) string {
	info, err := os.Stat(path + "-shm")
	if err != nil {
		return ""
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		return ""
	}
	inode := ":" + strconv.FormatUint(stat.Ino, 10)
	for line := range strings.Lines(string(locks)) {
		// 1: POSIX  ADVISORY  WRITE 4711 08:01:1234567 120 120
		f := strings.Fields(line)
		if len(f) == 8 && f[1] == "POSIX" && f[3] == "WRITE" && strings.HasSuffix(f[5], inode) && f[6] == writeLock {
			return process(f[4])
		}
	}
	return ""
}

// process names a process and the state that the kernel says it is in.
func process(pid string) string {
	status, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return "process " + pid
	}
	var about []string
	for line := range strings.Lines(string(status)) {
		key, value, _ := strings.Cut(line, ":")
		if slices.Contains([]string{"Name", "State"}, key) {
			about = append(about, strings.TrimSpace(value))
		}
	}
	return fmt.Sprintf("process %s (%s)", pid, strings.Join(about, ", "))
}

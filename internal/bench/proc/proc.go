// Package proc starts the programs that are measured, and reads what the kernel says they used.
package proc

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// CPU is processor time, as /proc counts it: in hundredths of a second.
type CPU struct{ User, System time.Duration }

// Total is all of it.
func (c CPU) Total() time.Duration { return c.User + c.System }

// Minus is what was used since before.
func (c CPU) Minus(before CPU) CPU { return CPU{c.User - before.User, c.System - before.System} }

// tick is USER_HZ, which Linux fixes for everything that /proc shows.
const tick = time.Second / 100

// Used is the processor time of a process so far, without its children.
func Used(pid int) (CPU, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return CPU{}, fmt.Errorf("proc: %w", err)
	}
	// The name, in parentheses, may hold anything; user and system time are the 12th and 13th field after it.
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	if len(fields) < 13 {
		return CPU{}, fmt.Errorf("proc: /proc/%d/stat has %d fields behind the name, want 13 or more", pid, len(fields))
	}
	user, err1 := strconv.ParseInt(string(fields[11]), 10, 64)
	system, err2 := strconv.ParseInt(string(fields[12]), 10, 64)
	if err1 != nil || err2 != nil {
		return CPU{}, fmt.Errorf("proc: /proc/%d/stat: times %q and %q are no numbers", pid, fields[11], fields[12])
	}
	return CPU{time.Duration(user) * tick, time.Duration(system) * tick}, nil
}

// PeakRSS is the most memory that a process had in use at a time, in bytes.
func PeakRSS(pid int) (int64, error) { return memory(pid, "VmHWM:") }

// RSS is the memory that a process has in use, in bytes.
func RSS(pid int) (int64, error) { return memory(pid, "VmRSS:") }

func memory(pid int, field string) (int64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("proc: %w", err)
	}
	_, rest, _ := bytes.Cut(data, []byte(field))
	line, _, _ := bytes.Cut(rest, []byte("kB"))
	kib, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("proc: /proc/%d/status: %s %w", pid, field, err)
	}
	return kib << 10, nil
}

// DiskBytes is the size of all files below dir. Files that vanish meanwhile do not count.
func DiskBytes(dir string) (total int64) {
	_ = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		if info, err := d.Info(); err == nil {
			total += info.Size()
		}
		return nil
	})
	return total
}

// Self is the processor time of this process so far, finer than /proc shows it.
func Self() CPU {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return CPU{} // it fails for wrong arguments only
	}
	return CPU{time.Duration(u.Utime.Nano()), time.Duration(u.Stime.Nano())}
}

// Children are the processes that a process has started and that have not ended, by program name.
func Children(pid int) (map[string]int, error) {
	// Each thread lists those that it started.
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		return nil, fmt.Errorf("proc: %w", err)
	}
	all := map[string]int{}
	for _, list := range lists {
		data, err := os.ReadFile(list)
		if err != nil {
			continue // the thread has ended
		}
		for _, word := range bytes.Fields(data) {
			path, err := os.Readlink(fmt.Sprintf("/proc/%s/exe", word))
			if child, number := strconv.Atoi(string(word)); err == nil && number == nil {
				all[filepath.Base(path)] = child
			}
		}
	}
	return all, nil
}

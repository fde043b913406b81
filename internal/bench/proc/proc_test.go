package proc_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/bench/proc"
)

func TestOwnFigures(t *testing.T) {
	used, err := proc.Used(os.Getpid())
	if err != nil || used.Total() < 0 || proc.Self().Total() <= 0 {
		t.Errorf("used %v, %v, by getrusage %v", used, err, proc.Self())
	}
	if peak, err := proc.PeakRSS(os.Getpid()); err != nil || peak < 1<<20 {
		t.Errorf("peak %d, %v", peak, err)
	}
	if now, err := proc.RSS(os.Getpid()); err != nil || now < 1<<20 {
		t.Errorf("now %d, %v", now, err)
	}
	if _, err := proc.Used(-1); err == nil {
		t.Error("a process that there is not has used nothing")
	}
}

func TestProgramIsFoundAndStopped(t *testing.T) {
	p, err := proc.Start(t.TempDir(), "sleep", "sleep", "60")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	if err := p.Until("start", time.Minute, func() (bool, error) {
		children, err := proc.Children(os.Getpid())
		for _, pid := range children {
			if pid == p.PID() {
				return true, nil
			}
		}
		return false, err
	}); err != nil {
		t.Error(err)
	}
	p.Stop()
	if err := p.Until("nothing", time.Minute, func() (bool, error) { return false, nil }); err == nil || !strings.Contains(err.Error(), "ended") {
		t.Errorf("waiting for a program that has ended: %v", err)
	}
}

func TestProgramThatEndsSaysWhy(t *testing.T) {
	p, err := proc.Start(t.TempDir(), "sh", "sh", "-c", "echo no such thing; exit 1")
	if err != nil {
		t.Fatal(err)
	}
	err = p.Until("ready", time.Minute, func() (bool, error) { return false, errors.New("refused") })
	if err == nil || !strings.Contains(err.Error(), "no such thing") {
		t.Error(err)
	}
}

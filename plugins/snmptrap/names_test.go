package snmptrap

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/haidang-noc/haidang/internal/devices"
)

// asked is a bench whose devices are asked through a function of the test's.
func asked(t *testing.T, b *bench, ask func(context.Context, *devices.Device, []uint32) (map[uint32]string, error)) (end func()) {
	t.Helper()
	b.namer.cfg.ask, b.namer.cfg.workers = ask, 2
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.namer.run(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

func linkDown(t *testing.T) []byte {
	t.Helper()
	return v2c(t, gosnmp.SNMPv2Trap, down, vb("1.3.6.1.2.1.2.2.1.1.7", gosnmp.Integer, 7))
}

// A device is asked once for an interface, is believed until it restarts or an hour is over, and its storm asks nothing more.
func TestNamesAreAskedForOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, questions := newBench(t, twoDevices), 0
		defer asked(t, b, func(context.Context, *devices.Device, []uint32) (map[uint32]string, error) {
			questions++
			time.Sleep(time.Second)
			return map[uint32]string{7: "ge-0/0/7"}, nil
		})()
		trap := func() { b.send("10.0.0.1", linkDown(t), time.Now()) }
		named := func() int {
			synctest.Wait()
			return strings.Count(strings.Join(b.lines(), "\n"), "state,agent=a1,device=d1,ifname=ge-0/0/7,source=trap up=false")
		}
		began := time.Now()
		trap()
		trap()
		if n := named(); n != 0 {
			t.Errorf("%d before the answer", n)
		}
		time.Sleep(2 * time.Second)
		if n := named(); n != 2 || questions != 1 {
			t.Errorf("%d named with %d questions after %v; want 2 with 1", n, questions, time.Since(began))
		}
		trap()
		if n := named(); n != 1 || questions != 1 {
			t.Errorf("%d named at once with %d questions; want 1 with 1", n, questions)
		}
		b.send("10.0.0.1", v2c(t, gosnmp.SNMPv2Trap, "1.3.6.1.6.3.1.1.5.1"), time.Now())
		trap()
		time.Sleep(2 * time.Second)
		if n := named(); n != 1 || questions != 2 {
			t.Errorf("after a restart: %d named with %d questions; want 1 with 2", n, questions)
		}
		time.Sleep(2 * time.Hour)
		trap()
		time.Sleep(2 * time.Second)
		if n := named(); n != 1 || questions != 3 {
			t.Errorf("much later: %d named with %d questions; want 1 with 3", n, questions)
		}
	})
}

// A device that does not answer costs its traps their names, not their lines, and other devices nothing.
func TestADeadDeviceDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, questions := newBench(t, twoDevices), map[string]int{}
		turn := make(chan struct{}, 1)
		end := asked(t, b, func(ctx context.Context, d *devices.Device, indexes []uint32) (map[uint32]string, error) {
			turn <- struct{}{}
			questions[d.Name]++
			<-turn
			if d.Name == "d2" {
				return map[uint32]string{7: "xe-7"}, nil
			}
			select {
			case <-time.After(10 * time.Second):
				return nil, errors.New("no answer")
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		})
		for range 20 {
			b.send("10.0.0.1", linkDown(t), time.Now())
		}
		b.send("10.0.0.2", linkDown(t), time.Now())
		synctest.Wait()
		if lines := b.lines(); len(lines) != 2 || !strings.Contains(lines[1], "ifname=xe-7") {
			t.Errorf("the living device: %q", lines)
		}
		time.Sleep(11 * time.Second)
		b.send("10.0.0.1", linkDown(t), time.Now()) // not asked again so soon
		synctest.Wait()
		if n := len(b.lines()); n != 21 || questions["d1"] != 1 {
			t.Errorf("%d lines of the dead device, %d questions; want 21 and 1", n, questions["d1"])
		}
		time.Sleep(time.Minute)
		b.send("10.0.0.1", linkDown(t), time.Now())
		synctest.Wait()
		end() // in the middle of a question
		if n := len(b.lines()); n != 1 || b.intake.gate.Held() != 0 {
			t.Errorf("%d lines at the end, %d octets held; want 1 and none", n, b.intake.gate.Held())
		}
	})
}

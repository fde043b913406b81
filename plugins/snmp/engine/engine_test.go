package engine_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/engine"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
	"github.com/haidang-noc/haidang/plugins/snmp/snmptest"
)

// asker is a dialog that asks for sysUpTime and sysName, up to tries times, in each round.
type asker struct {
	device string
	tries  int
	log    *journal

	silences int
}

func (a *asker) Begin(time.Time) *ber.Request {
	a.silences = 0
	a.log.add("begin", a.device)
	return question()
}

func (a *asker) Answer(got poll.Answer) *ber.Request {
	a.log.answer(a.device, got)
	return nil
}

func (a *asker) Silent(time.Time) *ber.Request {
	if a.silences++; a.silences < a.tries {
		return question()
	}
	a.log.add("silent", a.device)
	return nil
}

func question() *ber.Request {
	return ber.NewRequest("public", ber.PDU{Op: ber.GetRequest,
		Names: [][]byte{ber.OID(1, 3, 6, 1, 2, 1, 1, 3, 0), ber.OID(1, 3, 6, 1, 2, 1, 1, 5, 0)}})
}

// journal is what happened, in order. Each answer is noted with the sysName it holds.
type journal struct {
	mu     sync.Mutex
	events []event
	wake   chan struct{}
}

type event struct{ what, device, name string }

func newJournal() *journal { return &journal{wake: make(chan struct{}, 1)} }

func (j *journal) add(what, device string) { j.note(event{what, device, ""}) }

func (j *journal) answer(device string, a poll.Answer) {
	var v ber.Varbind
	list, _ := v.Cut(a.Varbinds)
	if _, ok := v.Cut(list); !ok {
		v.Value = nil
	}
	j.note(event{"answer", device, string(v.Value)})
}

func (j *journal) note(e event) {
	j.mu.Lock()
	j.events = append(j.events, e)
	j.mu.Unlock()
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// wait returns the events once enough says so of them.
func (j *journal) wait(ctx context.Context, enough func([]event) bool) []event {
	for {
		j.mu.Lock()
		events := j.events[:len(j.events):len(j.events)]
		j.mu.Unlock()
		if enough(events) {
			return events
		}
		select {
		case <-j.wake:
		case <-ctx.Done():
			return events
		}
	}
}

func count(events []event, what, device string) (n int) {
	for _, e := range events {
		if e.what == what && (device == "" || e.device == device) {
			n++
		}
	}
	return n
}

type rig struct {
	*snmptest.Responder
	engine  *engine.Engine
	reg     *prometheus.Registry
	journal *journal
	targets []poll.Target
}

func newRig(t *testing.T, timeout time.Duration, window int) *rig {
	t.Helper()
	reg := prometheus.NewRegistry()
	e, err := engine.New(engine.Config{Timeout: timeout, Window: window, Lanes: 1}, reg)
	if err != nil {
		t.Fatal(err)
	}
	return &rig{Responder: snmptest.Start(t), engine: e, reg: reg, journal: newJournal()}
}

// target adds a target with the name sysName has at its device.
func (r *rig) target(device string, at netip.AddrPort, every time.Duration) {
	r.targets = append(r.targets, poll.Target{Device: device, Addr: at, Every: every,
		Dialog: &asker{device: device, tries: 2, log: r.journal}})
}

func (r *rig) device(i int) *snmptest.Device {
	d := r.Device(fmt.Sprintf("127.20.%d.%d", i>>8, i&255))
	name := fmt.Sprintf("device-%d", i)
	d.Set(ber.OctetString, []byte(name), 1, 3, 6, 1, 2, 1, 1, 5, 0)
	r.target(name, d.Addr(), time.Second)
	return d
}

func (r *rig) dead(i int) {
	r.target(fmt.Sprintf("dead-%d", i), r.Nobody(fmt.Sprintf("127.21.%d.%d", i>>8, i&255)), time.Second)
}

func (r *rig) once(t *testing.T) []event {
	t.Helper()
	if err := r.engine.Once(t.Context(), r.targets); err != nil {
		t.Fatal(err)
	}
	for _, e := range r.journal.events {
		if e.what == "answer" && e.name != e.device {
			t.Errorf("%s was given the answer of %q", e.device, e.name)
		}
	}
	return r.journal.events
}

func (r *rig) metric(t *testing.T, name, reason string) float64 {
	t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (reason == "" || m.GetLabel()[0].GetValue() == reason) {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	t.Fatalf("there is no metric %s %s", name, reason)
	return 0
}

func TestEveryDeviceGetsItsOwnAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t, 5*time.Second, 64)
	for i := range 500 {
		r.device(i)
	}
	if got := count(r.once(t), "answer", ""); got != 500 {
		t.Errorf("%d of 500 answers", got)
	}
	if left := r.metric(t, "haidang_snmp_in_flight_requests", ""); left != 0 {
		t.Errorf("%v requests are still under way", left)
	}
}

// Half of the devices are dead and each of them holds a place in the window until it times out. With
// places for all, every living device is through before the first dead one is given up.
func TestDeadDevicesDelayNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t, 2*time.Second, 512)
	for i := range 200 {
		r.dead(i)
		r.device(i)
	}
	events := r.once(t)
	if a, s := count(events, "answer", ""), count(events, "silent", ""); a != 200 || s != 200 {
		t.Fatalf("%d answers, %d silences; want 200 each", a, s)
	}
	for i, e := range events {
		if e.what == "silent" {
			if before := count(events[:i], "answer", ""); before != 200 {
				t.Errorf("only %d of 200 answers came before the first silence", before)
			}
			return
		}
	}
}

func TestAWindowTooSmallForTheDeadStillServesAll(t *testing.T) {
	t.Parallel()
	r := newRig(t, 50*time.Millisecond, 8)
	for i := range 50 {
		r.dead(i)
		r.device(i)
	}
	events := r.once(t)
	if a, s := count(events, "answer", ""), count(events, "silent", ""); a != 50 || s != 50 {
		t.Errorf("%d answers, %d silences; want 50 each", a, s)
	}
}

func TestFaultyAnswersAreDroppedAndCounted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  snmptest.Faults
		reason string
	}{
		"request-id of nobody": {snmptest.Faults{WrongID: true}, "unknown"},
		"other source":         {snmptest.Faults{WrongSource: true}, "wrong_source"},
		"garbage":              {snmptest.Faults{Garbage: true}, "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, 50*time.Millisecond, 16)
			r.device(1).Fail(c.fault)
			r.device(2)
			events := r.once(t)
			if count(events, "silent", "device-1") != 1 || count(events, "answer", "device-2") != 1 {
				t.Errorf("events: %v", events)
			}
			if got := r.metric(t, "haidang_snmp_datagrams_dropped_total", c.reason); got != 2 {
				t.Errorf("%v datagrams dropped as %s, want one for each of 2 tries", got, c.reason)
			}
		})
	}
}

func TestASecondCopyOfAnAnswerIsADuplicate(t *testing.T) {
	t.Parallel()
	r := newRig(t, 200*time.Millisecond, 16)
	r.device(1).Fail(snmptest.Faults{Twice: true})
	r.dead(1) // keeps the engine running until the copy is read
	if got := count(r.once(t), "answer", "device-1"); got != 1 {
		t.Errorf("%d answers", got)
	}
	if got := r.metric(t, "haidang_snmp_datagrams_dropped_total", "duplicate"); got != 1 {
		t.Errorf("%v duplicates counted", got)
	}
}

func TestAnAnswerAfterTheLastTimeoutIsLate(t *testing.T) {
	t.Parallel()
	r := newRig(t, 100*time.Millisecond, 16)
	r.device(1).Fail(snmptest.Faults{Delay: 300 * time.Millisecond})
	other := r.device(2) // keeps the engine running: its first answers get lost
	other.Fail(snmptest.Faults{Drop: func(snmptest.Query) bool { return true }})
	r.targets[1].Dialog = &asker{device: "device-2", tries: 5, log: r.journal}
	events := r.once(t)
	if count(events, "silent", "device-1") != 1 || count(events, "answer", "device-1") != 0 {
		t.Errorf("events: %v", events)
	}
	if got := r.metric(t, "haidang_snmp_datagrams_dropped_total", "late"); got != 2 {
		t.Errorf("%v late answers counted, want 2", got)
	}
}

// A device slower than the timeout is served: the answer to the first transmission will do while the
// second is under way.
func TestAnAnswerToTheFirstTransmissionWillDo(t *testing.T) {
	t.Parallel()
	r := newRig(t, 200*time.Millisecond, 16)
	r.device(1).Fail(snmptest.Faults{Delay: 300 * time.Millisecond})
	if events := r.once(t); count(events, "answer", "device-1") != 1 {
		t.Errorf("events: %v", events)
	}
}

func TestRunPollsAgainAndAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, 100*time.Millisecond, 16)
	r.device(1)
	r.dead(1)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.engine.Run(ctx, r.targets) }()
	events := r.journal.wait(ctx, func(es []event) bool {
		return count(es, "answer", "device-1") >= 2 && count(es, "silent", "dead-1") >= 2
	})
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run returned %v (%v)", err, events)
	}
}

// A dialog whose round is still running when the next is due gets Begin again, and the answer to the
// abandoned request is not given to it.
func TestANewRoundEndsTheOldOne(t *testing.T) {
	t.Parallel()
	r := newRig(t, 900*time.Millisecond, 16)
	d := r.device(1)
	var once sync.Once
	d.Fail(snmptest.Faults{Drop: func(snmptest.Query) (drop bool) {
		once.Do(func() { drop = true })
		return drop
	}})
	r.targets[0].Dialog = &asker{device: "device-1", tries: 100, log: r.journal}
	r.targets[0].Every = 500 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.engine.Run(ctx, r.targets) }()
	events := r.journal.wait(ctx, func(es []event) bool { return count(es, "answer", "device-1") >= 1 })
	cancel()
	<-done
	if count(events, "begin", "device-1") < 2 {
		t.Errorf("events: %v", events)
	}
}

func TestAPausedEngineBeginsNoRound(t *testing.T) {
	reg := prometheus.NewRegistry()
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	e, err := engine.New(engine.Config{Timeout: time.Second, Window: 4, Lanes: 1, Pause: func() bool {
		if asked++; asked == 5 {
			cancel()
		}
		return true
	}}, reg)
	if err != nil {
		t.Fatal(err)
	}
	j := newJournal()
	d := snmptest.Start(t).Device("127.20.9.9")
	target := poll.Target{Device: "d", Addr: d.Addr(), Every: time.Millisecond, Dialog: &asker{device: "d", log: j}}
	if err := e.Run(ctx, []poll.Target{target}); err != nil {
		t.Error(err)
	}
	if len(j.events) != 0 || d.Queries() != 0 {
		t.Errorf("events: %v", j.events)
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	for _, c := range []engine.Config{
		{Timeout: 0, Window: 1, Lanes: 1},
		{Timeout: time.Second, Window: 0, Lanes: 1},
		{Timeout: time.Second, Window: engine.MaxWindow + 1, Lanes: 1},
		{Timeout: time.Second, Window: 1, Lanes: 0},
	} {
		if _, err := engine.New(c, prometheus.NewRegistry()); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}

// serve6 answers as a device on ::1 and returns where.
func serve6(t *testing.T, d *snmptest.Device) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenUDP("udp6", &net.UDPAddr{IP: net.IPv6loopback})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = conn.Close()
		<-done
	})
	go func() {
		defer close(done)
		buf := make([]byte, 1<<16)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			for _, reply := range d.Handle(buf[:n]) {
				_, _ = conn.WriteToUDPAddrPort(reply, from)
			}
		}
	}()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

func TestIPv6IsPolledAsIPv4Is(t *testing.T) {
	t.Parallel()
	r := newRig(t, 5*time.Second, 16)
	for i := range 20 {
		r.device(i)
		name := fmt.Sprintf("six-%d", i)
		d := snmptest.NewDevice(time.Now)
		d.Set(ber.OctetString, []byte(name), 1, 3, 6, 1, 2, 1, 1, 5, 0)
		r.target(name, serve6(t, d), time.Second)
	}
	if got := count(r.once(t), "answer", ""); got != 40 {
		t.Errorf("%d of 40 answers", got)
	}
}

package snmptrap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/haidang-noc/haidang/internal/gate"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

// bench is an input without sockets: datagrams go in by hand, at any time, and lines come out.
type bench struct {
	*parts
	in      *Input
	answers [][]byte
}

func newBench(t testing.TB, yaml string) *bench {
	t.Helper()
	t.Setenv("TEST_COMMUNITY", "public")
	dir := t.TempDir()
	table := "traps:\n  - {oid: 1.3.6.1.4.1.99999.0.1, name: portLost, severity: critical, up: false, interface: 1.3.6.1.4.1.99999.7.1}\n" +
		"names: {1.3.6.1.4.1.99999.7.1: portName}\n"
	if err := os.WriteFile(filepath.Join(dir, "traps.yaml"), []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	in := New()
	config := sdk.Config{Agent: "a1", File: "agent.yaml", Line: 1, Dir: dir,
		YAML: []byte("credentials: [{name: c, version: 2c, community: 'env:TEST_COMMUNITY'}]\ntraps: traps.yaml\n" + yaml)}
	if err := in.Configure(config); err != nil {
		t.Fatal(err)
	}
	p, err := in.build()
	if err != nil {
		t.Fatal(err)
	}
	return &bench{parts: p, in: in}
}

const twoDevices = "devices: [{device: d1, address: 10.0.0.1}, {device: d2, address: 10.0.0.2}]\n"

func epoch() time.Time { return time.Unix(1_790_000_000, 0) }

func (b *bench) send(from string, datagram []byte, at time.Time) {
	b.intake.take(datagram, netip.AddrPortFrom(netip.MustParseAddr(from), 40000), at, func(answer []byte, _ netip.AddrPort) {
		b.answers = append(b.answers, bytes.Clone(answer))
	})
}

// lines writes all events that are there.
func (b *bench) lines() (all plugintest.Lines) {
	for len(b.events) > 0 {
		for _, e := range b.writer.gather(<-b.events, b.events) {
			b.writer.gate.Release(e.account, e.cost)
		}
		b.writer.informs.wrote(b.writer.written)
		all = append(all, strings.Split(strings.TrimSuffix(string(b.writer.lines.Bytes()), "\n"), "\n")...)
	}
	return all
}

// counted is the sum of a counter, or of its part with that label.
func (b *bench) counted(t *testing.T, name, label string) (sum float64) {
	t.Helper()
	families, err := b.in.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (label == "" || m.GetLabel()[0].GetValue() == label) {
				sum += m.GetCounter().GetValue()
			}
		}
	}
	return sum
}

func (b *bench) dropped(t *testing.T, reason string) float64 {
	t.Helper()
	return b.counted(t, "haidang_snmptrap_dropped_total", reason)
}

func vb(name string, kind gosnmp.Asn1BER, value any) gosnmp.SnmpPDU {
	return gosnmp.SnmpPDU{Name: name, Type: kind, Value: value}
}

// v2c is a message as gosnmp makes it.
func v2c(t testing.TB, kind gosnmp.PDUType, oid string, varbinds ...gosnmp.SnmpPDU) []byte {
	t.Helper()
	all := append([]gosnmp.SnmpPDU{vb("1.3.6.1.2.1.1.3.0", gosnmp.TimeTicks, uint32(4711)), vb("1.3.6.1.6.3.1.1.4.1.0", gosnmp.ObjectIdentifier, oid)}, varbinds...)
	p := gosnmp.SnmpPacket{Version: gosnmp.Version2c, Community: "public", PDUType: kind, RequestID: 77, Variables: all}
	out, err := p.MarshalMsg()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const down = "1.3.6.1.6.3.1.1.5.3"

func TestWhatTrapsBecome(t *testing.T) {
	text := func(column, value string) gosnmp.SnmpPDU { return vb(column, gosnmp.OctetString, value) }
	const name, descr, index = "1.3.6.1.2.1.31.1.1.1.1.7", "1.3.6.1.2.1.2.2.1.2.7", "1.3.6.1.2.1.2.2.1.1"
	b := newBench(t, twoDevices+"relays: [10.9.0.0/24]\nmax_text: 128B\n")
	origin := vb("1.3.6.1.6.3.18.1.3.0", gosnmp.IPAddress, "10.0.0.2")
	for i, c := range []struct {
		from, oid string
		varbinds  []gosnmp.SnmpPDU
	}{
		{"10.0.0.1", down, []gosnmp.SnmpPDU{vb(index+".7", gosnmp.Integer, 7), text(descr, "TenGigE0/0/1"), text(name, "Te0/0/1")}},
		{"10.0.0.1", "1.3.6.1.6.3.1.1.5.4", []gosnmp.SnmpPDU{text(descr, "đường lên"), vb(index+".7", gosnmp.Integer, 7)}},
		{"10.0.0.1", down, []gosnmp.SnmpPDU{vb(index, gosnmp.Integer, 9)}},
		{"10.0.0.1", "1.3.6.1.6.3.1.1.5.1", nil},
		{"10.0.0.1", "1.3.6.1.4.1.99999.1", []gosnmp.SnmpPDU{text("1.3.6.1.4.1.99999.7.1.3", "PON 0/1"), text(name, "not this")}},
		{"10.0.0.1", "1.3.6.1.4.1.99998.5", []gosnmp.SnmpPDU{text("1.3.6.1.4.1.99998.1", "two\nlines\x00"), vb("1.3.6.1.4.1.99998.2", gosnmp.OctetString, []byte{0xff, 0}),
			vb("1.3.6.1.4.1.99998.3", gosnmp.Counter64, uint64(1)<<63), vb("1.3.6.1.4.1.99998.4", gosnmp.Integer, -1), vb("1.3.6.1.4.1.99998.5", gosnmp.ObjectIdentifier, "1.3.6.1")}},
		{"10.0.0.1", "1.3.6.1.4.1.99998.6", []gosnmp.SnmpPDU{text("1.3.6.1.4.1.99998.1", strings.Repeat("ế", 200))}},
		{"10.9.0.1", down, []gosnmp.SnmpPDU{text(name, "xe-0"), origin}},
		{"10.8.0.1", down, []gosnmp.SnmpPDU{text(name, "xe-0"), origin}},
		{"10.0.0.1", down, []gosnmp.SnmpPDU{text(name, "shut"), vb("1.3.6.1.2.1.2.2.1.7.7", gosnmp.Integer, 2)}},
		{"10.0.0.1", down, []gosnmp.SnmpPDU{text(name, "failed"), vb("1.3.6.1.2.1.2.2.1.7.7", gosnmp.Integer, 1)}},
	} {
		b.send(c.from, v2c(t, gosnmp.SNMPv2Trap, c.oid, c.varbinds...), epoch().Add(time.Duration(i)*time.Second))
	}
	b.lines().Golden(t, "testdata/traps.lp")
	if n := b.counted(t, "haidang_snmptrap_unnamed_interfaces_total", ""); n != 2 {
		t.Errorf("%v states without a place; want those of the index without name, and of the unknown device", n)
	}
}

// Two traps that arrive in the same nanosecond are two.
func TestEveryTrapHasATimeOfItsOwn(t *testing.T) {
	b := newBench(t, twoDevices)
	for range 3 {
		b.send("10.0.0.1", v2c(t, gosnmp.SNMPv2Trap, "1.3.6.1.6.3.1.1.5.2"), epoch())
	}
	seen := map[string]bool{}
	for _, l := range b.lines() {
		seen[l] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d different lines; want 3", len(seen))
	}
}

func TestWhatIsDroppedIsCounted(t *testing.T) {
	b := newBench(t, twoDevices)
	good := v2c(t, gosnmp.SNMPv2Trap, down)
	b.send("10.0.0.1", bytes.Replace(good, []byte("public"), []byte("secret"), 1), epoch())
	b.send("10.0.0.1", good[:20], epoch())
	b.send("10.0.0.1", v2c(t, gosnmp.GetRequest, down), epoch())
	b.send("10.0.0.1", []byte{0x30, 3, 2, 1, 3}, epoch())
	for _, reason := range []string{"community", "malformed", "not_a_notification", "version"} {
		if b.dropped(t, reason) != 1 {
			t.Errorf("%s: %v; want 1", reason, b.dropped(t, reason))
		}
	}
	if len(b.lines())+len(b.answers) > 0 {
		t.Error("something came of it")
	}
	var log bytes.Buffer
	drops := gate.NewDrops(b.in.reg, slog.New(slog.NewTextHandler(&log, nil)), droppedName, usual)
	drops.Report()
	drops.Report()
	if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "community=1 malformed=1 not_a_notification=1 version=1") {
		t.Errorf("log: %s", text)
	}
}

// One device sends 2,000 a second for a minute, 1,000 made-up addresses beside it, and for the second half of it the agent
// takes nothing: memory stays bounded, and another device's trap comes through.
func TestAStormIsBounded(t *testing.T) {
	b := newBench(t, twoDevices+"memory: 1MiB\nsource_memory: 64KiB\n")
	datagram := v2c(t, gosnmp.SNMPv2Trap, down, vb("1.3.6.1.2.1.31.1.1.1.1.7", gosnmp.OctetString, strings.Repeat("x", 200)))
	passed := 0
	for ms := range 60_000 {
		at := epoch().Add(time.Duration(ms) * time.Millisecond)
		b.send("10.0.0.1", datagram, at)
		b.send("10.0.0.1", datagram, at)
		if ms < 1000 {
			b.send(fmt.Sprintf("10.7.%d.%d", ms/250, ms%250), datagram, at)
		}
		if ms < 30_000 {
			passed += strings.Count(strings.Join(b.lines(), "\n"), "state,")
		}
	}
	if most := 500 + 50*30; passed < most-1 || passed > most {
		t.Errorf("%d passed; want the burst and the rate, %d", passed, most)
	}
	if held := b.intake.gate.Held(); held > 1<<20+4096 {
		t.Errorf("%d octets are held; want about 1 MiB at most", held)
	}
	storm := len(b.lines())
	if storm > 1<<20/overhead*2 {
		t.Errorf("%d lines", storm)
	}
	if b.dropped(t, "rate") == 0 || b.dropped(t, "source_memory") == 0 {
		t.Errorf("dropped for the rate %v, for memory %v", b.dropped(t, "rate"), b.dropped(t, "source_memory"))
	}
	b.send("10.0.0.2", datagram, epoch().Add(time.Minute))
	if lines := b.lines(); len(lines) != 2 || b.intake.gate.Held() != 0 {
		t.Errorf("the other device's lines: %q; held %d", lines, b.intake.gate.Held())
	}
}

// An inform is answered when its lines are safe, and not before; a repetition is answered too, and written once.
func TestInformsAreAnsweredWhenTheyAreSafe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, twoDevices)
		results, stop := make(chan error), make(chan struct{})
		done := make(chan struct{})
		go func() {
			defer close(done)
			b.writer.informs.run(context.Background(), stop, func(ctx context.Context) error {
				select {
				case err := <-results:
					return err
				case <-ctx.Done():
					return ctx.Err()
				}
			})
		}()
		inform := v2c(t, gosnmp.InformRequest, down)
		step := func(what string, do func(), lines, answers int) {
			t.Helper()
			do()
			synctest.Wait()
			if got := len(b.lines()); got != lines {
				t.Errorf("%s: %d lines; want %d", what, got, lines)
			}
			synctest.Wait()
			if len(b.answers) != answers {
				t.Errorf("%s: %d answers; want %d", what, len(b.answers), answers)
			}
		}
		send := func() { b.send("10.0.0.1", inform, time.Now()) }
		step("first", send, 1, 0)
		step("again, while it is not safe", send, 0, 0)
		step("the spool fails", func() { results <- errors.New("full") }, 0, 0)
		step("again", send, 0, 0)
		step("the spool is slow", func() { time.Sleep(syncTimeout + time.Second) }, 0, 0)
		step("again", send, 0, 0)
		step("safe", func() { results <- nil }, 0, 1)
		step("again, since the answer was lost", send, 0, 2)
		step("another device's, with the same contents", func() { b.send("10.0.0.2", inform, time.Now()) }, 1, 2)
		close(stop)
		results <- nil
		<-done
		if len(b.answers) != 3 || b.intake.gate.Held() != 0 {
			t.Errorf("at the end: %d answers, %d octets held", len(b.answers), b.intake.gate.Held())
		}
	})
}

func FuzzTake(f *testing.F) {
	b := newBench(f, twoDevices)
	f.Add(v2c(f, gosnmp.SNMPv2Trap, down, vb("1.3.6.1.2.1.31.1.1.1.1.7", gosnmp.OctetString, "xe-0")))
	f.Add(v2c(f, gosnmp.InformRequest, "1.3.6.1.4.1.99999.0.1", vb("1.3.6.1.4.1.99999.7.1.1", gosnmp.OctetString, "a,b =\\\n")))
	at := epoch()
	f.Fuzz(func(t *testing.T, datagram []byte) {
		at = at.Add(time.Second)
		b.send("10.0.0.1", datagram, at)
		for _, l := range b.lines() {
			checkLine(t, l)
		}
		b.answers = nil
	})
}

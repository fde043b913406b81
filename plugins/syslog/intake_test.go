package syslog

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

// bench is an input without sockets: datagrams go in by hand, at any time, and lines come out.
type bench struct {
	*intake
	in *Input
}

// tester is what testing.T and rapid.T have in common.
type tester interface {
	Helper()
	Fatal(args ...any)
}

func newBench(t tester, yaml string) *bench {
	t.Helper()
	in := New()
	if err := in.Configure(sdk.Config{Agent: "a1", File: "agent.yaml", Line: 1, YAML: []byte(yaml)}); err != nil {
		t.Fatal(err)
	}
	built, err := in.build()
	if err != nil {
		t.Fatal(err)
	}
	return &bench{built, in}
}

const two = "devices: [{device: d1, address: 10.0.0.1}, {device: d2, address: '2001:db8::2'}]\n"

func epoch() time.Time { return time.Date(2026, 11, 21, 3, 0, 10, 0, time.UTC) } // 10:00:10 in Hà Nội

func (b *bench) send(from, text string, at time.Time) {
	b.Datagram([]byte(text), netip.AddrPortFrom(netip.MustParseAddr(from), 514), at)
}

// written are all lines that wait.
func (b *bench) written(t tester) (all plugintest.Lines) {
	t.Helper()
	stop := make(chan struct{})
	close(stop)
	err := b.backlog.Run(context.Background(), stop, func(_ context.Context, text []byte, _ int) error {
		all = append(all, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// counted is the sum of a counter, or of its part with that label.
func (b *bench) counted(t tester, name, label string) (sum float64) {
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

func TestWhatMessagesBecome(t *testing.T) {
	b := newBench(t, two+"relays: [10.9.0.0/24]\nhosts: {core.mgmt: d2}\nmax_text: 128B\n")
	for _, c := range []struct{ from, text string }{
		{"10.0.0.1", "<187>29: Nov 21 10:00:00.500 ICT: %LINK-3-UPDOWN: Interface GigabitEthernet0/0/1, changed state to down"},
		{"10.0.0.1", "<187>30: *Nov 21 09:00:00.500 ICT: %LINK-3-UPDOWN: Interface GigabitEthernet0/0/1, changed state to up"},
		{"10.0.0.1", "<189>31: Nov 21 03:00:07 UTC: %LINK-5-CHANGED: Interface GigabitEthernet0/0/1, changed state to administratively down"},
		{"2001:db8::2", "<28>1 2026-11-21T03:00:00.125Z mx1 mib2d 7 SNMP_TRAP_LINK_UP [junos@2636.1 interface-name=\"xe-0/0/1\"]"},
		{"2001:db8::2", "<28>Nov 21 10:00:00 mx1 craftd[7]: Major alarm set, FPC 3 Hard errors"},
		{"2001:db8::2", "<28>Nov 21 10:00:05 mx1 craftd[7]: Major alarm cleared, FPC 3 Hard errors"},
		{"10.9.0.1", "<188>Nov 21 2026 10:00:00+07:00 CORE.mgmt %%01IFNET/4/IF_STATE(l)[53]:Interface 100GE0/1/0 has turned into DOWN state."},
		{"10.9.0.1", "<188>Nov 21 10:00:00 10.0.0.1 TMNX: 169 Base SNMP-WARNING-linkDown-2004 [1/1/1]:  Interface 1/1/1 is not operational"},
		{"10.9.0.1", "<188>Nov 21 10:00:00 D1 TMNX: 169 Base SNMP-WARNING-linkUp-2005 [1/1/1]:  Interface 1/1/1 is operational"},
		{"10.9.0.1", "<188>Nov 21 10:00:00 nobody TMNX: 169 Base SNMP-WARNING-linkDown-2004 [1/1/1]:  Interface 1/1/1 is not operational"},
		{"10.8.0.1", "<188>Nov 21 10:00:00 d1 TMNX: 169 Base SNMP-WARNING-linkDown-2004 [1/1/1]:  Interface 1/1/1 is not operational"},
		{"10.0.0.1", "<190>32: Nov 21 10:00:00 ICT: %SYS-6-LOGOUT: User \x00đăng\t\xffxuất " + strings.Repeat("x", 128)},
		{"10.0.0.1", "<190>33: Nov 21 02:00:00 ICT: %SYS-5-CONFIG_I: far away"},
		{"10.0.0.1", "\x00"},
	} {
		b.send(c.from, c.text, epoch())
	}
	b.written(t).Golden(t, "testdata/messages.lp")
	for name, want := range map[string]float64{
		"messages": 14, "dropped": 1, "known_messages": 11, "unknown_messages": 2, "sampled_messages": 2, "unknown_devices": 2,
		"states": 7, "alarms": 2, "unnamed": 2, "arrival_times": 2,
	} {
		if got := b.counted(t, "haidang_syslog_"+name+"_total", ""); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if held := b.gate.Held(); held != 0 {
		t.Errorf("%d octets are still held", held)
	}
}

// A source that storms loses its own messages, each counted; those of another pass. Unknown ones are sampled.
func TestAStormIsBounded(t *testing.T) {
	b := newBench(t, two+"limit: {rate: 50, burst: 500}\nsource_samples: {rate: 1, burst: 10}\n")
	for i := range 10_000 {
		at := epoch().Add(time.Duration(i) * time.Millisecond)
		b.send("10.0.0.1", "<190>1: %SYS-6-NOISE: again", at)
		if i%1000 == 0 {
			b.send("2001:db8::2", "<28>Nov 21 10:00:10 mx1 craftd[7]: Major alarm set, fan", at)
		}
	}
	dropped, unknown := b.counted(t, "haidang_syslog_dropped_total", "rate"), b.counted(t, "haidang_syslog_unknown_messages_total", "")
	if dropped+unknown != 10_000 || unknown < 990 || unknown > 1001 {
		t.Errorf("%v were dropped and %v taken", dropped, unknown)
	}
	if samples := b.counted(t, "haidang_syslog_sampled_messages_total", ""); samples < 18 || samples > 20 {
		t.Errorf("%v samples, want 10 and one a second", samples)
	}
	if alarms := b.counted(t, "haidang_syslog_alarms_total", ""); alarms != 10 {
		t.Errorf("%v of the quiet device, want 10", alarms)
	}
}

// While the spool is slow, memory is bounded and what does not fit is counted.
func TestMemoryIsBounded(t *testing.T) {
	b := newBench(t, two+"source_memory: 64KiB\nmemory: 1MiB\nlimit: {rate: 100000, burst: 100000}\n")
	for range 5000 {
		b.send("10.0.0.1", "<28>craftd[7]: Major alarm set, fan", epoch())
	}
	if held := b.gate.Held(); held > 64<<10+1024 {
		t.Errorf("%d octets wait", held)
	}
	if known, dropped := b.counted(t, "haidang_syslog_known_messages_total", ""), b.counted(t, "haidang_syslog_dropped_total", "source_memory"); known+dropped != 5000 || dropped == 0 {
		t.Errorf("%v known, %v dropped", known, dropped)
	}
}

// Every message is in exactly one of dropped, known and unknown, whatever is in it, and its lines are line protocol.
func TestEveryMessageIsCountedOnce(t *testing.T) {
	b := newBench(t, two)
	rapid.Check(t, func(t *rapid.T) {
		before := b.sum(t)
		parts := []string{"<28>", "<999>", "1 ", "Nov 21 10:00:00 ", "host ", "%LINK-3-UPDOWN: ", "Interface Gi0/1, changed state to down", "\n", "\xff\"\\, =", "Major alarm set, ", ""}
		sent := rapid.IntRange(0, 20).Draw(t, "messages")
		for range sent {
			b.send(rapid.SampledFrom([]string{"10.0.0.1", "10.7.7.7"}).Draw(t, "from"),
				strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 6).Draw(t, "parts"), ""), epoch())
		}
		if sum := b.sum(t) - before; sum != float64(sent) {
			t.Fatalf("%v of %d are counted", sum, sent)
		}
		for _, line := range b.written(t) {
			if !strings.HasPrefix(line, "syslog,agent=a1,") && !strings.HasPrefix(line, "state,agent=a1,device=d1,") && !strings.HasPrefix(line, "sensor,agent=a1,device=d1,") {
				t.Fatalf("%q", line)
			}
		}
	})
}

// sum is of all that a message may become.
func (b *bench) sum(t tester) (sum float64) {
	t.Helper()
	for _, name := range []string{"dropped", "known_messages", "unknown_messages"} {
		sum += b.counted(t, "haidang_syslog_"+name+"_total", "")
	}
	return sum
}

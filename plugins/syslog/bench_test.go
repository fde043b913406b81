package syslog

import (
	"context"
	"net/netip"
	"syscall"
	"testing"
	"time"

	gosyslog "github.com/leodido/go-syslog/v4"
	"github.com/leodido/go-syslog/v4/rfc3164"
	"github.com/leodido/go-syslog/v4/rfc5424"

	"github.com/haidang-noc/haidang/plugins/syslog/message"
)

const (
	standard = "<28>1 2026-11-21T03:00:00.123Z mx1 mib2d 7 SNMP_TRAP_LINK_DOWN [junos@2636.1.1.1.2.25 snmp-interface-index=\"738\" admin-status=\"up(1)\" " +
		"operational-status=\"down(2)\" interface-name=\"ge-3/1/7\"] ifIndex 738, ifAdminStatus up(1), ifOperStatus down(2), ifName ge-3/1/7"
	older = "<187>Nov 21 10:00:00 core-sw %LINK-3-UPDOWN: Interface GigabitEthernet0/0/1, changed state to down"
	noise = "<190>Nov 21 10:00:00 core-sw sshd[4711]: Connection closed by authenticating user root 192.0.2.4 port 51432 [preauth]"
)

// processorTime is what this process has used: unlike the clock, it does not count what others do meanwhile.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func perSecond(b *testing.B, began time.Duration) {
	b.Helper()
	b.ReportMetric(float64(b.N)/(processorTime(b)-began).Seconds(), "messages/cpu-s")
}

// The header alone, beside leodido/go-syslog, which both sides read.
func BenchmarkParse(b *testing.B) {
	for _, c := range []struct {
		name, text string
		peer       gosyslog.Machine
	}{
		{"rfc5424", standard, rfc5424.NewParser(rfc5424.WithBestEffort())},
		{"rfc3164", older, rfc3164.NewParser(rfc3164.WithBestEffort())},
	} {
		text := []byte(c.text)
		b.Run(c.name+"/ours", func(b *testing.B) {
			b.ReportAllocs()
			began := processorTime(b)
			for b.Loop() {
				m, err := message.Parse(text)
				if _, ok := m.Stamp.Near(epoch(), time.UTC); !ok || err != nil {
					b.Fatal(err)
				}
			}
			perSecond(b, began)
		})
		b.Run(c.name+"/go-syslog", func(b *testing.B) {
			b.ReportAllocs()
			began := processorTime(b)
			for b.Loop() {
				if m, err := c.peer.Parse(text); m == nil {
					b.Fatal(err)
				}
			}
			perSecond(b, began)
		})
	}
}

// From the datagram to the lines, without the socket: a link alarm, and a message that is in no table.
func BenchmarkInput(b *testing.B) {
	for _, c := range []struct{ name, text string }{{"known", older}, {"structured", standard}, {"unknown", noise}} {
		b.Run(c.name, func(b *testing.B) {
			in := newBench(b, two+"limit: {rate: 1000000, burst: 10000000}\nsource_memory: 32MiB\n")
			text, from, at := []byte(c.text), netip.MustParseAddrPort("10.0.0.1:514"), epoch()
			stop := make(chan struct{})
			close(stop)
			discard := func(context.Context, []byte, int) error { return nil }
			b.ReportAllocs()
			began := processorTime(b)
			for i := 0; b.Loop(); i++ {
				at = at.Add(time.Microsecond)
				in.Datagram(text, from, at)
				if i%256 == 255 {
					if err := in.backlog.Run(context.Background(), stop, discard); err != nil {
						b.Fatal(err)
					}
				}
			}
			perSecond(b, began)
		})
	}
}

// What a flood costs that its source may not send.
func BenchmarkOverTheLimit(b *testing.B) {
	in := newBench(b, two+"limit: {rate: 1, burst: 1}\n")
	text, from := []byte(older), netip.MustParseAddrPort("10.0.0.1:514")
	began := processorTime(b)
	for b.Loop() {
		in.Datagram(text, from, epoch())
	}
	perSecond(b, began)
}

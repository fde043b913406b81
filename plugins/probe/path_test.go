package probe_test

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/plugins/probe"
	"github.com/haidang-noc/haidang/plugins/probe/stamp"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

// path passes datagrams on to a reflector and back, each delay later, but for those whose sequence number is lost.
func path(t *testing.T, to netip.AddrPort, delay time.Duration, lost func(sequence uint32, back bool) bool) netip.AddrPort {
	t.Helper()
	front, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	back, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = front.Close(), back.Close() })
	sender := make(chan netip.AddrPort, 1)
	go func() {
		for known := false; ; {
			buf := make([]byte, 2000)
			n, from, err := front.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			if !known {
				known = true
				sender <- from
			}
			if p, err := stamp.ParseTest(buf[:n], false); err == nil && !lost(p.Sequence, false) {
				time.AfterFunc(delay, func() { _, _ = back.Write(buf[:n]) })
			}
		}
	}()
	go func() {
		to := <-sender
		for {
			buf := make([]byte, 2000)
			n, err := back.Read(buf)
			if err != nil {
				return
			}
			if p, err := stamp.ParseReply(buf[:n], false); err == nil && !lost(p.Test.Sequence, true) {
				time.AfterFunc(delay, func() { _, _ = front.WriteToUDPAddrPort(buf[:n], to) })
			}
		}
	}()
	return front.LocalAddr().(*net.UDPAddr).AddrPort()
}

// A path with a known delay and known losses is measured as it is.
func TestAKnownPath(t *testing.T) {
	t.Parallel()
	const delay = 40 * time.Millisecond
	at := path(t, reflect(t, "127.0.0.1", stamp.ReflectorConfig{}), delay, func(sequence uint32, back bool) bool {
		return sequence%5 == 1 && !back || sequence%5 == 3 && back
	})
	lines, err := plugintest.Once(t, probe.New(), section(t, fmt.Sprintf("packets: 20\nspacing: 20ms\ntimeout: 4s\nclock: {source: declared, error: 1us}\n"+
		"tests: [{name: path, method: stamp, address: '%s', province: '01', service: mobile_voice, voice: {codec: g729a, buffer: 60ms}}]", at)))
	if err != nil {
		t.Fatal(err)
	}
	if loss := fieldOf(t, lines, "loss_ratio"); loss != 0.4 {
		t.Errorf("loss %v, want 0.4", loss)
	}
	if there, back, trip := fieldOf(t, lines, "delay_there_ms"), fieldOf(t, lines, "delay_back_ms"), fieldOf(t, lines, "rtt_min_ms"); there < 40 || back < 40 || trip < 80 {
		t.Errorf("%v ms there, %v back, at least %v both ways; want 40, 40, 80 and no less", there, back, trip)
	}
	if mos := fieldOf(t, lines, "mos"); mos < 0.98 || mos > 2 { // 40 % of loss are Ie,eff 68; a busy machine adds delay, and G.107's curve dips below 1
		t.Errorf("MOS %v", mos)
	}
}

// fieldOf is a field of the only point.
func fieldOf(t *testing.T, lines plugintest.Lines, field string) float64 {
	t.Helper()
	if len(lines) != 1 {
		t.Fatalf("%q", lines)
	}
	return number(t, lines, ".*", field)
}

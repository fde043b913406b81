package discover_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/simnet/recording"
	"github.com/haidang-noc/haidang/internal/simnet/snmpd"
	"github.com/haidang-noc/haidang/plugins/snmp/discover"
)

// sixth is a device at [::1] while the test runs.
func sixth(t *testing.T) (port int) {
	t.Helper()
	device, err := recording.Parse("v6", strings.NewReader("1.3.6.1.2.1.1.1.0|4|a router\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.2636.1.1\n1.3.6.1.2.1.1.5.0|4|v6-router\n"))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenUDP("udp6", &net.UDPAddr{IP: net.IPv6loopback})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		responder, room := snmpd.Responder{Limit: 1472}, make([]byte, 4096)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(room)
			if err != nil {
				return
			}
			if answer, _ := responder.Answer(nil, room[:n], "public", device); len(answer) > 0 {
				_, _ = conn.WriteToUDPAddrPort(answer, from) // the other side would ask again
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-ended })
	return conn.LocalAddr().(*net.UDPAddr).Port
}

func TestIPv6(t *testing.T) {
	t.Parallel()
	port, dir := sixth(t), t.TempDir()
	r, err := discover.ParseRange([]string{"::1", "127.80.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	rules := discover.DefaultRules()
	rules.Port = port
	ask, _ := asking(t, 1000, 300*time.Millisecond)
	c := discover.Config{Range: r, Rules: &rules, Credentials: []discover.Credential{{Name: "public", Community: "public"}}, Ask: ask, Retries: 1,
		Profile: func(string) string { return "juniper" }}
	p := discovered(t, c, dir)
	if len(p.Devices) != 1 || !strings.HasPrefix(p.Devices[0].Where, "[::1]:") {
		t.Fatal(text(t, p))
	}
	if _, _, err := p.Write(discover.Choice{Incomplete: true}); err != nil {
		t.Fatal(err)
	}
	if d := table(t, dir, "devices.csv")["v6-router"]; d["vendor"] != "juniper" || d["profile"] != "juniper" {
		t.Error(d)
	}
	if again := discovered(t, c, dir); count(again.Devices)[discover.Unchanged] != 1 {
		t.Error(text(t, again))
	}
}

package probe_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/plugins/probe"
	"github.com/haidang-noc/haidang/plugins/probe/socket"
	"github.com/haidang-noc/haidang/plugins/probe/stamp"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

// section is a configuration whose state is the test's own.
func section(t testing.TB, yaml string) sdk.Config {
	t.Helper()
	return sdk.Config{Agent: "a1", File: "agent.yaml", Line: 1, Dir: t.TempDir(), YAML: []byte(yaml)}
}

// reflect answers STAMP on a free loopback port.
func reflect(t testing.TB, at string, c stamp.ReflectorConfig) netip.AddrPort {
	t.Helper()
	conn, err := socket.UDP(netip.AddrPortFrom(netip.MustParseAddr(at), 0), 0)
	if err != nil {
		t.Fatal(err)
	}
	if c.Clock == nil {
		c.Clock = func() stamp.Estimate { return stamp.NewEstimate(1000, true) }
	}
	c.Allow, c.Sessions, c.Rate = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}, 100_000, 1_000_000
	ended := make(chan error, 1)
	r := stamp.NewReflector(c, conn, stamp.NewReflectorMetrics(prometheus.NewRegistry()))
	go func() { ended <- r.Run(t.Context()) }()
	t.Cleanup(func() {
		_ = conn.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return conn.Local()
}

// resolver answers every question for an address; those for nowhere. with NXDOMAIN.
func resolver(t testing.TB) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		if q.Question[0].Name == "nowhere." {
			m.Rcode = dns.RcodeNameError
		} else {
			rr, _ := dns.NewRR(q.Question[0].Name + " 60 IN A 192.0.2.1")
			m.Answer = append(m.Answer, rr)
		}
		_ = w.WriteMsg(m)
	})}
	started := make(chan struct{})
	server.NotifyStartedFunc = func() { close(started) }
	go func() { _ = server.ActivateAndServe() }()
	<-started
	t.Cleanup(func() { _ = server.Shutdown() })
	return netip.MustParseAddrPort(conn.LocalAddr().String())
}

// shape replaces what differs from run to run.
func shape(lines plugintest.Lines) plugintest.Lines {
	number := regexp.MustCompile(`((?:mos|[a-z_]+(?:_ms|_s|_mbps)))=[0-9.e+-]+([,\n ]|$)`)
	out := lines.WithoutTimes().Sorted()
	for i := range out {
		out[i] = number.ReplaceAllString(out[i], "$1=#$2")
	}
	return out
}

// number is a field of the target's point.
func number(t *testing.T, lines plugintest.Lines, target, field string) float64 {
	t.Helper()
	for _, line := range lines {
		if m := regexp.MustCompile("target=" + target + " .*?" + field + "=([0-9.e+-]+)").FindStringSubmatch(line); m != nil {
			v, err := strconv.ParseFloat(m[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
	}
	t.Errorf("no %s of %s in %q", field, target, lines)
	return -1
}

func TestOnceProbesEverythingOnce(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			fmt.Fprint(w, `<html><link rel=stylesheet href=/a.css><img src=b.png><img src=b.png><script src="missing.js"></script>`)
		case "/missing.js", "/gone":
			http.NotFound(w, r)
		default:
			fmt.Fprint(w, strings.Repeat("x", 1000))
		}
	}))
	defer web.Close()
	t.Setenv("STAMP_KEY", "0123456789abcdef")
	plain, v6 := reflect(t, "127.0.0.1", stamp.ReflectorConfig{}), reflect(t, "::1", stamp.ReflectorConfig{Stateful: true})
	signed := reflect(t, "127.0.0.1", stamp.ReflectorConfig{Secret: []byte("0123456789abcdef"), Stateful: true})
	dead := reflect(t, "127.0.0.1", stamp.ReflectorConfig{Secret: []byte("another secret's octets")})
	yaml := fmt.Sprintf(`
packets: 3
spacing: 20ms
timeout: 4s
clock: {source: declared, error: 1ms}
tests:
  - {name: loop, method: icmp, address: 127.0.0.1, device: d1, service: transport, reach: true}
  - {name: loop6, method: icmp, address: "::1", device: d1, service: transport, size: 100}
  - {name: plain, method: stamp, address: "%s", province: "01", service: transport}
  - {name: v6, method: stamp, address: "%s", province: "01", service: mobile_voice, stateful: true, dscp: 46, size: 172, voice: {codec: g711, buffer: 40ms}}
  - {name: signed, method: stamp, address: "%s", province: "01", service: transport, key: env:STAMP_KEY, stateful: true}
  - {name: dead, method: stamp, address: "%s", province: "01", service: transport, key: env:STAMP_KEY}
  - {name: names, method: dns, server: "%[5]s", query: example.vn, province: "01", service: fixed_broadband}
  - {name: nowhere, method: dns, server: "%[5]s", query: nowhere, province: "01", service: fixed_broadband}
  - {name: page, method: web, url: "%[6]s/", parts: 10, province: "01", service: fixed_broadband}
  - {name: gone, method: web, url: "%[6]s/gone", province: "01", service: fixed_broadband}
`, plain, v6, signed, dead, resolver(t), web.URL)
	lines, err := plugintest.Once(t, probe.New(), section(t, yaml))
	if err != nil {
		t.Fatal(err)
	}
	shape(lines).Golden(t, "testdata/once.lp")
}

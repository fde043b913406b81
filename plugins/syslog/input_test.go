package syslog_test

import (
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/internal/certtest"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
	"github.com/haidang-noc/haidang/plugins/syslog"
)

// trial is a run of the input: in which folder, with what configuration, at which endpoints, and for how many lines.
type trial struct {
	dir, yaml string
	listen    []string
	want      int
}

// run runs the input, calls send with the addresses of its endpoints, and returns the lines when there are as many as wanted.
func (r trial) run(t *testing.T, send func(addrs []string)) plugintest.Lines {
	t.Helper()
	log, found := plugintest.Listening(t, len(r.listen))
	config := sdk.Config{Agent: "a1", File: "agent.yaml", Line: 1, Dir: r.dir, Log: log,
		YAML: []byte("listen: ['" + strings.Join(r.listen, "', '") + "']\n" + r.yaml)}
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		addrs := make([]string, 0, len(r.listen))
		for range r.listen {
			addrs = append(addrs, <-found)
		}
		send(addrs)
	}()
	lines := plugintest.Run(t, syslog.New(), config, func(lines plugintest.Lines) bool { return len(lines) >= r.want })
	<-sent
	return lines
}

const (
	local   = "devices: [{device: d1, address: 127.0.0.1}, {device: d6, address: '::1'}]\n"
	secured = "tls: {cert_file: server.pem, key_file: server.key, client_ca_file: server.pem}\n"
	down    = "<187>29: %%LINK-3-UPDOWN: Interface GigabitEthernet0/0/%d, changed state to down"
)

// Over every transport and both framings, a message becomes the same lines.
func TestTransports(t *testing.T) {
	dir := t.TempDir()
	client := certtest.Write(t, dir)
	write := func(conn net.Conn, err error, text string) {
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		if _, err := conn.Write([]byte(text)); err != nil {
			t.Error(err)
		}
	}
	message := func(n int) string { return fmt.Sprintf(down, n) }
	counted := func(n int) string { return fmt.Sprintf("%d %s", len(message(n)), message(n)) }
	lines := trial{dir, local + secured, []string{"udp://127.0.0.1:0", "udp://[::1]:0", "tcp://127.0.0.1:0", "tls://127.0.0.1:0"}, 12}.run(t, func(addrs []string) {
		conn, err := net.Dial("udp", addrs[0])
		write(conn, err, message(1))
		conn, err = net.Dial("udp", addrs[1])
		write(conn, err, message(2)+"\n")
		conn, err = net.Dial("tcp", addrs[2])
		write(conn, err, message(3)+"\n"+counted(4)+message(5))
		secure, err := tls.Dial("tcp", addrs[3], client)
		write(secure, err, counted(6))
		if secure, err := tls.Dial("tcp", addrs[3], &tls.Config{RootCAs: client.RootCAs, MinVersion: tls.VersionTLS12}); err == nil { // shows no certificate
			_, _ = secure.Write([]byte(counted(7)))
			_ = secure.Close()
		}
	})
	lines.WithoutTimes().Sorted().Golden(t, "testdata/transports.lp")
}

// A source that sends too fast over TCP is made to wait: nothing is lost.
func TestAFastStreamIsReadSlowly(t *testing.T) {
	const sent = 60
	lines := trial{t.TempDir(), local + "limit: {rate: 100, burst: 10}\n", []string{"tcp://127.0.0.1:0"}, 2 * sent}.run(t, func(addrs []string) {
		conn, err := net.Dial("tcp", addrs[0])
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		for n := range sent {
			if _, err := fmt.Fprintf(conn, down+"\n", n); err != nil {
				t.Error(err)
			}
		}
	})
	if len(lines) != 2*sent {
		t.Errorf("%d lines, want %d", len(lines), 2*sent)
	}
}

func TestOnceWaitsForOne(t *testing.T) {
	log, found := plugintest.Listening(t, 1)
	go func() {
		if conn, err := net.Dial("udp", <-found); err == nil {
			_, _ = fmt.Fprintf(conn, down, 1)
			_ = conn.Close()
		}
	}()
	lines, err := plugintest.Once(t, syslog.New(), sdk.Config{Agent: "a1", File: "agent.yaml", Line: 1, Dir: t.TempDir(), Log: log,
		YAML: []byte("listen: ['udp://127.0.0.1:0']\n" + local)})
	if err != nil || len(lines) != 2 {
		t.Errorf("%q, %v", lines, err)
	}
}

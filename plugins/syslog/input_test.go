package syslog_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
	"github.com/haidang-noc/haidang/plugins/syslog"
)

// endpoints is a log handler that catches where the input listens.
type endpoints struct {
	slog.Handler
	found chan string
}

func (e endpoints) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "taking messages" {
		r.Attrs(func(at slog.Attr) bool {
			e.found <- at.Value.String()
			return false
		})
	}
	return e.Handler.Handle(ctx, r)
}

// run runs the input at as many endpoints as listed, calls send with their addresses, and returns the lines when there are as
// many as wanted.
func run(t *testing.T, dir, yaml string, listen []string, want int, send func(addrs []string)) plugintest.Lines {
	t.Helper()
	found := make(chan string, len(listen))
	log := slog.New(endpoints{slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}), found})
	config := sdk.Config{Agent: "a1", File: "agent.yaml", Line: 1, Dir: dir, Log: log,
		YAML: []byte("listen: ['" + strings.Join(listen, "', '") + "']\n" + yaml)}
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		var addrs []string
		for range listen {
			_, addr, _ := strings.Cut(<-found, "://")
			addrs = append(addrs, addr)
		}
		send(addrs)
	}()
	lines := plugintest.Run(t, syslog.New(), config, func(lines plugintest.Lines) bool { return len(lines) >= want })
	<-sent
	return lines
}

// certificate writes server.pem and server.key, which is its own authority, and returns what a client trusts and shows.
func certificate(t *testing.T, dir string) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	secret := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	for name, text := range map[string][]byte{"server.pem": cert, "server.key": secret} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pair, err := tls.X509KeyPair(cert, secret)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	return &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}}
}

const (
	local   = "devices: [{device: d1, address: 127.0.0.1}, {device: d6, address: '::1'}]\n"
	secured = "tls: {cert_file: server.pem, key_file: server.key, client_ca_file: server.pem}\n"
	down    = "<187>29: %%LINK-3-UPDOWN: Interface GigabitEthernet0/0/%d, changed state to down"
)

// Over every transport and both framings, a message becomes the same lines.
func TestTransports(t *testing.T) {
	dir := t.TempDir()
	client := certificate(t, dir)
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
	lines := run(t, dir, local+secured, []string{"udp://127.0.0.1:0", "udp://[::1]:0", "tcp://127.0.0.1:0", "tls://127.0.0.1:0"}, 12, func(addrs []string) {
		conn, err := net.Dial("udp", addrs[0])
		write(conn, err, message(1))
		conn, err = net.Dial("udp", addrs[1])
		write(conn, err, message(2)+"\n")
		conn, err = net.Dial("tcp", addrs[2])
		write(conn, err, message(3)+"\n"+counted(4)+message(5))
		secure, err := tls.Dial("tcp", addrs[3], client)
		write(secure, err, counted(6))
		if secure, err := tls.Dial("tcp", addrs[3], &tls.Config{RootCAs: client.RootCAs}); err == nil { // shows no certificate
			_, _ = secure.Write([]byte(counted(7)))
			_ = secure.Close()
		}
	})
	lines.WithoutTimes().Sorted().Golden(t, "testdata/transports.lp")
}

// A source that sends too fast over TCP is made to wait: nothing is lost.
func TestAFastStreamIsReadSlowly(t *testing.T) {
	const sent = 60
	lines := run(t, t.TempDir(), local+"limit: {rate: 100, burst: 10}\n", []string{"tcp://127.0.0.1:0"}, 2*sent, func(addrs []string) {
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
	found := make(chan string, 1)
	log := slog.New(endpoints{slog.NewTextHandler(t.Output(), nil), found})
	go func() {
		_, addr, _ := strings.Cut(<-found, "://")
		if conn, err := net.Dial("udp", addr); err == nil {
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

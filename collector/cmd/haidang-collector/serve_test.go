package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certificate writes a key and a certificate for this machine beside the configuration.
func certificate(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	cert, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: cert}, "key.pem": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// With a web_config the collector speaks TLS, and only TLS.
func TestTLS(t *testing.T) {
	file := files(t, map[string]func(string) string{"collector.yaml": replacer(`web_config: ""`, "web_config: web.yaml"),
		"web.yaml": func(string) string { return "tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n" }})
	certificate(t, filepath.Dir(file))
	if _, err := (call{file}).run("check"); err != nil {
		t.Fatal(err)
	}
	s := start(t, file)
	s.until("/-/ready", anything)
	s.url = strings.Replace(s.url, "https", "http", 1)
	if status, text := s.do("GET", "/-/ready", "", ""); status == 200 {
		t.Errorf("without TLS: %d %s", status, text)
	}
}

// A reload takes up good files; bad ones are refused with all their mistakes, and nothing changes.
func TestReloadTakesAllOrNothing(t *testing.T) {
	file := files(t, nil)
	s := start(t, file)
	s.until("/-/ready", anything)
	change := func(name string, to func(string) string) {
		path := filepath.Join(filepath.Dir(file), name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(to(string(text))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	change("principals.yaml", replacer("role: viewer", "role: view"))
	change("devices.csv", replacer(",olt-gpon,", ",olt-gpom,"))
	status, text := s.do("POST", "/-/reload", "token-of-operator-0123456789", "")
	if status != 400 || !strings.Contains(text, "devices.csv:") || !strings.Contains(text, `"noc"`) {
		t.Errorf("%d %s; want the mistakes of both files", status, text)
	}
	if status, _ := s.do("GET", "/api/v1/links", "token-of-viewer-0123456789", ""); status != 200 {
		t.Errorf("a refused reload changed who may see: %d", status)
	}
	change("devices.csv", replacer(",olt-gpom,", ",olt-gpon,"))
	change("principals.yaml", replacer("role: view\n", "role: viewer\n", "role: view ", "role: viewer "))
	if status, text := s.do("POST", "/-/reload", "token-of-operator-0123456789", ""); status != 200 {
		t.Errorf("a good reload: %d %s", status, text)
	}
}

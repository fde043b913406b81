package gnmi_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/plugins/gnmi"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

const (
	header = "device,address,province,system,site,parent,vendor,role,subscribers,capacity_mbps,primary_method,agent,profile,valid_from,valid_to\n"
	plain  = "credentials: [{name: lab, tls: {plaintext: true}}]\n"
	local  = "targets: [{device: d1, address: 127.0.0.1}]\n"
)

// check configures an input with files beside the configuration.
func check(t *testing.T, yaml string, files map[string]string) error {
	t.Helper()
	return plugintest.Configure(t, gnmi.New(), sdk.Config{Agent: "a1", File: "agent.yaml", Line: 10, Dir: plugintest.Files(t, files), YAML: []byte(yaml)})
}

func TestMistakesNameTheirPlace(t *testing.T) {
	set := func(text string) map[string]string { return map[string]string{"sets/a.yaml": text} }
	rows := func(text string) map[string]string { return map[string]string{"devices.csv": header + text} }
	for _, c := range []struct {
		yaml  string
		files map[string]string
		want  string
	}{
		{"mod: stream\n", nil, "agent.yaml:10:1: unknown field"},
		{"mode: push\n" + plain + local, nil, `agent.yaml:10:7: mode: "push": want one of stream, poll, once`},
		{"encoding: xml\n" + plain + local, nil, `encoding: "xml": want one of proto, json_ietf, json, bytes, ascii`},
		{"origin: nowhere\n" + plain + local, nil, "want one of path, prefix, element, none"},
		{"states: never\n" + plain + local, nil, "want one of auto, on_change, sample"},
		{"interval: 1500ms\n" + plain + local, nil, "agent.yaml:10:11: interval: 1.5s: want a whole number of seconds"},
		{"heartbeat: 10s\n" + plain + local, nil, "heartbeat: 10s: want a whole number of seconds, and at least the interval of 1m0s"},
		{"max_rows: 0\n" + plain + local, nil, "max_rows: 0: want 1 to 1000000"},
		{plain, nil, "agent.yaml:10: targets: nothing to subscribe to"},
		{local, nil, "agent.yaml:10: credential: device d1: want the name of a credential: there are 0"},
		{plain + "targets: [{device: d1, address: 'a b'}]\n", nil, `agent.yaml:11: address: device d1: "a b": want an IP address or a host name`},
		{plain + "targets: [{device: d1, address: 'a:0'}]\n", nil, "want an IP address or a host name"},
		{plain + "targets:\n  - {device: d1, address: a}\n  - {device: d1, address: b}\n", nil, "agent.yaml:13: device: d1 is already a target at agent.yaml:12"},
		{"credentials: [{name: a, tls: {plaintext: true, ca_file: x}}]\n" + local, nil, "tls.plaintext: true goes with no other setting of tls"},
		{"credentials: [{name: a, tls: {cert_file: x}}]\n" + local, nil, "want both cert_file and key_file, or neither"},
		{"credentials: [{name: a, tls: {ca_file: none.pem}}]\n" + local, nil, "none.pem"},
		{"credentials: [{name: a, password: hunter2}]\n" + local, nil, "a secret is given by reference"},
		{"sets: [openconfig-interfaces, no-such]\n" + plain + local, nil, `sets[1]: "no-such": want one of openconfig-bgp`},
		{plain + "inventory: devices.csv\n", rows("d1,,,,,,,,,,gnmi,,,,\n"), "devices.csv:2: address: device d1:"},
		{"credentials: [{name: a, for: {vendor: [x]}}]\ninventory: devices.csv\n", rows("d1,a,,,,,y,,,,gnmi,,,,\n"), `device d1: no credential is for vendor "y"`},
		{"credentials:\n  - name: a\n    sets: [openconfig-bgp, no-such]\n" + local, nil, `agent.yaml:12:28: sets[1]: "no-such": want one of`},
		{"paths: sets\n" + plain + local, nil, "no such file"},
		{"paths: sets\n" + plain + local, set("paths: a\ntitle: A\ntopic: a\ntested: true\nlines: 3\n"), "a.yaml:5:"},
		{"paths: sets\n" + plain + local, set("pahts: a\n"), "a.yaml:1:1: unknown field"},
	} {
		err := check(t, c.yaml, c.files)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s%v\nerror %v\nwant  %s", c.yaml, c.files, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows the secret: %v", err)
		}
	}
}

// Rows are taken if gNMI is their primary method, or a credential is for rows like them; and only this agent's.
func TestRowsOfTheInventory(t *testing.T) {
	const text = "d1,10.0.0.1:6030,,,,,,,,,gnmi,,,,\n" + // with its own port
		"d2,10.0.0.2:1161,,,,,nokia,,,,snmp,a1,,,\n" + // SNMP's port
		"d3,10.0.0.3,,,,,huawei,,,,snmp,,,,\n" + // nobody's
		"d4,,,,,,,,,,icmp,,,,\n" +
		"d5,10.0.0.5,,,,,nokia,,,,gnmi,a2,,,\n"
	yaml := "inventory: devices.csv\ncredentials:\n  - {name: nokia, port: 57400, tls: {plaintext: true}, for: {vendor: [nokia]}}\n  - {name: other, tls: {plaintext: true}}\n"
	if err := check(t, yaml, map[string]string{"devices.csv": header + text}); err != nil {
		t.Error(err)
	}
}

// What the sample says is what there is.
func TestSampleIsTaken(t *testing.T) {
	text, err := os.ReadFile("sample.yaml")
	must(t, err)
	cert, key := selfSigned(t)
	files := map[string]string{"devices.csv": header, "ca.pem": cert, "agent.pem": cert, "agent.key": key}
	t.Setenv("GNMI_PASSWORD", "x")
	if err := check(t, string(text), files); err != nil {
		t.Error(err)
	}
}

func selfSigned(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	must(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}

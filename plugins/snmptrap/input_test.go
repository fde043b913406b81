package snmptrap_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
	"github.com/haidang-noc/haidang/plugins/snmptrap"
)

// run runs the input, calls send once it listens, and returns the lines when there are as many as wanted.
func run(t *testing.T, yaml string, want int, send func(addr string)) plugintest.Lines {
	t.Helper()
	t.Setenv("TEST_COMMUNITY", "public")
	t.Setenv("TEST_AUTH", authPassword)
	t.Setenv("TEST_PRIV", privPassword)
	log, found := plugintest.Listening(t, 1)
	config := sdk.Config{Agent: "a1", File: "agent.yaml", Line: 1, Dir: t.TempDir(), Log: log,
		YAML: []byte("listen: ['127.0.0.1:0']\n" + yaml)}
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		send(<-found)
	}()
	lines := plugintest.Run(t, snmptrap.New(), config, func(lines plugintest.Lines) bool { return len(lines) >= want })
	<-sent
	return lines
}

const (
	authPassword = "auth-pass-12345"
	privPassword = "priv-pass-12345"
	community    = "credentials: [{name: c, version: 2c, community: 'env:TEST_COMMUNITY'}]\n"
	local        = "devices: [{device: d1, address: 127.0.0.1}]\n"
)

func has(lines plugintest.Lines, part string) bool {
	return strings.Contains(strings.Join(lines, "\n"), part)
}

// sender is a client of gosnmp's; version 3 is that of the user in secure.
func sender(t *testing.T, addr string, version gosnmp.SnmpVersion) *gosnmp.GoSNMP {
	t.Helper()
	at := netip.MustParseAddrPort(addr)
	c := &gosnmp.GoSNMP{Target: at.Addr().String(), Port: at.Port(), Version: version, Community: "public", Timeout: time.Minute, Retries: 1, MaxOids: 60}
	if version == gosnmp.Version3 {
		c.SecurityModel, c.MsgFlags = gosnmp.UserSecurityModel, gosnmp.AuthPriv
		c.SecurityParameters = &gosnmp.UsmSecurityParameters{UserName: "u1", AuthenticationProtocol: gosnmp.SHA, AuthenticationPassphrase: authPassword,
			PrivacyProtocol: gosnmp.AES, PrivacyPassphrase: privPassword}
	}
	if err := c.Connect(); err != nil {
		t.Error(err)
	}
	t.Cleanup(func() { _ = c.Conn.Close() })
	return c
}

const secure = "credentials:\n  - {name: c, version: 2c, community: 'env:TEST_COMMUNITY'}\n" +
	"  - {name: u, version: 3, user: u1, auth: {protocol: sha, password: 'env:TEST_AUTH'}, priv: {protocol: aes, password: 'env:TEST_PRIV'}}\n"

// Over the wire, in every version: traps come through and informs are answered.
func TestRunTakesAndAnswers(t *testing.T) {
	notification := gosnmp.SnmpTrap{Variables: []gosnmp.SnmpPDU{
		{Name: "1.3.6.1.2.1.1.3.0", Type: gosnmp.TimeTicks, Value: uint32(4711)},
		{Name: "1.3.6.1.6.3.1.1.4.1.0", Type: gosnmp.ObjectIdentifier, Value: "1.3.6.1.6.3.1.1.5.3"},
		{Name: "1.3.6.1.2.1.31.1.1.1.1.7", Type: gosnmp.OctetString, Value: "xe-0/0/1"}}}
	lines := run(t, secure+local, 7, func(addr string) {
		v1 := gosnmp.SnmpTrap{Enterprise: "1.3.6.1.4.1.8072", AgentAddress: "127.0.0.1", GenericTrap: 0, Timestamp: 4711,
			Variables: []gosnmp.SnmpPDU{{Name: "1.3.6.1.2.1.1.5.0", Type: gosnmp.OctetString, Value: "r1"}}}
		if _, err := sender(t, addr, gosnmp.Version1).SendTrap(v1); err != nil {
			t.Error(err)
		}
		if _, err := sender(t, addr, gosnmp.Version2c).SendTrap(notification); err != nil {
			t.Error(err)
		}
		inform := notification
		inform.IsInform = true
		for _, version := range []gosnmp.SnmpVersion{gosnmp.Version2c, gosnmp.Version3} {
			if _, err := sender(t, addr, version).SendTrap(inform); err != nil {
				t.Errorf("inform of version %v: %v", version, err)
			}
		}
	})
	lines.WithoutTimes().Golden(t, "testdata/run.lp")
}

// Once ends with the first notification.
func TestOnceWaitsForOne(t *testing.T) {
	t.Setenv("TEST_COMMUNITY", "public")
	log, found := plugintest.Listening(t, 1)
	go func() {
		_, _ = sender(t, <-found, gosnmp.Version2c).SendTrap(gosnmp.SnmpTrap{Variables: []gosnmp.SnmpPDU{
			{Name: "1.3.6.1.6.3.1.1.4.1.0", Type: gosnmp.ObjectIdentifier, Value: "1.3.6.1.6.3.1.1.5.2"}}})
	}()
	lines, err := plugintest.Once(t, snmptrap.New(), sdk.Config{Agent: "a1", File: "agent.yaml", Line: 1, Dir: t.TempDir(), Log: log,
		YAML: []byte("listen: ['127.0.0.1:0']\n" + community + local)})
	if err != nil || len(lines) != 1 || !has(lines, "name=warmStart") {
		t.Errorf("%q, %v", lines, err)
	}
}

package mib_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/usm"
)

func users() []usm.User {
	auths := []string{"md5", "sha", "sha224", "sha256", "sha384", "sha512"}
	all := append(make([]usm.User, 0, 1+2*len(auths)), usm.User{Name: "guest"})
	for _, auth := range auths {
		all = append(all, usm.User{Name: auth, Auth: auth, AuthPassword: "signed-for-" + auth},
			usm.User{Name: auth + "-aes", Auth: auth, AuthPassword: "signed-for-" + auth, Priv: "aes", PrivPassword: "sealed-for-" + auth})
	}
	return all
}

func (s *site) v3Client(t testing.TB, device int32, u usm.User) *gosnmp.GoSNMP {
	t.Helper()
	c := &gosnmp.GoSNMP{Target: s.Address(device).String(), Port: s.port, Version: gosnmp.Version3, Timeout: patient, MaxOids: 60, MaxRepetitions: 20}
	auth := map[string]gosnmp.SnmpV3AuthProtocol{"": gosnmp.NoAuth, "md5": gosnmp.MD5, "sha": gosnmp.SHA, "sha224": gosnmp.SHA224,
		"sha256": gosnmp.SHA256, "sha384": gosnmp.SHA384, "sha512": gosnmp.SHA512}
	priv := map[string]gosnmp.SnmpV3PrivProtocol{"": gosnmp.NoPriv, "aes": gosnmp.AES}
	c.SecurityModel = gosnmp.UserSecurityModel
	c.MsgFlags = gosnmp.NoAuthNoPriv
	if u.Auth != "" {
		c.MsgFlags = gosnmp.AuthNoPriv
	}
	if u.Priv != "" {
		c.MsgFlags = gosnmp.AuthPriv
	}
	c.SecurityParameters = &gosnmp.UsmSecurityParameters{UserName: u.Name, AuthenticationProtocol: auth[u.Auth], AuthenticationPassphrase: u.AuthPassword,
		PrivacyProtocol: priv[u.Priv], PrivacyPassphrase: u.PrivPassword}
	if err := c.Connect(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Conn.Close() })
	return c
}

// Every user of every protocol walks a device over v3 and sees what v2c sees, and the same client asks the next device,
// which is another engine.
func TestV3(t *testing.T) {
	s := start(t)
	plain, err := s.client(t, 7, gosnmp.Version2c).BulkWalkAll(".1.3")
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range users() {
		got, err := s.v3Client(t, 7, u).BulkWalkAll(".1.3")
		if err != nil {
			t.Fatalf("%s: %v", u.Name, err)
		}
		if len(got) != len(plain) {
			t.Fatalf("%s: %d objects, %d over v2c", u.Name, len(got), len(plain))
		}
		for i := range got {
			if got[i].Name != plain[i].Name || got[i].Type != plain[i].Type {
				t.Fatalf("%s: %s %v, over v2c %s %v", u.Name, got[i].Name, got[i].Type, plain[i].Name, plain[i].Type)
			}
		}
	}
}

func TestV3Refusals(t *testing.T) {
	s := start(t)
	good := users()[8]
	if good.Name != "sha256-aes" {
		t.Fatal(good)
	}
	for name, change := range map[string]func(*usm.User){
		"unknown user":   func(u *usm.User) { u.Name = "nobody" },
		"wrong key":      func(u *usm.User) { u.AuthPassword = "not the password" },
		"wrong priv key": func(u *usm.User) { u.PrivPassword = "not the password" },
		"lower level":    func(u *usm.User) { u.Priv, u.PrivPassword = "", "" },
		"lowest level":   func(u *usm.User) { *u = usm.User{Name: u.Name} },
		"other digest":   func(u *usm.User) { u.Auth = "sha" },
	} {
		u := good
		change(&u)
		if got, err := s.v3Client(t, 7, u).Get([]string{sysName}); err == nil && len(got.Variables) == 1 && got.Variables[0].Name == sysName {
			t.Errorf("%s: an answer %v", name, got.Variables)
		}
	}
	for _, bad := range []usm.User{{}, {Name: "x", Auth: "crc"}, {Name: "x", Priv: "aes"}, {Name: "x", Auth: "sha", AuthPassword: "short"},
		{Name: "x", Auth: "sha", AuthPassword: "long enough", Priv: "rot13", PrivPassword: "long enough"}} {
		if _, err := usm.New([]usm.User{bad}); err == nil {
			t.Errorf("user %+v was accepted", bad)
		}
	}
}

// Each device is an engine of its own.
func TestEngines(t *testing.T) {
	s := start(t)
	seen := map[string]bool{}
	for d := range int32(20) {
		c := s.v3Client(t, d, users()[8])
		if _, err := c.Get([]string{sysName}); err != nil {
			t.Fatal(err)
		}
		usm, ok := c.SecurityParameters.(*gosnmp.UsmSecurityParameters)
		if !ok || seen[usm.AuthoritativeEngineID] || usm.AuthoritativeEngineBoots != 1 {
			t.Fatal(fmt.Sprintf("%x", usm.AuthoritativeEngineID), usm.AuthoritativeEngineBoots)
		}
		seen[usm.AuthoritativeEngineID] = true
	}
}

// A reboot makes an engine count its boots and begin its time anew; a stopped sysUpTime does not stop its time.
func TestEngineBoots(t *testing.T) {
	s := start(t)
	now := time.Now()
	s.faults(t, fault.Fault{Kind: fault.Reboot, Device: s.Devices[5].Name, From: fault.Time{Time: now.Add(-5 * time.Minute)}, To: fault.Time{Time: now.Add(-4 * time.Minute)}},
		fault.Fault{Kind: fault.UptimeStop, Device: s.Devices[5].Name, From: fault.Time{Time: now.Add(-3 * time.Minute)}})
	c := s.v3Client(t, 5, users()[8])
	got, err := c.Get([]string{sysUpTime})
	if err != nil {
		t.Fatal(err)
	}
	e, ok := c.SecurityParameters.(*gosnmp.UsmSecurityParameters)
	if !ok || e.AuthoritativeEngineBoots != 2 || e.AuthoritativeEngineTime < 239 || e.AuthoritativeEngineTime > 600 {
		t.Errorf("boots %d, time %d", e.AuthoritativeEngineBoots, e.AuthoritativeEngineTime)
	}
	if up, ok := got.Variables[0].Value.(uint32); !ok || up < 5900 || up > 6100 {
		t.Errorf("sysUpTime %v, want about a minute", got.Variables[0].Value)
	}
}

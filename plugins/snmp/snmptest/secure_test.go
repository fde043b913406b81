package snmptest_test

import (
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/haidang-noc/haidang/internal/usm"
	"github.com/haidang-noc/haidang/internal/usm/usmtest"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/snmptest"
)

const password = "a password of the test"

// Another implementation finds the engine, verifies what a device says and is understood by it, with every pair of
// protocols: messages are as the RFCs have them, and not only as this side reads them.
func TestGosnmpUnderstandsEveryPair(t *testing.T) {
	auths := map[string]gosnmp.SnmpV3AuthProtocol{"": gosnmp.NoAuth, "md5": gosnmp.MD5, "sha": gosnmp.SHA, "sha224": gosnmp.SHA224,
		"sha256": gosnmp.SHA256, "sha384": gosnmp.SHA384, "sha512": gosnmp.SHA512}
	privs := map[string]gosnmp.SnmpV3PrivProtocol{"": gosnmp.NoPriv, "des": gosnmp.DES, "aes": gosnmp.AES, "aes192": gosnmp.AES192,
		"aes256": gosnmp.AES256, "aes192c": gosnmp.AES192C, "aes256c": gosnmp.AES256C}
	d := snmptest.Start(t).Device("127.9.1.1")
	d.Set(ber.OctetString, []byte("đèn biển"), 1, 3, 6, 1, 2, 1, 1, 5, 0)
	for auth, theirAuth := range auths {
		for priv, theirPriv := range privs {
			if auth == "" && priv != "" {
				continue
			}
			name := "u-" + auth + priv
			u, err := usm.NewUser(usm.Credentials{Name: name, Auth: usm.AuthProtocols()[auth], Priv: usm.PrivProtocols()[priv],
				AuthPassword: password, PrivPassword: password})
			if err != nil {
				t.Fatal(err)
			}
			d.Secure(&usmtest.Agent{Engine: []byte{0x80, 0, 0, 0, 5, 9, 8, 7, 6}, Boots: 7, Began: time.Now().Add(-time.Hour), Users: []*usm.User{u}})
			c := &gosnmp.GoSNMP{Target: d.Addr().Addr().String(), Port: d.Addr().Port(), Version: gosnmp.Version3, Timeout: 10 * time.Second,
				MaxOids: 60, SecurityModel: gosnmp.UserSecurityModel, MsgFlags: gosnmp.SnmpV3MsgFlags(u.Level()),
				SecurityParameters: &gosnmp.UsmSecurityParameters{UserName: name, AuthenticationProtocol: theirAuth, PrivacyProtocol: theirPriv,
					AuthenticationPassphrase: password, PrivacyPassphrase: password}}
			if err := c.Connect(); err != nil {
				t.Fatal(err)
			}
			defer c.Conn.Close()
			p, err := c.Get([]string{".1.3.6.1.2.1.1.5.0"})
			if err != nil || len(p.Variables) != 1 || string(p.Variables[0].Value.([]byte)) != "đèn biển" {
				t.Errorf("%s %s: %v, %+v", auth, priv, err, p)
			}
		}
	}
}

// Package usm polls SNMPv3 devices (user-based security model, RFC 3414) through gosnmp, with a bounded
// number of workers on the same kind of schedule as plugins/snmp/engine.
package usm

import (
	"fmt"

	"github.com/gosnmp/gosnmp"
)

// Protocol is an authentication or privacy protocol; 0 is none.
type Protocol uint8

// AuthProtocols are the names of the authentication protocols.
func AuthProtocols() map[string]Protocol {
	return map[string]Protocol{
		"md5": Protocol(gosnmp.MD5), "sha": Protocol(gosnmp.SHA), "sha224": Protocol(gosnmp.SHA224),
		"sha256": Protocol(gosnmp.SHA256), "sha384": Protocol(gosnmp.SHA384), "sha512": Protocol(gosnmp.SHA512),
	}
}

// PrivProtocols are the names of the privacy protocols. The variants with a c extend keys as Cisco does.
func PrivProtocols() map[string]Protocol {
	return map[string]Protocol{
		"des": Protocol(gosnmp.DES), "aes": Protocol(gosnmp.AES), "aes192": Protocol(gosnmp.AES192),
		"aes256": Protocol(gosnmp.AES256), "aes192c": Protocol(gosnmp.AES192C), "aes256c": Protocol(gosnmp.AES256C),
	}
}

// User is a v3 user. Its passwords are secret: do not print it.
type User struct {
	Name         string
	Auth, Priv   Protocol
	AuthPassword string
	PrivPassword string
	Context      string
}

// Validate says whether the user can exist.
func (u *User) Validate() error {
	const shortest = 8 // RFC 3414, 11.2
	switch {
	case u.Name == "":
		return fmt.Errorf("user: want the name of a user")
	case u.Priv != 0 && u.Auth == 0:
		return fmt.Errorf("auth: is not there: priv needs it")
	case u.Auth != 0 && len(u.AuthPassword) < shortest:
		return fmt.Errorf("auth: password: is too short: want at least %d characters", shortest)
	case u.Priv != 0 && len(u.PrivPassword) < shortest:
		return fmt.Errorf("priv: password: is too short: want at least %d characters", shortest)
	}
	return nil
}

func (u *User) flags() gosnmp.SnmpV3MsgFlags {
	switch {
	case u.Priv != 0:
		return gosnmp.AuthPriv
	case u.Auth != 0:
		return gosnmp.AuthNoPriv
	}
	return gosnmp.NoAuthNoPriv
}

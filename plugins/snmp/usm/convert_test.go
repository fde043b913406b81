package usm

import (
	"math"
	"testing"

	"github.com/gosnmp/gosnmp"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

func TestValuesComeOutAsTheyWentIn(t *testing.T) {
	p := &gosnmp.SnmpPacket{RequestID: 7, Error: gosnmp.TooBig, ErrorIndex: 2, Variables: []gosnmp.SnmpPDU{
		{Name: ".1.3.6.1.1", Type: gosnmp.Counter64, Value: uint64(math.MaxUint64)},
		{Name: ".1.3.6.1.2", Type: gosnmp.Counter32, Value: uint(math.MaxUint32)},
		{Name: ".1.3.6.1.3", Type: gosnmp.TimeTicks, Value: uint32(12)},
		{Name: ".1.3.6.1.4", Type: gosnmp.Gauge32, Value: uint(0)},
		{Name: ".1.3.6.1.5", Type: gosnmp.Integer, Value: 2},
		{Name: ".1.3.6.1.6", Type: gosnmp.OctetString, Value: []byte("Gi0/1")},
		{Name: ".1.3.6.1.7", Type: gosnmp.ObjectIdentifier, Value: ".1.3.6.1.4.1"},
		{Name: ".1.3.6.1.8", Type: gosnmp.NoSuchInstance},
		{Name: ".1.3.6.1.9", Type: gosnmp.IPAddress, Value: "10.0.0.1"},
	}}
	r, err := response(p)
	if err != nil || r.ID != 7 || r.Status != ber.TooBig || r.Index != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	numbers := map[string]uint64{"1.3.6.1.1": math.MaxUint64, "1.3.6.1.2": math.MaxUint32, "1.3.6.1.3": 12, "1.3.6.1.4": 0, "1.3.6.1.5": 2}
	n := 0
	for list := r.Varbinds; len(list) > 0; n++ {
		var v ber.Varbind
		rest, ok := v.Cut(list)
		if !ok {
			t.Fatal("cut short")
		}
		list = rest
		name := ber.FormatOID(v.Name)
		want, isNumber := numbers[name]
		if got, ok := v.Number(); ok != isNumber || got != want {
			t.Errorf("%s: %d, %v; want %d", name, got, ok, want)
		}
		switch name {
		case "1.3.6.1.6":
			if string(v.Value) != "Gi0/1" {
				t.Errorf("string %q", v.Value)
			}
		case "1.3.6.1.7":
			if ber.FormatOID(v.Value) != "1.3.6.1.4.1" {
				t.Errorf("object identifier % x", v.Value)
			}
		case "1.3.6.1.8":
			if !v.Missing() {
				t.Error("a missing instance is there")
			}
		}
	}
	if n != len(p.Variables) {
		t.Errorf("%d of %d varbinds", n, len(p.Variables))
	}
}

func TestSecurityLevels(t *testing.T) {
	for _, c := range []struct {
		user User
		want gosnmp.SnmpV3MsgFlags
	}{
		{User{Name: "u"}, gosnmp.NoAuthNoPriv},
		{User{Name: "u", Auth: AuthProtocols()["sha256"], AuthPassword: "12345678"}, gosnmp.AuthNoPriv},
		{User{Name: "u", Auth: AuthProtocols()["md5"], AuthPassword: "12345678", Priv: PrivProtocols()["aes"], PrivPassword: "12345678"}, gosnmp.AuthPriv},
	} {
		if err := c.user.Validate(); err != nil || c.user.flags() != c.want {
			t.Errorf("%d, %v; want %d", c.user.flags(), err, c.want)
		}
	}
}

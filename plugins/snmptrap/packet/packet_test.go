package packet

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func v1(generic, specific byte) []byte {
	varbinds := element(sequence, element(sequence, element(ObjectID, []byte("\x2b\x06\x01\x02\x01\x02\x02\x01\x01\x07")), []byte{Integer, 1, 7}))
	body := element(trapV1, element(ObjectID, []byte("\x2b\x06\x01\x04\x01\xbf\x08")), element(IPAddress, []byte{10, 1, 2, 3}),
		[]byte{Integer, 1, generic, Integer, 1, specific}, number(TimeTicks, 4711), varbinds)
	return element(sequence, number(Integer, 0), element(OctetString, []byte("public")), body)
}

func v2(tag byte, varbinds ...[]byte) []byte {
	return element(sequence, number(Integer, 1), element(OctetString, []byte("public")), pdu(tag, -5, bytes.Join(varbinds, nil)))
}

func varbind(name string, value []byte) []byte {
	return element(sequence, element(ObjectID, []byte(name)), value)
}

func TestVersion1BecomesVersion2(t *testing.T) {
	for _, c := range []struct {
		generic, specific byte
		want              string
	}{
		{0, 0, "1.3.6.1.6.3.1.1.5.1"}, {2, 0, "1.3.6.1.6.3.1.1.5.3"}, {3, 9, "1.3.6.1.6.3.1.1.5.4"}, {5, 0, "1.3.6.1.6.3.1.1.5.6"},
		{6, 42, "1.3.6.1.4.1.8072.0.42"},
	} {
		n, err := Parse(v1(c.generic, c.specific))
		if err != nil || n.OID.String() != c.want || n.Uptime != 4711 || n.Origin.String() != "10.1.2.3" || n.Inform {
			t.Errorf("generic %d, specific %d: %+v, %v; want %s", c.generic, c.specific, n, err, c.want)
		}
		names := 0
		for v := range n.Varbinds() {
			names++
			if v.Name.String() != "1.3.6.1.2.1.2.2.1.1.7" {
				t.Errorf("varbind %v", v.Name)
			}
		}
		if names != 1 {
			t.Errorf("%d varbinds", names)
		}
	}
}

func TestWhatANotificationSaysOfItself(t *testing.T) {
	datagram := v2(inform,
		varbind(nameUptime, number(TimeTicks, 1<<32-1)),
		varbind(nameTrap, element(ObjectID, []byte(nameGeneric+"\x03"))),
		varbind(nameCommunity, element(OctetString, []byte("a secret of the original sender"))),
		varbind(nameOrigin, element(IPAddress, []byte{10, 9, 9, 9})))
	n, err := Parse(datagram)
	if err != nil || !n.Inform || n.RequestID != -5 || n.Uptime != 1<<32-1 || n.Origin.String() != "10.9.9.9" || string(n.Community) != "public" {
		t.Errorf("%+v, %v", n, err)
	}
	for v := range n.Varbinds() {
		if string(v.Name) != nameOrigin {
			t.Errorf("varbind %v is shown", v.Name)
		}
	}
	answer := bytes.Replace(datagram, []byte{inform}, []byte{response}, 1)
	if got := n.Response(); !bytes.Equal(got, answer) {
		t.Errorf("answer\n%x; want\n%x", got, answer)
	}
}

func TestWhatIsNoNotification(t *testing.T) {
	trap := varbind(nameTrap, element(ObjectID, []byte(nameGeneric+"\x03")))
	good := v2(trapV2, trap)
	for name, c := range map[string]struct {
		datagram []byte
		want     error
	}{
		"a request":               {v2(getRequest, trap), ErrOther},
		"an answer":               {v2(response, trap), ErrOther},
		"no PDU":                  {v2(0x1f, trap), ErrMalformed},
		"no name of the trap":     {v2(trapV2), ErrMalformed},
		"octets behind":           {append(bytes.Clone(good), 0), ErrMalformed},
		"cut":                     {good[:len(good)-1], ErrMalformed},
		"nothing":                 {nil, ErrMalformed},
		"an arc of 40 bits":       {v2(trapV2, trap, varbind("\x2b\xff\xff\xff\xff\xff\x7f", []byte{Null, 0})), ErrMalformed},
		"an arc without end":      {v2(trapV2, trap, varbind("\x2b\x86", []byte{Null, 0})), ErrMalformed},
		"a varbind without value": {v2(trapV2, trap, element(sequence, element(ObjectID, []byte("\x2b\x06")))), ErrMalformed},
		"a length of 2^32":        {[]byte{sequence, 0x85, 1, 0, 0, 0, 0}, ErrMalformed},
		"a length without end":    {[]byte{sequence, 0x80, 0, 0}, ErrMalformed},
		"version 1's trap in 2c":  {v2(trapV1, trap), ErrOther},
	} {
		if _, err := Parse(c.datagram); !errors.Is(err, c.want) {
			t.Errorf("%s: %v; want %v", name, err, c.want)
		}
	}
	if _, err := Parse(good); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

func TestCanonicalJoinsBothFormsOfATrap(t *testing.T) {
	for _, c := range [][2]string{
		{"1.3.6.1.4.1.9.0.7", "1.3.6.1.4.1.9.7"}, {"1.3.6.1.4.1.9.7", "1.3.6.1.4.1.9.7"}, {"1.3.6.1.4.1.9.0.70000", "1.3.6.1.4.1.9.70000"},
		{"1.3.6.1.4.1.9.128.7", "1.3.6.1.4.1.9.128.7"}, {"1.3.0", "1.3.0"},
	} {
		oid, err := ParseOID(c[0])
		if err != nil || oid.Canonical().String() != c[1] {
			t.Errorf("%s: %v, %v; want %s", c[0], oid.Canonical(), err, c[1])
		}
	}
}

func TestIdentifiersReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		oid := OID(nil).Append(43)
		for _, arc := range rapid.SliceOf(rapid.Uint32()).Draw(t, "arcs") {
			oid = oid.Append(arc)
		}
		again, err := ParseOID(oid.String())
		if err != nil || !bytes.Equal(again, oid) || !oid.Valid() {
			t.Fatalf("%v: %v, %v", oid, again, err)
		}
	})
}

func TestNumbersReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u, i := rapid.Uint64().Draw(t, "u"), rapid.Int32().Draw(t, "i")
		r := elements(append(number(Counter64, u), signed(i)...))
		if got, ok := Uint(r.Want(Counter64)); !ok || got != u {
			t.Errorf("%d: %d", u, got)
		}
		if got, ok := Int(r.Want(Integer)); !ok || got != int64(i) || !r.End() {
			t.Errorf("%d: %d", i, got)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(v1(6, 1))
	f.Add(v2(trapV2, varbind(nameTrap, element(ObjectID, []byte(nameGeneric+"\x03")))))
	f.Add(pdu(inform, 1, varbind(nameTrap, element(ObjectID, []byte(nameGeneric+"\x03")))))
	f.Fuzz(func(t *testing.T, datagram []byte) {
		before := bytes.Clone(datagram)
		_, _ = VersionOf(datagram)
		n, err := Parse(datagram)
		if err != nil {
			n, err = ParsePDU(datagram)
		}
		if err == nil && !n.OID.Valid() {
			t.Errorf("a trap without a name: %x", []byte(n.OID))
		}
		for v := range n.Varbinds() {
			_ = v.Name.String()
		}
		if !bytes.Equal(before, datagram) {
			t.Error("the datagram was changed")
		}
	})
}

package ber

import (
	"encoding/binary"
	"errors"
)

// The error-status values that a poller tells apart.
const (
	NoError    = 0
	TooBig     = 1
	NoSuchName = 2
	GenErr     = 5
)

// Response is a decoded answer. Varbinds points into the datagram.
type Response struct {
	ID       uint32
	Status   int
	Index    int    // the varbind that Status is about, from 1
	Varbinds []byte // contents of the varbind list
}

var errMalformed = errors.New("ber: not an SNMPv2c response")

// ParseResponse reads a datagram as an SNMPv2c response. It looks no further than the head of the
// varbind list; Varbind.Cut checks the rest as it goes.
func ParseResponse(datagram []byte) (r Response, err error) {
	tag, msg, _, ok := Cut(datagram) // some agents pad the datagram: what follows is ignored
	if !ok || tag != Sequence {
		return r, errMalformed
	}
	tag, version, msg, ok := Cut(msg)
	if !ok || tag != Integer || len(version) != 1 || version[0] != 1 {
		return r, errMalformed
	}
	tag, _, msg, ok = Cut(msg) // community
	if !ok || tag != OctetString {
		return r, errMalformed
	}
	return ParsePDU(msg)
}

// ParsePDU reads the PDU of a response, as ParseResponse does.
func ParsePDU(text []byte) (r Response, err error) {
	tag, pdu, _, ok := Cut(text)
	if !ok || tag != GetResponse {
		return r, errMalformed
	}
	id, pdu, ok := cutInt(pdu)
	status, pdu, ok2 := cutInt(pdu)
	index, pdu, ok3 := cutInt(pdu)
	tag, list, _, ok4 := Cut(pdu)
	if !ok || !ok2 || !ok3 || !ok4 || tag != Sequence {
		return r, errMalformed
	}
	return Response{ID: uint32(id), Status: int(status), Index: int(index), Varbinds: list}, nil
}

// cutInt reads an INTEGER that fits 32 bits.
func cutInt(b []byte) (v int64, rest []byte, ok bool) {
	tag, contents, rest, ok := Cut(b)
	if !ok || tag != Integer || len(contents) > 4 {
		return 0, nil, false
	}
	v, ok = Int(contents)
	return v, rest, ok
}

// Varbind is one name with its value. The slices point into the datagram.
type Varbind struct {
	Name  []byte // contents of the object identifier
	Tag   byte
	Value []byte // contents
}

// Cut reads the first varbind of list. Nearly all of them have lengths of one octet, and are read in one go.
func (v *Varbind) Cut(list []byte) (rest []byte, ok bool) {
	if len(list) >= 6 && list[0] == Sequence && list[2] == ObjectID {
		end, name := 2+int(list[1]), 4+int(list[3])
		if list[1] < 0x80 && end <= len(list) && name > 4 && name+2 <= end {
			value := name + 2 + int(list[name+1])
			if list[3] < 0x80 && list[name+1] < 0x80 && value <= end {
				v.Name, v.Tag, v.Value = list[4:name], list[name], list[name+2:value]
				return list[end:], true
			}
		}
	}
	return v.cutAny(list)
}

func (v *Varbind) cutAny(list []byte) (rest []byte, ok bool) {
	tag, pair, rest, ok := Cut(list)
	if !ok || tag != Sequence {
		return nil, false
	}
	tag, name, pair, ok := Cut(pair)
	if !ok || tag != ObjectID || len(name) == 0 {
		return nil, false
	}
	v.Name = name
	v.Tag, v.Value, _, ok = Cut(pair)
	return rest, ok
}

// Number is the value if it is an integer, counter, gauge or time; a negative INTEGER is refused.
func (v *Varbind) Number() (uint64, bool) {
	switch v.Tag {
	case Counter32, Gauge32, TimeTicks, Counter64:
		return Uint(v.Value)
	case Integer:
		n, ok := Int(v.Value)
		return uint64(n), ok && n >= 0
	}
	return 0, false
}

// Octets8 is the value if it is a string of eight octets that hold a number, the most significant one first: so some
// agents send a Counter64. Eight digits are text.
func (v *Varbind) Octets8() (n uint64, ok bool) {
	if v.Tag != OctetString || len(v.Value) != 8 {
		return 0, false
	}
	text := true
	for _, c := range v.Value {
		text = text && c >= '0' && c <= '9'
	}
	return binary.BigEndian.Uint64(v.Value), !text
}

// Missing says that the agent has no such object or instance, or nothing behind it.
func (v *Varbind) Missing() bool { return v.Tag >= NoSuchObject && v.Tag <= EndOfMibView }

// AppendVarbind writes one name with its value.
func AppendVarbind(dst []byte, v Varbind) []byte {
	dst = appendHead(dst, Sequence, elementLen(len(v.Name))+elementLen(len(v.Value)))
	dst = AppendElement(dst, ObjectID, v.Name)
	return AppendElement(dst, v.Tag, v.Value)
}

// AppendResponse writes a whole SNMPv2c response message, as an agent would.
func AppendResponse(dst []byte, community string, r Response) []byte {
	msg := []byte{Integer, 1, 1}
	msg = AppendElement(msg, OctetString, []byte(community))
	return AppendElement(dst, Sequence, AppendResponsePDU(msg, r))
}

// AppendResponsePDU writes the PDU of a response.
func AppendResponsePDU(dst []byte, r Response) []byte {
	body := AppendInt(nil, int64(int32(r.ID)))
	body = AppendInt(body, int64(r.Status))
	body = AppendInt(body, int64(r.Index))
	body = AppendElement(body, Sequence, r.Varbinds)
	return AppendElement(dst, GetResponse, body)
}

package packet

import (
	"errors"
	"iter"
	"net/netip"
)

// ErrOther says that a message is well-formed and is no notification: a request, an answer.
var ErrOther = errors.New("packet: not a notification")

// Version is a version of SNMP as its messages name it.
type Version int64

// The versions that exist.
const (
	V1  Version = 0
	V2c Version = 1
	V3  Version = 3
)

// String is the usual name.
func (v Version) String() string {
	switch v {
	case V1:
		return "1"
	case V2c:
		return "2c"
	default:
		return "3"
	}
}

// Notification is a trap or an inform, in the form of version 2 (RFC 3584, 3.1).
type Notification struct {
	Version   Version
	Community []byte // of versions 1 and 2c
	Inform    bool   // its sender wants an answer
	RequestID int32
	Uptime    uint64     // sysUpTime, in hundredths of a second
	OID       OID        // which trap it is
	Origin    netip.Addr // what it says of its origin; invalid if nothing
	List      []byte     // its varbinds as they came
}

// Varbind is a name with its value.
type Varbind struct {
	Name  OID
	Tag   byte
	Value []byte
}

// Names that a notification has besides those of its own.
const (
	nameUptime    = "\x2b\x06\x01\x02\x01\x01\x03\x00"         // sysUpTime.0
	nameTrap      = "\x2b\x06\x01\x06\x03\x01\x01\x04\x01\x00" // snmpTrapOID.0
	nameOrigin    = "\x2b\x06\x01\x06\x03\x12\x01\x03\x00"     // snmpTrapAddress.0
	nameCommunity = "\x2b\x06\x01\x06\x03\x12\x01\x04\x00"     // snmpTrapCommunity.0
	nameGeneric   = "\x2b\x06\x01\x06\x03\x01\x01\x05"         // snmpTraps
)

// Varbinds are the name and value pairs, without the time, the trap's own name and the community.
func (n *Notification) Varbinds() iter.Seq[Varbind] {
	return func(yield func(Varbind) bool) {
		for r := elements(n.List); len(r.Rest) > 0; {
			v, ok := r.varbind()
			if !ok {
				return
			}
			switch string(v.Name) {
			case nameUptime, nameTrap, nameCommunity:
				continue
			}
			if !yield(v) {
				return
			}
		}
	}
}

func (r *reader) varbind() (v Varbind, ok bool) {
	pair := elements(r.Want(sequence))
	v.Name = pair.Want(ObjectID)
	v.Tag, v.Value = pair.Any()
	return v, r.Good() && pair.End() && v.Name.Valid()
}

// VersionOf reads a message's version.
func VersionOf(datagram []byte) (Version, error) {
	whole := elements(datagram)
	message := elements(whole.Want(sequence))
	v := Version(message.integer(0))
	if !whole.End() || !message.Good() || v != V1 && v != V2c && v != V3 {
		return 0, ErrMalformed
	}
	return v, nil
}

// Parse reads a message of version 1 or 2c. Nothing in it is verified: the community is for the caller to look at.
func Parse(datagram []byte) (Notification, error) {
	whole := elements(datagram)
	message := elements(whole.Want(sequence))
	n := Notification{Version: Version(message.integer(0)), Community: message.Want(OctetString)}
	tag, contents := message.Any()
	if !whole.End() || !message.End() {
		return n, ErrMalformed
	}
	if n.Version == V1 {
		return n, n.readV1(tag, contents)
	}
	return n, n.read(tag, contents)
}

// ParsePDU reads the PDU of a message of version 3. If it is no notification, the error is ErrOther and the notification
// has the request's number.
func ParsePDU(text []byte) (Notification, error) {
	n := Notification{Version: V3}
	whole := elements(text)
	tag, contents := whole.Any()
	if !whole.End() {
		return n, ErrMalformed
	}
	if request := elements(contents); tag != trapV2 && tag != inform {
		n.RequestID = int32(request.integer(-1 << 31))
		return n, otherwise(tag)
	}
	return n, n.read(tag, contents)
}

// readV1 reads the PDU of version 1.
func (n *Notification) readV1(tag byte, contents []byte) error {
	if tag != trapV1 {
		return otherwise(tag)
	}
	r := elements(contents)
	enterprise := OID(r.Want(ObjectID))
	n.Origin, _ = netip.AddrFromSlice(r.Want(IPAddress))
	generic, specific := r.integer(0), r.integer(0)
	uptime, ok := Uint(r.Want(TimeTicks))
	n.Uptime, n.List = uptime, r.Want(sequence)
	if !r.End() || !ok || !enterprise.Valid() {
		return ErrMalformed
	}
	if generic < 6 {
		n.OID = OID(nameGeneric).Append(uint32(generic) + 1)
	} else {
		n.OID = enterprise.Append(0).Append(uint32(specific))
	}
	return n.scan()
}

// read reads the PDU of version 2.
func (n *Notification) read(tag byte, contents []byte) error {
	if tag != trapV2 && tag != inform {
		return otherwise(tag)
	}
	r := elements(contents)
	n.Inform = tag == inform
	n.RequestID = int32(r.integer(-1 << 31))
	r.integer(-1 << 31)
	r.integer(-1 << 31)
	n.List = r.Want(sequence)
	if !r.End() {
		return ErrMalformed
	}
	if err := n.scan(); err != nil {
		return err
	}
	if len(n.OID) == 0 {
		return ErrMalformed
	}
	return nil
}

// otherwise tells a PDU of another kind from none at all.
func otherwise(tag byte) error {
	if tag >= getRequest && tag <= report {
		return ErrOther
	}
	return ErrMalformed
}

// scan checks every varbind and takes what concerns the notification as a whole.
func (n *Notification) scan() error {
	for r := elements(n.List); len(r.Rest) > 0; {
		v, ok := r.varbind()
		if !ok {
			return ErrMalformed
		}
		switch {
		case string(v.Name) == nameUptime && v.Tag == TimeTicks:
			n.Uptime, _ = Uint(v.Value)
		case string(v.Name) == nameTrap && v.Tag == ObjectID && n.Version != V1:
			n.OID = v.Value
			if !n.OID.Valid() {
				return ErrMalformed
			}
		case string(v.Name) == nameOrigin && v.Tag == IPAddress:
			n.Origin, _ = netip.AddrFromSlice(v.Value)
		}
	}
	return nil
}

// Response is the answer to an inform of version 2c.
func (n *Notification) Response() []byte {
	return element(sequence, number(Integer, uint64(n.Version)), element(OctetString, n.Community), n.Reply())
}

// Reply is the PDU that answers an inform.
func (n *Notification) Reply() []byte { return pdu(response, n.RequestID, n.List) }

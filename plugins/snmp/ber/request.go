package ber

import "encoding/binary"

// PDU says what is asked. MaxRepetitions and NonRepeaters count for GETBULK only.
type PDU struct {
	Op             byte
	NonRepeaters   int
	MaxRepetitions int
	Names          [][]byte // contents of object identifiers
}

// Request is a PDU with its SNMPv2c message, made once and sent many times: only the request-id
// differs. It is immutable, so any number of devices may share it. For version 3 the PDU alone is taken.
type Request struct {
	PDU
	wire  []byte
	pduAt int
	idAt  int
}

// NewRequest makes the message of a PDU. It keeps p.Names.
func NewRequest(community string, p PDU) *Request {
	if p.Op != GetBulkRequest {
		p.NonRepeaters, p.MaxRepetitions = 0, 0 // these places are error-status and error-index
	}
	list := 0
	for _, n := range p.Names {
		list += elementLen(elementLen(len(n)) + 2)
	}
	body := idLen + intLen(int64(p.NonRepeaters)) + intLen(int64(p.MaxRepetitions)) + elementLen(list)
	message := 3 + elementLen(len(community)) + elementLen(body)

	wire := make([]byte, 0, elementLen(message))
	wire = appendHead(wire, Sequence, message)
	wire = append(wire, Integer, 1, 1) // version 2c
	wire = append(appendHead(wire, OctetString, len(community)), community...)
	r := &Request{PDU: p, pduAt: len(wire)}
	wire = appendHead(wire, p.Op, body)
	r.idAt = len(wire) + 2
	wire = append(wire, Integer, 4, 0, 0, 0, 0)
	wire = AppendInt(wire, int64(p.NonRepeaters))
	wire = AppendInt(wire, int64(p.MaxRepetitions))
	wire = appendHead(wire, Sequence, list)
	for _, n := range p.Names {
		wire = appendHead(wire, Sequence, elementLen(len(n))+2)
		wire = AppendElement(wire, ObjectID, n)
		wire = append(wire, Null, 0)
	}
	r.wire = wire
	return r
}

const idLen = 6 // of the element of a request-id

// Around is how many octets a message has around its varbinds, as far as can be foreseen. Without a community it is one of
// version 3, which has more: an engine id of 17 octets, twice, a user of 16, and the code of SHA-256.
func Around(community string) int {
	const v2c, v3 = 48, 160
	if community == "" {
		return v3
	}
	return v2c + len(community)
}

// elementLen is the length of an element with contents of n octets.
func elementLen(n int) int {
	switch {
	case n < 0x80:
		return n + 2
	case n < 0x100:
		return n + 3
	case n < 0x10000:
		return n + 4
	}
	return n + 6
}

// intLen is the length of an INTEGER.
func intLen(v int64) int {
	var room [10]byte
	return len(AppendInt(room[:0], v))
}

// Len is the length of the message.
func (r *Request) Len() int { return len(r.wire) }

// Append writes the message with its request-id, which has to be in [2^30, 2^31) so that its four
// octets are also its shortest encoding.
func (r *Request) Append(dst []byte, id uint32) []byte { return r.from(0, dst, id) }

// AppendPDU writes the PDU alone, with a request-id as Append takes it.
func (r *Request) AppendPDU(dst []byte, id uint32) []byte { return r.from(r.pduAt, dst, id) }

func (r *Request) from(start int, dst []byte, id uint32) []byte {
	at := len(dst) + r.idAt - start
	dst = append(dst, r.wire[start:]...)
	binary.BigEndian.PutUint32(dst[at:], id)
	return dst
}

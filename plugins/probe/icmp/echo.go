// Package icmp is ICMP echo as bytes (RFC 792, RFC 4443): a request with a key in its data, and what is to be believed of a
// reply.
package icmp

import (
	"encoding/binary"
	"errors"
	"slices"
)

// Least is the length of a request without padding: header, magic and key.
const Least = 8 + 4 + 8

const (
	request4, reply4 = 8, 0
	request6, reply6 = 128, 129
	magic            = 0x48444e47
)

// What a packet can be instead of a reply to one of ours.
var (
	ErrShort = errors.New("icmp: the packet is too short")
	ErrOther = errors.New("icmp: not a reply to us")
)

// Echo is what a request says, and the reply to it says again.
type Echo struct {
	ID, Sequence uint16
	Key          uint64
}

// Append adds an echo request of at least size octets, ICMP header included. The kernel sets the identifier of an
// unprivileged socket, and the checksum of version 6.
func Append(dst []byte, v6 bool, e Echo, size int) []byte {
	size = max(size, Least)
	from := len(dst)
	dst = slices.Grow(dst, size)[:from+size]
	p := dst[from:]
	clear(p)
	p[0] = request4
	if v6 {
		p[0] = request6
	}
	binary.BigEndian.PutUint16(p[4:], e.ID)
	binary.BigEndian.PutUint16(p[6:], e.Sequence)
	binary.BigEndian.PutUint32(p[8:], magic)
	binary.BigEndian.PutUint64(p[12:], e.Key)
	if !v6 {
		binary.BigEndian.PutUint16(p[2:], Checksum(p))
	}
	return dst
}

// Parse reads what an ICMP socket received, without IP header: a reply that holds one of our keys.
func Parse(p []byte, v6 bool) (Echo, error) {
	if len(p) < 8 {
		return Echo{}, ErrShort
	}
	want := byte(reply4)
	if v6 {
		want = reply6
	}
	if p[0] != want || p[1] != 0 || len(p) < Least || binary.BigEndian.Uint32(p[8:]) != magic {
		return Echo{}, ErrOther
	}
	return Echo{binary.BigEndian.Uint16(p[4:]), binary.BigEndian.Uint16(p[6:]), binary.BigEndian.Uint64(p[12:])}, nil
}

// Checksum is the Internet's (RFC 1071).
func Checksum(p []byte) uint16 {
	var sum uint32
	for ; len(p) >= 2; p = p[2:] {
		sum += uint32(binary.BigEndian.Uint16(p))
	}
	if len(p) == 1 {
		sum += uint32(p[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

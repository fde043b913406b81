//go:build conformance

package snmptrap

import (
	"encoding/binary"
	"os"
	"testing"
)

// payloads are the UDP payloads of a capture over Ethernet, in pcap's or pcapng's format.
func payloads(t *testing.T, path string) (out [][]byte) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	le := binary.LittleEndian
	if le.Uint32(text) == 0x0a0d0d0a {
		for len(text) >= 12 {
			block := text[:le.Uint32(text[4:])]
			if le.Uint32(block) == 6 {
				out = append(out, udp(block[28:28+le.Uint32(block[20:])]))
			}
			text = text[len(block):]
		}
		return out
	}
	for text = text[24:]; len(text) >= 16; {
		n := le.Uint32(text[8:])
		out = append(out, udp(text[16:16+n]))
		text = text[16+n:]
	}
	return out
}

// udp is the payload of a frame, or as much of it as there is.
func udp(frame []byte) []byte {
	if len(frame) < 42 {
		return frame
	}
	ip := frame[14:]
	head := int(ip[0]&15) * 4
	if ip[0]>>4 == 6 {
		head = 40
	}
	return ip[min(head+8, len(ip)):]
}

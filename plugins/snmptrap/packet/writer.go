package packet

// element writes an element in the shortest form. It allocates: answers are rare beside notifications.
func element(tag byte, parts ...[]byte) []byte {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	out := make([]byte, 0, n+6)
	switch {
	case n < 0x80:
		out = append(out, tag, byte(n))
	case n < 0x100:
		out = append(out, tag, 0x81, byte(n))
	case n < 0x10000:
		out = append(out, tag, 0x82, byte(n>>8), byte(n))
	default:
		out = append(out, tag, 0x84, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// number writes a number that is not negative.
func number(tag byte, v uint64) []byte {
	out := []byte{tag, 1}
	for shift := 56; shift >= 0; shift -= 8 {
		b := byte(v >> shift)
		if len(out) == 2 && b == 0 && shift > 0 {
			continue
		}
		if len(out) == 2 && b >= 0x80 {
			out = append(out, 0) // or it would be negative
		}
		out = append(out, b)
	}
	out[1] = byte(len(out) - 2)
	return out
}

// signed writes an INTEGER of 32 bits.
func signed(v int32) []byte {
	return []byte{Integer, 4, byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}
}

// pdu writes a PDU without error around varbinds that are encoded already.
func pdu(tag byte, requestID int32, varbinds []byte) []byte {
	return element(tag, signed(requestID), number(Integer, 0), number(Integer, 0), element(sequence, varbinds))
}

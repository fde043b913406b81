package kpi

import (
	"encoding/binary"
	"math/bits"
)

// packSlots is how many rates are packed together: two hours, in which a link's load changes little.
const packSlots = 24

// withGaps marks a pack in which some slots have no rate.
const withGaps = 0x40

// appendPacked writes 0 for no rates at all; else, after a 1, pack by pack the number of bits of a rate, which slots
// have one unless all do, the least rate, and all of them less that.
func appendPacked(dst []byte, rates []uint32) []byte {
	if rates == nil {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	for i := 0; i < SlotsPerDay; i += packSlots {
		dst = appendPack(dst, (*[packSlots]uint32)(rates[i:]))
	}
	return dst
}

func appendPack(dst []byte, rates *[packSlots]uint32) []byte {
	least, greatest, there := uint32(NoRate), uint32(0), uint32(0)
	for i, v := range rates {
		if v != NoRate {
			least, greatest = min(least, v), max(greatest, v)
			there |= 1 << i
		}
	}
	if there == 0 {
		return append(dst, withGaps, 0, 0, 0)
	}
	width := bits.Len32(greatest - least)
	if there == 1<<packSlots-1 {
		dst = append(dst, byte(width))
	} else {
		dst = append(dst, byte(width)|withGaps, byte(there), byte(there>>8), byte(there>>16))
	}
	dst = appendUint(dst, uint64(least))
	var word uint64
	filled := 0
	for _, v := range rates {
		if v != NoRate {
			word |= uint64(v-least) << filled
		}
		for filled += width; filled >= 8; filled -= 8 {
			dst = append(dst, byte(word))
			word >>= 8
		}
	}
	return dst
}

// packed reads what appendPacked wrote into room, which the result is part of.
func (r *reader) packed(room *slotRoom) []uint32 {
	if r.below(2, "rates") == 0 {
		return nil
	}
	rates := room.next()
	for i := 0; i < SlotsPerDay && r.err == nil; i += packSlots {
		r.pack((*[packSlots]uint32)(rates[i:]))
	}
	return rates
}

func (r *reader) pack(rates *[packSlots]uint32) {
	head := r.bytes(1)
	if head == nil {
		return
	}
	width := int(head[0] &^ withGaps)
	there := uint32(1<<packSlots - 1)
	if head[0]&withGaps != 0 {
		if gaps := r.bytes(3); gaps != nil {
			there = uint32(gaps[0]) | uint32(gaps[1])<<8 | uint32(gaps[2])<<16
		}
	}
	if there == 0 {
		for i := range rates {
			rates[i] = NoRate
		}
		return
	}
	least := r.below(NoRate, "rate")
	data := r.bytes(packSlots * width / 8)
	if width > 32 {
		r.fail("rate out of range")
	}
	if r.err != nil {
		return
	}
	unpack(rates, data, width)
	for i, v := range rates {
		switch {
		case there>>i&1 == 0:
			rates[i] = NoRate
		case uint64(v)+least >= NoRate:
			r.fail("rate out of range")
			return
		default:
			rates[i] = v + uint32(least)
		}
	}
}

// unpack reads numbers of width bits, the lowest bits first.
func unpack(rates *[packSlots]uint32, data []byte, width int) {
	var room [packSlots*4 + 8]byte // there is always a whole word to read
	copy(room[:], data)
	mask := uint64(1)<<width - 1
	for i := range rates {
		at := i * width
		rates[i] = uint32(binary.LittleEndian.Uint64(room[at>>3:]) >> (at & 7) & mask)
	}
}

// slotRoom makes rates of a day, many in one piece.
type slotRoom struct{ left []uint32 }

func (s *slotRoom) next() []uint32 {
	const atOnce = 128
	if len(s.left) == 0 {
		s.left = make([]uint32, atOnce*SlotsPerDay)
	}
	out := s.left[:SlotsPerDay:SlotsPerDay]
	s.left = s.left[SlotsPerDay:]
	return out
}

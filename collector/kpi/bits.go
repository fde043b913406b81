package kpi

import (
	"encoding/binary"
	"math/bits"
)

// bitWriter packs numbers of so many bits each, lowest bit first. What it makes is kept in memory only.
type bitWriter struct {
	out  [maxPacked]byte
	n    int    // bytes of out
	word uint64 // the last bits, not in out yet
	used int    // of word, below 64
}

// put writes the lowest n bits of v, which has no others.
func (w *bitWriter) put(v uint64, n int) {
	w.word |= v << (w.used & 63)
	if w.used += n; w.used >= 64 {
		w.flush()
		w.used -= 64
		w.word = v >> (n - w.used)
	}
}

func (w *bitWriter) flush() {
	binary.LittleEndian.PutUint64(w.out[w.n:], w.word)
	w.n += 8
}

// sized writes a number after its length.
func (w *bitWriter) sized(v uint64) {
	n := bits.Len64(v)
	w.put(uint64(n), sizeBits)
	w.put(v, n)
}

// sizeBits hold a number of bits, 0 to 64.
const sizeBits = 7

// column writes at least one number: the first, and by how much each of the others advances more than the one that does
// least. Sums and differences wrap around, and back on reading.
func (w *bitWriter) column(v []uint64) {
	least, width := advances(v)
	w.sized(v[0])
	w.sized(zigzag(least))
	w.put(uint64(width), sizeBits)
	if width == 0 {
		return
	}
	last := v[0]
	for _, next := range v[1:] {
		w.put(next-last-uint64(least), width)
		last = next
	}
}

// advances are the least that a number advances on the one before, and how many bits the greatest has above it.
func advances(v []uint64) (least int64, width int) {
	if len(v) < 2 {
		return 0, 0
	}
	last := v[1]
	least = int64(last - v[0])
	most := least
	for _, next := range v[2:] {
		a := int64(next - last)
		least, most, last = min(least, a), max(most, a), next
	}
	return least, bits.Len64(uint64(most) - uint64(least))
}

// bytes ends the writing. Behind the last bit they have room for a reader to look ahead.
func (w *bitWriter) bytes() []byte {
	w.flush()
	return w.out[:w.n+8]
}

// bitReader reads what a bitWriter wrote, and must be asked for the same.
type bitReader struct {
	data []byte
	at   int // bit
}

// take reads n bits.
func (r *bitReader) take(n int) uint64 {
	if n > maxFew {
		return r.few(32) | r.few(n-32)<<32
	}
	return r.few(n)
}

// few is take for at most maxFew bits, which eight bytes hold wherever they begin.
func (r *bitReader) few(n int) uint64 {
	v := binary.LittleEndian.Uint64(r.data[r.at>>3:]) >> (r.at & 7)
	r.at += n
	return v & (1<<n - 1)
}

const maxFew = 57

func (r *bitReader) sized() uint64 { return r.take(int(r.few(sizeBits))) }

// column reads as many numbers as there is room for.
func (r *bitReader) column(v []uint64) {
	last := r.sized()
	least, width := unzigzag(r.sized()), int(r.few(sizeBits))
	v[0] = last
	if width > maxFew {
		for i := range v[1:] {
			last += least + r.take(width)
			v[i+1] = last
		}
		return
	}
	data, at, mask := r.data, r.at, uint64(1)<<width-1
	for i := range v[1:] {
		last += least + binary.LittleEndian.Uint64(data[at>>3:])>>(at&7)&mask
		v[i+1] = last
		at += width
	}
	r.at = at
}

func zigzag(v int64) uint64    { return uint64(v<<1) ^ uint64(v>>63) }
func unzigzag(v uint64) uint64 { return v>>1 ^ -(v & 1) }

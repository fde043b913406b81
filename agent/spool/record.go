package spool

import (
	"encoding/binary"
	"hash/crc32"
	"time"
)

// A record in a segment file, all numbers little-endian:
//
//	 0  magic 0x184D2A50   a zstd skippable frame: decoders of the whole file step over the header
//	 4  40                 bytes of the skippable frame that follow
//	 8  version 1
//	12  points             lines in the data
//	16  sequence
//	24  time               when it was appended, Unix ns
//	32  raw length         bytes of text in the data
//	36  data length        bytes that follow the header
//	40  CRC32C of bytes 0–39 and the data
//	44  CRC32C of bytes 0–43, so that a length can be believed before the data has been read
//	48  data: zstd frames, as they came
const (
	headerBytes   = 48
	skippable     = 0x184D2A50
	formatVersion = 1
)

// maxData bounds the data of one record, and with it what a reader allocates: the collector takes no
// larger request.
const maxData = 8 << 20

// header is what a record says of its data.
type header struct {
	sequence uint64
	time     time.Time
	points   int
	raw      int
	length   int // of the data
	crc      uint32
}

// span is the record's length in the file.
func (h header) span() int64 { return headerBytes + int64(h.length) }

func castagnoli(crc uint32, b []byte) uint32 {
	return crc32.Update(crc, crc32.MakeTable(crc32.Castagnoli), b)
}

// encodeHeader appends h to dst, with both checksums.
func encodeHeader(dst []byte, h header, data []byte) []byte {
	start := len(dst)
	le := binary.LittleEndian
	dst = le.AppendUint32(dst, skippable)
	dst = le.AppendUint32(dst, headerBytes-8)
	dst = le.AppendUint32(dst, formatVersion)
	dst = le.AppendUint32(dst, uint32(h.points))
	dst = le.AppendUint64(dst, h.sequence)
	dst = le.AppendUint64(dst, uint64(h.time.UnixNano()))
	dst = le.AppendUint32(dst, uint32(h.raw))
	dst = le.AppendUint32(dst, uint32(len(data)))
	dst = le.AppendUint32(dst, castagnoli(castagnoli(0, dst[start:]), data))
	return le.AppendUint32(dst, castagnoli(0, dst[start:]))
}

// decodeHeader reads a header; ok is false when these bytes are none, or a damaged one.
func decodeHeader(b []byte) (h header, ok bool) {
	le := binary.LittleEndian
	if len(b) < headerBytes || le.Uint32(b) != skippable || le.Uint32(b[4:]) != headerBytes-8 ||
		le.Uint32(b[44:]) != castagnoli(0, b[:44]) || le.Uint32(b[8:]) != formatVersion {
		return header{}, false
	}
	h = header{
		points:   int(le.Uint32(b[12:])),
		sequence: le.Uint64(b[16:]),
		time:     time.Unix(0, int64(le.Uint64(b[24:]))),
		raw:      int(le.Uint32(b[32:])),
		length:   int(le.Uint32(b[36:])),
		crc:      le.Uint32(b[40:]),
	}
	return h, h.length <= maxData && h.sequence > 0
}

// intact says whether record, a header and its data, is what was written.
func intact(h header, record []byte) bool {
	return castagnoli(castagnoli(0, record[:40]), record[headerBytes:]) == h.crc
}

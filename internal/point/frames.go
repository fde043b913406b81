package point

import (
	"math"

	"github.com/klauspost/compress/zstd"
)

// frame is what the head of a zstd frame says.
type frame struct {
	size int    // bytes of it, with what follows the last block
	text uint64 // bytes of text it announces, 0 if it does not
}

// frameOf looks at the frame that data begins with. One that is cut off or damaged takes all of data:
// the decoder says what is wrong.
func frameOf(data []byte) frame {
	var h zstd.Header
	all := frame{size: len(data)}
	if h.Decode(data) != nil {
		return all
	}
	if h.Skippable {
		return frame{size: min(h.HeaderSize+int(h.SkippableSize), len(data))}
	}
	f := frame{size: blocksEnd(data, h.HeaderSize)}
	if h.HasCheckSum {
		f.size += 4
	}
	if f.size > len(data) {
		return all
	}
	if h.HasFCS {
		f.text = h.FrameContentSize
	}
	return f
}

// blocksEnd is where the last of the blocks that begin at data[i:] ends (RFC 8878, 3.1.1.2), or beyond
// data if there is none.
func blocksEnd(data []byte, i int) int {
	const repeated, reserved = 1, 3
	for i+3 <= len(data) {
		head := int(data[i]) | int(data[i+1])<<8 | int(data[i+2])<<16
		i += 3
		switch head >> 1 & 3 {
		case repeated:
			i++
		case reserved:
			return math.MaxInt32
		default:
			i += head >> 3
		}
		if head&1 == 1 {
			return i
		}
	}
	return math.MaxInt32
}

// announced is how much text the frames say they hold.
func announced(frames []byte) (text uint64) {
	for len(frames) > 0 {
		f := frameOf(frames)
		if text += f.text; text > math.MaxInt32 { // more than any limit; and the sum must not wrap
			return text
		}
		frames = frames[f.size:]
	}
	return text
}

// room makes room for n more bytes of text, and the few that the decoder writes faster with.
func room(text []byte, n uint64) []byte {
	const overrun = 32
	need := len(text) + int(n) + overrun
	if need <= cap(text) {
		return text
	}
	// A quarter more: the next batch will be about as large, not exactly.
	return append(make([]byte, 0, need+need/4), text...)
}

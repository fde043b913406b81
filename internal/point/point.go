// Package point is the one record that travels through Hải Đăng: a line of InfluxDB line protocol.
//
// Encoder writes lines, Scanner checks and reads lines of unknown origin, Walker reads lines that a
// Scanner has accepted before, Packer and Unpacker put text into zstd frames and take it out again.
package point

// Tag names part of an entity.
type Tag struct{ Key, Value string }

// Batch is what one hop hands to the next: zstd frames of line protocol, carried unchanged from the
// plugin to the log. Frames are self-contained and may be concatenated.
type Batch struct {
	Frames []byte
	Points int // lines in the frames
	Raw    int // bytes of text in the frames
}

// FrameBytes is the most text that one zstd frame may hold, and so the longest line there is.
const FrameBytes = 256 << 10

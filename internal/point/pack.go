package point

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// ErrTooLarge means that frames hold more text than the reader allows.
var ErrTooLarge = errors.New("more text than allowed")

// maxWindow is the largest zstd window a reader accepts, as browsers and HTTP clients do (RFC 9659).
const maxWindow = 8 << 20

// Packer compresses lines into frames, once for their whole way to the log. It is for one goroutine.
type Packer struct {
	zstd  *zstd.Encoder
	text  []byte // of the frame that is being filled
	frame []byte // room for it when it is compressed
	batch Batch
}

// NewPacker makes an empty Packer.
func NewPacker() (*Packer, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(FrameBytes), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, fmt.Errorf("point: packer: %w", err)
	}
	return &Packer{zstd: enc}, nil
}

// Add copies complete, newline-terminated lines into the batch. Lines handed over together share a
// frame if they fit one; more than that is split at newlines. A line longer than a frame is an error,
// and then nothing of the call is in the batch.
func (p *Packer) Add(lines []byte, points int) error {
	if longest := longestLine(lines); longest > FrameBytes {
		return fmt.Errorf("point: pack: a line of %d bytes, at most %d fit a frame", longest, FrameBytes)
	}
	if len(p.text)+len(lines) > FrameBytes {
		p.endFrame()
	}
	p.batch.Points += points
	p.batch.Raw += len(lines)
	for len(lines) > FrameBytes {
		n := bytes.LastIndexByte(lines[:FrameBytes], '\n') + 1
		p.text = append(p.text, lines[:n]...)
		p.endFrame()
		lines = lines[n:]
	}
	p.text = append(p.text, lines...)
	return nil
}

// Raw is the size of the text since the last Take.
func (p *Packer) Raw() int { return p.batch.Raw }

// Take ends the current frame and hands over all frames since the last Take. They belong to the caller.
func (p *Packer) Take() Batch {
	p.endFrame()
	b := p.batch
	p.batch = Batch{}
	return b
}

func (p *Packer) endFrame() {
	if len(p.text) > 0 {
		p.frame = p.zstd.EncodeAll(p.text, p.frame[:0]) // makes room for the whole text, which batches that wait need not keep
		p.batch.Frames = append(p.batch.Frames, p.frame...)
		p.text = p.text[:0]
	}
}

// longestLine is 0 where the text is too short for a line to be too long.
func longestLine(text []byte) int {
	longest := 0
	for len(text) > FrameBytes {
		n := bytes.IndexByte(text, '\n') + 1
		if n == 0 {
			n = len(text)
		}
		longest = max(longest, n)
		text = text[n:]
	}
	return longest
}

// Unpacker takes text out of frames of unknown origin, within bounds. It is for one goroutine at a time.
type Unpacker struct {
	zstd   *zstd.Decoder
	maxRaw int
}

// NewUnpacker makes an Unpacker that refuses to give out more than maxRaw bytes at once.
func NewUnpacker(maxRaw int) (*Unpacker, error) {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderMaxMemory(uint64(max(maxRaw, maxWindow))), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, fmt.Errorf("point: unpacker: %w", err)
	}
	return &Unpacker{zstd: dec, maxRaw: maxRaw}, nil
}

// Unpack appends the text of concatenated frames to dst. Frames that announce too much are refused
// before memory is taken for them, other bombs when one has outgrown the larger of the limit and 8 MiB;
// ErrTooLarge says so, and then dst is as it was.
func (u *Unpacker) Unpack(dst, frames []byte) ([]byte, error) {
	size := announced(frames)
	if size > uint64(u.maxRaw) {
		return dst, u.tooLarge()
	}
	text := room(dst, size)
	for len(frames) > 0 {
		n := frameOf(frames).size
		part, err := u.decode(text, frames[:n])
		if err != nil {
			return dst, err
		}
		if text, frames = part, frames[n:]; len(text)-len(dst) > u.maxRaw {
			return dst, u.tooLarge()
		}
	}
	return text, nil
}

// decode appends the text of one frame. The decoder is shown only the room behind the text: where it
// finds something before it, it decodes elsewhere and copies.
func (u *Unpacker) decode(text, frame []byte) ([]byte, error) {
	part, err := u.zstd.DecodeAll(frame, text[len(text):])
	switch {
	case errors.Is(err, zstd.ErrDecoderSizeExceeded), errors.Is(err, zstd.ErrWindowSizeExceeded):
		return text, u.tooLarge()
	case err != nil:
		return text, fmt.Errorf("point: unpack: %w", err)
	case len(part) > 0 && len(part) <= cap(text)-len(text) && &part[0] == &text[:len(text)+1][len(text)]:
		return text[:len(text)+len(part)], nil
	}
	return append(text, part...), nil
}

func (u *Unpacker) tooLarge() error {
	return fmt.Errorf("point: unpack: %w: %d bytes", ErrTooLarge, u.maxRaw)
}

// Unpack is Unpacker.Unpack for those who do it once.
func Unpack(dst, frames []byte, maxRaw int) ([]byte, error) {
	u, err := NewUnpacker(maxRaw)
	if err != nil {
		return dst, err
	}
	return u.Unpack(dst, frames)
}

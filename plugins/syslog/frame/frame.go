// Package frame takes messages out of a stream, in both framings of RFC 6587: octet counting, which RFC 5425 asks for, and
// messages that end with a line feed.
package frame

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Reader reads messages, each in whatever framing it has.
type Reader struct {
	in     *bufio.Reader
	max    int
	counts bool // a message with a count has come
}

// NewReader reads messages of at most max octets from in.
func NewReader(in io.Reader, max int) *Reader {
	return &Reader{in: bufio.NewReaderSize(in, max+maxCount), max: max}
}

// ErrCount means that, where a count has to be, there is none: the one before was wrong.
var ErrCount = errors.New("frame: the count of octets is none")

const maxCount = 11 // digits, the space and the message's first letter

// Next reads a message; it is valid until the call after. Of one that is longer than max the beginning is returned, and cut
// is how many octets are missing. At the end of the stream the error is io.EOF.
func (r *Reader) Next() (message []byte, cut int, err error) {
	for {
		first, err := r.in.Peek(1)
		if err != nil {
			return nil, 0, fmt.Errorf("frame: %w", err)
		}
		switch b := first[0]; {
		case b >= '1' && b <= '9':
			if n, head, ok := r.count(); ok {
				r.counts = true
				return r.counted(n, head)
			}
			if !r.counts {
				return r.line() // a message without a priority that begins with its year
			}
			return nil, 0, ErrCount
		case b == '\n' || b == '\r' || b == 0 || b == ' ': // what is left of the message before
			_, _ = r.in.Discard(1)
		case r.counts && b != '<':
			return nil, 0, ErrCount
		default:
			return r.line()
		}
	}
}

// count looks at "LENGTH SP <", as a counted message begins; head is what is before the message.
func (r *Reader) count() (n, head int, ok bool) {
	b, _ := r.in.Peek(maxCount)
	for head < len(b) && b[head] >= '0' && b[head] <= '9' {
		n = n*10 + int(b[head]-'0')
		head++
	}
	ok = head+1 < len(b) && b[head] == ' ' && b[head+1] == '<'
	return n, head + 1, ok
}

// counted reads a message of n octets.
func (r *Reader) counted(n, head int) (message []byte, cut int, err error) {
	_, _ = r.in.Discard(head)
	message, err = r.in.Peek(min(n, r.max))
	if err != nil {
		return nil, 0, fmt.Errorf("frame: in a message: %w", err)
	}
	message, cut = r.take(message), n-len(message)
	if _, err := r.in.Discard(n); err != nil {
		return nil, 0, fmt.Errorf("frame: in a message: %w", err)
	}
	return message, cut, nil
}

// take copies what a Discard might move away; short messages never lie across the buffer's end.
func (r *Reader) take(message []byte) []byte {
	if len(message) < r.max {
		return message
	}
	return bytes.Clone(message)
}

// line reads up to a line feed or a zero.
func (r *Reader) line() (message []byte, cut int, err error) {
	for n := 1; ; {
		head, err := r.in.Peek(n)
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return r.last(head, err)
		}
		head, _ = r.in.Peek(r.in.Buffered())
		if end := bytes.IndexAny(head, "\n\x00"); end >= 0 && end <= r.max {
			_, _ = r.in.Discard(end + 1)
			return head[:end], 0, nil
		}
		if len(head) > r.max {
			message = bytes.Clone(head[:r.max])
			cut, err = r.skip()
			return message, cut - r.max, err
		}
		n = len(head) + 1
	}
}

// last is the message before the end of the stream, which needs no line feed.
func (r *Reader) last(head []byte, err error) ([]byte, int, error) {
	if len(head) == 0 || !errors.Is(err, io.EOF) {
		return nil, 0, fmt.Errorf("frame: %w", err)
	}
	_, _ = r.in.Discard(len(head))
	return head, 0, nil
}

// skip passes over the rest of a line and says how long the line was.
func (r *Reader) skip() (n int, err error) {
	for {
		part, err := r.in.ReadSlice('\n')
		n += len(part)
		switch {
		case err == nil:
			return n - 1, nil
		case errors.Is(err, io.EOF):
			return n, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return n, fmt.Errorf("frame: %w", err)
		}
	}
}

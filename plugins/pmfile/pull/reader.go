// Package pull reads XML token by token, for files of measurements: fast, without allocation in the long run, and bounded
// whatever the file holds. It takes and refuses what encoding/xml takes and refuses, with these exceptions: names are ASCII,
// sizes have limits, and a byte order mark at the beginning is no text.
//
// A document type declaration is skipped and never resolved, and there are no entities but the five of XML and characters by
// number: a text is never longer than what stands in the file.
package pull

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Limits of a document. What is beyond them is an error of the kind Limit.
const (
	MaxDepth      = 64
	MaxAttributes = 64
	MaxToken      = 4 << 20 // bytes of a tag, a text between two tags, a comment
)

// Kind says what a token is.
type Kind uint8

// The kinds of tokens.
const (
	EOF Kind = iota
	Start
	End
	Text
)

// Attr is an attribute. Both parts belong to the Reader and are valid until the next token.
type Attr struct {
	Name  []byte // without a prefix
	Value []byte
}

// Fault says what kind of mistake a document has.
type Fault uint8

// The mistakes.
const (
	Syntax    Fault = iota // it is no XML
	Truncated              // it ends too early
	Limit                  // it is deeper, or a part of it longer, than allowed
	Encoding               // it is not UTF-8
)

// Error is a mistake of a document, and its place.
type Error struct {
	Fault Fault
	Line  int
	What  string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.What) }

// Reader reads the tokens of one document after the other. Reset comes first. It is for one goroutine.
type Reader struct {
	src   io.Reader
	buf   []byte
	pos   int  // of the next token in buf
	end   bool // src has no more than what is in buf
	lines int  // before buf

	err     error // final
	begun   bool
	closing bool // the tag read last closes itself: its End comes next

	name  []byte
	text  []byte
	attrs []Attr
	plain []byte // memory of values that do not stand in the file as they are

	names []byte // of the open elements, one after the other
	marks []int  // where each begins in names
}

const firstBuffer = 64 << 10

// Reset begins a document.
func (r *Reader) Reset(src io.Reader) {
	if r.buf == nil {
		r.buf = make([]byte, 0, firstBuffer)
	}
	*r = Reader{src: src, buf: r.buf[:0], attrs: r.attrs[:0], plain: r.plain[:0], names: r.names[:0], marks: r.marks[:0]}
}

// Name is the name of a Start or End without its prefix. It belongs to the Reader and is valid until the next token.
func (r *Reader) Name() []byte { return r.name }

// Attrs are the attributes of a Start in their order.
func (r *Reader) Attrs() []Attr { return r.attrs }

// Text is the text of a Text, with references replaced. Neighbouring texts (around a comment, a CDATA section) are tokens of
// their own. It belongs to the Reader and is valid until the next token.
func (r *Reader) Text() []byte { return r.text }

// Depth is the number of open elements: a Start counts itself, an End no more.
func (r *Reader) Depth() int { return len(r.marks) }

// Next reads a token. Errors are *Error, or those of the source, and final.
func (r *Reader) Next() (Kind, error) {
	if r.err != nil {
		return EOF, r.err
	}
	if r.closing {
		r.closing = false
		r.pop()
		return End, nil
	}
	r.plain = r.plain[:0]
	if !r.begun {
		if r.err = r.begin(); r.err != nil {
			return EOF, r.err
		}
	}
	for {
		kind, n, err := r.token(r.buf[r.pos:])
		switch {
		case err == nil && n == 0: // the end
			return EOF, nil
		case err == nil && kind == EOF: // a comment and the like
			r.pos += n
		case err == nil:
			r.pos += n
			return kind, nil
		case !errors.Is(err, errShort):
			r.err = r.located(err)
			return EOF, r.err
		default:
			if r.err = r.more(); r.err != nil {
				return EOF, r.err
			}
		}
	}
}

// begin skips a byte order mark.
func (r *Reader) begin() error {
	r.begun = true
	if err := r.more(); err != nil {
		return err
	}
	switch {
	case bytes.HasPrefix(r.buf, []byte("\xff\xfe")), bytes.HasPrefix(r.buf, []byte("\xfe\xff")):
		return r.located(mistake(Encoding, "the file is UTF-16: want UTF-8"))
	case bytes.HasPrefix(r.buf, []byte("\xef\xbb\xbf")):
		r.pos = 3
	}
	return nil
}

// errShort means that the buffer does not hold the whole token.
var errShort = errors.New("the token goes on")

// mistake is an error whose place is not known yet.
func mistake(f Fault, format string, args ...any) *Error {
	return &Error{Fault: f, What: fmt.Sprintf(format, args...)}
}

// located adds the line at which the token begins.
func (r *Reader) located(err error) error {
	var e *Error
	if errors.As(err, &e) {
		e.Line = r.Line()
	}
	return err
}

// Line is the line, counted from 1, at which the next token begins.
func (r *Reader) Line() int { return 1 + r.lines + bytes.Count(r.buf[:r.pos], []byte("\n")) }

// more brings at least as much again as the buffer has of the token, so that reading it anew from its beginning costs no more
// in the end than reading it twice.
func (r *Reader) more() error {
	if r.end {
		return r.located(mistake(Truncated, "the file ends within a tag or an element"))
	}
	have := len(r.buf) - r.pos
	if have > MaxToken {
		return r.located(mistake(Limit, "a tag or text is longer than %d bytes", MaxToken))
	}
	r.lines += bytes.Count(r.buf[:r.pos], []byte("\n"))
	want := max(2*have, 3) // a byte order mark has three
	if want > cap(r.buf) {
		r.buf = append(make([]byte, 0, want), r.buf[r.pos:]...)
	} else {
		r.buf = r.buf[:copy(r.buf[:have], r.buf[r.pos:])]
	}
	r.pos = 0
	for idle := 0; len(r.buf) < want && !r.end; {
		n, err := r.src.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		if idle++; n > 0 {
			idle = 0
		}
		switch {
		case errors.Is(err, io.EOF):
			r.end = true
		case errors.Is(err, io.ErrUnexpectedEOF):
			return r.located(mistake(Truncated, "the compressed file ends too early"))
		case err != nil:
			return err
		case idle == 100:
			return io.ErrNoProgress
		}
	}
	return nil
}

// push opens the element of the tag read last.
func (r *Reader) push(name []byte) error {
	if len(r.marks) == MaxDepth {
		return mistake(Limit, "more than %d elements within each other", MaxDepth)
	}
	r.marks = append(r.marks, len(r.names))
	r.names = append(r.names, name...)
	return nil
}

func (r *Reader) pop() {
	last := len(r.marks) - 1
	r.names, r.marks = r.names[:r.marks[last]], r.marks[:last]
}

// open is the name, with its prefix, of the innermost open element.
func (r *Reader) open() []byte {
	if len(r.marks) == 0 {
		return nil
	}
	return r.names[r.marks[len(r.marks)-1]:]
}

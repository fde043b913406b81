package meas

import (
	"bytes"
	"errors"
	"io"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"

	"github.com/haidang-noc/haidang/plugins/pmfile/pull"
)

// Options of a Reader.
type Options struct {
	MaxSize int64          // bytes of a file when it is not compressed any more
	Local   *time.Location // of times without an offset
}

// Reader reads one file after the other and reuses its memory. It is for one goroutine.
type Reader struct {
	opts Options
	xml  pull.Reader
	file File
	ids  map[string]int32 // of names, as file.names
	at   map[place]int32  // of records

	path  [pull.MaxDepth + 1]state
	text  []byte // of the element that is being read
	seen  seen
	info  infoState
	value valueState

	lastTime, lastDuration memo
}

// place is what makes two measValues one record.
type place struct {
	element     int
	group       string
	object      string
	end, period int64
}

// seen is which parts a file has had.
type seen struct{ root, header, data, element bool }

// infoState is what is known of the measInfo that is being read.
type infoState struct {
	group       string
	end, period int64
	types       []int32          // counters by position
	byP         map[string]int32 // positions by p, where they are not what they seem
	ordered     bool             // type i has p = i+1
}

// valueState is what is known of the measValue that is being read.
type valueState struct {
	object  []byte
	from    int // in file.values
	next    int // position of the next result
	p       []byte
	suspect bool
}

// memo remembers what a text meant.
type memo struct {
	text  string
	value int64
}

// What a Reader keeps from file to file: names, and memory for so many values.
const (
	maxNames = 1 << 18
	maxKept  = 1 << 20
)

// NewReader makes a Reader.
func NewReader(o Options) *Reader {
	return &Reader{opts: o, ids: map[string]int32{}, at: map[place]int32{}}
}

// Read reads one file, which is gzip or plain. The result is the Reader's and valid until the next Read. An error is a
// *Refusal, or that of src.
func (r *Reader) Read(src io.Reader) (*File, error) {
	r.reset()
	bounded := &bound{src: src, left: r.opts.MaxSize}
	r.xml.Reset(bounded)
	for {
		kind, err := r.xml.Next()
		if err == nil && kind == pull.EOF {
			return &r.file, r.complete()
		}
		if err == nil {
			err = r.take(kind)
		}
		if err != nil {
			return nil, refusal(err, r.xml.Line())
		}
	}
}

// Plain is the text of a file that is gzip or plain.
func Plain(src io.Reader) (io.Reader, error) {
	head := make([]byte, 2)
	n, err := io.ReadFull(src, head)
	whole := io.MultiReader(bytes.NewReader(head[:n]), src)
	if n == 1 && head[0] == '\x1f' {
		return nil, &Refusal{Truncated, 0, "the compressed file ends too early"}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return whole, nil
	}
	if err != nil || string(head) != "\x1f\x8b" {
		return whole, err
	}
	z, err := gzip.NewReader(whole)
	if err != nil {
		return nil, refusal(err, 0)
	}
	return z, nil
}

func (r *Reader) reset() {
	f := &r.file
	if len(f.names) > maxNames {
		r.ids, f.names = map[string]int32{}, nil
	}
	if cap(f.values) > maxKept {
		f.values, f.texts, f.parts, f.Records, r.at = nil, nil, nil, nil, map[place]int32{}
	}
	*f = File{names: f.names, Elements: f.Elements[:0], Records: f.Records[:0], values: f.values[:0], parts: f.parts[:0], texts: f.texts[:0]}
	clear(r.at)
	r.seen, r.text = seen{}, r.text[:0]
	r.info, r.value = infoState{types: r.info.types[:0]}, valueState{}
}

// bound ends a file that is larger than allowed.
type bound struct {
	src  io.Reader
	left int64
}

var errTooLarge = errors.New("the file is larger than max_size, when it is not compressed any more")

func (b *bound) Read(p []byte) (int, error) {
	n, err := b.src.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

// refusal makes one of whatever is wrong with the contents of a file; errors of its source stay as they are.
func refusal(err error, line int) error {
	var xml *pull.Error
	var own *Refusal
	var corrupt flate.CorruptInputError
	switch {
	case errors.As(err, &own):
		if own.Line == 0 {
			own.Line = line
		}
		return own
	case errors.As(err, &xml):
		reason := map[pull.Fault]Reason{pull.Syntax: Syntax, pull.Truncated: Truncated, pull.Limit: TooLarge, pull.Encoding: Encoding}[xml.Fault]
		return &Refusal{reason, xml.Line, xml.What}
	case errors.Is(err, errTooLarge):
		return &Refusal{TooLarge, 0, err.Error()}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &Refusal{Truncated, 0, "the compressed file ends too early"}
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		return &Refusal{Compression, 0, err.Error()}
	}
	return err
}

// complete says what a file that has been read to its end lacks.
func (r *Reader) complete() error {
	switch s := r.seen; {
	case !s.root:
		return &Refusal{Truncated, 0, "the file is empty"}
	case !s.header:
		return &Refusal{NoHeader, 0, "there is no fileHeader"}
	case !s.data:
		return &Refusal{NoData, 0, "there is no measData"}
	}
	return nil
}

package ingest

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/haidang-noc/haidang/internal/point"
	kgzip "github.com/klauspost/compress/gzip"
)

// keptText is how much memory an idle worker keeps.
const keptText = 8 << 20

// worker turns bodies into batches, one at a time.
type worker struct {
	maxText   int
	maxFuture time.Duration
	naming    *Naming
	unpacker  *point.Unpacker
	packer    *point.Packer
	gzip      kgzip.Reader
	scanner   point.Scanner
	text      []byte
	line      []byte
	encoder   point.Encoder
}

// job is one body and what is known of it.
type job struct {
	body []byte
	head head
	keys *keys
}

func newWorker(cfg Config, naming *Naming) (*worker, error) {
	u, err := point.NewUnpacker(cfg.MaxText)
	if err != nil {
		return nil, err
	}
	p, err := point.NewPacker()
	if err != nil {
		return nil, err
	}
	return &worker{maxText: cfg.MaxText, maxFuture: cfg.MaxFuture, naming: naming, unpacker: u, packer: p}, nil
}

// work checks all lines of the body. Where nothing is to be changed the batch is the body itself.
func (w *worker) work(j job) (point.Batch, *report, error) {
	text, err := w.decode(j)
	if err != nil {
		return point.Batch{}, nil, err
	}
	if j.head.encoding == zstd && j.head.precision == point.Nanosecond {
		if rep := w.inspect(text, j); rep != nil {
			return point.Batch{Frames: j.body, Points: rep.good, Raw: len(text)}, rep, nil
		}
	}
	rep := w.repack(text, j)
	return w.packer.Take(), rep, nil
}

// decode gives the body's text, at most maxText of it.
func (w *worker) decode(j job) (text []byte, err error) {
	if cap(w.text) > keptText {
		w.text = nil
	}
	switch j.head.encoding {
	case zstd:
		w.text, err = w.unpacker.Unpack(w.text[:0], j.body)
	case gzip:
		w.text, err = w.gunzip(w.text[:0], j.body)
	default:
		if len(j.body) > w.maxText {
			return nil, fmt.Errorf("%w: %d bytes", point.ErrTooLarge, w.maxText)
		}
		return j.body, nil
	}
	return w.text, err
}

func (w *worker) gunzip(dst, body []byte) ([]byte, error) {
	if err := w.gzip.Reset(bytes.NewReader(body)); err != nil {
		return dst, fmt.Errorf("gzip: %w", err)
	}
	buf := bytes.NewBuffer(dst)
	n, err := buf.ReadFrom(io.LimitReader(&w.gzip, int64(w.maxText)+1))
	switch {
	case err != nil:
		return dst, fmt.Errorf("gzip: %w", err)
	case n > int64(w.maxText):
		return dst, fmt.Errorf("%w: %d bytes", point.ErrTooLarge, w.maxText)
	}
	return buf.Bytes(), nil
}

func (w *worker) scan(text []byte, j job) {
	w.scanner.Reset(text, point.Options{Precision: j.head.precision, Default: j.head.received, Lookup: j.keys.lookup})
}

// inspect reads all lines and gives nil at the first one that cannot be kept as it is.
func (w *worker) inspect(text []byte, j job) *report {
	rep, latest := new(report), j.head.received+int64(w.maxFuture)
	for w.scan(text, j); w.scanner.Next(); rep.good++ {
		l := w.scanner.Line()
		if w.scanner.Err() != nil || !l.HasTime || l.Time > latest || j.keys.of(l) != allowed {
			return nil
		}
	}
	return rep
}

// repack writes the good lines anew, in nanoseconds.
func (w *worker) repack(text []byte, j job) *report {
	rep := new(report)
	for w.scan(text, j); w.scanner.Next(); {
		if err := w.scanner.Err(); err != nil {
			rep.reject(badSyntax, err)
			continue
		}
		if why, err := w.judge(j); err != nil {
			rep.reject(why, err)
			continue
		}
		rep.good++
	}
	return rep
}

// judge adds the current line to the batch, or says why not.
func (w *worker) judge(j job) (reason, *point.LineError) {
	l := w.scanner.Line()
	v := j.keys.of(l)
	refuse := func(why reason, text string) (reason, *point.LineError) {
		return why, &point.LineError{Line: l.No, Reason: text}
	}
	switch {
	case v == foreignDevice:
		return refuse(badDevice, "device "+w.tag(l, "device")+" is not this principal's")
	case v == foreignAgent:
		return refuse(badAgent, "agent "+w.tag(l, "agent")+" is not this principal")
	case v == foreignProvince:
		return refuse(badProvince, "province "+w.tag(l, "province")+" is not this principal's")
	case l.Time > j.head.received+int64(w.maxFuture):
		return refuse(badTime, fmt.Sprintf("time %d is more than %s ahead", l.Time, w.maxFuture))
	}
	if err := w.add(l, v); err != nil {
		return refuse(badSyntax, err.Error())
	}
	return 0, nil
}

func (w *worker) add(l *point.Line, v verdict) error {
	if v == renamed {
		w.encoder.Reset()
		if err := w.naming.encode(&w.encoder, l); err != nil {
			return err
		}
		return w.packer.Add(w.encoder.Bytes(), w.encoder.Lines())
	}
	w.line = append(append(w.line[:0], l.Text...), ' ')
	w.line = append(strconv.AppendInt(w.line, l.Time, 10), '\n')
	return w.packer.Add(w.line, 1)
}

// tag is a tag of a rejected line, quoted for its error.
func (w *worker) tag(l *point.Line, key string) string {
	s, err := point.ParseKey(l.Key)
	if err != nil {
		return "?"
	}
	return fmt.Sprintf("%.80q", w.naming.series(s).Tag(key))
}

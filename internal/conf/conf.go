// Package conf reads strict YAML: an unknown key, a duplicate key or a bad value is an error that names
// file, line, column and key.
package conf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
)

// Validator is what a configuration that has rules of its own implements.
type Validator interface{ Validate() error }

// Load reads the file at path into the struct that into points to, then calls its Validate.
func Load(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	return Decode(path, 1, text, into)
}

// Decode reads YAML text that stands in file from line first on. A plugin's section is decoded so,
// and its errors still name the line of the whole file.
func Decode(file string, first int, text []byte, into any) error {
	src := newSource(file, first, text)
	if err := src.decode(into, yaml.Strict()); err != nil {
		return err
	}
	if v, ok := into.(Validator); ok {
		return src.place(v.Validate(), func(err error) error { return fmt.Errorf("%s: %w", file, err) })
	}
	return nil
}

// DecodeForeign reads what into has of a file that another program's format has more of: unknown keys are passed over.
func DecodeForeign(file string, text []byte, into any) error {
	return newSource(file, 1, text).decode(into)
}

// At is an error in the shape that Decode's own errors have.
func At(file string, line int, key, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s: %s", file, line, key, fmt.Sprintf(format, args...))
}

// source is the text being decoded: a Section cuts its own lines out of it.
type source struct {
	file  string
	first int
	lines [][]byte
	text  []byte
}

type sourceKey struct{}

func newSource(file string, first int, text []byte) source {
	return source{file: file, first: first, lines: bytes.SplitAfter(text, []byte("\n")), text: text}
}

func (s source) decode(into any, opts ...yaml.DecodeOption) (err error) {
	defer s.catch(&err)
	ctx := context.WithValue(context.Background(), sourceKey{}, s)
	dec := yaml.NewDecoder(bytes.NewReader(s.text), opts...)
	if err := dec.DecodeContext(ctx, into); err != nil && !errors.Is(err, io.EOF) {
		return s.locate(err)
	}
	return nil
}

// catch, deferred, makes an error of the panics that the YAML library answers some broken texts with.
func (s source) catch(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%s:%d: want YAML: what begins here cannot be read as such: %v", s.file, s.first, r)
	}
}

// locate turns the decoder's error, which prints a picture of the source, into one line.
func (s source) locate(err error) error {
	var known *placed
	if errors.As(err, &known) {
		return known
	}
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil {
		return fmt.Errorf("%s: %s", s.file, firstLine(err.Error()))
	}
	pos := at.GetToken().Position
	return fmt.Errorf("%s:%d:%d: %s (at %q)", s.file, pos.Line+s.first-1, pos.Column,
		firstLine(at.GetMessage()), at.GetToken().Value)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

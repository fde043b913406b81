// Package schema reads vendors' .proto files from a folder, when the input starts, and reads rows by the messages in them.
package schema

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/linker"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/haidang-noc/haidang/plugins/mdt/sensor"
)

// Schema knows messages by their full names. The nil Schema knows none.
type Schema struct {
	messages map[string]protoreflect.MessageDescriptor
	files    linker.Resolver // for extensions
}

// Load reads all .proto files below a folder. An import is looked for from the folder, and by its last name alone, as vendors'
// archives seldom keep the places that their files name.
func Load(ctx context.Context, dir string) (*Schema, error) {
	names, err := list(dir)
	if err != nil {
		return nil, err
	}
	where := newPlaces(names)
	open := func(name string) (protocompile.SearchResult, error) {
		if !slices.Contains(names, name) {
			return protocompile.SearchResult{}, os.ErrNotExist // perhaps one of Google's own
		}
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		return protocompile.SearchResult{Source: bytes.NewReader(where.found(text))}, err //nolint:wrapcheck // the compiler names the file
	}
	compiler := protocompile.Compiler{Resolver: protocompile.WithStandardImports(protocompile.ResolverFunc(open))}
	files, err := compiler.Compile(ctx, names...)
	if err != nil {
		return nil, fmt.Errorf("schema: %s: %w", dir, err)
	}
	return index(files), nil
}

// places are where files are.
type places struct {
	names   []string
	base    map[string]string // by last name
	imports *regexp.Regexp
}

func newPlaces(names []string) *places {
	p := &places{names, map[string]string{}, regexp.MustCompile(`(import\s+(?:public\s+|weak\s+)?")([^"]+)(")`)}
	for _, n := range names {
		p.base[path.Base(n)] = n
	}
	return p
}

// found changes the imports of files that are not where a text says, to where they are.
func (p *places) found(text []byte) []byte {
	return p.imports.ReplaceAllFunc(text, func(statement []byte) []byte {
		parts := p.imports.FindSubmatch(statement)
		name := string(parts[2])
		if at, ok := p.base[path.Base(name)]; ok && !slices.Contains(p.names, name) {
			name = at
		}
		return slices.Concat(parts[1], []byte(name), parts[3])
	})
}

// list is all .proto files below a folder, by their paths from it.
func list(dir string) (names []string, err error) {
	err = filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(at, ".proto") {
			return err
		}
		name, err := filepath.Rel(dir, at)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("%s: no .proto file in it", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	slices.Sort(names)
	return names, nil
}

func index(files linker.Files) *Schema {
	s := &Schema{messages: map[string]protoreflect.MessageDescriptor{}, files: files.AsResolver()}
	for _, f := range files {
		for i := range f.Messages().Len() {
			m := f.Messages().Get(i)
			s.messages[string(m.FullName())] = m
		}
	}
	return s
}

// ErrUnknown means that no file has a message of that name.
var ErrUnknown = errors.New("schema: no .proto file has the message")

// Knows says whether there is a message of that name.
func (s *Schema) Knows(message string) bool { return s != nil && s.messages[message] != nil }

// Read reads a message of that name.
func (s *Schema) Read(message string, octets []byte) (sensor.Tree, error) {
	if !s.Knows(message) {
		return nil, fmt.Errorf("%w %q", ErrUnknown, message)
	}
	m := dynamicpb.NewMessage(s.messages[message])
	if err := (proto.UnmarshalOptions{Resolver: s.files, AllowPartial: true}).Unmarshal(octets, m); err != nil {
		return nil, fmt.Errorf("schema: %s: %w", message, err)
	}
	return tree{m}, nil
}

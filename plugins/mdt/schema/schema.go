// Package schema reads vendors' .proto files from a folder, when the input starts, and reads rows by the messages in them.
package schema

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
	base := map[string]string{} // by last name
	for _, n := range names {
		base[filepath.Base(n)] = n
	}
	open := func(name string) (protocompile.SearchResult, error) {
		if !slices.Contains(names, name) {
			found, ok := base[filepath.Base(name)]
			if !ok {
				return protocompile.SearchResult{}, os.ErrNotExist
			}
			name = found
		}
		f, err := os.Open(filepath.Join(dir, name))
		return protocompile.SearchResult{Source: f}, err //nolint:wrapcheck // the compiler names the file
	}
	compiler := protocompile.Compiler{Resolver: protocompile.WithStandardImports(protocompile.ResolverFunc(open))}
	files, err := compiler.Compile(ctx, names...)
	if err != nil {
		return nil, fmt.Errorf("schema: %s: %w", dir, err)
	}
	return index(files), nil
}

// list is all .proto files below a folder, by their paths from it.
func list(dir string) (names []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".proto") {
			return err
		}
		name, err := filepath.Rel(dir, path)
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

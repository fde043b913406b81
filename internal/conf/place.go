package conf

import (
	"context"
	"encoding"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// placed is an error with its place in a file.
type placed struct {
	file         string
	line, column int
	err          error
}

func (p *placed) Error() string { return fmt.Sprintf("%s:%d:%d: %v", p.file, p.line, p.column, p.err) }
func (p *placed) Unwrap() error { return p.err }

func (s source) at(t *token.Token, err error) error {
	return &placed{s.file, t.Position.Line + s.first - 1, t.Position.Column, err}
}

// scalar reads a single value; a key without one leaves the default. The decoder would do that, too, but forget where
// the value stands.
func scalar(ctx context.Context, n ast.Node, into encoding.TextUnmarshaler) error {
	src, ok := ctx.Value(sourceKey{}).(source)
	if !ok {
		return errors.New("this type can be read by conf.Load and conf.Decode only")
	}
	if n.Type() == ast.NullType {
		return nil
	}
	text, err := scalarText(n)
	if err == nil {
		err = into.UnmarshalText([]byte(text))
	}
	if err != nil {
		return src.at(n.GetToken(), fmt.Errorf("%s: %w", key(n), err))
	}
	return nil
}

// scalarText is the value as it is written, without quotes.
func scalarText(n ast.Node) (string, error) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.AnchorNode:
		return scalarText(n.Value)
	case *ast.TagNode:
		return scalarText(n.Value)
	case ast.ScalarNode:
		return n.GetToken().Value, nil
	}
	return "", errors.New("want a single value")
}

// key is the name under which a value stands.
func key(n ast.Node) string {
	path := n.GetPath()
	return path[strings.LastIndexByte(path, '.')+1:]
}

var keyPath = regexp.MustCompile(`^([a-z0-9_]+(\[[0-9]+\])?(\.[a-z0-9_]+(\[[0-9]+\])?)*): `)

// Place adds file, line and column to errors that begin with a key of the text, such as collector.url, for checks that
// come after decoding. file and first are those of Decode. Other errors stay as they are.
func Place(file string, first int, text []byte, err error) error {
	return newSource(file, first, text).place(err, func(err error) error { return err })
}

// place does so, and gives errors without such a key to otherwise. The text is read once, whatever the number of errors.
func (s source) place(err error, otherwise func(error) error) error {
	if err == nil {
		return nil
	}
	values := values{}
	s.read(values)
	return s.placeIn(values, err, otherwise)
}

func (s source) placeIn(v values, err error, otherwise func(error) error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, one := range joined.Unwrap() {
			all = append(all, s.placeIn(v, one, otherwise))
		}
		return errors.Join(all...)
	}
	if m := keyPath.FindStringSubmatch(err.Error()); m != nil && v[m[1]] != nil {
		return s.at(v[m[1]], err)
	}
	return otherwise(err)
}

// values are where the values of a text stand, by key. A key that is absent has its default, which can be wrong beside
// others.
type values map[string]*token.Token

// read adds the values of the text; a text that cannot be read has none.
func (s source) read(into values) {
	var err error
	defer s.catch(&err)
	if file, err := parser.ParseBytes(s.text, 0); err == nil && len(file.Docs) > 0 && file.Docs[0].Body != nil {
		into.add("", file.Docs[0].Body)
	}
}

func (v values) add(key string, n ast.Node) {
	if key != "" {
		v[key] = n.GetToken()
	}
	switch n := n.(type) {
	case *ast.AnchorNode:
		v.add(key, n.Value)
	case *ast.TagNode:
		v.add(key, n.Value)
	case ast.MapNode:
		for entry := n.MapRange(); entry.Next(); {
			v.add(strings.TrimPrefix(key+"."+entry.Key().GetToken().Value, "."), entry.Value())
		}
	case *ast.SequenceNode:
		for i, one := range n.Values {
			v.add(fmt.Sprintf("%s[%d]", key, i), one)
		}
	}
}

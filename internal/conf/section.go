package conf

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Section is a part of a file that somebody else decodes (a plugin): its text is kept verbatim, with
// the line at which it starts. It may be the value of a key or an element of a list.
type Section struct {
	File string
	Line int
	Text []byte
}

// UnmarshalYAML keeps the node's own lines.
func (s *Section) UnmarshalYAML(ctx context.Context, n ast.Node) error {
	src, ok := ctx.Value(sourceKey{}).(source)
	if !ok {
		return errors.New("a section can be read by conf.Load and conf.Decode only")
	}
	if n.Type() == ast.NullType {
		return nil
	}
	first := n.GetToken()
	if last := flowEnd(n); last != nil {
		s.File, s.Line, s.Text = src.file, first.Position.Line+src.first-1, between(first, last)
		return nil
	}
	switch m := n.(type) {
	case *ast.MappingNode:
		first = m.Values[0].Key.GetToken() // a mapping's own token is its first colon
	case *ast.MappingValueNode:
		first = m.Key.GetToken()
	}
	line, indent := first.Position.Line, first.Position.Column-1
	s.File, s.Line, s.Text = src.file, line+src.first-1, src.block(line-1, indent)
	return nil
}

// flowEnd is the last token of a value in flow style; nil if it has lines of its own.
func flowEnd(n ast.Node) *token.Token {
	switch n := n.(type) {
	case *ast.MappingNode:
		if n.IsFlowStyle {
			return n.End
		}
	case *ast.SequenceNode:
		if n.IsFlowStyle {
			return n.End
		}
	case ast.ScalarNode:
		t := n.GetToken()
		if t.Next != nil && slices.Contains([]token.Type{token.CollectEntryType, token.SequenceEndType, token.MappingEndType}, t.Next.Type) {
			return t
		}
	}
	return nil
}

// between is the text as it is written, without the columns before it: there may be a whole list on one line.
func between(first, last *token.Token) []byte {
	var text []byte
	for t := first; t != nil; t = t.Next {
		text = append(text, t.Origin...)
		if t == last {
			break
		}
	}
	return bytes.TrimSpace(text)
}

// block returns the lines from index at on that are indented by at least indent (or blank). What stands before the
// first one on its line, the dash of a list or the key of a value, becomes spaces.
func (s source) block(at, indent int) []byte {
	end := at + 1
	for end < len(s.lines) && indented(s.lines[end], indent) {
		end++
	}
	text := []byte(strings.Repeat(" ", indent))
	text = append(text, string([]rune(string(s.lines[at]))[indent:])...) // the decoder counts columns in runes
	return append(text, bytes.Join(s.lines[at+1:end], nil)...)
}

func indented(line []byte, n int) bool {
	text := bytes.TrimLeft(line, " ")
	return len(bytes.TrimSpace(text)) == 0 || len(line)-len(text) >= n || text[0] == '#'
}

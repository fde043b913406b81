// Package xpath is gNMI's paths: as people write them, and as equipment sends them, in the many ways that it does.
package xpath

import (
	"errors"
	"fmt"
	"strings"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
)

// Key is one key of a list's entry.
type Key struct{ Name, Value string }

// Elem is one element of a path, without the name of its module.
type Elem struct {
	Name string
	Keys []Key
}

// Key is the value of a key, or empty.
func (e *Elem) Key(name string) string {
	for i := range e.Keys {
		if e.Keys[i].Name == name {
			return e.Keys[i].Value
		}
	}
	return ""
}

// Path is a path as a target sent it.
type Path struct {
	Origin string // as it is named, in the prefix or in the path
	Target string
	Module string // of the first element, as in "openconfig-interfaces:interfaces"
	Elems  []Elem
	Plain  bool // from the deprecated elements, in which keys may be elements of their own
}

// Join is a path below its prefix.
func Join(prefix, below Path) Path {
	p := Path{Origin: below.Origin, Target: prefix.Target, Module: prefix.Module, Plain: prefix.Plain || below.Plain}
	if p.Origin == "" {
		p.Origin = prefix.Origin
	}
	if len(prefix.Elems) == 0 {
		p.Module = below.Module
	}
	p.Elems = append(append(make([]Elem, 0, len(prefix.Elems)+len(below.Elems)), prefix.Elems...), below.Elems...)
	return p
}

// Source is the origin if there is one, otherwise the module of the first element.
func (p *Path) Source() string {
	if p.Origin != "" {
		return p.Origin
	}
	return p.Module
}

// String is the path as people write it.
func (p *Path) String() string {
	var b strings.Builder
	if source := p.Source(); source != "" {
		b.WriteString(source + ":")
	}
	for i := range p.Elems {
		e := &p.Elems[i]
		b.WriteString("/" + e.Name)
		for _, k := range e.Keys {
			fmt.Fprintf(&b, "[%s=%s]", k.Name, k.Value)
		}
	}
	return b.String()
}

// Parse reads "/interfaces/interface[name=eth0]/state". In a key's value a backslash makes the next character an
// ordinary one.
func Parse(text string) ([]Elem, error) {
	var elems []Elem
	rest := strings.TrimPrefix(text, "/")
	for rest != "" {
		end := elemEnd(rest)
		e, err := ParseElem(rest[:end])
		if err != nil {
			return nil, fmt.Errorf("%q: %w", text, err)
		}
		elems = append(elems, e)
		if rest = rest[end:]; rest != "" {
			if rest = rest[1:]; rest == "" {
				return nil, fmt.Errorf("%q: ends with /", text)
			}
		}
	}
	return elems, nil
}

// elemEnd is where the first element ends: at a slash outside of brackets.
func elemEnd(text string) int {
	inside := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '[':
			inside = true
		case c == ']':
			inside = false
		case c == '/' && !inside:
			return i
		}
	}
	return len(text)
}

// ParseElem reads one element: "interface[name=eth0][unit=1]".
func ParseElem(text string) (Elem, error) {
	name, rest, more := strings.Cut(text, "[")
	if name = Bare(name); name == "" {
		return Elem{}, errors.New("an element has no name")
	}
	e := Elem{Name: name}
	for more {
		k, after, err := parseKey(rest)
		if err != nil {
			return Elem{}, err
		}
		e.Keys = append(e.Keys, k)
		if rest, more = strings.CutPrefix(after, "["); !more && after != "" {
			return Elem{}, fmt.Errorf("%q follows a key", after)
		}
	}
	return e, nil
}

// parseKey reads "name=eth0]" and what comes behind it.
func parseKey(text string) (k Key, after string, err error) {
	name, rest, ok := strings.Cut(text, "=")
	if name = keyName(name); !ok || name == "" {
		return k, "", errors.New("want [key=value]")
	}
	var value []byte
	for i := 0; i < len(rest); i++ {
		switch {
		case rest[i] == ']':
			return Key{name, string(value)}, rest[i+1:], nil
		case rest[i] == '\\' && i+1 < len(rest):
			i++
		}
		value = append(value, rest[i])
	}
	return k, "", errors.New("a key does not end with ]")
}

// split takes the module off a name: "oc-if:interfaces".
func split(name string) (module, rest string) {
	if before, after, ok := strings.Cut(name, ":"); ok && after != "" {
		return before, after
	}
	return "", name
}

// keyName is a key's name without its module. Some equipment has _ where the models have -.
func keyName(name string) string { return strings.ReplaceAll(Bare(name), "_", "-") }

// Bare is a name or an identity without its module.
func Bare(name string) string {
	_, name = split(name)
	return name
}

// Proto is the path of a request.
func Proto(origin string, elems []Elem) *gpb.Path {
	p := &gpb.Path{Origin: origin}
	for _, e := range elems {
		pe := &gpb.PathElem{Name: e.Name}
		for _, k := range e.Keys {
			if pe.Key == nil {
				pe.Key = map[string]string{}
			}
			pe.Key[k.Name] = k.Value
		}
		p.Elem = append(p.Elem, pe)
	}
	return p
}

package xpath

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// Bounds of what is taken for a path.
const (
	maxElems = 64
	maxKeys  = 16
)

var errShort = errors.New("ends early, or is not protobuf")

// Decode reads an encoded gnmi.Path. The deprecated field `element` is read where there is no `elem`.
func Decode(b []byte) (Path, error) {
	var p Path
	var plain []string
	err := fields(b, func(number protowire.Number, value []byte) error {
		switch number {
		case 1:
			plain = append(plain, string(value))
		case 2:
			p.Origin = string(value)
		case 3:
			module, e, err := decodeElem(value)
			if err != nil {
				return err
			}
			p.add(module, e)
		case 4:
			p.Target = string(value)
		default: // new to us
		}
		if len(p.Elems) > maxElems || len(plain) > maxElems {
			return fmt.Errorf("has more than %d elements", maxElems)
		}
		return nil
	})
	if err != nil {
		return Path{}, fmt.Errorf("path: %w", err)
	}
	if len(p.Elems) == 0 {
		p.plain(plain)
	}
	return p, nil
}

func (p *Path) add(module string, e Elem) {
	if len(p.Elems) == 0 {
		p.Module = module
	}
	p.Elems = append(p.Elems, e)
}

func (p *Path) plain(texts []string) {
	for _, text := range texts {
		if text == "" {
			continue
		}
		e, err := ParseElem(text)
		if err != nil { // a value with brackets of its own
			e = Elem{Name: text}
		}
		module, _ := split(text)
		p.add(module, e)
		p.Plain = true
	}
}

// decodeElem reads a PathElem. Its keys are put in order: on the wire they have none.
func decodeElem(b []byte) (module string, e Elem, err error) {
	err = fields(b, func(number protowire.Number, value []byte) error {
		switch number {
		case 1:
			module, e.Name = split(string(value))
		case 2:
			k, err := decodeKey(value)
			if err != nil {
				return err
			}
			e.Keys = append(e.Keys, k)
		default: // new to us
		}
		if len(e.Keys) > maxKeys {
			return fmt.Errorf("has more than %d keys", maxKeys)
		}
		return nil
	})
	slices.SortFunc(e.Keys, func(a, b Key) int { return cmp.Compare(a.Name, b.Name) })
	return module, e, err
}

func decodeKey(b []byte) (k Key, err error) {
	err = fields(b, func(number protowire.Number, value []byte) error {
		switch number {
		case 1:
			k.Name = keyName(string(value))
		case 2:
			k.Value = string(value)
		default: // new to us
		}
		return nil
	})
	return k, err
}

// fields calls use with the fields of a message that have a length.
func fields(b []byte, use func(protowire.Number, []byte) error) error {
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errShort
		}
		b = b[n:]
		if kind != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(number, kind, b); n < 0 {
				return errShort
			}
			b = b[n:]
			continue
		}
		value, n := protowire.ConsumeBytes(b)
		if n < 0 {
			return errShort
		}
		if err := use(number, value); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

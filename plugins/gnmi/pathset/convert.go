package pathset

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/gnmi/wire"
	"github.com/haidang-noc/haidang/plugins/gnmi/xpath"
)

// MaxText bounds the text of a value, and so the length of a line.
const MaxText = 1 << 10

// Convert makes the field's value of a leaf's; false if it cannot be one. The value None is what the target says where it has
// none. A text is as short-lived as the leaf's, unless it is what a name means. now is the moment that an age is counted to, in ns.
func (f *Field) Convert(v *wire.Value, now int64) (point.Value, bool) {
	switch {
	case f.names != nil:
		return f.named(v)
	case f.kind == point.Bool:
		return flag(v)
	case f.kind == point.String:
		got, ok := text(v)
		return got, ok && len(got.Text) <= MaxText
	}
	n, ok := f.number(v)
	if !ok || slices.Contains(f.none, n.f) {
		return point.Value{}, ok
	}
	if f.form == age {
		n = number{f: (float64(now) - n.f) / 1e9, exact: false}
		if f.unit.none() && strings.HasSuffix(f.Name, "_cs") {
			n.f *= 100
		}
	}
	return f.scaled(n)
}

// named looks the leaf's text up, without the module of an identity.
func (f *Field) named(v *wire.Value) (point.Value, bool) {
	var room [24]byte
	key := room[:0]
	switch v.Kind {
	case wire.Text:
		key = v.Text
		for i, c := range key {
			if c == ':' {
				key = key[i+1:]
				break
			}
		}
	case wire.Int:
		key = strconv.AppendInt(key, int64(v.Bits), 10)
	case wire.Uint:
		key = strconv.AppendUint(key, v.Bits, 10)
	case wire.Bool:
		key = strconv.AppendBool(key, v.Bits == 1)
	default:
		return point.Value{}, false
	}
	if got, ok := f.names[string(key)]; ok {
		return got, true
	}
	if f.other != nil {
		return *f.other, true
	}
	return point.Value{}, false
}

func flag(v *wire.Value) (point.Value, bool) {
	switch {
	case v.Kind == wire.Bool:
		return point.Value{Kind: point.Bool, Bits: v.Bits}, true
	case v.Kind == wire.Text && string(v.Text) == "true":
		return point.Value{Kind: point.Bool, Bits: 1}, true
	case v.Kind == wire.Text && string(v.Text) == "false":
		return point.Value{Kind: point.Bool}, true
	}
	return point.Value{}, false
}

func text(v *wire.Value) (point.Value, bool) {
	switch v.Kind {
	case wire.Text:
		return point.Value{Kind: point.String, Text: v.Text}, len(v.Text) > 0
	case wire.Int:
		return point.Value{Kind: point.String, Text: strconv.AppendInt(nil, int64(v.Bits), 10)}, true
	case wire.Uint:
		return point.Value{Kind: point.String, Text: strconv.AppendUint(nil, v.Bits, 10)}, true
	case wire.Float:
		return point.Value{Kind: point.String, Text: strconv.AppendFloat(nil, v.Float(), 'g', -1, 64)}, true
	case wire.Bool:
		return point.Value{Kind: point.String, Text: strconv.AppendBool(nil, v.Bits == 1)}, true
	case wire.List:
		var all []byte
		err := v.EachElement(func(e *wire.Value) error {
			if one, ok := text(e); ok {
				if len(all) > 0 {
					all = append(all, ',')
				}
				all = append(all, one.Text...)
			}
			return nil
		})
		return point.Value{Kind: point.String, Text: all}, err == nil && len(all) > 0
	default:
		return point.Value{}, false
	}
}

// number is a leaf's number: exact if it is whole and not negative, so that no counter loses a digit.
type number struct {
	f     float64
	whole uint64
	exact bool
}

func (f *Field) number(v *wire.Value) (number, bool) {
	switch v.Kind {
	case wire.Uint:
		return number{float64(v.Bits), v.Bits, true}, true
	case wire.Int:
		return number{float64(int64(v.Bits)), v.Bits, int64(v.Bits) >= 0}, true
	case wire.Float:
		return number{f: v.Float()}, !math.IsNaN(v.Float()) && !math.IsInf(v.Float(), 0)
	case wire.Bytes:
		return octets(v.Text)
	case wire.Text:
		if f.form == float32s {
			return inBase64(v.Text)
		}
		return digits(v.Text)
	default:
		return number{}, false
	}
}

// octets are a float of 32 or 64 bits.
func octets(b []byte) (n number, ok bool) {
	switch len(b) {
	case 4:
		n.f = wire.Widen(math.Float32frombits(binary.BigEndian.Uint32(b)))
	case 8:
		n.f = math.Float64frombits(binary.BigEndian.Uint64(b))
	default:
		return n, false
	}
	return n, !math.IsNaN(n.f) && !math.IsInf(n.f, 0)
}

func inBase64(b []byte) (number, bool) {
	var room [16]byte
	if base64.StdEncoding.DecodedLen(len(b)) > len(room) {
		return number{}, false
	}
	n, err := base64.StdEncoding.Decode(room[:], b)
	if err != nil {
		return number{}, false
	}
	return octets(room[:n])
}

func digits(b []byte) (number, bool) {
	if whole, err := strconv.ParseUint(string(b), 10, 64); err == nil {
		return number{float64(whole), whole, true}, true
	}
	n, err := strconv.ParseFloat(string(b), 64)
	return number{f: n}, err == nil && !math.IsNaN(n) && !math.IsInf(n, 0)
}

// scaled is the number in the unit and of the kind of the field.
func (f *Field) scaled(n number) (point.Value, bool) {
	if f.unit.none() && n.exact && (f.kind == point.Uint || f.kind == point.Int && n.whole <= math.MaxInt64) {
		return point.Value{Kind: f.kind, Bits: n.whole}, true
	}
	v := f.unit.apply(n.f)
	switch f.kind {
	case point.Uint:
		return point.Value{Kind: point.Uint, Bits: uint64(v)}, v >= 0 && v < 1<<64
	case point.Int:
		return point.Value{Kind: point.Int, Bits: uint64(int64(v))}, v >= -1<<63 && v < 1<<63
	default:
		return point.Value{Kind: point.Float, Bits: math.Float64bits(v)}, f.bound.hold(v)
	}
}

// Path is the leaf's whole path, for messages.
func (f *Field) Path() string {
	p := xpath.Path{Elems: append(append([]xpath.Elem{}, f.Line.at...), f.of...)}
	return p.String()
}

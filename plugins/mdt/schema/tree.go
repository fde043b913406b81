package schema

import (
	"math"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/mdt/sensor"
)

// tree is a message as rules look at it: by the names of its fields, an extension by its own name.
type tree struct{ protoreflect.Message }

// Get yields a field. In proto3 a number that is zero is not sent: it is yielded all the same, as the message that would have it is
// there. Parts that are not there are not yielded.
func (t tree) Get(name string, yield func(sensor.Tree, point.Value)) {
	fd := t.Descriptor().Fields().ByName(protoreflect.Name(name))
	if fd == nil {
		t.extension(name, yield)
		return
	}
	if (fd.HasPresence() || fd.IsList() || fd.IsMap()) && !t.Has(fd) {
		return
	}
	values(fd, t.Message.Get(fd), yield)
}

// extension yields the field that a message in another file adds to this one.
func (t tree) extension(name string, yield func(sensor.Tree, point.Value)) {
	t.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if fd.IsExtension() && string(fd.Name()) == name {
			values(fd, v, yield)
			return false
		}
		return true
	})
}

func values(fd protoreflect.FieldDescriptor, v protoreflect.Value, yield func(sensor.Tree, point.Value)) {
	switch {
	case fd.IsMap():
		return // vendors' messages have none
	case fd.IsList():
		for i := range v.List().Len() {
			one(fd, v.List().Get(i), yield)
		}
	default:
		one(fd, v, yield)
	}
}

func one(fd protoreflect.FieldDescriptor, v protoreflect.Value, yield func(sensor.Tree, point.Value)) {
	if fd.Message() != nil {
		yield(tree{v.Message()}, point.Value{})
		return
	}
	yield(nil, scalar(fd, v))
}

// scalar is a value; that of an enumeration is its name, if it has one.
func scalar(fd protoreflect.FieldDescriptor, v protoreflect.Value) point.Value {
	switch x := v.Interface().(type) {
	case bool:
		if x {
			return point.Value{Kind: point.Bool, Bits: 1}
		}
		return point.Value{Kind: point.Bool}
	case int32:
		return point.Value{Kind: point.Int, Bits: uint64(x)}
	case int64:
		return point.Value{Kind: point.Int, Bits: uint64(x)}
	case uint32:
		return point.Value{Kind: point.Uint, Bits: uint64(x)}
	case uint64:
		return point.Value{Kind: point.Uint, Bits: x}
	case float32:
		return point.Value{Kind: point.Float, Bits: math.Float64bits(float64(x))}
	case float64:
		return point.Value{Kind: point.Float, Bits: math.Float64bits(x)}
	case string:
		return point.Value{Kind: point.String, Text: []byte(x)}
	case []byte:
		return point.Value{Kind: point.String, Text: x}
	case protoreflect.EnumNumber:
		if named := fd.Enum().Values().ByNumber(x); named != nil {
			return point.Value{Kind: point.String, Text: []byte(named.Name())}
		}
		return point.Value{Kind: point.Int, Bits: uint64(x)}
	}
	return point.Value{}
}

// Pair is a row whose keys and content are messages of their own.
func Pair(keys, content sensor.Tree) sensor.Tree { return pair{keys, content} }

type pair struct{ keys, content sensor.Tree }

// Get yields one of the two.
func (p pair) Get(name string, yield func(sensor.Tree, point.Value)) {
	switch name {
	case "keys":
		yield(p.keys, point.Value{})
	case "content":
		yield(p.content, point.Value{})
	}
}

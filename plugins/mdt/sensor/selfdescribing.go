package sensor

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/haidang-noc/haidang/internal/point"
)

// Numbers of TelemetryField (Cisco's telemetry_bis).
const (
	fieldTime   = 1
	fieldName   = 2
	fieldBytes  = 4
	fieldString = 5
	fieldBool   = 6
	fieldUint32 = 7
	fieldUint64 = 8
	fieldSint32 = 9
	fieldSint64 = 10
	fieldDouble = 11
	fieldFloat  = 12
	fieldFields = 15
)

// maxDepth bounds how deep fields may be nested without a name: with one, the rule does.
const maxDepth = 32

// ReadFields reads a row of Cisco's self-describing encoding (GPB-KV), whose octets are a TelemetryField, by a rule, and calls
// emit for each line that it makes. It allocates nothing. False: it is malformed where it was looked at; lines before that are made.
func (r *Row) ReadFields(rule *Rule, row []byte, emit func(*Row)) bool {
	r.begin(rule, emit)
	if !r.fields(rule.root, row, 0) {
		return false
	}
	if !rule.each {
		emit(r)
		return true
	}
	r.mode = towards
	return r.fields(rule.root, row, 0)
}

// RowTime is the time stamp of a row in milliseconds; 0: it has none.
func RowTime(row []byte) uint64 {
	for len(row) > 0 {
		num, typ, n := protowire.ConsumeTag(row)
		if n < 0 {
			return 0
		}
		if num == fieldTime && typ == protowire.VarintType {
			v, _ := protowire.ConsumeVarint(row[n:])
			return v
		}
		m := protowire.ConsumeFieldValue(num, typ, row[n:])
		if m < 0 {
			return 0
		}
		row = row[n+m:]
	}
	return 0
}

// fields works through the fields below a node. Fields without a name are elements of a list: they stand for what they are in.
func (r *Row) fields(at *node, message []byte, depth int) bool {
	for len(message) > 0 {
		num, typ, n := protowire.ConsumeTag(message)
		if n < 0 {
			return false
		}
		if num != fieldFields || typ != protowire.BytesType {
			m := protowire.ConsumeFieldValue(num, typ, message[n:])
			if m < 0 {
				return false
			}
			message = message[n+m:]
			continue
		}
		below, m := protowire.ConsumeBytes(message[n:])
		if m < 0 {
			return false
		}
		message = message[n+m:]
		if !r.field(at, below, depth) {
			return false
		}
	}
	return true
}

// field works through one field below a node.
func (r *Row) field(at *node, message []byte, depth int) bool {
	name, v, nested, ok := head(message)
	if !ok {
		return false
	}
	if len(name) == 0 {
		if !nested {
			return true
		}
		return depth < maxDepth && r.element(at, message, depth)
	}
	child := at.child(name)
	switch {
	case child == nil || child.each && r.mode == outside:
		return true
	case child.slot != none:
		if v.Kind != point.None {
			r.values[child.slot] = v
		}
		return true
	case child.each && !listed(message):
		return r.element(child, message, depth)
	}
	return r.fields(child, message, depth+1)
}

// element works through an element of a list, which is a line if the list is that of lines.
func (r *Row) element(at *node, message []byte, depth int) bool {
	if !at.each || r.mode != towards || listed(message) {
		return r.fields(at, message, depth+1)
	}
	r.forget(at)
	r.mode = inside
	ok := r.fields(at, message, depth+1)
	if ok {
		r.emit(r)
	}
	r.mode = towards
	return ok
}

// listed says whether the first thing in a field is an element without a name: then it is a list of such.
func listed(message []byte) bool {
	for len(message) > 0 {
		num, typ, n := protowire.ConsumeTag(message)
		if n < 0 {
			return false
		}
		if num == fieldFields && typ == protowire.BytesType {
			below, m := protowire.ConsumeBytes(message[n:])
			if m < 0 {
				return false
			}
			name, _, nested, ok := head(below)
			return ok && nested && len(name) == 0
		}
		m := protowire.ConsumeFieldValue(num, typ, message[n:])
		if m < 0 {
			return false
		}
		message = message[n+m:]
	}
	return false
}

// head reads a field's name and value; nested says that there are fields below it.
func head(b []byte) (name []byte, v point.Value, nested, ok bool) {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return nil, v, false, false
		}
		b = b[n:]
		var m int
		switch typ {
		case protowire.VarintType:
			var bits uint64
			bits, m = protowire.ConsumeVarint(b)
			varint(&v, num, bits)
		case protowire.BytesType:
			var octets []byte
			octets, m = protowire.ConsumeBytes(b)
			switch num {
			case fieldName:
				name = octets
			case fieldString, fieldBytes:
				v = point.Value{Kind: point.String, Text: octets}
			case fieldFields:
				nested = true
			default:
			}
		case protowire.Fixed64Type:
			var bits uint64
			if bits, m = protowire.ConsumeFixed64(b); num == fieldDouble {
				v = point.Value{Kind: point.Float, Bits: bits}
			}
		case protowire.Fixed32Type:
			var bits uint32
			if bits, m = protowire.ConsumeFixed32(b); num == fieldFloat {
				v = point.Value{Kind: point.Float, Bits: math.Float64bits(float64(math.Float32frombits(bits)))}
			}
		default:
			m = protowire.ConsumeFieldValue(num, typ, b)
		}
		if m < 0 {
			return nil, v, false, false
		}
		b = b[m:]
	}
	return name, v, nested, true
}

// varint takes a value that is a varint.
func varint(v *point.Value, num protowire.Number, bits uint64) {
	switch num {
	case fieldBool:
		*v = point.Value{Kind: point.Bool, Bits: min(bits, 1)}
	case fieldUint32, fieldUint64:
		*v = point.Value{Kind: point.Uint, Bits: bits}
	case fieldSint32, fieldSint64:
		*v = point.Value{Kind: point.Int, Bits: uint64(protowire.DecodeZigZag(bits))}
	default:
	}
}

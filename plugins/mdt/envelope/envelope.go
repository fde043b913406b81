// Package envelope reads the messages that devices put their rows in: Cisco's Telemetry, as protocol buffers or JSON, Huawei's
// Telemetry, and Juniper's TelemetryStream; and what gRPC dial-out wraps them in. It allocates nothing for the binary ones; what it
// returns points into the message.
package envelope

import (
	"errors"
	"iter"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// Message is a device's message.
type Message struct {
	Node         []byte // what the device calls itself
	Subscription []byte
	Path         []byte // sensor path
	Proto        []byte // the message of the rows' content; empty: it does not say
	Time         uint64 // milliseconds since 1970; 0: it does not say
	Period       uint32 // milliseconds between two samples; 0: it does not say

	Fields  Rows   // rows that describe themselves (GPB-KV)
	Table   Rows   // rows that only a schema explains
	JSON    []byte // rows in JSON
	Stopped bool   // it says that sampling failed
}

// Rows are the rows of a message: the fields with one number, all of them.
type Rows struct {
	message []byte
	number  protowire.Number
}

// All are the rows.
func (r Rows) All() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for f := range fields(r.message) {
			if f.num == r.number && f.typ == protowire.BytesType && !yield(f.octets) {
				return
			}
		}
	}
}

// Row is a row that only a schema explains.
type Row struct {
	Time          uint64
	Keys, Content []byte
}

// ErrMalformed means that the octets are no such message.
var ErrMalformed = errors.New("envelope: malformed")

// field is a field of a message.
type field struct {
	num    protowire.Number
	typ    protowire.Type
	bits   uint64 // of a number
	octets []byte // of everything else
}

// fields are those of a message that is well-formed; of another one those before it ceases to be.
func fields(message []byte) iter.Seq[field] {
	return func(yield func(field) bool) {
		for len(message) > 0 {
			f, n := next(message)
			if n < 0 || !yield(f) {
				return
			}
			message = message[n:]
		}
	}
}

// next reads a field and how long it is; less than zero: it is malformed.
func next(message []byte) (f field, n int) {
	if f.num, f.typ, n = protowire.ConsumeTag(message); n < 0 {
		return f, n
	}
	var m int
	switch rest := message[n:]; f.typ {
	case protowire.VarintType:
		f.bits, m = protowire.ConsumeVarint(rest)
	case protowire.BytesType:
		f.octets, m = protowire.ConsumeBytes(rest)
	default:
		m = protowire.ConsumeFieldValue(f.num, f.typ, rest)
	}
	if m < 0 {
		return f, m
	}
	return f, n + m
}

// read calls take with all fields, or fails.
func read(message []byte, take func(field)) error {
	for len(message) > 0 {
		f, n := next(message)
		if n < 0 {
			return ErrMalformed
		}
		take(f)
		message = message[n:]
	}
	return nil
}

// Cisco reads Cisco's Telemetry.
func Cisco(octets []byte) (m Message, err error) {
	err = read(octets, func(f field) {
		switch f.num {
		case 1:
			m.Node = f.octets
		case 3:
			m.Subscription = f.octets
		case 6:
			m.Path = f.octets
		case 10:
			m.Time = f.bits
		case 11:
			m.Fields = Rows{octets, 11}
		case 12:
			m.Table = Rows{f.octets, 1}
		default:
		}
	})
	return m, err
}

// Huawei reads Huawei's Telemetry.
func Huawei(octets []byte) (m Message, err error) {
	err = read(octets, func(f field) {
		switch f.num {
		case 1:
			m.Node = f.octets
		case 2:
			m.Subscription = f.octets
		case 3:
			m.Path = f.octets
		case 6:
			m.Time = f.bits
		case 7:
			m.Table = Rows{f.octets, 1}
		case 9:
			m.Period = uint32(min(f.bits, 1<<31))
		case 10:
			m.Stopped = len(f.octets) > 0
		case 13:
			m.Proto = f.octets
		case 14:
			m.JSON = f.octets
		default:
		}
	})
	return m, err
}

// TableRow reads a row of Table.
func TableRow(octets []byte) (r Row, err error) {
	err = read(octets, func(f field) {
		switch f.num {
		case 1:
			r.Time = f.bits
		case 10:
			r.Keys = f.octets
		case 11:
			r.Content = f.octets
		default:
		}
	})
	return r, err
}

// Args is what gRPC dial-out wraps a message in, at Cisco's and at Huawei's.
type Args struct {
	Request int64
	Data    []byte
	Errors  []byte
	Total   uint64 // Cisco: of a message that comes in parts, the size of all; Huawei has JSON there
	JSON    []byte
}

// ReadArgs reads them.
func ReadArgs(octets []byte) (a Args, err error) {
	err = read(octets, func(f field) {
		switch {
		case f.num == 1:
			a.Request = int64(f.bits)
		case f.num == 2:
			a.Data = f.octets
		case f.num == 3:
			a.Errors = f.octets
		case f.num == 4 && f.typ == protowire.VarintType:
			a.Total = f.bits
		case f.num == 4:
			a.JSON = f.octets
		}
	})
	return a, err
}

// Juniper reads what is outside of the sensors of Juniper's TelemetryStream. Path is that in its sensor's name, up to the second colon;
// in older releases the name has none, and Path is "extension N", N being the number of the message with the sensor's values.
func Juniper(octets []byte) (m Message, err error) {
	extension := protowire.Number(0)
	err = read(octets, func(f field) {
		switch f.num {
		case 1:
			m.Node = f.octets
		case 4:
			m.Subscription, m.Path = sensorName(f.octets)
		case 6:
			if m.Time = f.bits; m.Time < 1e11 { // older releases have seconds
				m.Time *= 1000
			}
		case 101:
			extension = sensorOf(f.octets)
		default:
		}
	})
	if len(m.Path) == 0 && extension > 0 {
		m.Path = strconv.AppendInt([]byte("extension "), int64(extension), 10)
	}
	return m, err
}

// sensorOf is the number of the message in Juniper's own part of the enterprises' sensors.
func sensorOf(enterprises []byte) protowire.Number {
	const juniper = 2636
	for e := range fields(enterprises) {
		if e.num != juniper {
			continue
		}
		for f := range fields(e.octets) {
			return f.num
		}
	}
	return 0
}

// sensorName takes "NAME:/path/:/path/:PFE" apart.
func sensorName(text []byte) (name, path []byte) {
	name = text
	for i, b := range text {
		if b == ':' {
			name, path = text[:i], text[i+1:]
			break
		}
	}
	for i, b := range path {
		if b == ':' {
			return name, path[:i]
		}
	}
	return name, path
}

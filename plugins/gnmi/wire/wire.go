// Package wire reads a SubscribeResponse of gNMI in place. Nothing is copied, and nothing is allocated: what a
// notification tells again and again, its paths, is handed on as the octets that stand for it.
package wire

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// Kind is what a response is.
type Kind uint8

// The kinds of responses.
const (
	Empty  Kind = iota // nothing that is known here
	Update             // a notification
	Sync               // all that there was to say at first has been said
	Failed             // the deprecated error of an old target
)

// Response is a SubscribeResponse. It is as short-lived as the octets it was read from.
type Response struct {
	Kind         Kind
	Notification Notification
}

// Notification is a notification that has not been looked into.
type Notification struct {
	Time    int64  // in ns, as the target says
	Prefix  []byte // an encoded Path
	Updates int
	Deletes int
	body    []byte
}

// Item is an update or a delete of a notification.
type Item struct {
	Path       []byte // encoded
	Value      Value  // of an update
	Duplicates uint64 // how many values the target left out before this one
}

var errShort = errors.New("ends early, or is not protobuf")

// Parse reads a response.
func Parse(b []byte) (r Response, err error) {
	for len(b) > 0 {
		f, n := next(b)
		if n < 0 {
			return r, fmt.Errorf("wire: response: %w", errShort)
		}
		b = b[n:]
		switch {
		case f.is(1, protowire.BytesType):
			r = Response{Kind: Update}
			if err := r.Notification.parse(f.bytes); err != nil {
				return r, fmt.Errorf("wire: notification: %w", err)
			}
		case f.is(3, protowire.VarintType):
			r = Response{Kind: Sync}
			if f.number == 0 {
				r.Kind = Empty
			}
		case f.is(4, protowire.BytesType):
			r = Response{Kind: Failed}
		}
	}
	return r, nil
}

// parse finds the time and the prefix, wherever they stand, and counts the rest.
func (n *Notification) parse(b []byte) error {
	n.body = b
	for len(b) > 0 {
		f, size := next(b)
		if size < 0 {
			return errShort
		}
		b = b[size:]
		switch {
		case f.is(1, protowire.VarintType):
			n.Time = int64(f.number)
		case f.is(2, protowire.BytesType):
			if n.Prefix != nil {
				return errors.New("has two prefixes")
			}
			n.Prefix = f.bytes
		case f.is(4, protowire.BytesType):
			n.Updates++
		case f.is(5, protowire.BytesType):
			n.Deletes++
		}
	}
	return nil
}

// EachDelete calls yield with the encoded path of each delete.
func (n *Notification) EachDelete(yield func(path []byte)) {
	for b := n.body; len(b) > 0; {
		f, size := next(b)
		if size < 0 {
			return // parse has seen them all
		}
		b = b[size:]
		if f.is(5, protowire.BytesType) {
			yield(f.bytes)
		}
	}
}

// EachUpdate calls yield with each update. An update that cannot be read does not cost the others: it is told as an error.
func (n *Notification) EachUpdate(yield func(*Item, error)) {
	var item Item
	for b := n.body; len(b) > 0; {
		f, size := next(b)
		if size < 0 {
			return // parse has seen them all
		}
		b = b[size:]
		if f.is(4, protowire.BytesType) {
			err := item.parse(f.bytes)
			yield(&item, err)
		}
	}
}

func (i *Item) parse(b []byte) error {
	*i = Item{}
	for len(b) > 0 {
		f, n := next(b)
		if n < 0 {
			return fmt.Errorf("wire: update: %w", errShort)
		}
		b = b[n:]
		var err error
		switch {
		case f.is(1, protowire.BytesType):
			i.Path = f.bytes
		case f.is(2, protowire.BytesType):
			if i.Value.Kind == None {
				err = i.Value.parseOld(f.bytes)
			}
		case f.is(3, protowire.BytesType):
			err = i.Value.parse(f.bytes)
		case f.is(4, protowire.VarintType):
			i.Duplicates = f.number
		}
		if err != nil {
			return fmt.Errorf("wire: value: %w", err)
		}
	}
	return nil
}

// field is a field of a message.
type field struct {
	id     protowire.Number
	kind   protowire.Type
	number uint64 // of a varint or fixed field
	bytes  []byte
}

func (f *field) is(id protowire.Number, kind protowire.Type) bool {
	return f.id == id && f.kind == kind
}

// next reads the first field; n is its size, or negative.
func next(b []byte) (f field, n int) {
	id, kind, tag := protowire.ConsumeTag(b)
	if tag < 0 {
		return f, tag
	}
	f.id, f.kind = id, kind
	switch kind {
	case protowire.VarintType:
		f.number, n = protowire.ConsumeVarint(b[tag:])
	case protowire.BytesType:
		f.bytes, n = protowire.ConsumeBytes(b[tag:])
	case protowire.Fixed32Type:
		var v uint32
		v, n = protowire.ConsumeFixed32(b[tag:])
		f.number = uint64(v)
	case protowire.Fixed64Type:
		f.number, n = protowire.ConsumeFixed64(b[tag:])
	default:
		n = protowire.ConsumeFieldValue(id, kind, b[tag:])
	}
	if n < 0 {
		return f, n
	}
	return f, tag + n
}

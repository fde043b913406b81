package session

import (
	"fmt"

	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
)

// frame is a message that is handed on as it came.
type frame struct{ buffer mem.Buffer }

// octets are valid until free.
func (f *frame) octets() []byte { return f.buffer.ReadOnlyData() }

func (f *frame) free() { f.buffer.Free() }

// codec leaves frames alone; other messages are protobuf's.
type codec struct{}

// Name is that of the content: application/grpc+proto.
func (codec) Name() string { return "proto" }

// Marshal encodes a request.
func (codec) Marshal(v any) (mem.BufferSlice, error) {
	m, ok := v.(proto.Message)
	if !ok {
		return nil, fmt.Errorf("session: %T is no message", v)
	}
	b, err := proto.Marshal(m)
	if err != nil {
		return nil, err
	}
	return mem.BufferSlice{mem.SliceBuffer(b)}, nil
}

// Unmarshal decodes an answer, or keeps it as it is.
func (codec) Unmarshal(data mem.BufferSlice, v any) error {
	switch v := v.(type) {
	case *frame:
		v.buffer = data.MaterializeToBuffer(mem.DefaultBufferPool())
		return nil
	case proto.Message:
		return proto.Unmarshal(data.Materialize(), v)
	}
	return fmt.Errorf("session: %T is no message", v)
}

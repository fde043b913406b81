package main

import (
	"context"
	"math/rand/v2"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/internal/wire"
)

// serve serves without the SDK.
func serve(s wire.InputServer) {
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: wire.Handshake(),
		Plugins:         plugin.PluginSet{wire.Name: &wire.Plugin{Service: s}},
		GRPCServer:      func(o []grpc.ServerOption) *grpc.Server { return grpc.NewServer(o...) },
	})
}

// future speaks a protocol that is not there yet.
type future struct{ wire.UnimplementedInputServer }

func (future) Describe(context.Context, *wire.DescribeRequest) (*wire.Description, error) {
	return &wire.Description{Name: "test", Version: "v9.0.0", Protocol: 2}, nil
}

// raw sends 256 KiB messages that nobody packed: what the transport alone can do.
type raw struct{ wire.UnimplementedInputServer }

func (raw) Describe(context.Context, *wire.DescribeRequest) (*wire.Description, error) {
	return &wire.Description{Name: "test", Protocol: wire.Protocol}, nil
}

func (raw) Configure(context.Context, *wire.Settings) (*wire.Configured, error) {
	return &wire.Configured{}, nil
}

func (raw) Run(stream wire.Input_RunServer) error {
	text := make([]byte, point.FrameBytes)
	for i := range text {
		text[i] = byte(rand.Uint32())
	}
	acked := uint64(0)
	for sequence := uint64(1); ; sequence++ {
		for sequence > acked+wire.Window {
			m, err := stream.Recv()
			if err != nil || m.Stop {
				return err
			}
			acked = m.Acknowledged
		}
		b := point.Batch{Frames: text, Points: 1, Raw: len(text)}
		if err := stream.Send(wire.NewBatch(sequence, b)); err != nil {
			return err
		}
	}
}

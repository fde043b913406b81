// Package wire is the protocol between the agent and an input plugin, over go-plugin and gRPC. Only the
// agent's plugin host and the SDK see it.
package wire

import (
	"context"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/haidang-noc/haidang/internal/point"
)

const (
	// Protocol is the version of this protocol. The host refuses a plugin that describes another one.
	Protocol = 1
	// Window is how many batches of a stream may be unacknowledged.
	Window = 16
	// MaxText bounds the text of one batch in bytes: a batch is one frame.
	MaxText = point.FrameBytes
	// MaxMessage bounds one message with a batch: incompressible text fits with room to spare.
	MaxMessage = 2 * MaxText
	// MaxSettings bounds what the host sends in one message: an input's whole configuration.
	MaxSettings = 64 << 20
	// MaxMetrics bounds the text of an input's metrics: some ten thousand series.
	MaxMetrics = 1 << 20
	// BinaryPrefix and the input's type make the file name of a plugin.
	BinaryPrefix = "haidang-input-"
	// Name is the one service that go-plugin dispenses.
	Name = "input"
	// LostPoints is the trailer of Run that counts the points the host never acknowledged.
	LostPoints = "haidang-lost-points"
)

// Handshake tells a plugin started by the agent from one started by hand. Its version is go-plugin's
// own and stays 1; Protocol is compared through Describe, which can say what to do.
func Handshake() plugin.HandshakeConfig {
	return plugin.HandshakeConfig{
		ProtocolVersion:  1,
		MagicCookieKey:   "HAIDANG_INPUT",
		MagicCookieValue: "lighthouse",
	}
}

// Plugin is the input service as go-plugin knows it: with Service set it serves, without it dispenses an InputClient.
type Plugin struct {
	plugin.NetRPCUnsupportedPlugin
	Service InputServer
}

// GRPCServer registers the service in the plugin's process.
func (p *Plugin) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	RegisterInputServer(s, p.Service)
	return nil
}

// GRPCClient makes the host's side of the service.
func (p *Plugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return NewInputClient(c), nil
}

// NewBatch puts a batch on the wire under its sequence.
func NewBatch(sequence uint64, b point.Batch) *Batch {
	return &Batch{Sequence: sequence, Frames: b.Frames, Points: uint32(b.Points), Raw: uint32(b.Raw)}
}

// Content is the batch as every other hop knows it. It shares the frames.
func (b *Batch) Content() point.Batch {
	return point.Batch{Frames: b.Frames, Points: int(b.Points), Raw: int(b.Raw)}
}

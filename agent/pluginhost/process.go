package pluginhost

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"github.com/rs/zerolog"
	"google.golang.org/grpc"

	"github.com/haidang-noc/haidang/internal/wire"
)

// startTimeout bounds each step of a start: the handshake, Describe, Configure.
const startTimeout = 30 * time.Second

// process is a plugin that has been described and configured.
type process struct {
	client  *plugin.Client
	child   *child
	sockets string // the folder of the socket that connects us
	input   wire.InputClient
	version string
	patient time.Duration // how long stop waits before it kills
}

// start starts the input's plugin and configures it. The caller must stop the process.
func (h *Host) start(ctx context.Context, in Input) (*process, error) {
	program := h.config.program(in)
	if err := examine(program, in.SHA256); err != nil {
		return nil, err
	}
	log := h.log.With().Str("input", in.Type).Logger()
	p := &process{child: newChild(ctx, program, in.Env, newLineLogger(log)), patient: h.config.StopTimeout.D()}
	p.client = plugin.NewClient(p.clientConfig(log))
	if err := p.connect(ctx, in.Type, h.config.settings(in, h.log.GetLevel())); err != nil {
		p.stop()
		return nil, p.ownWords(err)
	}
	return p, nil
}

func (p *process) clientConfig(log zerolog.Logger) *plugin.ClientConfig {
	return &plugin.ClientConfig{
		HandshakeConfig:  wire.Handshake(),
		Plugins:          plugin.PluginSet{wire.Name: &wire.Plugin{}},
		RunnerFunc:       p.adopt,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		SkipHostEnv:      true,
		StartTimeout:     startTimeout,
		Logger:           hclog.NewNullLogger(), // what matters to us comes back as an error
		SyncStdout:       newLineLogger(log),
		SyncStderr:       newLineLogger(log),
		GRPCDialOptions: []grpc.DialOption{grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(wire.MaxMessage), grpc.MaxCallSendMsgSize(wire.MaxSettings))},
	}
}

// adopt gives go-plugin the child process; spec holds the environment that go-plugin needs.
func (p *process) adopt(_ hclog.Logger, spec *exec.Cmd, sockets string) (runner.Runner, error) {
	p.sockets = sockets
	p.child.cmd.Env = append(p.child.cmd.Env, spec.Env...)
	return p.child, nil
}

// connect shakes hands, makes sure that both sides speak the same protocol and configures the input.
func (p *process) connect(ctx context.Context, input string, s *wire.Settings) error {
	defer context.AfterFunc(ctx, p.child.kill)() // go-plugin's start knows no context
	protocol, err := p.client.Client()
	if err != nil {
		return err
	}
	raw, err := protocol.Dispense(wire.Name)
	if err != nil {
		return err
	}
	p.input = raw.(wire.InputClient)

	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	d, err := p.input.Describe(ctx, &wire.DescribeRequest{})
	if err != nil {
		return fmt.Errorf("describe: %w", plain(err))
	}
	p.removeSockets()
	p.version = d.Version
	if err := checkDescription(d, input); err != nil {
		return err
	}
	_, err = p.input.Configure(ctx, s)
	return plain(err)
}

func checkDescription(d *wire.Description, input string) error {
	switch {
	case d.Protocol != wire.Protocol:
		return fmt.Errorf("the plugin (version %s) speaks protocol %d and this agent %d: install the plugin that came with the agent",
			d.Version, d.Protocol, wire.Protocol)
	case d.Name != input:
		return fmt.Errorf("the program is the input %q and not %q", d.Name, input)
	}
	return nil
}

// removeSockets removes the name of the socket. The connection needs it no more, nobody else can connect, and an agent
// that is killed leaves nothing behind.
func (p *process) removeSockets() {
	if p.sockets != "" {
		_ = os.RemoveAll(p.sockets) // stop tries again
	}
}

// stop ends the process: in order if it can, by force when it has taken too long. It returns when the process is
// gone and has been waited for.
func (p *process) stop() {
	defer p.removeSockets()
	defer time.AfterFunc(p.patient, p.child.kill).Stop()
	p.client.Kill()
}

// ownWords replaces go-plugin's error by the exit status of a plugin that ended by itself. The process has been
// stopped.
func (p *process) ownWords(err error) error {
	if status := p.child.status(); p.input == nil && status != "" {
		return fmt.Errorf("%s ended before it was ready: %s: its own log tells more", p.child.Name(), status)
	}
	return err
}

// examine looks at the program before it is started.
func examine(program, sha string) error {
	f, err := os.Open(program)
	if err != nil {
		others, _ := filepath.Glob(filepath.Join(filepath.Dir(program), wire.BinaryPrefix+"*")) // the pattern is good
		return fmt.Errorf("%w: key plugins names the folder, and there are %q in it", err, others)
	}
	defer func() { _ = f.Close() }() // it was only read
	if sha == "" {
		return nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); !strings.EqualFold(got, sha) {
		return fmt.Errorf("%s has the sha256 %s; %s is configured", program, got, sha)
	}
	return nil
}

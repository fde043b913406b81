// Package gnmi is the gNMI face of the simulated network: the interfaces of its devices as OpenConfig has them, with the same
// states, counters and faults as over SNMP. One server stands for all devices: a client reaches one at its address, or names
// it as the target of the prefix.
package gnmi

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// Config says where the devices answer gNMI.
type Config struct {
	Port int    `yaml:"port"` // 0: they do not
	Cert string `yaml:"cert_file"`
	Key  string `yaml:"key_file"` // both empty: without TLS
}

// Validate says what is wrong with the configuration.
func (c Config) Validate() error {
	switch {
	case c.Port < 0 || c.Port > 65535:
		return fmt.Errorf("port: %d: want 0 to 65535", c.Port)
	case (c.Cert == "") != (c.Key == ""):
		return errors.New("cert_file: want both cert_file and key_file, or neither")
	}
	return nil
}

// Face answers for every device of the network.
type Face struct {
	overlay *atomic.Pointer[nation.Overlay]
	leaves  [lists][]leaf
	updates prometheus.Counter
}

// Server is the face on a port.
type Server struct {
	face     *Face
	grpc     *grpc.Server
	listener *listener
}

// Listen opens the port on all loopback addresses; port 0 is one that nobody has.
func Listen(c Config, overlay *atomic.Pointer[nation.Overlay], reg prometheus.Registerer) (*Server, error) {
	only := net.ListenConfig{Control: onlyLoopback}
	l, err := only.Listen(context.Background(), "tcp4", fmt.Sprintf(":%d", c.Port))
	if err != nil {
		return nil, fmt.Errorf("simnet: gnmi: %w", err)
	}
	streams := prometheus.NewGauge(prometheus.GaugeOpts{Name: "haidang_simnet_gnmi_connections", Help: "Connections of gNMI clients."})
	updates := prometheus.NewCounter(prometheus.CounterOpts{Name: "haidang_simnet_gnmi_updates_total", Help: "Values sent to gNMI clients."})
	if reg != nil {
		reg.MustRegister(streams, updates)
	}
	face := &Face{overlay: overlay, leaves: leaves(), updates: updates}
	options := []grpc.ServerOption{grpc.WriteBufferSize(16 << 10), grpc.ReadBufferSize(4 << 10)}
	if c.Cert != "" {
		pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
		if err != nil {
			_ = l.Close()
			return nil, fmt.Errorf("simnet: gnmi: %w", err)
		}
		options = append(options, grpc.Creds(credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}})))
	}
	s := &Server{face: face, grpc: grpc.NewServer(options...), listener: &listener{Listener: l, face: face, open: map[*connection]bool{}, gauge: streams}}
	gpb.RegisterGNMIServer(s.grpc, &service{face: face})
	return s, nil
}

// onlyLoopback keeps the socket to the loopback interface: nothing from another host can reach it.
func onlyLoopback(_, _ string, raw syscall.RawConn) error {
	var failed error
	err := raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptString(int(fd), unix.SOL_SOCKET, unix.SO_BINDTODEVICE, "lo")
	})
	return errors.Join(err, failed)
}

// Port is the port that it listens on.
func (s *Server) Port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// Run serves until ctx is done.
func (s *Server) Run(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { ended <- s.grpc.Serve(s.listener) }()
	ticker := time.NewTicker(watched)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			s.listener.cut(now)
		case err := <-ended:
			return fmt.Errorf("simnet: gnmi: %w", err)
		case <-ctx.Done():
			s.grpc.Stop()
			<-ended
			return ctx.Err()
		}
	}
}

// answers says whether a device has power and a way.
func (f *Face) answers(device int32, now time.Time) bool {
	o := f.overlay.Load()
	if !o.Troubled(device) {
		return true
	}
	var r nation.Reading
	clock := o.Clock(fault.TickOf(now))
	r.Read(o, device, &clock)
	return r.Answers()
}

// deviceOf is the device that is meant: the prefix's target, or the one that has the address.
func (f *Face) deviceOf(ctx context.Context, prefix *gpb.Path) (int32, error) {
	o := f.overlay.Load()
	if name := prefix.GetTarget(); name != "" {
		device, err := o.Find(name)
		if err != nil {
			return 0, status.Errorf(codes.NotFound, "no target %q", name)
		}
		return device, f.alive(device)
	}
	if p, ok := peer.FromContext(ctx); ok {
		if device, ok := f.at(p.LocalAddr); ok {
			return device, f.alive(device)
		}
	}
	return 0, status.Error(codes.InvalidArgument, "no device has this address: name one as the target of the prefix")
}

func (f *Face) alive(device int32) error {
	if !f.answers(device, time.Now()) {
		return status.Error(codes.Unavailable, "the device has no power, or no way")
	}
	return nil
}

func (f *Face) at(address net.Addr) (int32, bool) {
	a, err := netip.ParseAddrPort(address.String())
	if err != nil || !a.Addr().Unmap().Is4() {
		return 0, false
	}
	b := a.Addr().Unmap().As4()
	return f.overlay.Load().DeviceAt(uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3]))
}

// listener takes connections to devices that answer, and closes those of devices that no longer do.
type listener struct {
	net.Listener
	face  *Face
	gauge prometheus.Gauge

	mu   sync.Mutex
	open map[*connection]bool // guarded by mu
}

// connection is one that the listener knows.
type connection struct {
	net.Conn
	listener *listener
	device   int32 // -1: no device's address
}

// Accept waits for a connection that is to be served.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		device, ok := l.face.at(c.LocalAddr())
		if !ok {
			device = -1
		}
		if ok && !l.face.answers(device, time.Now()) {
			_ = c.Close() // it was never served
			continue
		}
		k := &connection{Conn: c, listener: l, device: device}
		l.mu.Lock()
		l.open[k] = true
		l.gauge.Set(float64(len(l.open)))
		l.mu.Unlock()
		return k, nil
	}
}

// Close ends the connection.
func (k *connection) Close() error {
	k.listener.mu.Lock()
	delete(k.listener.open, k)
	k.listener.gauge.Set(float64(len(k.listener.open)))
	k.listener.mu.Unlock()
	return k.Conn.Close()
}

// cut closes the connections of devices that do not answer.
func (l *listener) cut(now time.Time) {
	var dead []*connection
	l.mu.Lock()
	for k := range l.open {
		if k.device >= 0 && !l.face.answers(k.device, now) {
			dead = append(dead, k)
		}
	}
	l.mu.Unlock()
	for _, k := range dead {
		_ = k.Close() // nobody is there to be told
	}
}

package session_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"log/slog"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"

	"github.com/haidang-noc/haidang/internal/outbox"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/gnmi/decode"
	"github.com/haidang-noc/haidang/plugins/gnmi/pathset"
	"github.com/haidang-noc/haidang/plugins/gnmi/session"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// lab is a target that does what a test wants.
type lab struct {
	gpb.UnimplementedGNMIServer
	can       *gpb.CapabilityResponse
	refuse    func(context.Context) error                                 // of the capabilities; nil: they are told
	subscribe func(*gpb.SubscriptionList, gpb.GNMI_SubscribeServer) error // nil: tell says everything

	mu    sync.Mutex
	asked []*gpb.SubscriptionList
	polls int
}

func newLab() *lab {
	l := &lab{can: &gpb.CapabilityResponse{GNMIVersion: "0.8.0", SupportedEncodings: []gpb.Encoding{gpb.Encoding_JSON_IETF, gpb.Encoding_PROTO}}}
	for _, name := range []string{"openconfig-interfaces", "openconfig-system"} {
		l.can.SupportedModels = append(l.can.SupportedModels, &gpb.ModelData{Name: name})
	}
	return l
}

func (l *lab) Capabilities(ctx context.Context, _ *gpb.CapabilityRequest) (*gpb.CapabilityResponse, error) {
	if l.refuse != nil {
		return nil, l.refuse(ctx)
	}
	return l.can, nil
}

func (l *lab) Subscribe(in gpb.GNMI_SubscribeServer) error {
	m, err := in.Recv()
	if err != nil {
		return err
	}
	list := m.GetSubscribe()
	l.mu.Lock()
	l.asked = append(l.asked, list)
	l.mu.Unlock()
	if l.subscribe != nil {
		if err := l.subscribe(list, in); err != nil {
			return err
		}
	}
	return l.tell(list, in)
}

// tell says everything, and again for each poll. A stream stays until the client ends it.
func (l *lab) tell(list *gpb.SubscriptionList, in gpb.GNMI_SubscribeServer) error {
	for {
		if err := say(in); err != nil {
			return err
		}
		switch list.GetMode() {
		case gpb.SubscriptionList_ONCE:
			return nil
		case gpb.SubscriptionList_POLL:
			if _, err := in.Recv(); err != nil {
				return err
			}
			l.mu.Lock()
			l.polls++
			l.mu.Unlock()
		default:
			<-in.Context().Done()
			return nil
		}
	}
}

// say tells that interface e1 is up, and that this was all.
func say(in gpb.GNMI_SubscribeServer) error {
	n := &gpb.Notification{Timestamp: time.Now().UnixNano(), Prefix: &gpb.Path{Elem: []*gpb.PathElem{{Name: "interfaces"}, {Name: "interface", Key: map[string]string{"name": "e1"}}}}}
	for _, leaf := range []string{"oper-status", "admin-status"} {
		n.Update = append(n.Update, &gpb.Update{Path: &gpb.Path{Elem: []*gpb.PathElem{{Name: "state"}, {Name: leaf}}},
			Val: &gpb.TypedValue{Value: &gpb.TypedValue_StringVal{StringVal: "UP"}}})
	}
	if err := in.Send(&gpb.SubscribeResponse{Response: &gpb.SubscribeResponse_Update{Update: n}}); err != nil {
		return err
	}
	return in.Send(&gpb.SubscribeResponse{Response: &gpb.SubscribeResponse_SyncResponse{SyncResponse: true}})
}

// lists are the subscriptions that came.
func (l *lab) lists() []*gpb.SubscriptionList {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]*gpb.SubscriptionList(nil), l.asked...)
}

// serve serves the lab until the test ends; config is that of TLS, nil for none.
func (l *lab) serve(t testing.TB, config *tls.Config) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	var options []grpc.ServerOption
	if config != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(config)))
	}
	server := grpc.NewServer(options...)
	gpb.RegisterGNMIServer(server, l)
	go func() { _ = server.Serve(listener) }() // ends with Stop
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

// bench is a session with a lab, and what comes of it.
type bench struct {
	*session.Session
	t   testing.TB
	cfg *session.Config
	box *outbox.Box
	log *lockedBuffer
	reg *prometheus.Registry
}

// lockedBuffer is a log that several write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newBench makes a session that has not begun; change may change its configuration.
func newBench(t testing.TB, address string, change func(*session.Config, *session.Device)) *bench {
	t.Helper()
	sets, err := pathset.Load("")
	must(t, err)
	b := &bench{t: t, box: outbox.New(), log: &lockedBuffer{}, reg: prometheus.NewRegistry()}
	log := slog.New(slog.NewTextHandler(b.log, nil))
	b.cfg = &session.Config{
		States: session.Auto, Origin: session.InPath, Interval: time.Minute, Heartbeat: time.Minute, Timeout: 20 * time.Second,
		RetryMin: 10 * time.Millisecond, RetryMax: 50 * time.Millisecond, MaxMessage: 4 << 20, Sets: pathset.Common(sets),
		Places: make(chan struct{}, 1), Plans: session.NewPlans(), Metrics: session.NewMetrics(b.reg), Log: log,
	}
	device := &session.Device{Address: address, Decode: decode.Config{
		Device: "r1", Interval: b.cfg.Interval, Heartbeat: b.cfg.Heartbeat, MaxRows: 100, Box: b.box, Metrics: decode.NewMetrics(nil), Log: log,
		Key: func(m string, tags ...point.Tag) []byte { return point.AppendKey(nil, m, tags...) },
	}}
	if change != nil {
		change(b.cfg, device)
	}
	b.Session = session.New(b.cfg, device)
	return b
}

// run runs the session until the test ends.
func (b *bench) run() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.Run(ctx)
	}()
	b.t.Cleanup(func() {
		cancel()
		<-ended
	})
}

// text is all that was written.
func (b *bench) text() string {
	e := b.box.Open()
	defer b.box.Close()
	return string(e.Bytes())
}

// await waits until something is so.
func (b *bench) await(what string, is func() bool) {
	b.t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	deadline := time.After(5 * time.Minute)
	for !is() {
		select {
		case now := <-again.C:
			b.Tick(now)
		case <-deadline:
			b.t.Fatalf("%s: not within five minutes\nlog: %s\nlines: %s", what, b.log, b.text())
		}
	}
}

func (b *bench) written(what string) func() bool {
	return func() bool { return strings.Contains(b.text(), what) }
}

func (b *bench) logged(what string) func() bool {
	return func() bool { return strings.Contains(b.log.String(), what) }
}

// counter is the value of a metric with a label's value, 0 if there is none.
func (b *bench) counter(name, value string) (n float64) {
	families, err := b.reg.Gather()
	must(b.t, err)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (value == "" || m.GetLabel()[0].GetValue() == value) {
				n += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return n
}

// user is who a call says that it is from.
func user(ctx context.Context) string {
	md, _ := metadata.FromIncomingContext(ctx)
	return strings.Join(append(md.Get("username"), md.Get("password")...), ":")
}

// authority issues certificates for the test.
type authority struct {
	t    testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	return &authority{t, cert, key}
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

func (a *authority) issue(name string) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(a.t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	must(a.t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

package gnmi

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/haidang-noc/haidang/internal/simnet/control"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rig is a small network that answers.
type rig struct {
	t      testing.TB
	script *control.Script
	net    *nation.Network
	port   int
}

func newRig(t testing.TB) *rig {
	t.Helper()
	c := nation.Defaults()
	provinces, err := filepath.Abs("../../../configs/provinces/provinces-34.csv")
	must(t, err)
	c.Provinces, c.Devices, c.Interfaces = provinces, 170, 3
	network, err := nation.Build(c)
	must(t, err)
	script, err := control.NewScript(network, nil)
	must(t, err)
	server, err := Listen(Config{}, script.Overlay(), nil)
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	return &rig{t, script, network, server.Port()}
}

// client connects to a device's address.
func (r *rig) client(device int32) gpb.GNMIClient {
	r.t.Helper()
	conn, err := grpc.NewClient(fmt.Sprintf("%v:%d", r.net.Address(device), r.port), grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(r.t, err)
	r.t.Cleanup(func() { _ = conn.Close() })
	return gpb.NewGNMIClient(conn)
}

func path(names ...string) *gpb.Path {
	p := &gpb.Path{}
	for _, n := range names {
		p.Elem = append(p.Elem, &gpb.PathElem{Name: n})
	}
	return p
}

// subscribe opens a stream of one path.
func (r *rig) subscribe(device int32, sub *gpb.Subscription) gpb.GNMI_SubscribeClient {
	r.t.Helper()
	stream, err := r.client(device).Subscribe(r.t.Context())
	must(r.t, err)
	must(r.t, stream.Send(&gpb.SubscribeRequest{Request: &gpb.SubscribeRequest_Subscribe{Subscribe: &gpb.SubscriptionList{
		Encoding: gpb.Encoding_PROTO, Subscription: []*gpb.Subscription{sub}}}}))
	return stream
}

// untilSync are the notifications up to the sync.
func untilSync(t testing.TB, stream gpb.GNMI_SubscribeClient) (all []*gpb.Notification) {
	t.Helper()
	for {
		m, err := stream.Recv()
		must(t, err)
		if m.GetSyncResponse() {
			return all
		}
		all = append(all, m.GetUpdate())
	}
}

func TestPathsChoose(t *testing.T) {
	all := leaves()
	for _, c := range []struct {
		path       *gpb.Path
		interfaces int
		system     int
	}{
		{path(), 11, 2}, {path("interfaces"), 11, 0}, {path("interfaces", "interface", "state"), 10, 0}, {path("interfaces", "interface", "state", "counters"), 8, 0},
		{path("interfaces", "interface", "state", "oper-status"), 1, 0}, {path("interfaces", "*", "*", "counters"), 8, 0},
		{path("system", "state", "hostname"), 0, 1}, {path("components"), 0, 0}, {path("interfaces", "interface", "state", "oper-status", "x"), 0, 0},
	} {
		s := choose(&all, c.path.GetElem())
		count := func(m uint32) (n int) {
			for ; m != 0; m &= m - 1 {
				n++
			}
			return n
		}
		if count(s.chosen[interfaces]) != c.interfaces || count(s.chosen[system]) != c.system {
			t.Errorf("%v chooses %b", c.path, s.chosen)
		}
	}
}

// A change is told once, to who asked for changes; a heartbeat tells it again.
func TestOnChange(t *testing.T) {
	r := newRig(t)
	link := r.net.Links[0]
	stream := r.subscribe(link.A.Device, &gpb.Subscription{Path: path("interfaces", "interface", "state", "oper-status"), Mode: gpb.SubscriptionMode_ON_CHANGE})
	if n := len(untilSync(t, stream)); n != int(r.net.Ports(link.A.Device)) {
		t.Fatalf("%d interfaces at first", n)
	}
	must(t, r.script.Add([]fault.Fault{{Kind: fault.LinkDown, Link: link.Name}}, time.Now()))
	m, err := stream.Recv()
	must(t, err)
	n := m.GetUpdate()
	name := n.GetPrefix().GetElem()[1].GetKey()["name"]
	if name != string(r.net.IfName(link.A)) || len(n.GetUpdate()) != 1 || n.GetUpdate()[0].GetVal().GetStringVal() != "DOWN" {
		t.Errorf("told %v", n)
	}
	beats := r.subscribe(link.A.Device, &gpb.Subscription{Path: path("interfaces", "interface", "state", "admin-status"), Mode: gpb.SubscriptionMode_ON_CHANGE,
		HeartbeatInterval: uint64(300 * time.Millisecond)})
	untilSync(t, beats)
	if _, err := beats.Recv(); err != nil {
		t.Error(err)
	}
}

func TestSamplesAndEncodings(t *testing.T) {
	r := newRig(t)
	stream := r.subscribe(0, &gpb.Subscription{Path: path("interfaces", "interface", "state", "counters"), Mode: gpb.SubscriptionMode_SAMPLE, SampleInterval: 1})
	first := untilSync(t, stream)
	m, err := stream.Recv()
	must(t, err)
	before, after := first[0].GetUpdate()[0].GetVal().GetUintVal(), m.GetUpdate().GetUpdate()[0].GetVal().GetUintVal()
	if after <= before || len(m.GetUpdate().GetUpdate()) != 8 {
		t.Errorf("%d octets, then %d", before, after)
	}
	for e, want := range map[gpb.Encoding]string{gpb.Encoding_JSON: `json_val:"\"UP\""`, gpb.Encoding_JSON_IETF: `json_ietf_val:"\"UP\""`, gpb.Encoding_PROTO: `string_val:"UP"`} {
		got, err := r.client(0).Get(t.Context(), &gpb.GetRequest{Encoding: e, Path: []*gpb.Path{path("interfaces", "interface", "state", "admin-status")}})
		must(t, err)
		if v := got.GetNotification()[0].GetUpdate()[0].GetVal(); v.String() != want {
			t.Errorf("%v: %v, want %s", e, v, want)
		}
	}
	_, err = r.client(0).Get(t.Context(), &gpb.GetRequest{Encoding: gpb.Encoding_ASCII})
	if status.Code(err) != codes.Unimplemented {
		t.Errorf("ASCII: %v", err)
	}
}

// A target may be named from any address; without a name the address decides.
func TestTargets(t *testing.T) {
	r := newRig(t)
	ask := func(at int32, target string) (string, error) {
		got, err := r.client(at).Get(t.Context(), &gpb.GetRequest{Encoding: gpb.Encoding_PROTO, Prefix: &gpb.Path{Target: target}, Path: []*gpb.Path{path("system", "state", "hostname")}})
		if err != nil {
			return "", err
		}
		return got.GetNotification()[0].GetUpdate()[0].GetVal().GetStringVal(), nil
	}
	for _, c := range []struct {
		at     int32
		target string
		want   string
	}{{0, "", r.net.Devices[0].Name}, {7, "", r.net.Devices[7].Name}, {7, r.net.Devices[3].Name, r.net.Devices[3].Name}} {
		if got, err := ask(c.at, c.target); got != c.want {
			t.Errorf("at device %d, target %q: %q, %v", c.at, c.target, got, err)
		}
	}
	if _, err := ask(0, "nobody"); status.Code(err) != codes.NotFound {
		t.Errorf("an unknown target: %v", err)
	}
	if _, err := ask(int32(len(r.net.Devices))+9, ""); status.Code(err) != codes.InvalidArgument {
		t.Errorf("an address of no device: %v", err)
	}
}

// A device without power ends its streams and takes no connection, until it is back.
func TestADeadDevice(t *testing.T) {
	r := newRig(t)
	stream := r.subscribe(0, &gpb.Subscription{Path: path("interfaces"), Mode: gpb.SubscriptionMode_ON_CHANGE})
	untilSync(t, stream)
	must(t, r.script.Add([]fault.Fault{{ID: "dark", Kind: fault.Dead, Device: r.net.Devices[0].Name}}, time.Now()))
	for {
		if _, err := stream.Recv(); err != nil {
			break
		}
	}
	if _, err := r.client(0).Capabilities(t.Context(), &gpb.CapabilityRequest{}); status.Code(err) != codes.Unavailable {
		t.Errorf("a dead device: %v", err)
	}
	must(t, r.script.End("dark", time.Now()))
	if _, err := r.client(0).Capabilities(t.Context(), &gpb.CapabilityRequest{}, grpc.WaitForReady(true)); err != nil {
		t.Error(err)
	}
}

package mdt

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	dialout "github.com/cisco-ie/nx-telemetry-proto/mdt_dialout"
	bis "github.com/cisco-ie/nx-telemetry-proto/telemetry_bis"
	"github.com/klauspost/compress/zlib"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	"github.com/haidang-noc/haidang/internal/certtest"
)

const counters = "Cisco-IOS-XR-infra-statsd-oper:infra-statistics/interfaces/interface/latest/generic-counters"

// message is one of Cisco's with a row of counters for each interface.
func message(t testing.TB, path string, ifnames ...string) []byte {
	t.Helper()
	m := &bis.Telemetry{EncodingPath: path, MsgTimestamp: 1_795_230_000_000, NodeId: &bis.Telemetry_NodeIdStr{NodeIdStr: "xr1"},
		Subscription: &bis.Telemetry_SubscriptionIdStr{SubscriptionIdStr: "s1"}}
	number := func(name string, v uint64) *bis.TelemetryField {
		return &bis.TelemetryField{Name: name, ValueByType: &bis.TelemetryField_Uint64Value{Uint64Value: v}}
	}
	for i, name := range ifnames {
		m.DataGpbkv = append(m.DataGpbkv, &bis.TelemetryField{Timestamp: 1_795_230_000_000 + uint64(i), Fields: []*bis.TelemetryField{
			{Name: "keys", Fields: []*bis.TelemetryField{{Name: "interface-name", ValueByType: &bis.TelemetryField_StringValue{StringValue: name}}}},
			{Name: "content", Fields: []*bis.TelemetryField{number("bytes-received", uint64(100+i)), number("other", 7), number("bytes-sent", uint64(200+i))}},
		}})
	}
	out, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// framed is a message as it goes over TCP.
func framed(flags uint16, message []byte) []byte {
	var b bytes.Buffer
	_ = binary.Write(&b, binary.BigEndian, []uint16{1, 1, 1, flags})
	_ = binary.Write(&b, binary.BigEndian, uint32(len(message)))
	b.Write(message)
	return b.Bytes()
}

func (r *running) send(addr string, octets ...[]byte) net.Conn {
	r.t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	for _, b := range octets {
		if _, err := conn.Write(b); err != nil {
			r.t.Fatal(err)
		}
	}
	return conn
}

// dial opens a stream as Cisco's side does, with Cisco's generated code.
func (r *running) dial(addr string, creds credentials.TransportCredentials) dialout.GRPCMdtDialout_MdtDialoutClient {
	r.t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(creds))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	stream, err := dialout.NewGRPCMdtDialoutClient(conn).MdtDialout(context.Background())
	if err != nil {
		r.t.Fatal(err)
	}
	return stream
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The same message by every way becomes the same lines.
func TestWaysOfCisco(t *testing.T) {
	dir := t.TempDir()
	client := certtest.Write(t, dir)
	r := start(t, dir, "tls: {cert_file: server.pem, key_file: server.key, client_ca_file: server.pem}\nsubscriptions: {s1: 10s}\n",
		"tcp://127.0.0.1:0", "tls://127.0.0.1:0", "grpc://127.0.0.1:0", "grpcs://127.0.0.1:0")
	want := []string{
		"interface,agent=a1,device=d1,ifname=GigabitEthernet0/0/0/0 in_octets=100u,out_octets=200u,interval_s=10i 1795230000000000000",
		"interface,agent=a1,device=d1,ifname=GigabitEthernet0/0/0/1 in_octets=101u,out_octets=201u,interval_s=10i 1795230000001000000",
	}
	m := message(t, counters, "GigabitEthernet0/0/0/0", "GigabitEthernet0/0/0/1")
	var squeezed bytes.Buffer
	z := zlib.NewWriter(&squeezed)
	_, _ = z.Write(m)
	must(t, z.Close())
	heartbeat := framed(0, []byte("x"))
	heartbeat[1] = 2
	ways := map[string]func(){
		"TCP":             func() { r.send(r.addrs[0], heartbeat, framed(0, m)) },
		"TCP, in pieces":  func() { b := framed(0, m); r.send(r.addrs[0], b[:5], b[5:100], b[100:]) },
		"TCP, compressed": func() { r.send(r.addrs[0], framed(1, squeezed.Bytes())) },
		"TLS": func() {
			conn := certtest.Dial(t, r.addrs[1], client)
			_, err := conn.Write(framed(0, m))
			must(t, err)
		},
		"gRPC": func() {
			must(t, r.dial(r.addrs[2], insecure.NewCredentials()).Send(&dialout.MdtDialoutArgs{ReqId: 1, Data: m}))
		},
		"gRPC, in parts": func() {
			s := r.dial(r.addrs[2], insecure.NewCredentials())
			for _, part := range [][]byte{m[:50], m[50:120], m[120:]} {
				must(t, s.Send(&dialout.MdtDialoutArgs{ReqId: 2, Data: part, TotalSize: int32(len(m))}))
			}
		},
		"gRPC over mutual TLS": func() {
			must(t, r.dial(r.addrs[3], credentials.NewTLS(client)).Send(&dialout.MdtDialoutArgs{ReqId: 1, Data: m}))
		},
		"JSON": func() {
			row := `{"timestamp":"%d","keys":[{"interface-name":"GigabitEthernet0/0/0/%d"}],"content":{"bytes-received":"%d","bytes-sent":%d}}`
			text := fmt.Sprintf(`{"node_id_str":"xr1","subscription_id_str":"s1","encoding_path":"%s","msg_timestamp":"1795230000000","data_json":[%s,%s]}`,
				counters, fmt.Sprintf(row, 1795230000000, 0, 100, 200), fmt.Sprintf(row, 1795230000001, 1, 101, 201))
			r.send(r.addrs[0], framed(0, []byte(text)))
		},
	}
	for name, send := range ways {
		send()
		if got := r.wait(2); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// What changes an interface's state is said at once.
func TestAChangeIsAnEvent(t *testing.T) {
	r := start(t, t.TempDir(), "subscriptions: {s1: 0s}\n", "tcp://127.0.0.1:0")
	text := `{"subscription_id_str":"s1","encoding_path":"openconfig-interfaces:interfaces/interface/state","msg_timestamp":1795230000000,` +
		`"data_json":[{"keys":{"name":"Hu0/1"},"content":{"admin-status":"UP","oper-status":"LOWER_LAYER_DOWN"}},{"keys":{"name":"Hu0/2"},"content":{"admin-status":"DOWN","oper-status":"DOWN"}}]}`
	r.send(r.addrs[0], framed(0, []byte(text)))
	want := "interface,agent=a1,device=d1,ifname=Hu0/1 admin=1i,oper=7i 1795230000000000000\n" +
		"state,agent=a1,device=d1,ifname=Hu0/1,source=mdt up=false 1795230000000000000\n" +
		"interface,agent=a1,device=d1,ifname=Hu0/2 admin=2i,oper=2i 1795230000000000000"
	if got := strings.Join(r.wait(3), "\n"); got != want {
		t.Errorf("%s", got)
	}
}

// What cannot be read costs its connection, or itself, and is counted.
func TestWhatCannotBeRead(t *testing.T) {
	r := start(t, t.TempDir(), "max_message: 64KiB\n", "tcp://127.0.0.1:0", "grpc://127.0.0.1:0")
	good := framed(0, message(t, counters, "Gi0"))
	long := framed(0, make([]byte, 65<<10))
	bomb := func() []byte {
		var b bytes.Buffer
		z := zlib.NewWriter(&b)
		_, _ = z.Write(make([]byte, 1<<20))
		_ = z.Close()
		return b.Bytes()
	}()
	r.send(r.addrs[0], long[:64])
	r.until(droppedName, "too_long", 1)
	r.send(r.addrs[0], framed(1, bomb))
	r.until(droppedName, "too_long", 2)
	r.send(r.addrs[0], []byte("GET / HTTP/1.1\r\n\r\n"))
	r.until(droppedName, "framing", 1)
	r.send(r.addrs[0], framed(1, []byte("no zlib")))
	r.until(droppedName, "framing", 2)
	r.send(r.addrs[0], framed(0, []byte{0xff, 0xff}), framed(0, []byte("{")), framed(0, message(t, "nobody:knows/this", "Gi0")), good)
	if got := r.wait(1); len(got) != 1 {
		t.Errorf("%q", got)
	}
	r.until(droppedName, "malformed", 2)
	r.until("haidang_mdt_unknown_paths_total", "", 1)
	stream := r.dial(r.addrs[1], insecure.NewCredentials())
	must(t, stream.Send(&dialout.MdtDialoutArgs{Errors: "out of memory"}))
	r.until(droppedName, "device_error", 1)
	must(t, stream.Send(&dialout.MdtDialoutArgs{Data: make([]byte, 100), TotalSize: 1 << 20}))
	r.until(droppedName, "too_long", 3)
	if err := stream.RecvMsg(&dialout.MdtDialoutArgs{}); err == nil {
		t.Error("the stream goes on")
	}
}

// Who is no device has no connection, and no source has more than it may.
func TestConnectionsAreBounded(t *testing.T) {
	r := start(t, t.TempDir(), "source_connections: 2\n", "tcp://127.0.0.1:0")
	r.send(r.addrs[0], framed(0, message(t, counters, "Gi0")))
	r.send(r.addrs[0], framed(0, message(t, counters, "Gi0")))
	r.wait(2)
	r.send(r.addrs[0])
	r.until("haidang_mdt_refused_connections_total", "source_connections", 1)
	stranger := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	conn, err := stranger.Dial("tcp", r.addrs[0])
	must(t, err)
	defer conn.Close()
	r.until("haidang_mdt_refused_connections_total", "unknown_source", 1)
}

// A source that sends too fast is read more slowly: nothing is lost.
func TestAFastSourceIsReadSlowly(t *testing.T) {
	r := start(t, t.TempDir(), "limit: {rate: 1MiB, burst: 64KiB}\nmax_message: 64KiB\n", "tcp://127.0.0.1:0")
	m := message(t, counters, strings.Split(strings.Repeat("GigabitEthernet0/0/0/0,", 199)+"x", ",")...)
	const messages = 30
	conn := r.send(r.addrs[0])
	for range messages {
		_, err := conn.Write(framed(0, m))
		must(t, err)
	}
	if got := r.wait(200 * messages); len(got) != 200*messages {
		t.Errorf("%d lines", len(got))
	}
}

// A message that would become far more text than it is, is cut off and counted.
func TestRowsAreBounded(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "t.yaml"), []byte("sensors:\n  - {paths: [p], measurement: m, each: content/list, counters: {z: content/z}}\n"), 0o600))
	r := start(t, dir, "sensors: .\n", "tcp://127.0.0.1:0")
	content := pb{}.text(2, "content").message(15, pb{}.text(2, "z").number(8, 7))
	for range maxRows + 7 {
		content = content.message(15, pb{}.text(2, "list"))
	}
	r.send(r.addrs[0], framed(0, pb{}.text(6, "p").message(11, pb{}.message(15, content))))
	if got := r.wait(1); len(got) != maxRows {
		t.Errorf("%d lines", len(got))
	}
	r.until(droppedName, "too_many_rows", 1)
}

package mdt

import (
	"context"
	"net"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protowire"
)

// pb is a message that is put together field by field.
type pb []byte

func (b pb) text(n protowire.Number, v string) pb {
	return protowire.AppendString(protowire.AppendTag(b, n, protowire.BytesType), v)
}

func (b pb) message(n protowire.Number, v pb) pb {
	return protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), v)
}

func (b pb) number(n protowire.Number, v uint64) pb {
	return protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), v)
}

// huaweiMessage is Huawei's Telemetry with one row.
func huaweiMessage(path string, content pb) pb {
	row := pb{}.number(1, 1_795_230_000_500).message(11, content)
	return pb{}.text(1, "ne40").text(2, "s4").text(3, path).number(6, 1_795_230_000_000).message(7, pb{}.message(1, row)).number(9, 30_000)
}

// publish sends messages as Huawei's side does.
func (r *running) publish(addr string, messages ...pb) {
	r.t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(r.t, err)
	r.t.Cleanup(func() { _ = conn.Close() })
	s, err := conn.NewStream(context.Background(), &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, huaweiMethod, grpc.ForceCodecV2(verbatim{}))
	must(r.t, err)
	for _, m := range messages {
		args := octets(pb{}.number(1, 7).message(2, m))
		must(r.t, s.SendMsg(&args))
	}
}

func TestHuaweiOverGRPC(t *testing.T) {
	r := start(t, "testdata", "protos: protos\n", "grpc://127.0.0.1:0")
	const path = "huawei-ifm:ifm/interfaces/interface"
	port := func(name string, more pb) pb { return pb{}.message(1, append(pb{}.text(25, name), more...)) }
	up, down := pb{}.number(5, 1).message(13, pb{}.number(5, 1)), pb{}.number(5, 1).message(13, pb{})
	states := append(port("100GE0/1/0", up), port("100GE0/1/1", down)...)
	counted := port("100GE0/1/0", pb{}.message(35, pb{}.number(7, 1000).number(10, 2000).number(6, 10)))
	r.publish(r.addrs[0], huaweiMessage(path, pb{}.message(5, states)), huaweiMessage(path+"/ifStatistics", pb{}.message(5, counted)))
	want := "interface,agent=a1,device=d1,ifname=100GE0/1/0 admin=1i,oper=1i,interval_s=30i 1795230000500000000\n" +
		"interface,agent=a1,device=d1,ifname=100GE0/1/1 admin=1i,oper=2i,interval_s=30i 1795230000500000000\n" +
		"interface,agent=a1,device=d1,ifname=100GE0/1/0 in_octets=1000u,in_ucast_pkts=10u,out_octets=2000u,out_ucast_pkts=0u,interval_s=30i 1795230000500000000"
	if got := strings.Join(r.wait(3), "\n"); got != want {
		t.Errorf("%s", got)
	}
	r.publish(r.addrs[0], huaweiMessage(path, pb{}.message(5, pb{0xff})), huaweiMessage("huawei-devm:devm/x", nil))
	r.until(droppedName, "malformed", 1)
	r.until("haidang_mdt_unknown_paths_total", "", 1)
}

// Without the vendor's files a message is counted, and the log says what is missing.
func TestWithoutASchema(t *testing.T) {
	r := start(t, t.TempDir(), "", "grpc://127.0.0.1:0")
	r.publish(r.addrs[0], huaweiMessage("huawei-ifm:ifm/interfaces/interface", pb{}.text(25, "x")))
	r.until(droppedName, "no_schema", 1)
}

// Juniper's native sensors, one datagram each.
func TestJuniperOverUDP(t *testing.T) {
	r := start(t, "testdata", "protos: protos\n", "jti://127.0.0.1:0")
	port := pb{}.text(1, "xe-0/0/1").message(7, pb{}.number(2, 1<<40).number(5, 9)).message(8, pb{}.number(2, 7)).message(9, pb{}.number(1, 3).number(4, 2))
	m := pb{}.text(1, "mx1").text(4, "ifd:/junos/system/linecard/interface/:/junos/system/linecard/interface/:PFE").number(6, 1_795_230_000_000).
		message(101, pb{}.message(2636, pb{}.message(3, pb{}.message(1, port))))
	conn, err := net.Dial("udp", r.addrs[0])
	must(t, err)
	defer conn.Close()
	_, err = conn.Write(m)
	must(t, err)
	want := "interface,agent=a1,device=d1,ifname=xe-0/0/1 in_discards=2u,in_errors=3u,in_octets=1099511627776u,in_ucast_pkts=9u,out_octets=7u,interval_s=60i 1795230000000000000"
	if got := strings.Join(r.wait(1), "\n"); got != want {
		t.Errorf("%s", got)
	}
}

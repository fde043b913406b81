package snmp_test

import (
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/ipv4"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// floor polls with prepared requests and batched system calls over one socket, and reads no more of an answer than
// its numbers; with lines it writes them as line protocol.
type floor struct {
	conn   *ipv4.PacketConn
	all    []*subject
	lines  *point.Encoder // nil: none
	first  []int          // the first request of each device
	owner  []int          // of each request
	writes []ipv4.Message
	reads  []ipv4.Message
	keys   [][]byte
}

const floorRows = 5 // to a request: what one packet holds

func newFloor(b *testing.B, all []*subject, lines *point.Encoder) *floor {
	b.Helper()
	conn, err := net.ListenUDP("udp4", nil)
	if err != nil {
		b.Fatal(err)
	}
	_ = conn.SetReadBuffer(4 << 20)
	b.Cleanup(func() { _ = conn.Close() })
	f := &floor{conn: ipv4.NewPacketConn(conn), all: all, lines: lines}
	columns := make([][]byte, len(besideColumns))
	for i, text := range besideColumns {
		columns[i] = ber.OID(numbers(text)...)
	}
	for d, s := range all {
		f.first = append(f.first, len(f.writes))
		for at := 0; at < len(s.rows); at += floorRows {
			names := make([][]byte, 0, 1+len(columns))
			names = append(names, ber.OID(1, 3, 6, 1, 2, 1, 1, 3))
			for _, c := range columns {
				if at > 0 {
					c = ber.AppendArc(c[:len(c):len(c)], s.rows[at-1])
				}
				names = append(names, c)
			}
			r := ber.NewRequest("public", ber.PDU{Op: ber.GetBulkRequest, NonRepeaters: 1, MaxRepetitions: min(floorRows, len(s.rows)-at), Names: names})
			f.writes = append(f.writes, ipv4.Message{Buffers: [][]byte{r.Append(nil, 1<<30|uint32(len(f.writes)))}, Addr: net.UDPAddrFromAddrPort(s.addr)})
			f.owner = append(f.owner, d)
		}
	}
	for range 64 {
		f.reads = append(f.reads, ipv4.Message{Buffers: [][]byte{make([]byte, 2048)}})
	}
	f.keys = make([][]byte, len(all))
	for d, s := range all {
		f.keys[d] = point.AppendKey(nil, "interface", point.Tag{Key: "agent", Value: "a"}, point.Tag{Key: "device", Value: s.name}, point.Tag{Key: "ifname", Value: "xe-0/0/0"})
	}
	return f
}

func numbers(text string) (out []uint32) {
	for _, part := range strings.Split(text, ".") {
		n, _ := strconv.ParseUint(part, 10, 32)
		out = append(out, uint32(n))
	}
	return out
}

// round asks everything once.
func (f *floor) round(b *testing.B) (values int) {
	const window = 512
	sent, answered := 0, 0
	for answered < len(f.writes) {
		for sent < len(f.writes) && sent-answered < window {
			n, err := f.conn.WriteBatch(f.writes[sent:min(sent+64, len(f.writes))], 0)
			if err != nil {
				b.Fatal(err)
			}
			sent += n
		}
		_ = f.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		n, err := f.conn.ReadBatch(f.reads, 0)
		if err != nil {
			b.Fatalf("%d of %d requests are answered: %v", answered, len(f.writes), err)
		}
		for _, m := range f.reads[:n] {
			values += f.read(m.Buffers[0][:m.N])
		}
		answered += n
	}
	return values
}

// read counts sysUpTime with a device's first answer only, as everybody does.
func (f *floor) read(text []byte) (values int) {
	r, err := ber.ParseResponse(text)
	request := int(r.ID &^ (1 << 30))
	if err != nil || request >= len(f.owner) {
		return 0
	}
	d := f.owner[request]
	var v ber.Varbind
	list, _ := v.Cut(r.Varbinds)
	for i := 0; len(list) > 0; i++ {
		rest, ok := v.Cut(list)
		if !ok {
			break
		}
		list = rest
		n, ok := v.Number()
		if !ok {
			continue
		}
		values++
		if f.lines != nil {
			f.write(d, i, n)
		}
	}
	if f.first[d] == request {
		values++
	}
	return values
}

func (f *floor) write(device, i int, n uint64) {
	c := i % len(besideColumns)
	if c == 0 {
		f.lines.Begin(f.keys[device])
	}
	f.lines.Uint(floorFields[c], n)
	if c == len(besideColumns)-1 {
		f.lines.End(1_800_000_000_000_000_000)
		if len(f.lines.Bytes()) > 1<<20 {
			f.lines.Reset()
		}
	}
}

var floorFields = []string{"admin", "oper", "in_discards", "in_errors", "out_discards", "out_errors", "in_octets", "in_ucast_pkts", "out_octets",
	"out_ucast_pkts", "speed_mbps", "discontinuity_cs"}

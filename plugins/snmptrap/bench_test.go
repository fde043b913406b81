package snmptrap

import (
	"net"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/haidang-noc/haidang/internal/usm"
	"github.com/haidang-noc/haidang/plugins/snmptrap/engine"
)

const benchPassword = "bench-pass-12345"

// secured are n different traps as gosnmp sends them: SHA-256 and AES-128.
func secured(b *testing.B, n int) (out [][]byte) {
	b.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	client := &gosnmp.GoSNMP{Target: "127.0.0.1", Port: uint16(conn.LocalAddr().(*net.UDPAddr).Port), Version: gosnmp.Version3, Timeout: time.Second,
		MaxOids: 60, SecurityModel: gosnmp.UserSecurityModel, MsgFlags: gosnmp.AuthPriv, SecurityParameters: &gosnmp.UsmSecurityParameters{
			UserName: "u1", AuthoritativeEngineID: "\x80\x00\x00\x00\x05bench", AuthoritativeEngineBoots: 1, AuthoritativeEngineTime: 1,
			AuthenticationProtocol: gosnmp.SHA256, AuthenticationPassphrase: benchPassword, PrivacyProtocol: gosnmp.AES, PrivacyPassphrase: benchPassword}}
	if err := client.Connect(); err != nil {
		b.Fatal(err)
	}
	defer client.Conn.Close()
	buffer := make([]byte, 65535)
	for range n {
		trap := gosnmp.SnmpTrap{Variables: append([]gosnmp.SnmpPDU{vb("1.3.6.1.2.1.1.3.0", gosnmp.TimeTicks, uint32(4711)),
			vb("1.3.6.1.6.3.1.1.4.1.0", gosnmp.ObjectIdentifier, down)}, linkVarbinds()...)}
		if _, err := client.SendTrap(trap); err != nil {
			b.Fatal(err)
		}
		size, err := conn.Read(buffer)
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, append([]byte(nil), buffer[:size]...))
	}
	return out
}

func linkVarbinds() []gosnmp.SnmpPDU {
	return []gosnmp.SnmpPDU{vb("1.3.6.1.2.1.2.2.1.1.7", gosnmp.Integer, 7), vb("1.3.6.1.2.1.2.2.1.7.7", gosnmp.Integer, 1),
		vb("1.3.6.1.2.1.2.2.1.8.7", gosnmp.Integer, 2), vb("1.3.6.1.2.1.31.1.1.1.1.7", gosnmp.OctetString, "xe-0/0/7")}
}

const unlimited = twoDevices + "limit: {rate: 1000000, burst: 10000000}\nsource_memory: 32MiB\n"

// feed sends datagrams round and round, writes the lines, and reports how many a second of one core would be.
func feed(b *testing.B, in *bench, datagrams [][]byte, again func()) {
	at, taken := epoch(), 0
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%len(datagrams) == 0 {
			b.StopTimer()
			again()
			b.StartTimer()
		}
		at = at.Add(time.Millisecond)
		in.send("10.0.0.1", datagrams[i%len(datagrams)], at)
		if len(in.events) == together {
			for _, e := range in.writer.gather(<-in.events, in.events) {
				in.writer.gate.Release(e.account, e.cost)
				taken++
			}
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "traps/s")
	if taken < b.N-together {
		b.Errorf("%d of %d were taken", taken, b.N)
	}
}

// From the datagram to the lines of trap and state, without the socket.
func BenchmarkV2c(b *testing.B) {
	feed(b, newBench(b, unlimited), [][]byte{v2c(b, gosnmp.SNMPv2Trap, down, linkVarbinds()...)}, func() {})
}

func BenchmarkV3AuthPriv(b *testing.B) {
	u, err := usm.NewUser(usm.Credentials{Name: "u1", Auth: usm.AuthProtocols()["sha256"], Priv: usm.PrivProtocols()["aes"],
		AuthPassword: benchPassword, PrivPassword: benchPassword})
	if err != nil {
		b.Fatal(err)
	}
	in := newBench(b, unlimited)
	feed(b, in, secured(b, 4096), func() { // or all would be replays
		in.intake.receiver = engine.New(engine.Identity{ID: make([]byte, 5)}, []*usm.User{u}, epoch())
	})
}

// What a flood costs that its source may not send.
func BenchmarkOverTheLimit(b *testing.B) {
	in := newBench(b, twoDevices+"limit: {rate: 1, burst: 1}\n")
	datagram := v2c(b, gosnmp.SNMPv2Trap, down, linkVarbinds()...)
	for b.Loop() {
		in.send("10.0.0.1", datagram, epoch())
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "traps/s")
}

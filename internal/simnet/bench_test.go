package simnet_test

import (
	"context"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sys/unix"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/simnet"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/mib"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
	"github.com/haidang-noc/haidang/internal/simnet/snmpd"
	"github.com/haidang-noc/haidang/internal/simnet/udp"
	"github.com/haidang-noc/haidang/internal/simnet/usm"
)

// whole serves the whole nation while the benchmark runs.
func whole(b *testing.B, faults ...fault.Fault) (n *nation.Network, port int) {
	b.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	c, err := simnet.Load(filepath.Join(demo, "simnet-83000.yaml"))
	if err != nil {
		b.Fatal(err)
	}
	script, err := c.Script()
	if err != nil {
		b.Fatal(err)
	}
	if err := script.Add(faults, time.Now().Add(-time.Hour)); err != nil {
		b.Fatal(err)
	}
	face, err := mib.NewFace(script.Overlay(), mib.Access{Community: "public", Users: []usm.User{noc()}}, 1472)
	if err != nil {
		b.Fatal(err)
	}
	server, err := snmpd.Listen(0, 1472, face, prometheus.NewRegistry())
	if err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.Cleanup(func() { b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB") })
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	b.Cleanup(func() { cancel(); <-ended })
	return script.Overlay().Load().Network, server.Port()
}

func noc() usm.User {
	return usm.User{Name: "noc", Auth: "sha256", AuthPassword: "signed and", Priv: "aes", PrivPassword: "delivered"}
}

// bulk is what a poller asks for in a round of ten interfaces, in one of its two packets.
func bulk() (names []gosnmp.SnmpPDU) {
	for _, oid := range []string{".1.3.6.1.2.1.1.3", ".1.3.6.1.2.1.2.2.1.7", ".1.3.6.1.2.1.2.2.1.8", ".1.3.6.1.2.1.2.2.1.13", ".1.3.6.1.2.1.2.2.1.14",
		".1.3.6.1.2.1.2.2.1.19", ".1.3.6.1.2.1.2.2.1.20", ".1.3.6.1.2.1.31.1.1.1.6", ".1.3.6.1.2.1.31.1.1.1.7", ".1.3.6.1.2.1.31.1.1.1.10",
		".1.3.6.1.2.1.31.1.1.1.11", ".1.3.6.1.2.1.31.1.1.1.15", ".1.3.6.1.2.1.31.1.1.1.1"} {
		names = append(names, gosnmp.SnmpPDU{Name: oid, Type: gosnmp.Null})
	}
	return names
}

// One operation is an answered GETBULK of 61 values from one of 83,000 devices, over real sockets. What the server costs is the
// process's time without that of the thread that asks.
func BenchmarkNation(b *testing.B) {
	for name, faults := range map[string][]fault.Fault{"v2c": nil, "v2c late": {{Kind: fault.Latency, Device: "*", Delay: conf.Duration(time.Millisecond)}}} {
		b.Run(name, func(b *testing.B) { plain(b, faults) })
	}
	b.Run("v3 authPriv", func(b *testing.B) {
		n, port := whole(b)
		const devices = 1000
		asks := make([][]byte, devices)
		for i := range asks {
			asks[i] = sealed(b, n, port, int32(i))
		}
		exchange(b, n, port, devices, func(i int) []byte { return asks[i] })
	})
}

func plain(b *testing.B, faults []fault.Fault) {
	n, port := whole(b, faults...)
	ask, err := (&gosnmp.GoSNMP{Version: gosnmp.Version2c, Community: "public"}).SnmpEncodePacket(gosnmp.GetBulkRequest, bulk(), 1, 5)
	if err != nil {
		b.Fatal(err)
	}
	exchange(b, n, port, len(n.Devices), func(int) []byte { return ask })
}

// sealed is the request for one device over v3.
func sealed(b *testing.B, n *nation.Network, port int, device int32) []byte {
	b.Helper()
	u := noc()
	c := &gosnmp.GoSNMP{Target: n.Address(device).String(), Port: uint16(port), Version: gosnmp.Version3, Timeout: 5 * time.Second, MaxOids: 60,
		SecurityModel: gosnmp.UserSecurityModel, MsgFlags: gosnmp.AuthPriv, SecurityParameters: &gosnmp.UsmSecurityParameters{UserName: u.Name,
			AuthenticationProtocol: gosnmp.SHA256, AuthenticationPassphrase: u.AuthPassword, PrivacyProtocol: gosnmp.AES, PrivacyPassphrase: u.PrivPassword}}
	if err := c.Connect(); err != nil {
		b.Fatal(err)
	}
	defer c.Conn.Close()
	if _, err := c.Get([]string{".1.3.6.1.2.1.1.3.0"}); err != nil {
		b.Fatal(err)
	}
	out, err := c.SnmpEncodePacket(gosnmp.GetBulkRequest, bulk(), 1, 5)
	if err != nil {
		b.Fatal(err)
	}
	return out
}

const window = 64 // requests under way: what fits the smallest socket buffers

// exchange asks devices in turn.
func exchange(b *testing.B, n *nation.Network, port, devices int, ask func(i int) []byte) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	client, err := udp.Listen(0)
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	tx, rx := udp.NewBatch(window, 4096), udp.NewBatch(window, 4096)
	first := n.Address(0).As4()
	base := uint32(first[0])<<24 | uint32(first[1])<<16 | uint32(first[2])<<8 | uint32(first[3])
	next, answered := 0, 0
	process, own := used(b, unix.RUSAGE_SELF), used(b, unix.RUSAGE_THREAD)
	b.ResetTimer()
	for answered < b.N {
		for i := range window {
			a := base + uint32(next%devices)
			to := udp.Peer{Family: unix.AF_INET, Port: uint16(port)<<8 | uint16(port)>>8, Addr: [4]byte{byte(a >> 24), byte(a >> 16), byte(a >> 8), byte(a)}}
			tx.Put(i, ask(next%devices), to, udp.Address(127<<24|1))
			next++
		}
		client.Send(tx, window)
		for got, waited := 0, 0; got < window; waited++ {
			k, err := client.Receive(rx)
			if err != nil || waited > 10*window {
				b.Fatalf("%d of %d requests were not answered: %v", window-got, window, err)
			}
			got += k
		}
		answered += window
	}
	b.StopTimer()
	server := used(b, unix.RUSAGE_SELF) - process - (used(b, unix.RUSAGE_THREAD) - own)
	b.ReportMetric(server.Seconds()/float64(answered)*1e6, "server-µs/packet")
	b.ReportMetric(float64(answered)/server.Seconds(), "packets/s/core")
}

func used(b *testing.B, who int) time.Duration {
	b.Helper()
	var r unix.Rusage
	if err := unix.Getrusage(who, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

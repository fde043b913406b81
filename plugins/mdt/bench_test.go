package mdt

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	bis "github.com/cisco-ie/nx-telemetry-proto/telemetry_bis"
	"google.golang.org/protobuf/proto"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/mdt/envelope"
	"github.com/haidang-noc/haidang/plugins/mdt/sensor"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

const benchRows = 40

// genericCounters are those that a router has of an interface.
func genericCounters() []string {
	return []string{"packets-received", "bytes-received", "packets-sent", "bytes-sent", "multicast-packets-received", "broadcast-packets-received", "multicast-packets-sent",
		"broadcast-packets-sent", "output-drops", "output-queue-drops", "input-drops", "input-queue-drops", "runt-packets-received", "giant-packets-received",
		"throttled-packets-received", "parity-packets-received", "unknown-protocol-packets-received", "input-errors", "crc-errors", "input-overruns", "framing-errors-received",
		"input-ignored-packets", "input-aborts", "output-errors", "output-underruns", "output-buffer-failures", "output-buffers-swapped-out", "applique", "resets",
		"carrier-transitions", "availability-flag", "last-data-time", "seconds-since-last-clear-counters", "last-discontinuity-time", "seconds-since-packet-received", "seconds-since-packet-sent"}
}

// wide is a message as a router sends it: 40 interfaces, each with 36 counters.
func wide(b testing.TB) []byte {
	b.Helper()
	m := &bis.Telemetry{EncodingPath: counters, MsgTimestamp: uint64(time.Now().UnixMilli())}
	for i := range benchRows {
		content := &bis.TelemetryField{Name: "content"}
		for n, name := range genericCounters() {
			content.Fields = append(content.Fields, &bis.TelemetryField{Name: name, ValueByType: &bis.TelemetryField_Uint64Value{Uint64Value: uint64(i*n) << 20}})
		}
		name := &bis.TelemetryField{Name: "interface-name", ValueByType: &bis.TelemetryField_StringValue{StringValue: fmt.Sprintf("HundredGigE0/0/0/%d", i)}}
		m.DataGpbkv = append(m.DataGpbkv, &bis.TelemetryField{Timestamp: m.MsgTimestamp, Fields: []*bis.TelemetryField{{Name: "keys", Fields: []*bis.TelemetryField{name}}, content}})
	}
	out, err := proto.Marshal(m)
	if err != nil {
		b.Fatal(err)
	}
	return out
}

// generated is a field as generated code has it.
type generated struct{ *bis.TelemetryField }

// Get yields what is called so.
func (g generated) Get(name string, yield func(sensor.Tree, point.Value)) {
	for _, f := range g.Fields {
		if f.Name != name {
			continue
		}
		switch v := f.ValueByType.(type) {
		case nil:
			yield(generated{f}, point.Value{})
		case *bis.TelemetryField_Uint64Value:
			yield(nil, point.Value{Kind: point.Uint, Bits: v.Uint64Value})
		case *bis.TelemetryField_StringValue:
			yield(nil, point.Value{Kind: point.String, Text: []byte(v.StringValue)})
		}
	}
}

// Rows of counters, from a message to what a rule wants of it: ours, which reads only that, beside Cisco's generated code, which other
// readers (Telegraf's too) unmarshal a message with before they look at it.
func BenchmarkDecode(b *testing.B) {
	octets := wide(b)
	var table sensor.Table
	if err := table.AddFile("t.yaml", []byte("sensors:\n  - {paths: ['"+counters+"'], measurement: interface, tags: {ifname: keys/interface-name}, counters: {in_octets: content/bytes-received, "+
		"out_octets: content/bytes-sent, in_errors: content/input-errors, out_errors: content/output-errors, in_discards: content/input-drops, out_discards: content/output-drops}}\n")); err != nil {
		b.Fatal(err)
	}
	rule := table.Find([]byte(counters))[0]
	figure := func(b *testing.B, began time.Duration) {
		b.ReportMetric(float64(b.N)*benchRows/(processorTime(b)-began).Seconds(), "rows/cpu-s")
		b.SetBytes(int64(len(octets)))
	}
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		began := processorTime(b)
		var row sensor.Row
		rows := 0
		count := func(*sensor.Row) { rows++ }
		for b.Loop() {
			m, err := envelope.Cisco(octets)
			if err != nil {
				b.Fatal(err)
			}
			for fields := range m.Fields.All() {
				row.ReadFields(rule, fields, count)
			}
		}
		if rows != b.N*benchRows {
			b.Fatal(rows)
		}
		figure(b, began)
	})
	b.Run("generated", func(b *testing.B) {
		b.ReportAllocs()
		began := processorTime(b)
		var row sensor.Row
		rows := 0
		for b.Loop() {
			var m bis.Telemetry
			if err := proto.Unmarshal(octets, &m); err != nil {
				b.Fatal(err)
			}
			for _, f := range m.DataGpbkv {
				row.Read(rule, generated{f}, func(*sensor.Row) { rows++ })
			}
		}
		if rows != b.N*benchRows {
			b.Fatal(rows)
		}
		figure(b, began)
	})
	b.Run("generated, unmarshalled only", func(b *testing.B) {
		b.ReportAllocs()
		began := processorTime(b)
		for b.Loop() {
			var m bis.Telemetry
			if err := proto.Unmarshal(octets, &m); err != nil {
				b.Fatal(err)
			}
		}
		figure(b, began)
	})
}

// From the message to line protocol, without the socket.
func BenchmarkInput(b *testing.B) {
	in := New()
	if err := in.Configure(sdk.Config{Agent: "a1", File: "agent.yaml", Line: 1, YAML: []byte(local + "source_memory: 64MiB\n")}); err != nil {
		b.Fatal(err)
	}
	in.setup.Limit = limitSettings{conf.Bytes(1 << 60), conf.Bytes(1 << 60)}
	built, err := in.build()
	if err != nil {
		b.Fatal(err)
	}
	octets, from := wide(b), netip.MustParseAddr("127.0.0.1")
	now := time.Now()
	account, _ := built.gate.Debit(from, built.setup.limit(from), 0, now)
	stop := make(chan struct{})
	close(stop)
	written := 0
	count := func(_ context.Context, _ []byte, points int) error { written += points; return nil }
	b.ReportAllocs()
	b.SetBytes(int64(len(octets)))
	began := processorTime(b)
	for b.Loop() {
		built.message(octets, cisco, from, account, now)
		if err := built.backlog.Run(context.Background(), stop, count); err != nil {
			b.Fatal(err)
		}
	}
	if written != b.N*benchRows {
		b.Fatal(written)
	}
	b.ReportMetric(float64(written)/(processorTime(b)-began).Seconds(), "rows/cpu-s")
}

// From a device's socket to line protocol: rows a second of processor time, of both sides; with the six counters that the shipped table
// wants, and with all 36. MDT_MESSAGE names a file for the message, for readers of other projects.
func BenchmarkTCP(b *testing.B) {
	octets := framed(0, wide(b))
	if path := os.Getenv("MDT_MESSAGE"); path != "" {
		must(b, os.WriteFile(path, octets, 0o600))
	}
	everything := "sensors:\n  - {paths: ['" + counters + "'], measurement: x_all, tags: {ifname: keys/interface-name}, counters: {"
	for _, name := range genericCounters() {
		everything += name + ": content/" + name + ", "
	}
	for _, c := range []struct{ name, table string }{{"six", ""}, {"all", everything + "}}\n"}} {
		b.Run(c.name, func(b *testing.B) {
			dir, yaml := b.TempDir(), "limit: {rate: 1GiB, burst: 8GiB}\nmemory: 1GiB\nsource_memory: 64MiB\n"
			if c.table != "" {
				must(b, os.WriteFile(filepath.Join(dir, "all.yaml"), []byte(c.table), 0o600))
				yaml += "sensors: .\n"
			}
			r := start(b, dir, yaml, "tcp://127.0.0.1:0")
			conn := r.send(r.addrs[0])
			began := processorTime(b)
			b.SetBytes(int64(len(octets)))
			b.ResetTimer()
			for range b.N {
				_, err := conn.Write(octets)
				must(b, err)
			}
			r.wait(b.N * benchRows)
			b.ReportMetric(float64(b.N*benchRows)/(processorTime(b)-began).Seconds(), "rows/cpu-s")
		})
	}
}

// processorTime is what this process has used.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

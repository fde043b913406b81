package ingest

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

// The shape of the load: 12,500 interfaces of 8 fields (100,000 series), about 270 bytes a line, 5,000
// lines a request.
const (
	benchInterfaces = 12_500
	benchLines      = 5_000
	benchFields     = 8
	benchBodies     = 50
)

func benchKeys() [][]byte {
	keys := make([][]byte, benchInterfaces)
	for i := range keys {
		d := i / 10
		keys[i] = point.AppendKey(nil, "interface", point.Tag{Key: "device", Value: fmt.Sprintf("ST%06d", d)},
			point.Tag{Key: "district", Value: fmt.Sprintf("q%03d", d%700)}, point.Tag{Key: "ifname", Value: fmt.Sprintf("Gi0/0/%d", i%10)},
			point.Tag{Key: "layer", Value: "access"}, point.Tag{Key: "province", Value: fmt.Sprintf("tinh-%02d", d%34)},
			point.Tag{Key: "station", Value: fmt.Sprintf("TRAM%05d", d)}, point.Tag{Key: "vendor", Value: "huawei"})
	}
	return keys
}

func benchBodyTexts() [][]byte {
	keys, r := benchKeys(), rand.New(rand.NewPCG(1, 2))
	texts := make([][]byte, benchBodies)
	for b := range texts {
		var e point.Encoder
		for i := range benchLines {
			n := b*benchLines + i
			benchLine(&e, keys[n%benchInterfaces], uint64(n/benchInterfaces+1000)*uint64(n%benchInterfaces)*30_000, r)
		}
		texts[b] = bytes.Clone(e.Bytes())
	}
	return texts
}

func benchLine(e *point.Encoder, key []byte, octets uint64, r *rand.Rand) {
	e.Begin(key)
	e.Int("in_octets", int64(octets+r.Uint64N(1e6)))
	e.Int("out_octets", int64(octets/3+r.Uint64N(1e6)))
	e.Int("in_errors", r.Int64N(100))
	e.Int("out_errors", r.Int64N(20))
	e.Int("in_discards", r.Int64N(1000))
	e.Float("util_in", float64(r.IntN(10000))/100)
	e.Float("util_out", float64(r.IntN(10000))/100)
	e.Int("oper_status", 1)
	e.End(1_700_000_000_000_000_000)
}

func packed(b *testing.B, texts [][]byte) [][]byte {
	p, err := point.NewPacker()
	if err != nil {
		b.Fatal(err)
	}
	bodies := make([][]byte, len(texts))
	for i, text := range texts {
		if err := p.Add(text, benchLines); err != nil {
			b.Fatal(err)
		}
		bodies[i] = p.Take().Frames
	}
	return bodies
}

// processorTime is what the process has used; other programs on the machine do not change it.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func reportSamples(b *testing.B, start time.Duration) {
	used := processorTime(b) - start
	b.ReportMetric(float64(b.N)*benchLines*benchFields/used.Seconds()/1e6, "Msamples/cpu-s")
}

// BenchmarkWrite is the whole handler up to a sink that does nothing.
func BenchmarkWrite(b *testing.B) {
	texts := benchBodyTexts()
	gz := make([][]byte, len(texts))
	for i, text := range texts {
		gz[i] = gzipped(b, string(text))
	}
	for _, c := range []struct {
		encoding string
		bodies   [][]byte
	}{{"zstd", packed(b, texts)}, {"gzip", gz}, {"identity", texts}} {
		b.Run(c.encoding, func(b *testing.B) {
			mux := benchMux(b)
			b.SetBytes(int64(len(texts[0])))
			b.ReportAllocs()
			start := processorTime(b)
			for i := 0; b.Loop(); i++ {
				req := httptest.NewRequest("POST", "/api/v2/write", bytes.NewReader(c.bodies[i%benchBodies]))
				req.Header.Set("Authorization", "Token "+edgeToken)
				req.Header.Set("Content-Encoding", c.encoding)
				w := httptest.NewRecorder()
				if mux.ServeHTTP(w, req); w.Code != 204 {
					b.Fatal(w.Code, w.Body)
				}
			}
			reportSamples(b, start)
		})
	}
}

func benchMux(b *testing.B) *http.ServeMux {
	reg := prometheus.NewRegistry()
	h, err := New(DefaultConfig(), Deps{Principals: directory(b, reg), Owner: func(string) string { return "" },
		Sink: func(context.Context, Message) error { return nil }, Log: zerolog.Nop(), Registerer: reg})
	if err != nil {
		b.Fatal(err)
	}
	mux := http.NewServeMux()
	h.Register(mux)
	return mux
}

// BenchmarkFloor is what no ingest can do without: decompress and find the lines.
func BenchmarkFloor(b *testing.B) {
	texts := benchBodyTexts()
	bodies := packed(b, texts)
	u, err := point.NewUnpacker(64 << 20)
	if err != nil {
		b.Fatal(err)
	}
	var text []byte
	b.SetBytes(int64(len(texts[0])))
	start := processorTime(b)
	for i := 0; b.Loop(); i++ {
		if text, err = u.Unpack(text[:0], bodies[i%benchBodies]); err != nil {
			b.Fatal(err)
		}
		for t := text; len(t) > 0; {
			t = t[bytes.IndexByte(t, '\n')+1:]
		}
	}
	reportSamples(b, start)
}

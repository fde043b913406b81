package point

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/influxdata/line-protocol/v2/lineprotocol"
)

// benchKeys and benchText have the shape of docs/architecture.md's ingest figures: 12,500 interfaces
// of 7 tags, 8 fields (100,000 series), about 270 bytes a line.
func benchKeys() [][]byte {
	keys := make([][]byte, 12_500)
	for i := range keys {
		d := i / 10
		keys[i] = AppendKey(nil, "interface", Tag{"device", fmt.Sprintf("ST%06d", d)},
			Tag{"district", fmt.Sprintf("q%03d", d%700)}, Tag{"ifName", fmt.Sprintf("Gi0/0/%d", i%10)},
			Tag{"layer", "access"}, Tag{"province", fmt.Sprintf("tinh-%02d", d%34)},
			Tag{"station", fmt.Sprintf("TRAM%05d", d)}, Tag{"vendor", "huawei"})
	}
	return keys
}

func benchText(keys [][]byte) []byte {
	var e Encoder
	r := rand.New(rand.NewPCG(1, 2))
	for i, key := range keys {
		benchLine(&e, key, uint64(i)*1e9, r)
	}
	return e.Bytes()
}

func benchLine(e *Encoder, key []byte, n uint64, r *rand.Rand) {
	e.Begin(key)
	e.Int("in_octets", int64(n+r.Uint64N(1e12)))
	e.Int("out_octets", int64(n/3+r.Uint64N(1e11)))
	e.Int("in_errors", r.Int64N(100))
	e.Int("out_errors", r.Int64N(20))
	e.Int("in_discards", r.Int64N(1000))
	e.Float("util_in", float64(r.IntN(10000))/100)
	e.Float("util_out", float64(r.IntN(10000))/100)
	e.Int("oper_status", 1)
	e.End(1_700_000_000_000_000_000)
}

const valuesPerLine = 8

// meter reports values per second of processor time, which other programs on the machine do not change.
type meter struct {
	b     *testing.B
	lines int
	start time.Duration
}

func measure(b *testing.B, lines int) meter { return meter{b, lines, processorTime(b)} }

func (m meter) report() {
	used := processorTime(m.b) - m.start
	m.b.ReportMetric(float64(m.lines*valuesPerLine)*float64(m.b.N)/used.Seconds()/1e6, "Mvalues/cpu-s")
}

func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkNewlineScan(b *testing.B) {
	keys := benchKeys()
	text := benchText(keys)
	b.SetBytes(int64(len(text)))
	m := measure(b, len(keys))
	for b.Loop() {
		for t := text; len(t) > 0; {
			t = t[bytes.IndexByte(t, '\n')+1:]
		}
	}
	m.report()
}

// BenchmarkScanner is what ingest does: the lookup by the raw key included.
func BenchmarkScanner(b *testing.B) {
	keys := benchKeys()
	text := benchText(keys)
	known := make(map[string]uint64, len(keys))
	for i, k := range keys {
		known[string(k)] = uint64(i + 1)
	}
	for name, lookup := range map[string]func([]byte) uint64{
		"known": func(k []byte) uint64 { return known[string(k)] }, "unknown": nil,
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			var s Scanner
			m := measure(b, len(keys))
			for b.Loop() {
				s.Reset(text, Options{Lookup: lookup})
				for s.Next() {
					if s.Err() != nil {
						b.Fatal(s.Err())
					}
				}
			}
			m.report()
		})
	}
}

func BenchmarkLibraryDecoder(b *testing.B) {
	keys := benchKeys()
	text := benchText(keys)
	b.SetBytes(int64(len(text)))
	m := measure(b, len(keys))
	for b.Loop() {
		d := lineprotocol.NewDecoderWithBytes(text)
		for d.Next() {
			libraryLine(b, d)
		}
	}
	m.report()
}

func libraryLine(b *testing.B, d *lineprotocol.Decoder) {
	if _, err := d.Measurement(); err != nil {
		b.Fatal(err)
	}
	for k := []byte{0}; k != nil; {
		k, _, _ = d.NextTag()
	}
	for k := []byte{0}; k != nil; {
		k, _, _ = d.NextField()
	}
	if _, err := d.Time(lineprotocol.Nanosecond, time.Time{}); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkEncoder(b *testing.B) {
	keys := benchKeys()
	r := rand.New(rand.NewPCG(1, 2))
	var e Encoder
	b.ReportAllocs()
	m := measure(b, len(keys))
	for b.Loop() {
		e.Reset()
		for _, k := range keys {
			benchLine(&e, k, 1e12, r)
		}
	}
	m.report()
}

func BenchmarkLibraryEncoder(b *testing.B) {
	keys := benchKeys()
	text := benchText(keys[:1])
	s := NewScanner(text, Options{})
	s.Next()
	fields := s.Line().Fields
	var e lineprotocol.Encoder
	e.SetLax(true)
	at := time.Unix(1_700_000_000, 0)
	m := measure(b, len(keys))
	for b.Loop() {
		e.Reset()
		for range keys {
			e.StartLine("interface")
			for _, tag := range [...][2]string{{"device", "ST000001"}, {"district", "q001"}, {"ifName", "Gi0/0/1"},
				{"layer", "access"}, {"province", "tinh-01"}, {"station", "TRAM00001"}, {"vendor", "huawei"}} {
				e.AddTag(tag[0], tag[1])
			}
			for _, f := range fields {
				e.AddFieldRaw(f.Key, libraryValue(f.Value))
			}
			e.EndLine(at)
		}
	}
	m.report()
}

func libraryValue(v Value) lineprotocol.Value {
	if i, ok := v.Int(); ok && v.Kind == Int {
		return lineprotocol.IntValue(i)
	}
	f, _ := v.Float()
	value, _ := lineprotocol.FloatValue(f)
	return value
}

func BenchmarkPacker(b *testing.B) {
	text := benchText(benchKeys())
	p, err := NewPacker()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	m := measure(b, 12_500)
	for b.Loop() {
		if err := p.Add(text, 12_500); err != nil {
			b.Fatal(err)
		}
		p.Take()
	}
	m.report()
}

func BenchmarkUnpacker(b *testing.B) {
	text := benchText(benchKeys())
	p, err := NewPacker()
	if err != nil {
		b.Fatal(err)
	}
	if err := p.Add(text, 12_500); err != nil {
		b.Fatal(err)
	}
	frames := p.Take().Frames
	u, err := NewUnpacker(len(text))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	m := measure(b, 12_500)
	for b.Loop() {
		if text, err = u.Unpack(text[:0], frames); err != nil {
			b.Fatal(err)
		}
	}
	m.report()
}

// BenchmarkHandParse is a floor: values and times of just this text, without any check.
func BenchmarkHandParse(b *testing.B) {
	keys := benchKeys()
	text := benchText(keys)
	known := make(map[string]uint64, len(keys))
	for i, k := range keys {
		known[string(k)] = uint64(i + 1)
	}
	b.SetBytes(int64(len(text)))
	sum := 0.0
	m := measure(b, len(keys))
	for b.Loop() {
		for t := text; len(t) > 0; {
			k := bytes.IndexByte(t, ' ')
			sum += float64(known[string(t[:k])])
			t = t[k+1:]
			for end := byte(','); end == ','; {
				t = t[bytes.IndexByte(t, '=')+1:]
				var v float64
				v, end, t = handNumber(t)
				sum += v
			}
			t = t[bytes.IndexByte(t, '\n')+1:]
		}
	}
	m.report()
	_ = sum
}

func handNumber(t []byte) (v float64, end byte, rest []byte) {
	n, i, scale, point := uint64(0), 0, 1.0, false
	for ; t[i]-'0' <= 9 || t[i] == '.'; i++ {
		if t[i] == '.' {
			point = true
			continue
		}
		n = n*10 + uint64(t[i]-'0')
		if point {
			scale *= 10
		}
	}
	if t[i] == 'i' {
		i++
	}
	return float64(n) / scale, t[i], t[i+1:]
}

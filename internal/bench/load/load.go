// Package load makes the benchmarks' line protocol: many interfaces that report every minute, in the
// requests of a few senders, and inventory files that know them.
package load

import (
	"bytes"
	"fmt"

	"github.com/haidang-noc/haidang/internal/point"
)

// Fields is how many fields each line has; each is a sample of a series.
const Fields = 8

const (
	perDevice = 10
	step      = 60 // seconds between two lines of an interface
)

// Shape is what the lines of a load look like, and what the collector keeps of them.
type Shape struct {
	Name  string
	Links int // of ten interfaces, so many are ends of links: their state and traffic are kept
	// Generic lines have the fields of no schema: a counter here, a ratio there. The others have the
	// eight fields of docs/telemetry.md that the KPIs read.
	Generic bool
}

// Shapes are those that make bench reports.
func Shapes() []Shape {
	return []Shape{{Name: "generic", Generic: true}, {Name: "one-in-ten", Links: 1}, {Name: "all-links", Links: perDevice}}
}

// Request is what one sender sends at once.
type Request struct {
	Sender int
	Number uint64 // of the sender's requests, from 1
	Lines  int
	Text   []byte
}

// Load is a number of requests: Rounds lines of each of Interfaces interfaces, in order of time, cut
// into requests of PerRequest lines of one sender. Equal loads are equal bytes.
type Load struct {
	Shape      Shape
	Interfaces int
	Rounds     int
	PerRequest int
	Senders    int
	Start      int64 // Unix seconds of the first lines
}

// Lines is the number of lines of all requests.
func (l Load) Lines() int { return l.Interfaces * l.Rounds }

// Devices is the number of devices that have the interfaces.
func (l Load) Devices() int { return (l.Interfaces + perDevice - 1) / perDevice }

// Sender is the name of the n-th sender, as an agent and as a principal.
func Sender(n int) string { return fmt.Sprintf("bench-%d", n) }

// Token is what the n-th sender authenticates with. It guards nothing.
func Token(n int) string { return fmt.Sprintf("bench-token-%032d", n) }

func device(n int) string { return fmt.Sprintf("ST%06d", n) }
func ifname(i int) string { return fmt.Sprintf("Gi0/0/%d", i%perDevice) }

// Requests makes them all, those of the senders taking turns.
func (l Load) Requests() []Request {
	all := make([][]Request, l.Senders)
	for s := range all {
		all[s] = l.sent(s)
	}
	var out []Request
	for i := range all[0] { // the first sender has most of the devices, if they are not equal
		for s := range all {
			if i < len(all[s]) {
				out = append(out, all[s][i])
			}
		}
	}
	return out
}

// sent is what one sender sends: the lines of every Senders-th device.
func (l Load) sent(sender int) []Request {
	var keys []series
	for i := range l.Interfaces {
		if i/perDevice%l.Senders == sender {
			keys = append(keys, l.series(i))
		}
	}
	c := cutter{sender: sender, size: l.PerRequest}
	for t := range l.Rounds {
		for _, k := range keys {
			l.line(&c.text, k, t)
			c.ended()
		}
	}
	c.cut()
	return c.out
}

type cutter struct {
	sender, size int
	text         point.Encoder
	out          []Request
}

func (c *cutter) ended() {
	if c.text.Lines() == c.size {
		c.cut()
	}
}

func (c *cutter) cut() {
	if c.text.Lines() > 0 {
		c.out = append(c.out, Request{Sender: c.sender, Number: uint64(len(c.out) + 1), Lines: c.text.Lines(), Text: bytes.Clone(c.text.Bytes())})
	}
	c.text.Reset()
}

type series struct {
	id  uint64
	key []byte
}

func (l Load) series(i int) series {
	d := i / perDevice
	return series{uint64(i), point.AppendKey(nil, "interface",
		point.Tag{Key: "device", Value: device(d)}, point.Tag{Key: "ifname", Value: ifname(i)},
		point.Tag{Key: "district", Value: fmt.Sprintf("q%03d", d%700)}, point.Tag{Key: "layer", Value: [...]string{"access", "agg"}[d%50/49]},
		point.Tag{Key: "province", Value: fmt.Sprintf("tinh-%02d", d%34)}, point.Tag{Key: "station", Value: fmt.Sprintf("TRAM%05d", d)},
		point.Tag{Key: "vendor", Value: [...]string{"huawei", "nokia", "zte", "cisco"}[d%4]})}
}

// mix spreads two numbers over 64 bits (the finisher of splitmix64).
func mix(a, b uint64) uint64 {
	z := a<<32 + b + 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (l Load) line(e *point.Encoder, s series, round int) {
	e.Begin(s.key)
	own, now := mix(s.id, 7), mix(s.id, uint64(round))
	rate, n := own%400_000_000, uint64(round+1000)
	in, out := rate*n+now%1_000_000, rate/3*n+now>>20%1_000_000
	if l.Shape.Generic {
		generic(e, own, now, in, out)
	} else {
		schema(e, [2]uint64{in, out}, own, now, n)
	}
	e.End((l.Start + int64(round)*step) * 1e9)
}

// state is IF-MIB's: down now and then.
func state(now uint64) int64 {
	if now>>32%500 == 0 {
		return 2
	}
	return 1
}

func generic(e *point.Encoder, own, now, in, out uint64) {
	e.Int("in_octets", int64(in))
	e.Int("out_octets", int64(out))
	e.Int("in_errors", int64(own%3*now%10))
	e.Int("out_errors", int64(own>>8%3))
	e.Int("in_discards", int64(own>>16%5*(now%100)))
	e.Float("util_in", float64(own%8000+now%2000)/100)
	e.Float("util_out", float64(own>>24%8000+now>>24%2000)/100)
	e.Int("oper_status", state(now))
}

func schema(e *point.Encoder, octets [2]uint64, own, now, n uint64) {
	e.Int("oper", state(now))
	e.Uint("speed_mbps", 10_000)
	e.Uint("in_octets", octets[0])
	e.Uint("out_octets", octets[1])
	e.Uint("out_discards", own>>16%5*n)
	e.Uint("out_ucast_pkts", octets[1]/700)
	e.Uint("uptime_cs", own>>40+n*step*100)
	e.Int("interval_s", step)
}

// Batch is the request's Haidang-Batch header.
func Batch(r Request) string { return fmt.Sprintf("%032x/%d", r.Sender+1, r.Number) }

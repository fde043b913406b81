package engine

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/internal/usm/usmtest"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

// ether is a network in the fake time of a synctest bubble (wire).
type ether struct {
	behave func(to netip.AddrPort, nth int) []delivery // of the answer to the n-th request to an address
	sent   []transmission
	nth    map[netip.AddrPort]int
	air    []datagram // in order of arrival
	batch  []datagram
	read   int // datagrams
	keeps  int // of them until they are read
	lost   int
	queued int

	agents map[netip.AddrPort]*usmtest.Agent     // those that speak version 3
	forge  func(request, answer []byte) [][]byte // what somebody puts in before an answer; may be nil
}

// delivery is how a copy of an answer comes.
type delivery struct {
	after time.Duration
	from  netip.AddrPort // zero: the address asked
}

type transmission struct {
	at time.Time
	to netip.AddrPort
}

type datagram struct {
	at   time.Time
	from netip.AddrPort
	text []byte
}

func newEther(behave func(to netip.AddrPort, nth int) []delivery) *ether {
	return &ether{keeps: 1000, behave: behave, nth: map[netip.AddrPort]int{}, agents: map[netip.AddrPort]*usmtest.Agent{}}
}

func (e *ether) room() bool    { return e.queued < batchSize }
func (e *ether) close()        {}
func (e *ether) capacity() int { return e.keeps }

func (e *ether) buffer() []byte { return nil }

// queue delivers at once: the names that are asked for come back as the answer.
func (e *ether) queue(request []byte, to netip.AddrPort) {
	now := time.Now()
	e.queued++
	e.sent = append(e.sent, transmission{now, to})
	texts := e.answers(request, to, now)
	n := e.nth[to]
	e.nth[to]++
	for _, d := range e.behave(to, n) {
		if !d.from.IsValid() {
			d.from = to
		}
		for _, text := range texts {
			e.deliver(datagram{now.Add(d.after), d.from, bytes.Clone(text)})
		}
	}
}

// answers are what comes back to a request.
func (e *ether) answers(request []byte, to netip.AddrPort, now time.Time) (texts [][]byte) {
	respond := func(text []byte) []byte {
		return bytes.Replace(text, []byte{ber.GetRequest}, []byte{ber.GetResponse}, 1)
	}
	answer := respond(request)
	if a := e.agents[to]; a != nil {
		answer = a.Handle(request, now, respond)
	}
	if e.forge != nil {
		texts = e.forge(bytes.Clone(request), bytes.Clone(answer))
	}
	if answer == nil {
		return texts
	}
	return append(texts, answer)
}

func (e *ether) deliver(d datagram) {
	i, _ := slices.BinarySearchFunc(e.air, d, func(a, b datagram) int {
		if a.at.After(b.at) {
			return 1
		}
		return -1
	})
	e.air = slices.Insert(e.air, i, d)
}

func (e *ether) flush() int {
	e.queued = 0
	return 0
}

// receive has lost what came while twice as many lay there as capacity says, which is on the safe side.
func (e *ether) receive() int {
	n := 0
	for n < len(e.air) && !e.air[n].at.After(time.Now()) {
		n++
	}
	if n > 2*e.keeps {
		e.lost += n - 2*e.keeps
		e.air = slices.Delete(e.air, 2*e.keeps, n)
	}
	n = 0
	for n < min(batchSize, len(e.air)) && !e.air[n].at.After(time.Now()) {
		n++
	}
	e.batch, e.air = e.air[:n:n], e.air[n:]
	e.read += n
	return n
}

func (e *ether) datagram(i int) ([]byte, netip.AddrPort) { return e.batch[i].text, e.batch[i].from }
func (e *ether) age(i int, now time.Time) time.Duration  { return now.Sub(e.batch[i].at) }

// station is a dialog that asks for a name that only it asks for, a new one in every request.
type station struct {
	wrong  *complaints
	number uint32
	asks   int // in a round
	tries  int

	left     int
	serial   uint32
	silences int
	request  *ber.Request
	begun    []time.Time
	answered []time.Time // ends of rounds, as noted by the lane
	rtts     []time.Duration
	silent   int // rounds
}

// complaints are what went wrong in a bubble, told outside of it.
type complaints struct{ first string }

func (c *complaints) add(format string, args ...any) {
	if c.first == "" {
		c.first = fmt.Sprintf(format, args...)
	}
}

// heard makes a test fail of what is complained about.
func heard(t *testing.T) *complaints {
	c := new(complaints)
	t.Cleanup(func() {
		if c.first != "" {
			t.Error(c.first)
		}
	})
	return c
}

// bubble runs f with fake time, and ends a property that it complains about.
func bubble(t *testing.T, rt *rapid.T, f func(ctx context.Context, c *complaints)) {
	var c complaints
	synctest.Test(t, func(t *testing.T) { f(t.Context(), &c) })
	if c.first != "" {
		rt.Fatalf("%s", c.first)
	}
}

func (s *station) ask() *ber.Request {
	s.serial++
	s.silences = 0
	s.request = ber.NewRequest("c", ber.PDU{Op: ber.GetRequest, Names: [][]byte{ber.OID(1, 3, s.number, s.serial)}})
	return s.request
}

func (s *station) Begin(now time.Time) *ber.Request {
	s.begun = append(s.begun, now)
	s.left = s.asks
	return s.ask()
}

func (s *station) Answer(a poll.Answer) *ber.Request {
	var v ber.Varbind
	if _, ok := v.Cut(a.Varbinds); !ok || string(v.Name) != string(s.request.Names[0]) {
		s.wrong.add("station %d was given the answer to %s, its request is for %s", s.number, ber.FormatOID(v.Name), ber.FormatOID(s.request.Names[0]))
	}
	if s.left--; s.left > 0 {
		return s.ask()
	}
	s.answered = append(s.answered, time.Now())
	s.rtts = append(s.rtts, a.RTT)
	s.request = nil
	return nil
}

func (s *station) Silent(time.Time) *ber.Request {
	if s.silences++; s.silences < s.tries {
		return s.request
	}
	s.silent++
	s.request = nil
	return nil
}

// world is a lane with stations on an ether.
type world struct {
	*ether
	reg      *prometheus.Registry
	lane     *lane
	stations []*station
}

func address(i int) netip.AddrPort {
	var a [4]byte
	binary.BigEndian.PutUint32(a[:], 10<<24|uint32(i))
	return netip.AddrPortFrom(netip.AddrFrom4(a), 161)
}

func newWorld(c *complaints, cfg Config, n int, every time.Duration, behave func(to netip.AddrPort, nth int) []delivery) *world {
	if cfg.Pause == nil {
		cfg.Pause = func() bool { return false }
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	w := &world{ether: newEther(behave), reg: prometheus.NewRegistry()}
	w.lane = newLane(cfg, w.ether, newMetrics(w.reg))
	targets := make([]*poll.Target, 0, n)
	for i := range n {
		s := &station{wrong: c, number: uint32(i + 1), asks: 2, tries: 2}
		w.stations = append(w.stations, s)
		targets = append(targets, &poll.Target{Device: fmt.Sprintf("hni-bts-%04d", i), Addr: address(i), Every: every, Dialog: s})
	}
	w.lane.add(targets, every == 0)
	return w
}

// run lets so much time pass.
func (w *world) run(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	w.lane.run(ctx)
}

func (w *world) metric(t testing.TB, name string, label string) (sum float64) {
	t.Helper()
	families, err := w.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (label == "" || m.GetLabel()[0].GetValue() == label) {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

// busiest is the most requests that went out within so much time, to those that are counted.
func (e *ether) busiest(within time.Duration, counts func(netip.AddrPort) bool) (most int) {
	var window []time.Time
	for _, s := range e.sent {
		if !counts(s.to) {
			continue
		}
		window = append(window, s.at)
		for window[0].Add(within).Before(s.at) || window[0].Add(within).Equal(s.at) {
			window = window[1:]
		}
		most = max(most, len(window))
	}
	return most
}

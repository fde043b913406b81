package snmpd

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/simnet/udp"
)

// Face is a set of devices, each at its own address.
type Face interface {
	// Begin is called before each batch of datagrams.
	Begin(now time.Time)
	// Answer appends the answer of the device at an address to dst; nothing for silence.
	Answer(dst, datagram []byte, at udp.Address) ([]byte, Delivery)
}

// Delivery is how an answer leaves.
type Delivery struct {
	Binds int           // variable bindings in the answer
	Delay time.Duration // before it leaves
	From  udp.Address   // the address it leaves from

	OtherPort bool // it leaves from another port
}

const (
	batchSize  = 128
	longestAsk = 4096
	// LongestAnswer is the most that fits a UDP datagram.
	LongestAnswer = 65507
)

// Server answers on one UDP port for a face.
type Server struct {
	socket *udp.Socket
	face   Face
	rx, tx *udp.Batch
	late   *late

	requests, answers, binds, silent, lost prometheus.Counter
}

// Listen opens the port (0: a free one). longest is the longest answer the face gives.
func Listen(port, longest int, face Face, reg prometheus.Registerer) (*Server, error) {
	socket, err := udp.Listen(port)
	if err != nil {
		return nil, fmt.Errorf("snmpd: %w", err)
	}
	other, err := udp.Listen(0)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("snmpd: %w", err), socket.Close())
	}
	s := &Server{socket: socket, face: face, rx: udp.NewBatch(batchSize, longestAsk), tx: udp.NewBatch(batchSize, longest)}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
		reg.MustRegister(c)
		return c
	}
	s.requests = counter("haidang_simnet_requests_total", "SNMP datagrams that came in.")
	s.answers = counter("haidang_simnet_answers_total", "SNMP answers sent.")
	s.binds = counter("haidang_simnet_varbinds_total", "Variable bindings in the answers sent.")
	s.silent = counter("haidang_simnet_silent_total", "Requests that got no answer: malformed, for no device, or a fault.")
	s.lost = counter("haidang_simnet_lost_answers_total", "Answers that the kernel refused or that were too many to delay.")
	s.late = newLate(socket, other, s.lost)
	return s, nil
}

// Port is the UDP port's number.
func (s *Server) Port() int { return s.socket.Port() }

// Run answers until ctx is done, then closes the port.
func (s *Server) Run(ctx context.Context) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var sender sync.WaitGroup
	sender.Go(func() { s.late.run(ctx) })
	err := s.receive(ctx)
	sender.Wait()
	if err := errors.Join(s.socket.Close(), s.late.other.Close()); err != nil {
		return fmt.Errorf("snmpd: %w", err)
	}
	return err
}

// receive answers what comes in.
func (s *Server) receive(ctx context.Context) error {
	for ctx.Err() == nil {
		n, err := s.socket.Receive(s.rx)
		if err != nil {
			return fmt.Errorf("snmpd: receive: %w", err)
		}
		if n > 0 {
			s.serve(n)
		}
	}
	return ctx.Err()
}

// serve answers n requests.
func (s *Server) serve(n int) {
	now := time.Now()
	s.face.Begin(now)
	out, binds, late := 0, 0, 0
	for i := range n {
		at := s.rx.To(i)
		if !at.Loopback() {
			continue
		}
		answer, d := s.face.Answer(s.tx.Room(out), s.rx.Payload(i), at)
		switch {
		case len(answer) == 0:
			continue
		case d.Delay > 0 || d.OtherPort:
			s.late.add(answer, s.rx.Peer(i), d, now)
			late++
		default:
			s.tx.Put(out, answer, s.rx.Peer(i), d.From)
			out++
		}
		binds += d.Binds
	}
	s.lost.Add(float64(s.socket.Send(s.tx, out)))
	s.requests.Add(float64(n))
	s.answers.Add(float64(out + late))
	s.binds.Add(float64(binds))
	s.silent.Add(float64(n - out - late))
}

package mib

import (
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
	"github.com/haidang-noc/haidang/internal/simnet/snmpd"
	"github.com/haidang-noc/haidang/internal/simnet/udp"
	"github.com/haidang-noc/haidang/internal/simnet/usm"
)

// Access is who may ask: with which community over v1 and v2c (empty: any), as which users over v3.
type Access struct {
	Community string
	Users     []usm.User
}

// Face answers for every device of the network, with the faults of the overlay that is current when a
// batch begins. It is for one goroutine.
type Face struct {
	overlay   *atomic.Pointer[nation.Overlay]
	community string
	v3        *usm.Agent
	limit     int

	at        time.Time
	now       *nation.Overlay
	clock     nation.Clock
	device    *Device
	responder snmpd.Responder
	rng       *rand.Rand
	busy      map[int32]time.Time // until when devices that are slow or single-threaded work
	engineID  []byte
}

// NewFace makes a face. limit is the longest answer in octets.
func NewFace(overlay *atomic.Pointer[nation.Overlay], access Access, limit int) (*Face, error) {
	v3, err := usm.New(access.Users)
	if err != nil {
		return nil, err
	}
	net := overlay.Load().Network
	return &Face{overlay: overlay, community: access.Community, v3: v3, limit: limit, device: New(net), busy: map[int32]time.Time{},
		rng: rand.New(rand.NewPCG(net.Config().Seed, 0x6c6f7373))}, nil //nolint:gosec // no secret
}

// Begin looks at the clock and at the faults.
func (f *Face) Begin(now time.Time) {
	f.at, f.now = now, f.overlay.Load()
	f.clock = f.now.Clock(fault.TickOf(now))
}

// behaviour is what the faults of the moment make of one answer.
type behaviour struct {
	delivery   snmpd.Delivery
	silent     bool
	cut        bool
	wrongNames bool
	each       time.Duration // for each value, one request after the other
	alone      time.Duration // for each answer, during which nothing else is taken
}

// Answer answers for the device at an address, as well as its faults let it.
func (f *Face) Answer(dst, datagram []byte, at udp.Address) ([]byte, snmpd.Delivery) {
	id, ok := f.now.DeviceAt(uint32(at))
	if !ok || len(datagram) == 0 {
		return dst, snmpd.Delivery{}
	}
	reading := f.device.Look(f.now, id, &f.clock)
	if !reading.Answers() {
		return dst, snmpd.Delivery{}
	}
	f.responder.Limit, f.responder.WrongID = f.limit, false
	b := behaviour{delivery: snmpd.Delivery{From: at}}
	for m := range reading.Manners {
		f.misbehave(m, &b, at)
	}
	if b.silent || b.alone > 0 && f.at.Before(f.busy[id]) {
		return dst, snmpd.Delivery{}
	}
	start := len(dst)
	dst = f.respond(dst, datagram, &b)
	if b.each > 0 || b.alone > 0 {
		f.work(id, &b)
	}
	if b.silent {
		return dst[:start], snmpd.Delivery{}
	}
	if b.cut {
		dst = dst[:start+(len(dst)-start)/2]
	}
	return dst, b.delivery
}

// misbehave applies one fault. Those of the values are Device's.
func (f *Face) misbehave(m *nation.Manner, b *behaviour, at udp.Address) {
	if m.Ratio > 0 && !m.Strikes(f.rng.Float64()) {
		return
	}
	switch m.Kind {
	case fault.Loss:
		b.silent = true
	case fault.Latency:
		b.delivery.Delay += m.Delay
	case fault.Slow:
		b.each += m.Delay
	case fault.SingleThreaded:
		b.alone += m.Delay
	case fault.TooBig:
		f.responder.Limit = min(f.responder.Limit, m.Bytes)
	case fault.Truncate:
		b.cut = true
	case fault.WrongSource:
		b.delivery.From = at ^ 1<<20
	case fault.WrongPort:
		b.delivery.OtherPort = true
	case fault.WrongID:
		f.responder.WrongID = true
	case fault.WrongNames:
		b.wrongNames = true
	default: // seen in the values
	}
}

func (f *Face) respond(dst, datagram []byte, b *behaviour) []byte {
	var v snmpd.View = f.device
	if b.wrongNames {
		v = liar{f.device}
	}
	if usm.IsV3(datagram) {
		dst, b.delivery.Binds = f.v3.Answer(dst, datagram, usm.Asked{Engine: f.engine(), Responder: &f.responder, View: v})
		return dst
	}
	dst, b.delivery.Binds = f.responder.Answer(dst, datagram, f.community, v)
	return dst
}

// mostBehind is how much work a slow device takes on; its socket's buffer is full then.
const mostBehind = 10 * time.Second

// work keeps the device busy for as long as the answer takes it.
func (f *Face) work(id int32, b *behaviour) {
	begin := f.at
	if until := f.busy[id]; until.After(begin) {
		begin = until
	}
	done := begin.Add(b.alone + time.Duration(b.delivery.Binds)*b.each)
	if done.Sub(f.at) > mostBehind {
		b.silent = true
		return
	}
	f.busy[id] = done
	b.delivery.Delay += done.Sub(f.at)
}

// engine is the device's as an SNMPv3 authority: its id holds the maker's number and the chassis' address.
func (f *Face) engine() usm.Engine {
	reading := &f.device.reading
	id := reading.Device()
	maker := f.now.ObjectID(id)[0]
	f.engineID = append(f.engineID[:0], 0x80|byte(maker>>24), byte(maker>>16), byte(maker>>8), byte(maker), 3)
	f.engineID = macOctets(f.engineID, nation.Port{Device: id, Index: -1})
	return usm.Engine{ID: f.engineID, Boots: reading.Boots(), Seconds: reading.Uptime() / 100}
}

// liar is a device that names other objects than those whose values it gives.
type liar struct{ *Device }

// AppendName writes the name with another last arc.
func (l liar) AppendName(dst []byte, pos int) []byte {
	dst = l.Device.AppendName(dst, pos)
	dst[len(dst)-1] ^= 1
	return dst
}

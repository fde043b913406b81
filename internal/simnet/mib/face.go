package mib

import (
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
	"github.com/haidang-noc/haidang/internal/simnet/snmpd"
	"github.com/haidang-noc/haidang/internal/simnet/udp"
)

// Face answers for every device of the network, with the faults of the overlay that is current when a
// batch begins. It is for one goroutine.
type Face struct {
	overlay   *atomic.Pointer[nation.Overlay]
	community string
	limit     int

	now       *nation.Overlay
	clock     nation.Clock
	device    *Device
	responder snmpd.Responder
	rng       *rand.Rand
}

// NewFace makes a face. limit is the longest answer in octets; an empty community stands for any.
func NewFace(overlay *atomic.Pointer[nation.Overlay], community string, limit int) *Face {
	net := overlay.Load().Network
	return &Face{overlay: overlay, community: community, limit: limit, device: New(net),
		rng: rand.New(rand.NewPCG(net.Config().Seed, 0x6c6f7373))} //nolint:gosec // no secret
}

// Begin looks at the clock and at the faults.
func (f *Face) Begin(now time.Time) {
	f.now = f.overlay.Load()
	f.clock = f.now.Clock(fault.TickOf(now))
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
	f.responder.Limit = f.limit
	d := snmpd.Delivery{From: at}
	cut := false
	for m := range reading.Manners {
		switch m.Kind {
		case fault.Loss:
			if f.rng.Float64() < m.Ratio {
				return dst, snmpd.Delivery{}
			}
		case fault.Latency:
			d.Delay += time.Duration(m.Delay) * 10 * time.Millisecond
		case fault.TooBig:
			f.responder.Limit = min(f.responder.Limit, m.Bytes)
		case fault.Truncate:
			cut = true
		case fault.WrongSource:
			d.From = at ^ 1<<20
		default: // seen in the values
		}
	}
	start := len(dst)
	dst, d.Binds = f.responder.Answer(dst, datagram, f.community, f.device)
	if cut {
		dst = dst[:start+(len(dst)-start)/2]
	}
	return dst, d
}

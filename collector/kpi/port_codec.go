package kpi

import (
	"math"
	"strings"

	"github.com/haidang-noc/haidang/collector/model"
)

func appendPorts(dst []byte, version byte, ps []PortDay, first model.Day) []byte {
	dst = appendUint(dst, uint64(len(ps)))
	device, ifName := "", ""
	for i := range ps {
		p := &ps[i]
		dst = appendName(dst, device, p.Device)
		dst = appendName(dst, ifName, p.IfName)
		device, ifName = p.Device, p.IfName
		dst = appendUint(dst, uint64(p.Day-first))
		dst = appendUint(dst, uint64(p.Resets))
		if version >= chunkConflictsVersion {
			dst = appendUint(dst, uint64(p.Conflicts))
		}
	}
	for i := range ps {
		dst = appendPacked(dst, ps[i].In)
	}
	for i := range ps {
		dst = appendPacked(dst, ps[i].Out)
	}
	for i := range ps {
		dst = appendSpeed(dst, ps[i].Speed)
		dst = appendLoss(dst, ps[i].Loss)
	}
	return dst
}

// ports reads the ports of a chunk. The first programs wrote their rates unpacked.
func (r *reader) ports(version byte, first, end model.Day) []PortDay {
	n := r.count("ports")
	if n == 0 {
		return nil
	}
	if n > len(r.data)/minPortBytes {
		r.fail("ports")
		return nil
	}
	ps := make([]PortDay, n)
	r.portKeys(version, ps, first, end)
	rates := r.unpacked
	if version >= chunkPackedVersion {
		var room slotRoom
		rates = func() []uint32 { return r.packed(&room) }
	}
	for i := range ps {
		ps[i].In = rates()
	}
	for i := range ps {
		ps[i].Out = rates()
	}
	for i := range ps {
		ps[i].Speed = r.speed()
		ps[i].Loss = r.loss()
	}
	return ps
}

// minPortBytes is the least a port takes: two names, day, resets, and four empty columns.
const minPortBytes = 2*2 + 1 + 1 + 4

func (r *reader) portKeys(version byte, ps []PortDay, first, end model.Day) {
	device, ifName := "", ""
	for i := range ps {
		r.name(&device)
		r.name(&ifName)
		day := first + model.Day(r.below(uint64(end-first)+1, "port day"))
		ps[i] = PortDay{Device: device, IfName: ifName, Day: day, Resets: uint32(r.below(SlotsPerDay+1, "resets"))}
		if version >= chunkConflictsVersion {
			ps[i].Conflicts = uint32(r.below(SlotsPerDay+1, "conflicts"))
		}
		if day >= end || i > 0 && comparePorts(&ps[i-1], &ps[i]) >= 0 {
			r.fail("ports out of order")
		}
		if r.err != nil {
			return
		}
	}
}

func comparePorts(a, b *PortDay) int {
	if c := strings.Compare(a.Device, b.Device); c != 0 {
		return c
	}
	if c := strings.Compare(a.IfName, b.IfName); c != 0 {
		return c
	}
	return int(a.Day) - int(b.Day)
}

// unpacked reads 0 for no rates at all; else, after a 1, slot by slot: 0 for none, or one more than the
// zigzag change against the last rate.
func (r *reader) unpacked() []uint32 {
	if r.below(2, "rates") == 0 {
		return nil
	}
	if len(r.data) < SlotsPerDay {
		r.fail("rates")
		return nil
	}
	rates := make([]uint32, SlotsPerDay)
	last := int64(0)
	for i := range rates {
		rates[i] = NoRate
		u := r.below(1<<34, "rate")
		if u == 0 {
			continue
		}
		u--
		last += int64(u>>1) ^ -int64(u&1)
		if last < 0 || last >= NoRate {
			r.fail("rate out of range")
			return nil
		}
		rates[i] = uint32(last)
	}
	return rates
}

func appendSpeed(dst []byte, steps []SpeedStep) []byte {
	dst = appendUint(dst, uint64(len(steps)))
	for _, s := range steps {
		dst = appendUint(dst, uint64(s.Slot))
		dst = appendUint(dst, uint64(s.Mbps))
	}
	return dst
}

func (r *reader) speed() []SpeedStep {
	n := r.below(SlotsPerDay+1, "speeds")
	var steps []SpeedStep
	for ; n > 0 && r.err == nil; n-- {
		steps = append(steps, SpeedStep{Slot: r.slot(), Mbps: uint32(r.below(math.MaxUint32+1, "speed"))})
	}
	return steps
}

func appendLoss(dst []byte, loss []SlotLoss) []byte {
	dst = appendUint(dst, uint64(len(loss)))
	for _, l := range loss {
		dst = appendUint(dst, uint64(l.Slot))
		dst = appendUint(dst, l.Pkts)
		dst = appendUint(dst, l.Drops)
	}
	return dst
}

func (r *reader) loss() []SlotLoss {
	n := r.below(SlotsPerDay+1, "losses")
	var loss []SlotLoss
	for ; n > 0 && r.err == nil; n-- {
		loss = append(loss, SlotLoss{Slot: r.slot(), Pkts: r.below(maxLoss+1, "packets"), Drops: r.below(maxLoss+1, "drops")})
	}
	return loss
}

func (r *reader) slot() uint16 { return uint16(r.below(SlotsPerDay, "slot")) }

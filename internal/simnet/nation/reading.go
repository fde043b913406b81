package nation

import "github.com/haidang-noc/haidang/internal/simnet/fault"

// packetOctets is the mean length of a packet everywhere.
const packetOctets = 800

// For so many unicast packets, one more goes to many, or to all.
const (
	multicastShare = 10
	broadcastShare = 200
)

// Reading is one device at one instant: it answers for all its ports without working out what they
// share again. It is valid until the next Read into it.
type Reading struct {
	o       *Overlay
	device  int32
	at      fault.Tick
	now     moment
	reset   moment // when the counters began at 0
	resetAt fault.Tick
	boot    fault.Tick
	trouble *trouble
}

// Clock holds what all devices share at one instant, for many Readings of it.
type Clock struct {
	at  fault.Tick
	now moment
}

// Clock works out what all devices share at an instant.
func (n *Network) Clock(at fault.Tick) Clock { return Clock{at, n.tables.at(at)} }

// Read looks at a device at the clock's instant.
func (r *Reading) Read(o *Overlay, device int32, c *Clock) {
	r.o, r.device, r.at, r.now, r.trouble = o, device, c.at, c.now, nil
	r.boot = o.boot(device)
	r.resetAt = r.boot
	if len(o.devices) > 0 {
		r.trouble = o.devices[device]
	}
	if r.trouble != nil {
		r.findReset()
	}
	r.reset = o.tables.at(r.resetAt)
}

func (r *Reading) findReset() {
	for _, x := range r.trouble.resets {
		if x.at > r.at {
			return
		}
		r.resetAt = x.at
		if x.boot {
			r.boot = x.at
		}
	}
}

// At is the instant of the reading.
func (r *Reading) At() fault.Tick { return r.at }

// Device is the device that is read.
func (r *Reading) Device() int32 { return r.device }

// Answers says whether the device has power and a way to it.
func (r *Reading) Answers() bool {
	return r.trouble == nil || !fault.Covered(r.trouble.silent, r.at)
}

// Manners calls yield with each way of answering badly that holds now.
func (r *Reading) Manners(yield func(*Manner) bool) {
	if r.trouble == nil {
		return
	}
	for i := range r.trouble.manner {
		if m := &r.trouble.manner[i]; m.Covers(r.at) && !yield(m) {
			return
		}
	}
}

// Misbehaves is the first way of the kind that holds now, nil for none.
func (r *Reading) Misbehaves(k fault.Kind) *Manner {
	for m := range r.Manners {
		if m.Kind == k {
			return m
		}
	}
	return nil
}

// Uptime is sysUpTime, which wraps at 2^32 hundredths of a second.
func (r *Reading) Uptime() uint32 { return uint32(r.at - r.boot) }

// Boots is how often the device was started, the first time included.
func (r *Reading) Boots() uint32 {
	n := uint32(1)
	if r.trouble != nil {
		for _, x := range r.trouble.resets {
			if x.boot && x.at <= r.at {
				n++
			}
		}
	}
	return n
}

// Discontinuity is the sysUpTime at which the counters began, 0 if that was the boot.
func (r *Reading) Discontinuity() uint32 { return uint32(r.resetAt - r.boot) }

// The values of ifAdminStatus and ifOperStatus.
const (
	StatusUp   = 1
	StatusDown = 2
)

// Counters is what an interface shows.
type Counters struct {
	Admin, Oper             uint8
	InOctets, OutOctets     uint64
	InPackets, OutPackets   uint64 // unicast
	OutMulticast            uint64 // packets
	OutBroadcast            uint64
	InDiscards, OutDiscards uint64
	InErrors, OutErrors     uint64
}

// Status is ifAdminStatus and ifOperStatus of port number index.
func (r *Reading) Status(index int32) (admin, oper uint8) {
	admin, oper = StatusUp, StatusUp
	p := Port{r.device, index}
	if spans, ok := r.o.shut[p]; ok && fault.Covered(spans, r.at) {
		return StatusDown, StatusDown
	}
	if spans, ok := r.o.dark[p]; ok && fault.Covered(spans, r.at) {
		return StatusUp, StatusDown
	}
	if link, _ := r.o.Behind(p); link >= 0 && len(r.o.links) > 0 {
		if c := r.o.links[link]; c != nil && c.isDown(r.at) {
			oper = StatusDown
		}
	}
	return admin, oper
}

// sums are running totals of a port, modulo 2^64; only differences mean anything.
type sums struct{ in, out, droppedIn, droppedOut uint64 }

func (r *Reading) sums(f *flow, m *moment, at fault.Tick) sums {
	var s sums
	s.in, s.out = r.o.tables.total(f, m)
	if f.link < 0 || len(r.o.links) == 0 {
		return s
	}
	c := r.o.links[f.link]
	if c == nil {
		return s
	}
	seg := c.last(at)
	if seg == nil {
		return s
	}
	a := r.o.flow(r.o.Links[f.link].A)
	in, out, di, do := r.o.tables.after(a, seg, min(at, seg.To))
	if f.mirrored {
		in, out, di, do = out, in, do, di
	}
	return sums{s.in + in, s.out + out, di, do}
}

// SpeedMbps is the speed of port number index: of an aggregate, that of its members that are up.
func (r *Reading) SpeedMbps(index int32) uint32 {
	f := r.o.flow(Port{r.device, index})
	members := r.o.Members(f.link)
	if len(members) == 0 || members[0].Device != r.device {
		return f.mbps
	}
	speed := uint32(0)
	for _, m := range members {
		if _, oper := r.Status(m.Index); oper == StatusUp {
			speed += r.o.flow(m).mbps
		}
	}
	return speed
}

// Counters reads port number index.
func (r *Reading) Counters(index int32) Counters {
	f := r.o.flow(Port{r.device, index})
	now, then := r.sums(f, &r.now, r.at), r.sums(f, &r.reset, r.resetAt)
	c := Counters{InOctets: now.in - then.in, OutOctets: now.out - then.out}
	c.Admin, c.Oper = r.Status(index)
	c.InPackets, c.OutPackets = c.InOctets/packetOctets, c.OutOctets/packetOctets
	c.OutMulticast, c.OutBroadcast = c.OutPackets/multicastShare, c.OutPackets/broadcastShare
	c.OutDiscards = now.droppedOut - then.droppedOut + c.OutPackets>>24
	c.InDiscards, c.InErrors, c.OutErrors = c.InPackets>>26, c.InPackets>>25, c.OutPackets>>27
	return c
}

// LastChange is the sysUpTime at which ifOperStatus last changed, 0 if never since the boot.
func (r *Reading) LastChange(index int32) uint32 {
	last := fault.Tick(0)
	note := func(t fault.Tick) {
		if t <= r.at && t > r.boot {
			last = max(last, t-r.boot)
		}
	}
	p := Port{r.device, index}
	if link := r.o.LinkOf(p); link >= 0 {
		if c := r.o.links[link]; c != nil {
			for _, s := range c.segments {
				if s.down {
					note(s.From)
					note(s.To)
				}
			}
		}
	}
	for _, s := range r.o.dark[p] {
		note(s.From)
		note(s.To)
	}
	return uint32(last)
}

// Stopped says whether the device's agent is stopped, so that nothing at all is known of it.
func (r *Reading) Stopped() bool {
	a := r.o.Devices[r.device].Agent
	return a >= 0 && r.o.AgentStopped(a, r.at)
}

// AgentStopped says whether the agent is stopped.
func (o *Overlay) AgentStopped(agent int32, at fault.Tick) bool {
	return fault.Covered(o.stopped[agent], at)
}

// Load is the device's CPU load in per cent: it follows the traffic of its first port's kind.
func (r *Reading) Load() uint64 {
	shape := r.o.tables.shape[r.o.flow(Port{r.device, 0}).shape][r.now.slot%weekSlots]
	return 5 + shape/25 + mix(r.o.cfg.Seed^uint64(r.device), r.now.slot)%10
}

// Reindexed is the sysUpTime at which ifIndex values last moved, 0 if never since the boot.
func (r *Reading) Reindexed() uint32 {
	var last fault.Tick
	if r.trouble == nil {
		return 0
	}
	for _, m := range r.trouble.manner {
		for _, at := range []fault.Tick{m.From, m.To} {
			if m.Kind == fault.Reindex && at > r.boot && at <= r.at {
				last = max(last, at-r.boot)
			}
		}
	}
	return uint32(last)
}

// Tick is the clock's instant.
func (c Clock) Tick() fault.Tick { return c.at }

// Chance is a number from 0 up to 1 that belongs to the device and the instant.
func (o *Overlay) Chance(device int32, at fault.Tick) float64 {
	return float64(mix(o.cfg.Seed^uint64(device)<<32, uint64(at))>>11) / (1 << 53)
}

// Troubled says whether any fault concerns the device's answers; an untroubled one always answers.
func (o *Overlay) Troubled(device int32) bool {
	a := o.Devices[device].Agent
	return o.devices[device] != nil || a >= 0 && len(o.stopped[a]) > 0
}

// Disturbed says whether any fault concerns the link's state or traffic.
func (o *Overlay) Disturbed(link int32) bool { return o.links[link] != nil }

package partition

import (
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/internal/point"
)

// none is what a line says that lacks the field for an observation.
const none = kpi.Obs(255)

// pickers read the fields that the KPIs need, one per shape of line.
type pickers struct{ state, port, system, part, otn, pon *point.Picker }

// The order of the fields in each picker.
const (
	up = iota
	interval
)

// What follows them.
const (
	unavailable = interval + 1 // of otn
	ontsOnline  = interval + 1 // of pon
	ontsTotal   = interval + 2
)

const (
	partOK = iota
	partInterval
)

const (
	portAdmin = iota
	portOper
	portInterval
	portUptime
	portDiscontinuity
	portIn
	portOut
	portPkts
	portDiscards
	portSpeed
	portBits
	portMulticast
	portBroadcast
)

func newPickers() pickers {
	return pickers{
		state: point.NewPicker("up", "interval_s"),
		port: point.NewPicker("admin", "oper", "interval_s", "uptime_cs", "discontinuity_cs", "in_octets", "out_octets",
			"out_ucast_pkts", "out_discards", "speed_mbps", "bits", "out_mcast_pkts", "out_bcast_pkts"),
		system: point.NewPicker("uptime_cs"),
		part:   point.NewPicker("ok", "interval_s"),
		otn:    point.NewPicker("up", "interval_s", "unavailable_s"),
		pon:    point.NewPicker("up", "interval_s", "onts_online", "onts_total"),
	}
}

// upObs reads the field up: down is the observation that false makes.
func upObs(v []point.Value, down kpi.Obs) kpi.Obs {
	switch yes, ok := v[up].Bool(); {
	case !ok:
		return none
	case yes:
		return kpi.ObsUp
	}
	return down
}

// portObs reads IF-MIB: administratively down is out of service by intent, operational unknown(4) is
// unknown, every other value but up(1) is down.
func portObs(v []point.Value) kpi.Obs {
	const ifUp, ifDown, ifUnknown = 1, 2, 4
	if admin, ok := v[portAdmin].Int(); ok && admin == ifDown {
		return kpi.ObsExcluded
	}
	switch oper, ok := v[portOper].Int(); {
	case !ok:
		return none
	case oper == ifUp:
		return kpi.ObsUp
	case oper == ifUnknown:
		return kpi.ObsUnknown
	}
	return kpi.ObsDown
}

// whole is a field's integer, or 0.
func whole(v point.Value) int64 {
	n, _ := v.Int()
	return n
}

// many are the packets sent to many and to all, where the line tells. They only come as 64-bit counters, and
// three that wrap at 32 bits would make a sum that does not.
func many(v []point.Value) uint64 {
	if whole(v[portBits]) == 32 {
		return 0
	}
	multicast, _ := v[portMulticast].Uint()
	broadcast, _ := v[portBroadcast].Uint()
	return multicast + broadcast
}

// counters reads what bounds a link's 5-minute slots.
func counters(v []point.Value, ns int64) kpi.Counters {
	c := kpi.Counters{Time: ns}
	take := func(i int, into *uint64) bool {
		n, ok := v[i].Uint()
		*into = n
		return ok
	}
	if take(portUptime, &c.Uptime) {
		c.Has |= kpi.HasUptime
	}
	if take(portDiscontinuity, &c.Discontinuity) {
		c.Has |= kpi.HasDiscontinuity
	}
	if take(portIn, &c.InOctets) && take(portOut, &c.OutOctets) {
		c.Has |= kpi.HasOctets
	}
	if take(portPkts, &c.OutPkts) && take(portDiscards, &c.OutDiscards) {
		c.Has |= kpi.HasPackets
		c.OutPkts += many(v)
	}
	if mbps, ok := v[portSpeed].Uint(); ok {
		c.SpeedMbps = uint32(min(mbps, 1<<32-1))
		c.Has |= kpi.HasSpeed
	}
	if whole(v[portBits]) == 32 {
		c.Has |= kpi.Is32Bit
	}
	return c
}

package kpi

// Traffic is what the links of one shard add up to over some days, to which later days can be added. How
// its links are called and in which order they stand is the plan's business: a Traffic belongs to the plan and
// the shard that it was made with.
type Traffic struct {
	Links    []LinkTraffic
	Capacity []CapacityLoad // by Composite
}

// LinkTraffic is one link in a Traffic.
type LinkTraffic struct {
	Expected       int32 // slots neither out of service, excluded nor in a planned window
	CongestedHours int32
	DropDays       int32
	Resets         int32
	Conflicts      int32  // readings that another one of the same instant contradicts
	SpeedMbps      uint32 // last one seen
	In, Out        DirTraffic
}

// DirTraffic is one direction of a LinkTraffic.
type DirTraffic struct {
	Slots, Suspect int32
	Sum            int64       // of per mille
	Counts         []uint16    // how many samples of each per mille; below the topKept greatest they may be missing
	Hours          [24]HourSum // working days, by clock hour
}

// HourSum adds up the slots of one clock hour.
type HourSum struct{ Sum, Slots uint32 }

// topKept is how many of a direction's greatest samples decide its P95. A month has at most
// 31×288 = 8928 slots; the nearest-rank P95 of n is the (n - ceil(0.95 n) + 1)-th from the top,
// which is at most the 447th. What lies below never needs to be remembered.
const topKept = 447

// room makes sure that samples up to a per mille can be counted.
func (d *DirTraffic) room(perMille int32) {
	if n := int(perMille) + 1 - len(d.Counts); n > 0 {
		d.Counts = append(d.Counts, make([]uint16, n)...)
	}
}

// p95 is the exact nearest-rank 95th percentile in per mille, or -1 without samples.
func (d *DirTraffic) p95() int32 {
	n := int(d.Slots)
	fromTop := n - (95*n+99)/100 + 1
	for v := len(d.Counts) - 1; v >= 0; v-- {
		if fromTop -= int(d.Counts[v]); fromTop <= 0 {
			return int32(v)
		}
	}
	return -1
}

// busyHour is the clock hour with the greatest mean over the month's working days; -1: none.
func (d *DirTraffic) busyHour() (hour int8, sum HourSum) {
	hour = -1
	for h, s := range d.Hours {
		if s.Slots > 0 && (hour < 0 || s.above(sum)) {
			hour, sum = int8(h), s
		}
	}
	return hour, sum
}

// LinkTotal is what a link's month comes to: a LinkTraffic to which nothing is added any more.
type LinkTotal struct {
	Expected, CongestedHours, DropDays, Resets int32
	SpeedMbps                                  uint32
	Conflicts                                  uint16
	In, Out                                    DirTotal
}

// DirTotal is one direction of a LinkTotal. A nation has a million of them, so each number has the room that a month's
// 8928 slots of at most 65535 per mille need.
type DirTotal struct {
	P95, Max       int32 // -1 without samples
	Sum            uint32
	Busy           HourSum
	Slots, Suspect int16
	BusyHour       int8 // -1: none
}

// MonthTraffic is all that Month needs to know of the traffic of its period.
type MonthTraffic struct {
	Links    []LinkTotal // beside the plan's links
	Capacity []CapacityLoad
	Reports
}

func (t *LinkTraffic) total() LinkTotal {
	return LinkTotal{Expected: t.Expected, CongestedHours: t.CongestedHours, DropDays: t.DropDays, Resets: t.Resets,
		SpeedMbps: t.SpeedMbps, Conflicts: uint16(t.Conflicts), In: t.In.total(), Out: t.Out.total()}
}

func (d *DirTraffic) total() DirTotal {
	t := DirTotal{Slots: int16(d.Slots), Suspect: int16(d.Suspect), Sum: uint32(d.Sum), P95: d.p95(), Max: -1}
	for v := len(d.Counts) - 1; v >= 0; v-- {
		if d.Counts[v] > 0 {
			t.Max = int32(v)
			break
		}
	}
	t.BusyHour, t.Busy = d.busyHour()
	return t
}

func (t *DirTotal) month() DirMonth {
	return DirMonth{Slots: int32(t.Slots), Suspect: int32(t.Suspect), P95: t.P95, Max: t.Max, Occ: Quo(int64(t.Sum), int64(t.Slots)),
		BusyHour: t.BusyHour, BusyMean: Quo(int64(t.Busy.Sum), int64(t.Busy.Slots))}
}

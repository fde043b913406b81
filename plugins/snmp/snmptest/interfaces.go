package snmptest

import "github.com/haidang-noc/haidang/plugins/snmp/ber"

// Interface is a row of ifTable and ifXTable. Counters that are not given are derived from N, so that
// every value differs from every other.
type Interface struct {
	Index  uint32
	Name   string // empty: no ifXTable row
	Descr  string
	Type   uint64
	Admin  uint64
	Oper   uint64
	Mbps   uint64
	N      uint64 // base of the counters
	Narrow bool   // no 64-bit counters
}

// The columns of an interface's counters, as offsets from N.
const (
	InOctets = iota + 1
	OutOctets
	InUcast
	OutUcast
	InErrors
	OutErrors
	InDiscards
	OutDiscards
)

// SetInterfaces replaces both tables.
func (d *Device) SetInterfaces(rows ...Interface) {
	d.Remove(1, 3, 6, 1, 2, 1, 2)
	d.Remove(1, 3, 6, 1, 2, 1, 31)
	d.SetNumber(ber.Integer, uint64(len(rows)), 1, 3, 6, 1, 2, 1, 2, 1, 0)
	d.SetNumber(ber.TimeTicks, 0, 1, 3, 6, 1, 2, 1, 31, 1, 5, 0)
	for _, r := range rows {
		d.setRow(r)
		if r.Name != "" {
			d.setXRow(r)
		}
	}
}

// TableChanged sets ifTableLastChange.
func (d *Device) TableChanged(ticks uint64) {
	d.SetNumber(ber.TimeTicks, ticks, 1, 3, 6, 1, 2, 1, 31, 1, 5, 0)
}

func (d *Device) setRow(r Interface) {
	set := func(tag byte, arc uint32, n uint64) {
		d.SetNumber(tag, n, 1, 3, 6, 1, 2, 1, 2, 2, 1, arc, r.Index)
	}
	set(ber.Integer, 1, uint64(r.Index))
	if r.Descr != "" {
		d.Set(ber.OctetString, []byte(r.Descr), 1, 3, 6, 1, 2, 1, 2, 2, 1, 2, r.Index)
	}
	set(ber.Integer, 3, r.Type)
	set(ber.Gauge32, 5, min(r.Mbps*1e6, 1<<32-1))
	set(ber.Integer, 7, r.Admin)
	set(ber.Integer, 8, r.Oper)
	for arc, n := range map[uint32]uint64{10: InOctets, 16: OutOctets, 11: InUcast, 17: OutUcast,
		14: InErrors, 20: OutErrors, 13: InDiscards, 19: OutDiscards} {
		set(ber.Counter32, arc, (r.N+n)&(1<<32-1))
	}
}

func (d *Device) setXRow(r Interface) {
	set := func(tag byte, arc uint32, n uint64) {
		d.SetNumber(tag, n, 1, 3, 6, 1, 2, 1, 31, 1, 1, 1, arc, r.Index)
	}
	d.Set(ber.OctetString, []byte(r.Name), 1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, r.Index)
	if !r.Narrow {
		set(ber.Counter64, 6, r.N+InOctets)
		set(ber.Counter64, 10, r.N+OutOctets)
		set(ber.Counter64, 7, r.N+InUcast)
		set(ber.Counter64, 11, r.N+OutUcast)
	}
	set(ber.Gauge32, 15, r.Mbps)
	set(ber.TimeTicks, 19, 0)
}

// Package ifmib polls the interfaces of a device (IF-MIB, RFC 2863) and writes them as line protocol.
//
// A device's interfaces are learned by one walk over all columns at once. From then on a round is a
// few packed requests, each with sysUpTime and, beside the counters of every row, the column that
// holds the row's name: a row whose name is not the one learned is never written, and the device is
// learned again. So counters cannot reach the wrong ifName, whatever happens to ifIndex.
package ifmib

import "github.com/haidang-noc/haidang/plugins/snmp/ber"

// column is one column of ifTable or ifXTable that this package uses.
type column int

// The columns, in the order in which they are asked for and written. The label columns come first:
// a row is checked before its values are read.
const (
	ifName column = iota
	ifDescr
	ifType
	ifAdminStatus
	ifOperStatus
	ifHighSpeed
	ifSpeed
	ifHCInOctets
	ifHCOutOctets
	ifInOctets
	ifOutOctets
	ifInErrors
	ifOutErrors
	ifInDiscards
	ifOutDiscards
	ifHCInUcastPkts
	ifHCOutUcastPkts
	ifInUcastPkts
	ifOutUcastPkts
	ifCounterDiscontinuityTime
	ifHCOutMulticastPkts // these two only where Config.AllPackets says so
	ifHCOutBroadcastPkts
	columns
)

// wide says that the column's values are Counter64.
func (c column) wide() bool {
	switch c { //nolint:exhaustive // all others are narrow
	case ifHCInOctets, ifHCOutOctets, ifHCInUcastPkts, ifHCOutUcastPkts, ifHCOutMulticastPkts, ifHCOutBroadcastPkts:
		return true
	}
	return false
}

// info is what is known of a column beforehand.
type info struct {
	oid     []byte
	field   string // of the line; empty: not written as it is
	counter bool
	size    int // octets that a value usually takes
}

// scalars are asked for beside the rows.
type scalars struct {
	descr, objectID, name, upTime, ifNumber, tableLastChange []byte
}

func entry(arc uint32) []byte  { return ber.OID(1, 3, 6, 1, 2, 1, 2, 2, 1, arc) }
func xEntry(arc uint32) []byte { return ber.OID(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, arc) }

func allColumns() [columns]info {
	return [columns]info{
		ifName:                     {xEntry(1), "", false, 12},
		ifDescr:                    {entry(2), "", false, 24},
		ifType:                     {entry(3), "", false, 1},
		ifAdminStatus:              {entry(7), "admin", false, 1},
		ifOperStatus:               {entry(8), "oper", false, 1},
		ifHighSpeed:                {xEntry(15), "speed_mbps", false, 3},
		ifSpeed:                    {entry(5), "speed_mbps", false, 4},
		ifHCInOctets:               {xEntry(6), "in_octets", true, 6},
		ifHCOutOctets:              {xEntry(10), "out_octets", true, 6},
		ifInOctets:                 {entry(10), "in_octets", true, 4},
		ifOutOctets:                {entry(16), "out_octets", true, 4},
		ifInErrors:                 {entry(14), "in_errors", true, 2},
		ifOutErrors:                {entry(20), "out_errors", true, 2},
		ifInDiscards:               {entry(13), "in_discards", true, 2},
		ifOutDiscards:              {entry(19), "out_discards", true, 2},
		ifHCInUcastPkts:            {xEntry(7), "in_ucast_pkts", true, 5},
		ifHCOutUcastPkts:           {xEntry(11), "out_ucast_pkts", true, 5},
		ifInUcastPkts:              {entry(11), "in_ucast_pkts", true, 4},
		ifOutUcastPkts:             {entry(17), "out_ucast_pkts", true, 4},
		ifCounterDiscontinuityTime: {xEntry(19), "discontinuity_cs", false, 2},
		ifHCOutMulticastPkts:       {xEntry(12), "out_mcast_pkts", true, 5},
		ifHCOutBroadcastPkts:       {xEntry(13), "out_bcast_pkts", true, 4},
	}
}

func allScalars() scalars {
	return scalars{
		descr:           ber.OID(1, 3, 6, 1, 2, 1, 1, 1, 0),
		objectID:        ber.OID(1, 3, 6, 1, 2, 1, 1, 2, 0),
		upTime:          ber.OID(1, 3, 6, 1, 2, 1, 1, 3, 0),
		name:            ber.OID(1, 3, 6, 1, 2, 1, 1, 5, 0),
		ifNumber:        ber.OID(1, 3, 6, 1, 2, 1, 2, 1, 0),
		tableLastChange: ber.OID(1, 3, 6, 1, 2, 1, 31, 1, 5, 0),
	}
}

// shape is the set of columns that a row is polled for.
type shape uint32

func (s shape) has(c column) bool { return s>>c&1 != 0 }

func (s shape) with(c column) shape { return s | 1<<c }

// list returns the columns in order.
func (s shape) list() []column {
	var l []column
	for c := range columns {
		if s.has(c) {
			l = append(l, c)
		}
	}
	return l
}

// label is the column that names the rows, or columns if there is none.
func (s shape) label() column {
	switch {
	case s.has(ifName):
		return ifName
	case s.has(ifDescr):
		return ifDescr
	}
	return columns
}

// first returns the first of cs that is in s, as a set.
func (s shape) first(cs ...column) shape {
	for _, c := range cs {
		if s.has(c) {
			return 1 << c
		}
	}
	return 0
}

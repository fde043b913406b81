// Package snmpdtest has a view for tests of what answers SNMP.
package snmpdtest

import "github.com/haidang-noc/haidang/internal/simnet/ber"

// Table is a view of n integers 1.3.6.1.9.1 to n, each worth its number.
type Table int

// Len implements snmpd.View.
func (v Table) Len() int { return int(v) }

// Find implements snmpd.View.
func (v Table) Find(name []byte) (int, bool) {
	for i := range int(v) {
		if c := ber.CompareOID(v.AppendName(nil, i), name); c >= 0 {
			return i, c == 0
		}
	}
	return int(v), false
}

// AppendName implements snmpd.View.
func (Table) AppendName(dst []byte, pos int) []byte {
	return ber.AppendArcs(dst, 1, 3, 6, 1, 9, uint32(pos+1))
}

// AppendValue implements snmpd.View.
func (Table) AppendValue(dst []byte, pos int) []byte {
	return ber.AppendInt(dst, ber.Integer, int64(pos+1))
}

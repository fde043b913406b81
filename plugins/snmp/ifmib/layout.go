package ifmib

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// learned is what a walk found in one row.
type learned struct {
	index     uint32
	has       shape // columns with a value
	name      []byte
	descr     []byte
	ifType    uint32
	highSpeed uint64
}

// row is an interface as it is polled. Rows are in order of shape and then index.
type row struct {
	index  uint32
	suffix []byte // the index as it ends an object identifier
	prev   []byte // the suffix of the row before it in the agent's table; nil for the first
	label  []byte // what the label column has to hold
	tag    []byte // ",ifname=…" as it continues a line's key
	shape  shape
}

// layout is all rows of a device. It is immutable and shared by the devices that look the same.
type layout struct {
	rows    []row
	scalars []scalar // in the first request of a round
	plans   plans
}

// newLayout makes the layout of a walk; duplicates is how many rows shared their name with another.
func newLayout(found []learned, ss []scalar, f Filter) (l *layout, duplicates int) {
	slices.SortFunc(found, func(a, b learned) int { return cmp.Compare(a.index, b.index) })
	names, duplicates := uniqueNames(found)
	l = &layout{scalars: ss}
	var prev []byte
	for i, r := range found {
		suffix := ber.AppendArc(nil, r.index)
		if f.takes(names[i], r.ifType) {
			l.rows = append(l.rows, r.row(suffix, prev, names[i]))
		}
		prev = suffix
	}
	slices.SortStableFunc(l.rows, func(a, b row) int { return cmp.Compare(a.shape, b.shape) })
	return l, duplicates
}

func (r learned) row(suffix, prev []byte, name string) row {
	out := row{index: r.index, suffix: suffix, prev: prev, shape: r.shape()}
	if c := out.shape.label(); c == ifName {
		out.label = r.name
	} else if c == ifDescr {
		out.label = r.descr
	}
	key := point.AppendKey(nil, "m", point.Tag{Key: "ifname", Value: name})
	out.tag = bytes.TrimPrefix(key, []byte("m"))
	return out
}

// shape picks the columns that a row is polled for: of several that say the same, the best it has.
func (r learned) shape() shape {
	s := r.has
	if len(r.name) == 0 {
		s &^= 1 << ifName
	}
	if len(r.descr) == 0 {
		s &^= 1 << ifDescr
	}
	if r.highSpeed == 0 && s.has(ifSpeed) {
		s &^= 1 << ifHighSpeed // below 1 Mbit/s, or an agent that does not fill it
	}
	const always = 1<<ifAdminStatus | 1<<ifOperStatus | 1<<ifInErrors | 1<<ifOutErrors |
		1<<ifInDiscards | 1<<ifOutDiscards | 1<<ifCounterDiscontinuityTime | 1<<ifHCOutMulticastPkts | 1<<ifHCOutBroadcastPkts
	out := s&always | s.first(ifName, ifDescr) | s.first(ifHighSpeed, ifSpeed)
	if s.has(ifHCInOctets) && s.has(ifHCOutOctets) { // both or none: a line has one counter width
		out = out.with(ifHCInOctets).with(ifHCOutOctets)
	} else {
		out |= s & (1<<ifInOctets | 1<<ifOutOctets)
	}
	return out | s.first(ifHCInUcastPkts, ifInUcastPkts) | s.first(ifHCOutUcastPkts, ifOutUcastPkts)
}

// uniqueNames names the rows: ifName, else ifDescr, else ifIndex-N. Every row that shares its name
// gets #N behind it: no rule could tell which of them has a right to the plain name after the next
// renumbering.
func uniqueNames(found []learned) (names []string, duplicates int) {
	seen := map[string]int{}
	names = make([]string, len(found))
	for i, r := range found {
		names[i] = r.title()
		seen[names[i]]++
	}
	for i, r := range found {
		if seen[names[i]] > 1 {
			names[i] = fmt.Sprintf("%s#%d", names[i], r.index)
			duplicates++
		}
	}
	return names, duplicates
}

func (r learned) title() string {
	for _, text := range [][]byte{r.name, r.descr} {
		if t := strings.Trim(string(text), " \t\r\n\x00"); t != "" {
			return t
		}
	}
	return fmt.Sprintf("ifIndex-%d", r.index)
}

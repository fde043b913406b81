package gnmi

import (
	"slices"
	"strconv"

	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// leaf is a leaf of every interface, or of the device.
type leaf struct {
	path []string // below the entry
	of   func(*sight) value
}

// sight is an interface, or the device itself, at one instant.
type sight struct {
	reading *nation.Reading
	network *nation.Overlay
	port    nation.Port
	nation.Counters
}

// value is a number or a word.
type value struct {
	number uint64
	word   string // instead of a number
}

// The lists that the device has: the entries of interfaces, and the one that is the system's.
const (
	interfaces = iota
	system
	lists
)

func statusName(n uint8) value {
	if n == nation.StatusUp {
		return value{word: "UP"}
	}
	return value{word: "DOWN"}
}

// speedName is the identity of openconfig-if-ethernet, or UNKNOWN for what Ethernet does not have.
func speedName(mbps uint32) value {
	switch mbps {
	case 1_000, 10_000, 100_000, 400_000:
		return value{word: "openconfig-if-ethernet:SPEED_" + strconv.Itoa(int(mbps/1000)) + "GB"}
	}
	return value{word: "openconfig-if-ethernet:SPEED_UNKNOWN"}
}

// leaves are what can be asked of each list. Those of state come first.
func leaves() [lists][]leaf {
	number := func(f func(*nation.Counters) uint64) func(*sight) value {
		return func(s *sight) value { return value{number: f(&s.Counters)} }
	}
	counter := func(name string, f func(*nation.Counters) uint64) leaf {
		return leaf{[]string{"state", "counters", name}, number(f)}
	}
	return [lists][]leaf{
		interfaces: {
			{[]string{"state", "oper-status"}, func(s *sight) value { return statusName(s.Oper) }},
			{[]string{"state", "admin-status"}, func(s *sight) value { return statusName(s.Admin) }},
			{[]string{"ethernet", "state", "port-speed"}, func(s *sight) value { return speedName(s.reading.SpeedMbps(s.port.Index)) }},
			counter("in-octets", func(c *nation.Counters) uint64 { return c.InOctets }),
			counter("out-octets", func(c *nation.Counters) uint64 { return c.OutOctets }),
			counter("in-unicast-pkts", func(c *nation.Counters) uint64 { return c.InPackets }),
			counter("out-unicast-pkts", func(c *nation.Counters) uint64 { return c.OutPackets }),
			counter("in-errors", func(c *nation.Counters) uint64 { return c.InErrors }),
			counter("out-errors", func(c *nation.Counters) uint64 { return c.OutErrors }),
			counter("in-discards", func(c *nation.Counters) uint64 { return c.InDiscards }),
			counter("out-discards", func(c *nation.Counters) uint64 { return c.OutDiscards }),
		},
		system: {
			{[]string{"state", "hostname"}, func(s *sight) value { return value{word: s.network.Devices[s.port.Device].Name} }},
			{[]string{"state", "boot-time"}, func(s *sight) value { return value{number: s.bootTime()} }},
		},
	}
}

// bootTime is when the device was started, in ns since 1970.
func (s *sight) bootTime() uint64 {
	return uint64((s.reading.At() - fault.Tick(s.reading.Uptime())).UnixNano())
}

// selection is what a path chooses: leaves of each list by their numbers, and one interface or all.
type selection struct {
	chosen [lists]uint32
	ifname string // empty: every one
}

// choose finds what a path with its prefix chooses; nothing for what the device does not have.
func choose(all *[lists][]leaf, elems []*gpb.PathElem) (s selection) {
	below, ok := down(elems, "interfaces", "interface")
	if ok {
		s.chosen[interfaces] = mask(all[interfaces], below)
		if len(elems) > 1 && elems[1].GetKey()["name"] != "*" {
			s.ifname = elems[1].GetKey()["name"]
		}
	}
	if below, ok = down(elems, "system"); ok {
		s.chosen[system] = mask(all[system], below)
	}
	return s
}

// down is what of a path lies below another; nothing if it ends above.
func down(elems []*gpb.PathElem, way ...string) ([]*gpb.PathElem, bool) {
	for i, name := range way {
		if i >= len(elems) {
			return nil, true
		}
		if elems[i].GetName() != name && elems[i].GetName() != "*" {
			return nil, false
		}
	}
	return elems[len(way):], true
}

func mask(all []leaf, below []*gpb.PathElem) (m uint32) {
	for i, l := range all {
		if len(below) > len(l.path) {
			continue
		}
		fits := slices.EqualFunc(below, l.path[:len(below)], func(e *gpb.PathElem, name string) bool {
			return e.GetName() == name || e.GetName() == "*"
		})
		if fits {
			m |= 1 << i
		}
	}
	return m
}

// encode makes gNMI's value.
func (v value) encode(e gpb.Encoding) *gpb.TypedValue {
	switch e {
	case gpb.Encoding_JSON:
		if v.word != "" {
			return &gpb.TypedValue{Value: &gpb.TypedValue_JsonVal{JsonVal: strconv.AppendQuote(nil, v.word)}}
		}
		return &gpb.TypedValue{Value: &gpb.TypedValue_JsonVal{JsonVal: strconv.AppendUint(nil, v.number, 10)}}
	case gpb.Encoding_JSON_IETF: // has 64 bits as a string
		word := v.word
		if word == "" {
			word = strconv.FormatUint(v.number, 10)
		}
		return &gpb.TypedValue{Value: &gpb.TypedValue_JsonIetfVal{JsonIetfVal: strconv.AppendQuote(nil, word)}}
	default:
		if v.word != "" {
			return &gpb.TypedValue{Value: &gpb.TypedValue_StringVal{StringVal: v.word}}
		}
		return &gpb.TypedValue{Value: &gpb.TypedValue_UintVal{UintVal: v.number}}
	}
}

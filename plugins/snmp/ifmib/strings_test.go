package ifmib_test

import (
	"testing"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// An agent that sends Counter64 as a string of eight octets. Other strings are no counters, and what is not
// 64 bits wide is not read so.
func TestCountersAsStrings(t *testing.T) {
	r := newRig(t, nil)
	r.agent.SetInterfaces(ports(2)...)
	const in, out, errors = 6, 10, 14
	for _, index := range []uint32{1, 2} {
		r.agent.Set(ber.OctetString, []byte{0, 0, 1, 0, 0, 0, 0, byte(index)}, 1, 3, 6, 1, 2, 1, 31, 1, 1, 1, in, index)
	}
	r.agent.Set(ber.OctetString, []byte{0, 0, 2, 0, 0, 0, 0, 1}, 1, 3, 6, 1, 2, 1, 31, 1, 1, 1, out, 1)
	r.agent.Set(ber.OctetString, []byte("12345678"), 1, 3, 6, 1, 2, 1, 31, 1, 1, 1, out, 2)
	r.agent.Set(ber.OctetString, []byte{0, 0, 2, 0, 0, 0, 0, 1}, 1, 3, 6, 1, 2, 1, 2, 2, 1, errors, 1)
	lines := of(r.round(), "interface")
	equal(t, "lines", len(lines), 2)
	equal(t, "in_octets", field(lines[0], "in_octets"), "1099511627777u")
	equal(t, "out_octets", field(lines[0], "out_octets"), "2199023255553u")
	equal(t, "in_errors", field(lines[0], "in_errors"), "")
	equal(t, "bits of the one with text", field(lines[1], "bits"), "32i")
	equal(t, "counted", r.metric("haidang_snmp_counters_as_strings_total"), 2)
}

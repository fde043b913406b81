//go:build conformance

package mdt

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/plugins/mdt/envelope"
)

// payloads are the UDP payloads of a capture over Ethernet and IPv4, put together where IP has cut them.
func payloads(t *testing.T, path string) (out [][]byte) {
	t.Helper()
	text := readFile(t, path)
	order := binary.ByteOrder(binary.LittleEndian)
	if order.Uint32(text) != 0xa1b2c3d4 {
		order = binary.BigEndian
	}
	parts, have := map[string][]byte{}, map[string]int{}
	for text = text[24:]; len(text) >= 16; {
		n := order.Uint32(text[8:])
		frame := text[16 : 16+n]
		text = text[16+n:]
		ip := frame[14:]
		if binary.BigEndian.Uint16(frame[12:]) == 0x8100 { // a VLAN
			ip = frame[18:]
		}
		ip = ip[:binary.BigEndian.Uint16(ip[2:])]
		id, flags := string(ip[4:6])+string(ip[12:20]), binary.BigEndian.Uint16(ip[6:])
		at, part := int(flags&0x1fff)*8, ip[int(ip[0]&15)*4:]
		whole := append(parts[id], make([]byte, max(0, at+len(part)-len(parts[id])))...)
		copy(whole[at:], part)
		parts[id] = whole
		have[id] += len(part)
		if have[id] == int(binary.BigEndian.Uint16(whole[4:])) { // UDP's own length, once its header is there
			out = append(out, whole[8:])
			delete(parts, id)
			delete(have, id)
		}
	}
	if len(parts) > 0 {
		t.Logf("%s: %d datagrams are not there to their end", path, len(parts))
	}
	return out
}

// Every recorded datagram of Juniper's native sensors is read; those of interfaces become lines, and the fixture's the values
// that its own reader has.
func TestConformanceJTI(t *testing.T) {
	ran, good, lines := 0, 0, 0
	for _, name := range []string{"captures/jti_15.1F4_ifd_ae_40000.pcap", "captures/jti_15.1F4_ifd_ae_40000_empty.pcap", "captures/jti_ifd_msec_40000.pcap",
		"captures/jti_fw_30003.pcap", "fixtures/test_jti_structured_ifd_01/jti.pcap"} {
		r := start(t, "testdata", "protos: protos\nlimit: {rate: 1GiB, burst: 1GiB}\n", "jti://127.0.0.1:0")
		conn, err := net.Dial("udp", r.addrs[0])
		must(t, err)
		defer conn.Close()
		sent := 0.0
		for n, p := range payloads(t, shared(t, "jti", name)) {
			ran++
			m, err := envelope.Juniper(p)
			if err != nil || len(m.Path) == 0 && !strings.Contains(name, "empty") || len(m.Node) == 0 {
				t.Errorf("%s: datagram %d: path %q, %v", name, n, m.Path, err)
				continue
			}
			_, err = conn.Write(p)
			must(t, err)
			sent++
			r.until("haidang_mdt_messages_total", "jti", sent)
			good++
		}
		if broken := r.counted(droppedName, ""); broken != 0 {
			t.Errorf("%s: %v datagrams were dropped", name, broken)
		}
		if rows := int(r.counted("haidang_mdt_rows_total", "")); rows > 0 {
			got := r.wait(rows)
			lines += len(got)
			if strings.HasPrefix(name, "fixtures/") {
				compare(t, got, shared(t, "jti", "fixtures/test_jti_structured_ifd_01/test_jti_structured_ifd_01.json"))
			}
		}
	}
	t.Logf("Juniper's native sensors, recorded datagrams: %d of %d, %d lines of interfaces", good, ran, lines)
}

// compare holds lines against a file that has a value of an interface in each line.
func compare(t *testing.T, got []string, path string) {
	t.Helper()
	fields := map[string]string{"ingress_stats.if_octets": "in_octets", "egress_stats.if_octets": "out_octets", "ingress_stats.if_uc_pkts": "in_ucast_pkts",
		"egress_stats.if_uc_pkts": "out_ucast_pkts", "ingress_errors.if_in_errors": "in_errors", "ingress_errors.if_in_discards": "in_discards"}
	found := 0
	for s := bufio.NewScanner(bytes.NewReader(readFile(t, path))); s.Scan(); {
		var v struct {
			Interface, Type string
			Value           uint64
		}
		must(t, json.Unmarshal(s.Bytes(), &v))
		name, ok := fields[v.Type]
		if !ok {
			continue
		}
		found++
		if !slices.ContainsFunc(got, func(line string) bool {
			return strings.HasPrefix(line, "interface,agent=a1,device=d1,ifname="+v.Interface+" ") && strings.Contains(line+",", fmt.Sprintf("%s=%du,", name, v.Value))
		}) {
			t.Errorf("%s %s=%d: not in %q", v.Interface, name, v.Value, got)
		}
	}
	if found == 0 {
		t.Error("nothing to compare")
	}
}

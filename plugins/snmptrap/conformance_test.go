//go:build conformance

package snmptrap

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/haidang-noc/haidang/internal/usm"
	"github.com/haidang-noc/haidang/plugins/snmptrap/engine"
	"github.com/haidang-noc/haidang/plugins/snmptrap/packet"
)

func shared(t *testing.T, parts ...string) string {
	t.Helper()
	dir := os.Getenv("SHARED")
	if dir == "" {
		t.Fatal("SHARED is not set: want the folder of the shared data")
	}
	return filepath.Join(append([]string{dir, "data"}, parts...)...)
}

func captures(t *testing.T, pattern ...string) []string {
	t.Helper()
	paths, err := filepath.Glob(shared(t, pattern...))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no captures (%v)", err)
	}
	return paths
}

// captured is what keys.json says of a capture.
type captured struct{ User, Auth, AuthPass, Priv, PrivPass string }

func keysOf(t *testing.T, path string) captured {
	t.Helper()
	text, err := os.ReadFile(shared(t, "pcap", "snmpv3-netsnmp", "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Captures map[string]captured }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all.Captures[strings.TrimSuffix(filepath.Base(path), ".pcap")]
}

func (c captured) user(t *testing.T) *usm.User {
	t.Helper()
	protocol := func(text string) string { // "AES-192 (net-snmp / …)" is aes192, and AES-128 is just aes
		name, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(text, "-", "")), " ")
		return strings.Replace(name, "aes128", "aes", 1)
	}
	u, err := usm.NewUser(usm.Credentials{Name: c.User, AuthPassword: c.AuthPass, PrivPassword: c.PrivPass,
		Auth: usm.AuthProtocols()[protocol(c.Auth)], Priv: usm.PrivProtocols()[protocol(c.Priv)]})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// Every message of a real session that carries an authentication code is verified and decrypted; with other passwords none is.
func TestConformanceSessionsOpen(t *testing.T) {
	ok, all := 0, 0
	for _, path := range captures(t, "pcap", "snmpv3-netsnmp", "*-auth*riv.pcap") {
		keys := keysOf(t, path)
		other := keys
		other.AuthPass += "x"
		for i, p := range payloads(t, path) {
			m, err := usm.Parse(p)
			if err != nil || m.Flags&usm.Auth == 0 {
				continue
			}
			all++
			now := time.Now()
			receiver := func(c captured) *engine.Receiver {
				return engine.New(engine.Identity{ID: make([]byte, 5)}, []*usm.User{c.user(t)}, now)
			}
			_, _, err = receiver(keys).Open(p, now)
			_, _, wrong := receiver(other).Open(p, now)
			// That requests and answers are no notifications shows only after they were opened.
			if errors.Is(err, packet.ErrOther) && !errors.Is(wrong, packet.ErrOther) {
				ok++
			} else {
				t.Errorf("%s: message %d: %v; with another password %v", filepath.Base(path), i, err, wrong)
			}
		}
	}
	fmt.Printf("messages of SNMPv3 sessions verified and decrypted: %d of %d\n", ok, all)
}

// The trap captures become the lines that their names say.
func TestConformanceTrapCaptures(t *testing.T) {
	ok, all := 0, 0
	for _, path := range captures(t, "pcap", "snmpv3-netsnmp", "trap-*.pcap") {
		all++
		b := newBench(t, twoDevices)
		if keys := keysOf(t, path); keys.User != "" {
			b.intake.receiver = engine.New(identity(t, path), []*usm.User{keys.user(t)}, epoch())
		}
		for _, p := range payloads(t, path) {
			b.send("10.0.0.1", p, epoch())
		}
		lines := strings.Join(b.lines(), "\n")
		want := "trap,agent=a1,device=d1,name=link"
		if strings.Contains(path, "enterprise") {
			want = "trap,agent=a1,device=d1,name=unknown"
		}
		b.writer.informs.settle(b.writer.informs.written, true)
		answers := b.counted(t, "haidang_snmptrap_informs_answered_total", "")
		if strings.Count(lines, "trap,agent") == 1 && strings.Contains(lines, want) && (answers == 1) == strings.Contains(path, "inform") {
			ok++
		} else {
			t.Errorf("%s: %v answers, lines:\n%s", filepath.Base(path), answers, lines)
		}
	}
	fmt.Printf("trap captures: %d of %d\n", ok, all)
}

// identity is that of the receiver in a capture of an inform: what the messages name as authoritative last.
func identity(t *testing.T, path string) (self engine.Identity) {
	t.Helper()
	self.ID = make([]byte, 5)
	for _, p := range payloads(t, path) {
		if m, err := usm.Parse(p); err == nil && strings.Contains(path, "inform") {
			self = engine.Identity{ID: m.Engine, Boots: m.Boots}
		}
	}
	return self
}

// Whatever was captured, whole, cut anywhere or damaged: every datagram is accounted for, and every line can be read.
func TestConformanceNoDatagramDoesHarm(t *testing.T) {
	ok, all := 0, 0
	for _, path := range append(captures(t, "pcap", "snmp", "*", "*.pcap"), captures(t, "pcap", "snmpv3-netsnmp", "*.pcap")...) {
		b := newBench(t, twoDevices+"limit: {rate: 1000000, burst: 10000000}\n")
		if keys := keysOf(t, path); keys.User != "" {
			b.intake.receiver = engine.New(engine.Identity{ID: make([]byte, 5)}, []*usm.User{keys.user(t)}, epoch())
		}
		sent := 0
		for _, p := range payloads(t, path) {
			for i := range p {
				damaged := slices.Clone(p)
				damaged[i] ^= 0x80
				b.send("10.0.0.1", p[:i], epoch())
				b.send("10.0.0.1", damaged, epoch())
			}
			b.send("10.0.0.1", p, epoch())
			sent += 2*len(p) + 1
			for _, l := range b.lines() {
				checkLine(t, l)
			}
		}
		all++
		counted := b.counted(t, "haidang_snmptrap_dropped_total", "") + b.counted(t, "haidang_snmptrap_notifications_total", "") +
			b.counted(t, "haidang_snmptrap_informs_repeated_total", "")
		if int(counted) == sent {
			ok++
		} else {
			t.Errorf("%s: %v of %d datagrams are accounted for", filepath.Base(path), counted, sent)
		}
	}
	fmt.Printf("captures without harm: %d of %d\n", ok, all)
}

// known are the names in the texts that have a place here; all others get numbers of their own.
func known() map[string]string {
	return map[string]string{
		"IF-MIB::ifIndex": "1.3.6.1.2.1.2.2.1.1", "IF-MIB::ifDescr": "1.3.6.1.2.1.2.2.1.2", "IF-MIB::ifName": "1.3.6.1.2.1.31.1.1.1.1",
		"IF-MIB::ifAdminStatus": "1.3.6.1.2.1.2.2.1.7", "IF-MIB::ifOperStatus": "1.3.6.1.2.1.2.2.1.8",
		"SNMPv2-MIB::coldStart": "1.3.6.1.6.3.1.1.5.1", "SNMPv2-MIB::warmStart": "1.3.6.1.6.3.1.1.5.2",
		"SNMPv2-MIB::authenticationFailure":         "1.3.6.1.6.3.1.1.5.5",
		"CISCO-IF-EXTENSION-MIB::cieLinkDown":       "1.3.6.1.4.1.9.9.276.0.1",
		"CISCO-IF-EXTENSION-MIB::cieLinkUp":         "1.3.6.1.4.1.9.9.276.0.2",
		"JUNIPER-MIB::jnxPowerSupplyFailure":        "1.3.6.1.4.1.2636.4.1.1",
		"BGP4-MIB::bgpEstablished":                  "1.3.6.1.2.1.15.7.1",
		"BGP4-MIB::bgpBackwardTransition":           "1.3.6.1.2.1.15.7.2",
		"UPS-MIB::upsTrapOnBattery":                 "1.3.6.1.2.1.33.2.1",
		"CISCO-CONFIG-MAN-MIB::ciscoConfigManEvent": "1.3.6.1.4.1.9.9.43.2.0.1",
	}
}

// number turns MODULE::name.1.2 into an object identifier.
func number(symbol string) string {
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(known()))) {
		if rest, ok := strings.CutPrefix(symbol, name); ok && (rest == "" || rest[0] == '.') {
			return known()[name] + rest
		}
	}
	name, _, _ := strings.Cut(symbol, ".")
	return fmt.Sprintf("1.3.6.1.4.1.99997.%d", crc32.ChecksumIEEE([]byte(name))>>1)
}

// Each text of a trap, sent as a trap, becomes one readable line that holds what it said, and a state where it tells one.
func TestConformanceTrapTexts(t *testing.T) {
	text, err := os.ReadFile(shared(t, "traps", "librenms-trap-texts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []struct{ Test, Trap string }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	table, err := filepath.Abs("../../configs/traps.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, twoDevices+"limit: {rate: 1000000, burst: 10000000}\nmax_text: 16KiB\n")
	if b.intake.setup.table, err = readTable(table); err != nil {
		t.Fatal(err)
	}
	ok := 0
	variable := regexp.MustCompile(`\$\w+(->\w+)?|\{\{ \w+ \}\}`)
	for i, one := range all {
		trap, datagram, said := message(t, variable.ReplaceAllString(one.Trap, "7"))
		b.send("10.0.0.1", datagram, epoch().Add(time.Duration(i)*time.Second))
		lines := b.lines()
		states := strings.Count(strings.Join(lines, "\n"), "state,agent=a1,device=d1,ifname=")
		good := len(lines) == 1+states && (states == 1) == strings.Contains(trap, "cieLink")
		for _, l := range lines {
			checkLine(t, l)
		}
		for _, s := range said {
			good = good && strings.Contains(lines[0], strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s))
		}
		if good {
			ok++
		} else {
			t.Errorf("%s: %s: %q", one.Test, trap, lines)
		}
	}
	fmt.Printf("trap texts: %d of %d\n", ok, len(all))
}

// message makes a trap of a text of snmptrapd's: a header of two lines, then a name and a value in each.
func message(t *testing.T, text string) (trap string, datagram []byte, said []string) {
	t.Helper()
	var varbinds []gosnmp.SnmpPDU
	for _, line := range strings.Split(text, "\n")[2:] {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		value = strings.TrimSpace(value)
		switch {
		case strings.HasPrefix(name, "SNMPv2-MIB::snmpTrapOID"):
			trap = value
		case strings.Contains(name, "::") && !strings.Contains(name, "sysUpTimeInstance"):
			varbinds = append(varbinds, vb(instance(name), gosnmp.OctetString, value))
			said = append(said, value)
		}
	}
	return trap, v2c(t, gosnmp.SNMPv2Trap, number(trap), varbinds...), said
}

// instance is a name whose instance may be anything but numbers: that is left out then.
func instance(symbol string) string {
	column, rest, _ := strings.Cut(symbol, ".")
	if oid, err := packet.ParseOID("1.3." + rest); rest != "" && err == nil {
		return number(column) + strings.TrimPrefix(oid.String(), "1.3")
	}
	return number(column)
}

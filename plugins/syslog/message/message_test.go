package message_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/plugins/syslog/message"
)

func now() time.Time { return time.Date(2026, 11, 21, 3, 0, 10, 0, time.UTC) } // 10:00:10 in Hà Nội

func hanoi() *time.Location { return time.FixedZone("+07", 7*3600) }

// What devices send, in the forms that their makers gave it.
func TestForms(t *testing.T) {
	const at = "2026-11-21T03:00:00Z"
	for _, c := range []struct{ from, text, time, host, body string }{
		{"RFC 5424", "<28>1 2026-11-21T03:00:00.123Z mx1 mib2d 7 SNMP_TRAP_LINK_DOWN [a@1 b=\"c\"] text", "2026-11-21T03:00:00.123Z", "mx1", "mib2d 7 SNMP_TRAP_LINK_DOWN [a@1 b=\"c\"] text"},
		{"RFC 5424, nothing known", "<28>1 - - - - - - hello", "", "", "- - - - hello"},
		{"RFC 5424, offset, BOM", "<28>1 2026-11-21T10:00:00+07:00 mx1 - - - - \ufeffhello", at, "mx1", "- - - - \ufeffhello"},
		{"RFC 3164", "<13>Nov 21 10:00:00 host1 app[12]: hello", at, "host1", "app[12]: hello"},
		{"RFC 3164, no host", "<13>Nov 21 10:00:00 app[12]: hello", at, "", "app[12]: hello"},
		{"RFC 3164, UTC untold", "<13>Nov 21 03:00:00 host1 app: hello", at, "host1", "app: hello"},
		{"no header", "<13>hello world", "", "", "hello world"},
		{"a date in the text", "<13>%LINK-3-UPDOWN: at Nov 21 10:00:00 it fell", "", "", "%LINK-3-UPDOWN: at Nov 21 10:00:00 it fell"},
		{"no priority", "hello", "", "", "hello"},
		{"Cisco IOS", "<187>29: *Nov 21 10:00:00.123: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down", "2026-11-21T03:00:00.123Z*", "", "%LINK-3-UPDOWN: Interface Gi0/1, changed state to down"},
		{"Cisco IOS, zone", "<187>29: Nov 21 10:00:00.000 ICT: %LINK-3-UPDOWN: text", at, "", "%LINK-3-UPDOWN: text"},
		{"Cisco IOS, year, zone unknown", "<187>29: .Nov 21 2026 03:00:00 EST: %A-1-B: text", at + "*", "", "%A-1-B: text"},
		{"Cisco IOS, origin-id and two numbers", "<189>43: r1: 000042: Nov 21 03:00:00.000 UTC: %A-1-B: text", at, "r1", "%A-1-B: text"},
		{"Cisco IOS, uptime", "<187>29: 1w2d: %LINK-3-UPDOWN: text", "", "", "1w2d: %LINK-3-UPDOWN: text"},
		{"Cisco IOS XR", "<187>91: RP/0/RSP0/CPU0:Nov 21 03:00:00.500 UTC: ifmgr[245]: %PKT_INFRA-LINK-3-UPDOWN : text", "2026-11-21T03:00:00.5Z", "", "ifmgr[245]: %PKT_INFRA-LINK-3-UPDOWN : text"},
		{"Cisco IOS XR, host prefix, year", "<187>91: xr1 RP/0/0/CPU0:2026 Nov 21 10:00:00.005 JST: ifmgr[1]: %A-1-B : text", "2026-11-21T03:00:00.005Z", "xr1", "ifmgr[1]: %A-1-B : text"},
		{"Cisco IOS XR, no zone", "<187>91: LC/0/3/CPU0:Nov 21 03:00:00 : ifmgr[163]: %A-1-B : text", at, "", "ifmgr[163]: %A-1-B : text"},
		{"Cisco IOS XR by a relay", "<187>Nov 21 09:59:01 192.0.2.11 52376: LC/0/0/CPU0:Nov 21 10:00:00.000 +07: ifmgr[213]: %A-1-B : text", at, "192.0.2.11", "ifmgr[213]: %A-1-B : text"},
		{"Cisco NX-OS", "<189>: 2026 Nov 21 03:00:00 UTC: %ETHPORT-5-IF_UP: text", at, "", "%ETHPORT-5-IF_UP: text"},
		{"Cisco NX-OS with host", "<189>2026 Nov 21 10:00:00 n9k %ETHPORT-5-IF_UP: text", at, "n9k", "%ETHPORT-5-IF_UP: text"},
		{"Cisco by a relay", "<189>Nov 21 10:00:00 core-sw 1247: %LINEPROTO-5-UPDOWN: text", at, "core-sw", "%LINEPROTO-5-UPDOWN: text"},
		{"Huawei", "<188>Nov 21 2026 03:00:00 ne40 %%01IFNET/4/IF_STATE(l)[53]:Interface GE0/0/1 has turned into DOWN state.", at, "ne40", "%%01IFNET/4/IF_STATE(l)[53]:Interface GE0/0/1 has turned into DOWN state."},
		{"Huawei, offset", "<188>Nov 21 2026 10:00:00+07:00 ne40 %%01PHY/1/PHY(l)[1]: text", at, "ne40", "%%01PHY/1/PHY(l)[1]: text"},
		{"Huawei, offset and DST", "<188>Nov 21 2026 11:00:00+08:00 DST ne40 %%01PHY/1/PHY(l)[1]: text", at, "ne40", "%%01PHY/1/PHY(l)[1]: text"},
		{"Huawei, written like ISO", "<188>2026-11-21 10:00:00+07:00 ne40 %%01PHY/1/PHY(l)[1]: text", at, "ne40", "%%01PHY/1/PHY(l)[1]: text"},
		{"Juniper", "<28>Nov 21 10:00:00  mx1 mib2d[8086]: SNMP_TRAP_LINK_DOWN: ifIndex 531", at, "mx1", "mib2d[8086]: SNMP_TRAP_LINK_DOWN: ifIndex 531"},
		{"Juniper, milliseconds and year", "<28>Nov 21 10:00:00.250 2026  mx1 mib2d[1]: %DAEMON-4-X: text", "2026-11-21T03:00:00.25Z", "mx1", "mib2d[1]: %DAEMON-4-X: text"},
		{"Nokia", "<188>Nov 21 10:00:00 sr1 TMNX: 169 Base SNMP-WARNING-linkDown-2004 [1/1/c1/1]:  text", at, "sr1", "TMNX: 169 Base SNMP-WARNING-linkDown-2004 [1/1/c1/1]:  text"},
		{"ZTE", "<186>03:00:00 11/21/2026 UTC alarm 18720 occurred %PORT% text sent by NPC 1", at, "", "alarm 18720 occurred %PORT% text sent by NPC 1"},
		{"IPv6 host", "<13>Nov 21 10:00:00 2001:db8::1 app: hello", at, "2001:db8::1", "app: hello"},
		{"a number that is none", "<13>Nov 21 10:00:00 host1 12 monkeys", at, "host1", "12 monkeys"},
		{"an impossible date", "<13>Nov 41 10:00:00 host1 x", "", "", "Nov 41 10:00:00 host1 x"},
	} {
		m, err := message.Parse([]byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", c.from, err)
			continue
		}
		got := ""
		if at, ok := m.Stamp.Near(now(), hanoi()); ok {
			got = at.UTC().Format(time.RFC3339Nano)
		}
		if m.Stamp.Doubtful {
			got += "*"
		}
		if got != c.time || string(m.Host) != c.host || string(m.Text) != c.body {
			t.Errorf("%s: %q: time %q, host %q, text %q", c.from, c.text, got, m.Host, m.Text)
		}
	}
}

func TestPriorities(t *testing.T) {
	for text, want := range map[string][2]int{"<0>a": {0, 0}, "<191>a": {191, 7}, "<192>a": {-1, 5}, "<>a": {-1, 5}, "<1234>a": {-1, 5}, "a": {-1, 5}, "<165>a": {165, 5}} {
		if m, err := message.Parse([]byte(text)); err != nil || m.Priority != want[0] || m.Severity() != want[1] {
			t.Errorf("%q: %d, %d, %v", text, m.Priority, m.Severity(), err)
		}
	}
	for _, text := range []string{"", "\x00", " \r\n", "<13>"} {
		if m, err := message.Parse([]byte(text)); err == nil {
			t.Errorf("%q: %+v", text, m)
		}
	}
}

// A stamp without a year is that of the new year's eve that is near.
func TestTheYearIsTheNearest(t *testing.T) {
	for now, want := range map[string]string{"2027-01-01T00:00:01Z": "2026-12-31T23:59:59Z", "2026-12-31T23:59:50Z": "2026-12-31T23:59:59Z"} {
		at, _ := time.Parse(time.RFC3339, now)
		m, _ := message.Parse([]byte("<13>Dec 31 23:59:59 h a: b"))
		if got, _ := m.Stamp.Near(at, time.UTC); got.Format(time.RFC3339) != want {
			t.Errorf("at %s: %v, want %s", now, got, want)
		}
	}
}

// Whatever time a device writes in a form that tells all, that is read.
func TestStampsAreReadBack(t *testing.T) {
	forms := []string{"Jan _2 2006 15:04:05.000-07:00", "2006-01-02T15:04:05.000Z07:00", "2006-01-02 15:04:05.000-07:00", "Jan _2 2006 15:04:05.000-0700"}
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("", rapid.IntRange(-12*4, 14*4).Draw(t, "quarters")*900)
		want := time.UnixMilli(rapid.Int64Range(1_000_000_000, 4_000_000_000_000).Draw(t, "ms")).In(zone)
		text := want.Format(rapid.SampledFrom(forms).Draw(t, "form"))
		m, err := message.Parse([]byte("<13>" + text + " host app: x"))
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := m.Stamp.Near(now(), hanoi()); !ok || !got.Equal(want) || string(m.Host) != "host" {
			t.Fatalf("%s: %v, host %q", text, got, m.Host)
		}
	})
}

func TestNothingIsAllocated(t *testing.T) {
	text := []byte("<187>91: xr1 RP/0/0/CPU0:2026 Nov 21 10:00:00.005 JST: ifmgr[1]: %PKT_INFRA-LINK-3-UPDOWN : text")
	zone, at := hanoi(), now()
	if n := testing.AllocsPerRun(100, func() {
		m, _ := message.Parse(text)
		m.Stamp.Near(at, zone)
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("<187>91: xr1 RP/0/0/CPU0:2026 Nov 21 10:00:00.005 JST: ifmgr[1]: %A-1-B : text")
	f.Add("<28>1 2026-11-21T03:00:00.123Z mx1 mib2d 7 X [a@1 b=\"c\"] text")
	f.Add("<186>03:00:00 11/21/2026 UTC alarm 1 occurred")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := message.Parse([]byte(text))
		if err == nil && (len(m.Text) == 0 || !strings.Contains(text, string(m.Text)) || !strings.Contains(text, string(m.Host))) {
			t.Errorf("%q: %+v", text, m)
		}
		if m.Priority < -1 || m.Priority > 191 {
			t.Error(m.Priority)
		}
		m.Stamp.Near(now(), hanoi())
	})
}

func ExampleParse() {
	m, _ := message.Parse([]byte("<187>29: Nov 21 10:00:00.000 ICT: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down"))
	at, _ := m.Stamp.Near(now(), hanoi())
	fmt.Println(m.Severity(), at.UTC().Format(time.TimeOnly), string(m.Text))
	// Output: 3 03:00:00 %LINK-3-UPDOWN: Interface Gi0/1, changed state to down
}

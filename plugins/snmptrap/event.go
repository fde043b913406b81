package snmptrap

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/haidang-noc/haidang/internal/devices"
	"github.com/haidang-noc/haidang/internal/gate"
	"github.com/haidang-noc/haidang/plugins/snmptrap/packet"
)

// unknownTrap is the name of a trap that no table has.
const unknownTrap = "unknown"

// event is a notification on its way to its lines. It holds nothing of the datagram.
type event struct {
	at      time.Time
	device  *devices.Device // nil: unknown
	source  netip.Addr      // where the notification came into being, as far as can be told
	version packet.Version
	oid     string
	alarm   *alarm // nil: unknown
	ifindex uint32 // 0: none
	ifname  string // sure: what ifName says
	ifdescr string // what to fall back on
	shut    bool   // ifAdminStatus is down: somebody wanted it so
	uptime  uint64
	text    string
	inform  *inform // nil: a trap

	account *gate.Source
	cost    int // octets held on the account
}

// overhead is what an event costs beside its texts.
const overhead = 512

// Columns that name interfaces.
const (
	ifEntry  = "\x2b\x06\x01\x02\x01\x02\x02\x01"
	ifXEntry = "\x2b\x06\x01\x02\x01\x1f\x01\x01\x01"
	ifIndex  = ifEntry + "\x01"
	ifDescr  = ifEntry + "\x02"
	ifAdmin  = ifEntry + "\x07"
	ifName   = ifXEntry + "\x01"
)

// statusDown is that of ifAdminStatus and ifOperStatus.
const statusDown = 2

// maxName bounds the name of an interface: IF-MIB has 255 octets at most.
const maxName = 255

// interpret fills the event from what the notification says. Of the text it keeps at most maxText octets.
func (e *event) interpret(n *packet.Notification, t *table, maxText int) {
	e.version, e.oid, e.uptime = n.Version, n.OID.String(), n.Uptime
	e.alarm = t.alarm(n.OID)
	var text []byte
	full := false
	for v := range n.Varbinds() {
		e.interfaceOf(v)
		if full {
			continue
		}
		if len(text) > 0 {
			text = append(text, "; "...)
		}
		text = append(t.label(text, v.Name), '=')
		text = appendValue(text, v)
		full = len(text) > maxText
	}
	e.text = string(text)
	if full {
		e.text = strings.ToValidUTF8(string(text[:maxText-len("…")]), "") + "…"
	}
}

// interfaceOf takes from a varbind what it says of the interface that the notification is about: the first of each wins.
func (e *event) interfaceOf(v packet.Varbind) {
	name := string(v.Name)
	index, rest, _ := packet.OID(suffix(name)).Cut()
	if e.ifindex == 0 && index != 0 && len(rest) == 0 {
		e.ifindex = index
	}
	switch {
	case e.ifname == "" && strings.HasPrefix(name, e.alarm.naming()):
		e.ifname = ifText(v)
	case strings.HasPrefix(name, ifDescr) && e.ifdescr == "":
		e.ifdescr = ifText(v)
	case strings.HasPrefix(name, ifAdmin) && v.Tag == packet.Integer:
		status, ok := packet.Uint(v.Value)
		e.shut = ok && status == statusDown
	case strings.HasPrefix(name, ifIndex) && e.ifindex == 0: // without an instance, or with .0, from old agents
		if value, ok := packet.Uint(v.Value); ok && v.Tag == packet.Integer && value < 1<<31 {
			e.ifindex = uint32(value)
		}
	}
}

// suffix is what follows the column of ifTable or ifXTable in a name.
func suffix(name string) string {
	for _, entry := range [...]string{ifEntry, ifXEntry} {
		if rest, ok := strings.CutPrefix(name, entry); ok && len(rest) > 1 {
			return rest[1:]
		}
	}
	return ""
}

// ifText is a name as the poller writes it; empty if it is none.
func ifText(v packet.Varbind) string {
	text, ok := printable(v.Value)
	if v.Tag != packet.OctetString || !ok || len(text) > maxName {
		return ""
	}
	return text
}

// appendValue writes a value as people read it.
func appendValue(dst []byte, v packet.Varbind) []byte {
	switch v.Tag {
	case packet.Integer:
		if n, ok := packet.Int(v.Value); ok {
			return strconv.AppendInt(dst, n, 10)
		}
	case packet.Counter32, packet.Gauge32, packet.TimeTicks, packet.Counter64:
		if n, ok := packet.Uint(v.Value); ok {
			return strconv.AppendUint(dst, n, 10)
		}
	case packet.ObjectID:
		return packet.OID(v.Value).AppendText(dst)
	case packet.IPAddress:
		if a, ok := netip.AddrFromSlice(v.Value); ok {
			return a.AppendTo(dst)
		}
	case packet.OctetString:
		if text, ok := printable(v.Value); ok {
			return append(dst, text...)
		}
	}
	return appendHex(dst, v.Value)
}

// maxHex is how many octets of a value that is no text are shown.
const maxHex = 64

func appendHex(dst, value []byte) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, "0x"...)
	for _, c := range value[:min(len(value), maxHex)] {
		dst = append(dst, digits[c>>4], digits[c&15])
	}
	return dst
}

// printable makes one line of a text: spaces for what separates, nothing at its ends. False: it is not text.
func printable(value []byte) (string, bool) {
	text := strings.TrimRight(string(value), "\x00")
	if !utf8.ValidString(text) {
		return "", false
	}
	bad := false
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		bad = bad || !unicode.IsPrint(r)
		return r
	}, text))
	return text, !bad
}

func appendArc(dst []byte, arc uint32) []byte {
	return strconv.AppendUint(append(dst, '.'), uint64(arc), 10)
}

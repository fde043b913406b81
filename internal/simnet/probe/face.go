package probe

import (
	"encoding/binary"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
	"github.com/haidang-noc/haidang/internal/simnet/snmpd"
	"github.com/haidang-noc/haidang/internal/simnet/udp"
)

const (
	longest = 1500
	dwell   = 60 * time.Microsecond // of a reflector
	working = time.Millisecond      // of a DNS server
)

// answer appends the answer to a datagram that arrives at an instant; nothing for what it does not understand. inside is
// how long the device works on it.
type answer func(dst, datagram []byte, arrived time.Time, wrong bool) (out []byte, inside time.Duration)

// Face answers probes for every device over UDP, as late and as seldom as its path lets it. It is for one goroutine.
type Face struct {
	overlay *atomic.Pointer[nation.Overlay]
	model   *Model
	answer  answer
	rng     *rand.Rand
	reading nation.Reading

	at  time.Time
	now *nation.Overlay
}

// STAMP makes the face of reflectors.
func STAMP(overlay *atomic.Pointer[nation.Overlay]) *Face { return newFace(overlay, reflect) }

// DNS makes the face of name servers.
func DNS(overlay *atomic.Pointer[nation.Overlay]) *Face { return newFace(overlay, resolve) }

func newFace(overlay *atomic.Pointer[nation.Overlay], a answer) *Face {
	net := overlay.Load().Network
	return &Face{overlay: overlay, model: New(net), answer: a, rng: rand.New(rand.NewPCG(net.Config().Seed, 0x70726f6265))} //nolint:gosec // no secret
}

// Begin looks at the clock and at the faults.
func (f *Face) Begin(now time.Time) { f.at, f.now = now, f.overlay.Load() }

// Answer answers for the device at an address.
func (f *Face) Answer(dst, datagram []byte, at udp.Address) ([]byte, snmpd.Delivery) {
	id, ok := f.now.DeviceAt(uint32(at))
	if !ok || len(datagram) == 0 {
		return dst, snmpd.Delivery{}
	}
	tick := fault.TickOf(f.at)
	r := f.model.Device(f.now, id, ServiceOf(f.now.Devices[id].Role), tick)
	if !r.Up || f.rng.Float64() < r.Loss {
		return dst, snmpd.Delivery{}
	}
	// The difference of two neighbours is on average as large as the jitter if each is up to 3/2 of it away.
	trip := time.Duration((r.RTT + r.Jitter*1.5*(2*f.rng.Float64()-1)) * float64(time.Millisecond))
	d := snmpd.Delivery{From: at, Delay: max(trip, 0)}
	lies := f.lies(id, tick, &d)
	out, inside := f.answer(dst, datagram, f.at.Add(d.Delay/2), lies[fault.WrongID])
	d.Delay += inside
	if lies[fault.Truncate] {
		out = out[:len(dst)+(len(out)-len(dst))/2]
	}
	return out, d
}

// lies are the device's ways to answer badly that hit this answer.
func (f *Face) lies(id int32, tick fault.Tick, d *snmpd.Delivery) map[fault.Kind]bool {
	clock := f.now.Clock(tick)
	f.reading.Read(f.now, id, &clock)
	var lies map[fault.Kind]bool
	for m := range f.reading.Manners {
		if !m.Strikes(f.rng.Float64()) {
			continue
		}
		switch m.Kind {
		case fault.WrongSource:
			d.From ^= 1 << 20
		case fault.WrongPort:
			d.OtherPort = true
		case fault.Slow:
			d.Delay += m.Delay
		case fault.WrongID, fault.Truncate:
			if lies == nil {
				lies = map[fault.Kind]bool{}
			}
			lies[m.Kind] = true
		default: // in the path already, or of SNMP
		}
	}
	return lies
}

// ServiceOf is the service that a device of a role stands for.
func ServiceOf(role string) string {
	switch role {
	case "olt":
		return "fixed_broadband"
	case "enb":
		return "mobile_data"
	case "gnb":
		return "mobile_data_5g"
	case "core":
		return "iptv_headend"
	}
	return "transport"
}

// reflect answers STAMP test packets without authentication (RFC 8762), without state.
func reflect(dst, p []byte, arrived time.Time, wrong bool) ([]byte, time.Duration) {
	const plain = 44
	if len(p) < plain || len(p) > longest {
		return dst, 0
	}
	from := len(dst)
	dst = append(dst, p...) // padding comes back
	out := dst[from:]
	clear(out[:plain])
	copy(out[0:4], p[0:4])
	binary.BigEndian.PutUint64(out[4:], ntp(arrived.Add(dwell)))
	binary.BigEndian.PutUint16(out[12:], 0x8001|20<<8) // synchronised, to a quarter of a millisecond
	copy(out[14:16], p[14:16])
	binary.BigEndian.PutUint64(out[16:], ntp(arrived))
	copy(out[24:38], p[0:14])
	if wrong {
		out[27] ^= 1
	}
	out[40] = 60
	return dst, dwell
}

func ntp(t time.Time) uint64 {
	return uint64(uint32(t.Unix()+2_208_988_800))<<32 | uint64(t.Nanosecond())<<32/1e9
}

// resolve answers DNS questions for addresses; those for names below invalid. do not exist.
func resolve(dst, p []byte, _ time.Time, wrong bool) ([]byte, time.Duration) {
	q := new(dns.Msg)
	if q.Unpack(p) != nil || q.Response || len(q.Question) != 1 {
		return dst, 0
	}
	m := new(dns.Msg).SetReply(q)
	if wrong {
		m.Id ^= 1
	}
	switch name := q.Question[0].Name; {
	case dns.IsSubDomain("invalid.", name):
		m.Rcode = dns.RcodeNameError
	case q.Question[0].Qtype == dns.TypeA:
		m.Answer = append(m.Answer, &dns.A{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: net.IPv4(127, 0, 0, 1)})
	}
	text, err := m.Pack()
	if err != nil || len(text) > longest {
		return dst, 0
	}
	return append(dst, text...), working
}

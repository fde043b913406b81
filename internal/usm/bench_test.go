package usm_test

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/gosnmp/gosnmp"

	"github.com/haidang-noc/haidang/internal/usm"
)

// One exchange as a poller has it: a request of 400 octets sealed, an answer of 1,400 opened.
func BenchmarkExchange(b *testing.B) {
	for _, l := range [][2]string{{"sha", "aes"}, {"sha256", "aes"}, {"sha512", "aes256"}, {"md5", "des"}, {"sha256", ""}, {"", ""}} {
		r := newRig(b, newUser(b, "u1", l[0], l[1], "password"))
		r.expect("first", 2)
		r.newTicket()
		request := append(pdu(0xa0, r.ticket.Request, 0), make([]byte, 380)...)
		request[1] = 0x82
		sealed := r.remote.Append(nil, r.ticket, pdu(0xa0, r.ticket.Request, 0), r.now)
		m, err := usm.Parse(sealed)
		if err != nil {
			b.Fatal(err)
		}
		answer := bigAnswer(r.ticket.Request)
		good := r.agent.Seal(&m, r.agent.Keys(r.agent.Users[0]), answer, r.now)
		b.Run(l[0]+" "+l[1]+"/seal", func(b *testing.B) {
			b.ReportAllocs()
			var buf []byte
			for b.Loop() {
				buf = r.remote.Append(buf[:0], r.ticket, request, r.now)
			}
		})
		b.Run(l[0]+" "+l[1]+"/open", func(b *testing.B) {
			b.ReportAllocs()
			buf := bytes.Clone(good)
			for b.Loop() {
				copy(buf, good)
				m, err := usm.Parse(buf)
				if err != nil {
					b.Fatal(err)
				}
				if o := r.remote.Open(&m, r.ticket, r.now); o.Verdict != usm.Answered {
					b.Fatal(o.Verdict)
				}
			}
		})
	}
}

func bigAnswer(request uint32) []byte {
	body := append([]byte(nil), pdu(0xa2, request, 0)[2:]...)
	body = append(body[:len(body)-5], 0x30, 0x82, 1380>>8, 1380&0xff)
	body = append(body, make([]byte, 1380)...)
	return append([]byte{0xa2, 0x82, byte(len(body) >> 8), byte(len(body))}, body...)
}

// What it takes to know an engine: of a user, once, and of each of its devices.
func BenchmarkKeys(b *testing.B) {
	b.Run("user", func(b *testing.B) {
		for b.Loop() {
			newUser(b, "u1", "sha256", "aes", "password")
		}
	})
	b.Run("engine", func(b *testing.B) {
		u := newUser(b, "u1", "sha256", "aes", "password")
		b.ReportAllocs()
		for b.Loop() {
			u.Localize(engineID(1))
		}
	})
	b.Run("engine by gosnmp", func(b *testing.B) {
		for i := byte(0); b.Loop(); i++ {
			p := gosnmp.UsmSecurityParameters{AuthoritativeEngineID: string(engineID(i)), AuthenticationProtocol: gosnmp.SHA256,
				PrivacyProtocol: gosnmp.AES, AuthenticationPassphrase: "password" + string(i), PrivacyPassphrase: "password" + string(i)}
			if err := p.InitSecurityKeys(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// What is kept of each device once it has answered.
func BenchmarkMemory(b *testing.B) {
	const devices = 10_000
	u := newUser(b, "u1", "sha256", "aes", "password")
	for b.Loop() {
		remotes := make([]*usm.Remote, devices)
		before := heap()
		for i := range remotes {
			r := newRig(b, u)
			r.expect("first", 2)
			remotes[i] = r.remote
		}
		b.ReportMetric(float64(heap()-before)/devices, "B/device")
		runtime.KeepAlive(remotes)
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

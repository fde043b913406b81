//go:build !race

package usm_test

import (
	"testing"

	"github.com/haidang-noc/haidang/internal/usm"
)

// A nation's worth of exchanges makes no garbage.
func TestAnExchangeAllocatesNothing(t *testing.T) {
	for _, l := range levels() {
		r := newRig(t, newUser(t, "u1", l[0], l[1], "password"))
		r.expect("first", 2)
		r.newTicket()
		m, err := usm.Parse(r.request())
		if err != nil {
			t.Fatal(err)
		}
		good := r.agent.Seal(&m, r.agent.Keys(r.agent.Users[0]), pdu(0xa2, r.ticket.Request, 1), r.now)
		question, request, answer := pdu(0xa0, r.ticket.Request, 0), make([]byte, 0, 2048), make([]byte, len(good))
		n := testing.AllocsPerRun(100, func() {
			request = r.remote.Append(request[:0], r.ticket, question, r.now)
			copy(answer, good)
			m, _ := usm.Parse(answer)
			if o := r.remote.Open(&m, r.ticket, r.now); o.Verdict != usm.Answered {
				t.Error(o.Verdict)
			}
		})
		if n > 0 {
			t.Errorf("%v: %v allocations", l, n)
		}
	}
}

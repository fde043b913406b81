package ifmib_test

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/internal/outbox"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/ifmib"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
	"github.com/haidang-noc/haidang/plugins/snmp/snmptest"
)

// base is where the counters of a name begin: they tell to whom a line's values belong.
func base(name int) uint64 { return uint64(name+1) * 1e12 }

func interfaces(order []int) []snmptest.Interface {
	rows := make([]snmptest.Interface, len(order))
	for i, name := range order {
		rows[i] = snmptest.Interface{Index: uint32(i + 1), Name: fmt.Sprintf("p%d", name), Type: 6,
			Admin: 1, Oper: 1, Mbps: 10, N: base(name)}
	}
	return rows
}

// Whatever happens to a device before any of its answers (ports renumbered, added, removed, a restart,
// any fault), no counter is ever written under another name, and every round writes reach once.
func TestCountersNeverReachAnotherName(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRig(t, func(c *ifmib.Config) { c.MaxPDU = rapid.SampledFrom([]int{484, 1472, 9000}).Draw(t, "max_pdu") })
		order := rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}).Draw(t, "order")
		r.agent.SetInterfaces(interfaces(order)...)
		r.before = func() {
			if rapid.IntRange(0, 4).Draw(t, "event") == 0 {
				disturb(t, r, &order)
			}
		}
		for range rapid.IntRange(1, 8).Draw(t, "rounds") {
			lines := r.round()
			if n := len(of(lines, "reach")); n != 1 {
				t.Fatalf("%d reach lines in a round: %q", n, lines)
			}
			for _, l := range of(lines, "interface") {
				checkOwner(t, l)
			}
		}
	})
}

func disturb(t *rapid.T, r *rig, order *[]int) {
	switch rapid.IntRange(0, 5).Draw(t, "what") {
	case 0, 1:
		*order = rapid.Permutation(*order).Draw(t, "order")
	case 2:
		if len(*order) > 1 {
			*order = (*order)[1:]
		}
	case 3:
		r.agent.Boot(r.now.Add(-time.Duration(rapid.IntRange(0, 1000).Draw(t, "up")) * time.Second))
	case 4:
		r.agent.Fail(snmptest.Faults{
			SilentOver: rapid.SampledFrom([]int{0, 0, 5, 30}).Draw(t, "silent"),
			TooBigOver: rapid.SampledFrom([]int{0, 0, 5, 30}).Draw(t, "too big"),
			CutTo:      rapid.SampledFrom([]int{0, 0, 3, 17, 40}).Draw(t, "cut"),
			Status:     rapid.SampledFrom([]int{0, 0, 0, ber.GenErr}).Draw(t, "status"),
		})
	case 5:
		r.agent.Fail(snmptest.Faults{Drop: func(snmptest.Query) bool { return true }})
	}
	r.agent.SetInterfaces(interfaces(*order)...)
}

func checkOwner(t *rapid.T, line string) {
	if strings.Contains(line, ",ifname=ifIndex-") {
		return // learned while its name was not to be had: it claims no name
	}
	var name int
	if _, err := fmt.Sscanf(names([]string{line})[0], "p%d", &name); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	for _, c := range []struct {
		field  string
		offset uint64
	}{{"in_octets", snmptest.InOctets}, {"out_octets", snmptest.OutOctets},
		{"in_ucast_pkts", snmptest.InUcast}, {"out_ucast_pkts", snmptest.OutUcast}} {
		text := field(line, c.field)
		if text == "" {
			continue // a row that takes several requests has several lines
		}
		n, err := strconv.ParseUint(text[:len(text)-1], 10, 64)
		if want := base(name) + c.offset; err != nil || n != want {
			t.Fatalf("p%d has %s %d (%v), want %d: %s", name, c.field, n, err, want, line)
		}
	}
}

// The dialog takes any octets for an answer: it neither panics nor goes on for ever.
func FuzzDialog(f *testing.F) {
	agent := snmptest.NewDevice(time.Now)
	agent.SetInterfaces(ports(3)...)
	for _, q := range []ber.PDU{
		{Op: ber.GetRequest, Names: [][]byte{ber.OID(1, 3, 6, 1, 2, 1, 1, 3, 0)}},
		{Op: ber.GetBulkRequest, MaxRepetitions: 5, Names: [][]byte{ber.OID(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1), ber.OID(1, 3, 6, 1, 2, 1, 2, 2, 1, 2)}},
	} {
		text := agent.Handle(ber.NewRequest("c", q).Append(nil, 1<<30))[0]
		r, err := ber.ParseResponse(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(r.Varbinds, r.Varbinds, 0)
	}
	f.Fuzz(func(t *testing.T, first, second []byte, status int) {
		box := outbox.New()
		d := ifmib.New(ifmib.Config{
			Interval: interval, Relearn: time.Hour, Retries: 1, MaxPDU: 484, MaxInterfaces: 100,
			Key: sdk.Config{Agent: "a"}.Key, Box: box, Log: slog.New(slog.DiscardHandler),
		}, prometheus.NewRegistry()).Device("d", "c")
		now := time.Unix(1_800_000_000, 0)
		for range 3 {
			request := d.Begin(now)
			for i := 0; request != nil && i < 100; i++ {
				a := poll.Answer{At: now, RTT: roundTrip}
				a.Varbinds, a.Status = first, status
				if i%2 == 1 {
					a.Varbinds = second
				}
				request = d.Answer(a)
			}
			now = now.Add(interval)
		}
		if n := len(box.Open().Bytes()); n > 1<<20 {
			t.Errorf("%d octets of lines", n)
		}
		box.Close()
	})
}

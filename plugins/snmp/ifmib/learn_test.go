package ifmib_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/ifmib"
	"github.com/haidang-noc/haidang/plugins/snmp/snmptest"
)

// removeRow takes a row away and leaves ifNumber and ifTableLastChange as they are.
func removeRow(d *snmptest.Device, index uint32) {
	for arc := uint32(1); arc <= 20; arc++ {
		d.Remove(1, 3, 6, 1, 2, 1, 2, 2, 1, arc, index)
		d.Remove(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, arc, index)
	}
}

// Each sign of change by itself makes the device be learned once more, and then no more.
func TestEverySignOfChangeIsSeen(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*rig)
		walks  float64
		rows   int
	}{
		"nothing":           {func(*rig) {}, 1, 6},
		"ifTableLastChange": {func(r *rig) { r.agent.TableChanged(77) }, 2, 6},
		"ifNumber":          {func(r *rig) { r.agent.SetNumber(ber.Integer, 9, 1, 3, 6, 1, 2, 1, 2, 1, 0) }, 2, 6},
		"sysUpTime":         {func(r *rig) { r.agent.Boot(r.now.Add(-time.Second)) }, 2, 6},
		"a row missing":     {func(r *rig) { removeRow(r.agent, 3) }, 2, 5},
		"the last missing":  {func(r *rig) { removeRow(r.agent, 6) }, 2, 5},
		"another name":      {func(r *rig) { r.agent.Set(ber.OctetString, []byte("new"), 1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, 4) }, 2, 6},
		"the name gone":     {func(r *rig) { r.agent.Remove(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, 4) }, 2, 6},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			r.agent.TableChanged(5)
			r.agent.SetInterfaces(ports(6)...)
			for range 7 {
				r.round()
			}
			c.change(r)
			r.round()
			equal(t, "interfaces of the round after", len(names(r.round())), c.rows)
			for range 20 {
				r.round()
			}
			equal(t, "walks", r.metric("haidang_snmp_walks_total"), c.walks)
			equal(t, "interfaces at the end", len(names(r.round())), c.rows)
		})
	}
}

// Devices that are learned in one minute, as all are after a start, are not all learned again in one minute.
func TestLearningAgainIsSpread(t *testing.T) {
	const devices = 100
	var walks [3 * 60]float64 // in each minute
	for i := range devices {
		r := newNamedRig(t, fmt.Sprintf("hni-bts-%04d", i), nil)
		r.agent.SetInterfaces(ports(1)...)
		before := 0.0
		for minute := range walks {
			r.round()
			now := r.metric("haidang_snmp_walks_total")
			walks[minute] += now - before
			before = now
		}
		if before < 3 || before > 4 {
			t.Errorf("device %d is learned %v times in three hours, want about once an hour", i, before)
		}
	}
	equal(t, "learned in the first minute", walks[0], devices)
	if most := slices.Max(walks[1:]); most > devices/10 {
		t.Errorf("%v of %d devices are learned again in one minute", most, devices)
	}
}

// Rows that are left out, here every other one, make GETBULK useless: they are asked for by name, and no more
// of them at a time than an answer of one packet holds.
func TestRowsAreAskedForByNameUpToThePacket(t *testing.T) {
	for _, octets := range []int{484, 1472, 8972} {
		r := newRig(t, func(c *ifmib.Config) {
			c.MaxPDU = octets
			c.Filter.ExcludeTypes = []uint32{24}
		})
		p := ports(60)
		for i := range p {
			if i%2 == 1 {
				p[i].Type = 24
			}
		}
		r.agent.SetInterfaces(p...)
		r.round()
		equal(t, "interfaces", len(names(r.round())), 30)
		total := 0
		for _, q := range r.asked {
			answer := len(r.agent.Handle(q.Append(nil, 1<<30))[0])
			total += answer
			if answer > octets || q.Op == ber.GetBulkRequest && q.MaxRepetitions > 1 {
				t.Errorf("operation %#x is answered with %d octets, %d fit", q.Op, answer, octets)
			}
		}
		if most := 2*total/octets + 1; len(r.asked) > most {
			t.Errorf("%d requests for %d octets in packets of %d, want at most %d", len(r.asked), total, octets, most)
		}
	}
}

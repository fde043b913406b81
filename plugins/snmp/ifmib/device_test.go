package ifmib_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/ifmib"
	"github.com/haidang-noc/haidang/plugins/snmp/snmptest"
)

func TestARoundWritesReachSystemAndEveryInterface(t *testing.T) {
	r := newRig(t, nil)
	p := ports(2)
	p[1].Oper, p[1].Admin = 7, 2
	r.agent.SetInterfaces(p...)
	r.round()
	want := []string{
		"reach,agent=a,device=d,method=snmp up=true,rtt_ms=3,interval_s=60i 1800000060003000000",
		"system,agent=a,device=d uptime_cs=366000i 1800000060003000000",
		"interface,agent=a,device=d,ifname=Gi0/1 admin=1i,oper=1i,speed_mbps=1000i," +
			"in_octets=10000000001u,out_octets=10000000002u,in_errors=1410065413u,out_errors=1410065414u," +
			"in_discards=1410065415u,out_discards=1410065416u,in_ucast_pkts=10000000003u,out_ucast_pkts=10000000004u," +
			"discontinuity_cs=0i,uptime_cs=366000i,interval_s=60i 1800000060003000000",
		"interface,agent=a,device=d,ifname=Gi0/2 admin=2i,oper=7i,speed_mbps=1000i," +
			"in_octets=20000000001u,out_octets=20000000002u,in_errors=2820130821u,out_errors=2820130822u," +
			"in_discards=2820130823u,out_discards=2820130824u,in_ucast_pkts=20000000003u,out_ucast_pkts=20000000004u," +
			"discontinuity_cs=0i,uptime_cs=366000i,interval_s=60i 1800000060003000000",
	}
	if diff := cmp.Diff(want, r.round()); diff != "" {
		t.Errorf("lines differ (-want +got):\n%s", diff)
	}
	equal(t, "requests of a round", len(r.asked), 1)
}

// Ten interfaces with all their columns fit two answers of one Ethernet packet each.
func TestTenInterfacesTakeTwoRequests(t *testing.T) {
	r := newRig(t, nil)
	r.agent.SetInterfaces(ports(10)...)
	r.round()
	equal(t, "interfaces", len(names(r.round())), 10)
	equal(t, "requests", len(r.asked), 2)
	for _, q := range r.asked {
		reply := r.agent.Handle(q.Append(nil, 1<<30))[0]
		if len(reply) > 1472 || q.Len() > 400 {
			t.Errorf("%d octets are answered with %d", q.Len(), len(reply))
		}
	}
}

func TestOlderTablesAreRead(t *testing.T) {
	r := newRig(t, nil)
	r.agent.SetInterfaces(
		snmptest.Interface{Index: 3, Descr: "Serial 0", Type: 22, Admin: 1, Oper: 1, Mbps: 2, N: 100},
		snmptest.Interface{Index: 5, Type: 6, Admin: 1, Oper: 1, Mbps: 10, N: 200},
		snmptest.Interface{Index: 8, Name: "eth1", Descr: "x", Type: 6, Admin: 1, Oper: 1, Mbps: 100, N: 300, Narrow: true},
	)
	lines := of(r.round(), "interface")
	slices.Sort(lines)
	if got := names(lines); !slices.Equal(got, []string{`Serial\ 0`, "eth1", "ifIndex-5"}) {
		t.Fatalf("interfaces: %q", got)
	}
	for i, want := range [][3]string{{"2i", "101u", "103u"}, {"100i", "301u", "303u"}, {"10i", "201u", "203u"}} {
		got := [3]string{field(lines[i], "speed_mbps"), field(lines[i], "in_octets"), field(lines[i], "in_ucast_pkts")}
		equal(t, lines[i], got, want)
		equal(t, lines[i]+": counter width", field(lines[i], "bits"), "32i")
	}
}

func TestRowsThatShareANameGetTheirIndex(t *testing.T) {
	r := newRig(t, nil)
	p := ports(3)
	p[0].Name, p[2].Name = "lag", "lag"
	r.agent.SetInterfaces(p...)
	if got := names(r.round()); !slices.Equal(got, []string{"Gi0/2", "lag#1", "lag#3"}) {
		t.Errorf("interfaces: %q", got)
	}
	equal(t, "counted", r.metric("haidang_snmp_interfaces_same_name_total"), 2)
}

func TestFilterChoosesInterfaces(t *testing.T) {
	p := ports(6)
	p[1].Name, p[2].Type, p[3].Admin, p[4].Name = "Null0", 24, 2, "Vlan5"
	for name, c := range map[string]struct {
		filter ifmib.Filter
		want   []string
	}{
		"all":            {ifmib.Filter{}, []string{"Gi0/1", "Gi0/3", "Gi0/4", "Gi0/6", "Null0", "Vlan5"}},
		"include":        {ifmib.Filter{Include: regexp.MustCompile("^Gi")}, []string{"Gi0/1", "Gi0/3", "Gi0/4", "Gi0/6"}},
		"exclude":        {ifmib.Filter{Exclude: regexp.MustCompile("^Null|^Vlan")}, []string{"Gi0/1", "Gi0/3", "Gi0/4", "Gi0/6"}},
		"types":          {ifmib.Filter{Types: []uint32{24}}, []string{"Gi0/3"}},
		"exclude types":  {ifmib.Filter{ExcludeTypes: []uint32{6}}, []string{"Gi0/3"}},
		"admin up":       {ifmib.Filter{OnlyAdminUp: true}, []string{"Gi0/1", "Gi0/3", "Gi0/6", "Null0", "Vlan5"}},
		"both, and none": {ifmib.Filter{Include: regexp.MustCompile("^Gi"), Exclude: regexp.MustCompile(".")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(c2 *ifmib.Config) { c2.Filter = c.filter })
			r.agent.SetInterfaces(p...)
			for range 2 {
				lines := r.round()
				if got := names(lines); !slices.Equal(got, c.want) {
					t.Errorf("interfaces: %q, want %q", got, c.want)
				}
				equal(t, "system lines", len(of(lines, "system")), 1)
			}
		})
	}
}

func TestADeviceWithoutInterfacesIsStillReached(t *testing.T) {
	r := newRig(t, nil)
	for range 2 {
		lines := r.round()
		equal(t, "lines", len(lines), 2)
		equal(t, "up", field(lines[0], "up"), "true")
		equal(t, "system", len(of(lines, "system")), 1)
	}
	equal(t, "requests", len(r.asked), 1)
}

func TestTheLogSaysOnceThatADeviceIsSilent(t *testing.T) {
	var log bytes.Buffer
	r := newRig(t, func(c *ifmib.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	dead := false
	r.agent.Fail(snmptest.Faults{Drop: func(snmptest.Query) bool { return dead }})
	for _, dead = range []bool{false, true, true, false, true} {
		r.round()
	}
	text := log.String()
	if strings.Count(text, "device=d tries=2") != 2 || strings.Count(text, "device answers again") != 1 {
		t.Errorf("log:\n%s", text)
	}
}

func TestADeadDeviceIsDownOnceARound(t *testing.T) {
	r := newRig(t, nil)
	r.agent.Fail(snmptest.Faults{Drop: func(snmptest.Query) bool { return true }})
	for range 3 {
		start := r.now
		lines := r.round()
		want := fmt.Sprintf("reach,agent=a,device=d,method=snmp up=false,interval_s=60i %d", start.Add(2*timeout).UnixNano())
		if !slices.Equal(lines, []string{want}) {
			t.Errorf("lines: %q, want %q", lines, want)
		}
		equal(t, "transmissions", len(r.asked), 2)
	}
}

// A device given up costs one small packet a round, and every round is written all the same.
func TestADeadDeviceIsGivenUpAndFoundAgain(t *testing.T) {
	r := newRig(t, nil)
	r.agent.SetInterfaces(ports(12)...)
	r.round()
	r.round()
	usual := len(r.asked)
	r.agent.Fail(snmptest.Faults{Drop: func(snmptest.Query) bool { return true }})
	for i, transmissions := range []int{2, 2, 2, 1, 1, 1} {
		lines := r.round()
		equal(t, fmt.Sprintf("transmissions of round %d", i), len(r.asked), transmissions)
		equal(t, "lines", len(lines), 1)
		equal(t, "up", field(lines[0], "up"), "false")
	}
	equal(t, "octets of the last one at most 50", r.asked[0].Len() <= 50, true)
	equal(t, "given up", r.metric("haidang_snmp_devices_given_up"), 1)
	r.agent.Fail(snmptest.Faults{})
	lines := r.round()
	equal(t, "interfaces in the first round of its new life", len(names(lines)), 12)
	equal(t, "requests", len(r.asked), usual+1)
	equal(t, "reach lines", len(of(lines, "reach")), 1)
	equal(t, "given up", r.metric("haidang_snmp_devices_given_up"), 0)
	r.round()
	equal(t, "requests of the next round", len(r.asked), usual)
}

// Devices that cannot answer as much as they are asked. All rows are written in the first round
// already, and the second asks no more than the device can take.
func TestTooMuchIsHalvedAndRemembered(t *testing.T) {
	for name, fault := range map[string]snmptest.Faults{
		"tooBig":             {TooBigOver: 30},
		"tooBig in a row":    {TooBigOver: 7},
		"silent":             {SilentOver: 30},
		"silent in a row":    {SilentOver: 7},
		"cut to some rows":   {CutTo: 30},
		"cut in the first":   {CutTo: 9},
		"cut to next to all": {CutTo: 3},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			r.agent.SetInterfaces(ports(12)...)
			r.agent.Fail(fault)
			equal(t, "interfaces of round 1", len(names(r.round())), 12)
			silences := r.metric("haidang_snmp_requests_halved_total")
			if silences == 0 {
				t.Error("nothing was halved")
			}
			lines := r.round()
			equal(t, "interfaces of round 2", len(names(lines)), 12)
			equal(t, "halved again", r.metric("haidang_snmp_requests_halved_total"), silences)
			equal(t, "incomplete rounds", r.metric("haidang_snmp_rounds_incomplete_total"), 0)
			for _, l := range of(lines, "interface") {
				if field(l, "uptime_cs") == "" {
					t.Errorf("without sysUpTime: %s", l)
				}
			}
		})
	}
}

func TestTheBudgetGrowsBack(t *testing.T) {
	r := newRig(t, nil)
	r.agent.SetInterfaces(ports(12)...)
	r.agent.Fail(snmptest.Faults{SilentOver: 20})
	r.round()
	r.round()
	small := len(r.asked)
	r.agent.Fail(snmptest.Faults{})
	for range 200 {
		r.round()
	}
	if len(r.asked) >= small || len(r.asked) > 3 {
		t.Errorf("%d requests a round after 200 rounds without trouble, %d before", len(r.asked), small)
	}
}

func TestARestartIsToldFromAWrap(t *testing.T) {
	for name, c := range map[string]struct {
		ticks    time.Duration // sysUpTime at the first round
		change   func(*rig)
		restarts float64
	}{
		"goes on":    {time.Hour, func(*rig) {}, 0},
		"restarts":   {time.Hour, func(r *rig) { r.agent.Boot(r.now.Add(-10 * time.Second)) }, 1},
		"wraps":      {(1<<32 - 3000) * 10 * time.Millisecond, func(*rig) {}, 0},
		"both alike": {(1<<32 - 3000) * 10 * time.Millisecond, func(r *rig) { r.agent.Boot(r.now.Add(-2 * time.Hour)) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			r.agent.SetInterfaces(ports(2)...)
			r.agent.Boot(r.now.Add(-c.ticks))
			r.round()
			c.change(r)
			equal(t, "interfaces", len(names(r.round())), 2)
			equal(t, "restarts", r.metric("haidang_snmp_restarts_total"), c.restarts)
			equal(t, "walks", r.metric("haidang_snmp_walks_total"), 1+c.restarts)
		})
	}
}

func TestRowsThatComeAndGoAreLearned(t *testing.T) {
	for name, rows := range map[string][]snmptest.Interface{
		"added at the end":  ports(5),
		"gone at the end":   ports(3),
		"gone in between":   append(ports(1), ports(4)[2:]...),
		"all gone":          nil,
		"all gone but last": ports(4)[3:],
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			r.agent.SetInterfaces(ports(4)...)
			for range 10 {
				r.round()
			}
			r.agent.SetInterfaces(rows...)
			r.round()
			equal(t, "interfaces", len(names(r.round())), len(rows))
			equal(t, "walks", r.metric("haidang_snmp_walks_total"), 2)
		})
	}
}

// A table that changes all the time costs one walk in five rounds, and the rows that are there are
// written in every round.
func TestARestlessTableCostsFewWalks(t *testing.T) {
	r := newRig(t, nil)
	for i := range 50 {
		rows := ports(6)
		rows[2].Index, rows[2].Name = uint32(100+i), fmt.Sprintf("ppp%d", i)
		r.agent.SetInterfaces(rows...)
		r.agent.TableChanged(uint64(i))
		if got := names(r.round()); len(got) < 5 {
			t.Fatalf("round %d: interfaces %q", i, got)
		}
	}
	if n := r.metric("haidang_snmp_walks_total"); n > 11 {
		t.Errorf("%v walks in 50 rounds", n)
	}
}

func TestTheDeviceIsLearnedAgainNowAndThen(t *testing.T) {
	r := newRig(t, func(c *ifmib.Config) { c.Relearn = 10 * interval })
	r.agent.SetInterfaces(ports(2)...)
	for range 25 {
		equal(t, "interfaces", len(of(r.round(), "interface")), 2)
	}
	equal(t, "walks", r.metric("haidang_snmp_walks_total"), 3)
}

func TestAgentsThatFailRequests(t *testing.T) {
	r := newRig(t, nil)
	r.agent.SetInterfaces(ports(2)...)
	r.agent.Fail(snmptest.Faults{Status: ber.GenErr})
	for range 3 {
		lines := r.round()
		equal(t, "up", field(lines[0], "up"), "true")
		equal(t, "interfaces", len(names(lines)), 0)
	}
	r.agent.Fail(snmptest.Faults{})
	for range 6 {
		r.round()
	}
	equal(t, "interfaces once it works", len(names(r.round())), 2)
}

func TestTooManyInterfacesAreRefused(t *testing.T) {
	r := newRig(t, func(c *ifmib.Config) { c.MaxInterfaces = 10 })
	r.agent.SetInterfaces(ports(11)...)
	lines := r.round()
	equal(t, "interfaces", len(names(lines)), 0)
	equal(t, "up", field(lines[0], "up"), "true")
	equal(t, "walks failed", r.metric("haidang_snmp_walks_failed_total"), 1)
	r.round()
	equal(t, "walks failed in the next round", r.metric("haidang_snmp_walks_failed_total"), 1)
}

// A walk longer than a round goes on in the next one.
func TestALongWalkGoesOnInTheNextRound(t *testing.T) {
	r := newRig(t, nil)
	r.agent.SetInterfaces(ports(40)...)
	request := r.dialog.Begin(r.now)
	for range 6 {
		request = r.exchange(request)
	}
	if request == nil {
		t.Fatal("the walk is over already")
	}
	r.now = r.now.Add(interval)
	lines := r.round()
	equal(t, "interfaces", len(names(lines)), 40)
	equal(t, "walks", r.metric("haidang_snmp_walks_total"), 1)
	equal(t, "reach lines of two rounds", len(of(lines, "reach")), 2)
}

func TestStrangeNamesMakeGoodLines(t *testing.T) {
	r := newRig(t, nil)
	p := ports(3)
	p[0].Name, p[1].Name, p[2].Name = "a b,c=d", "line\nbreak\x00", "Cổng 1"
	r.agent.SetInterfaces(p...)
	for range 2 {
		lines := of(r.round(), "interface")
		equal(t, "lines", len(lines), 3)
		if !strings.Contains(lines[0], `ifname=a\ b\,c\=d `) || !strings.Contains(lines[2], `ifname=Cổng\ 1 `) {
			t.Errorf("lines: %q", lines)
		}
	}
}

// An agent whose tables go round in circles is left after one turn.
func TestAWalkInCirclesEnds(t *testing.T) {
	r := newRig(t, nil)
	r.agent.SetInterfaces(ports(4)...)
	r.agent.Fail(snmptest.Faults{Loops: true})
	lines := r.round()
	equal(t, "up", field(lines[0], "up"), "true")
	if r.metric("haidang_snmp_walks_backwards_total") == 0 {
		t.Error("going backwards is not counted")
	}
}

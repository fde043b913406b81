package tables_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
	"github.com/haidang-noc/haidang/plugins/snmp/snmptest"
)

const (
	celsius, volts   = 8, 4
	milli, units     = 8, 9
	working, missing = 1, 2
)

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestEachValue(t *testing.T) {
	for name, c := range map[string]struct {
		make func(*rig)
		want string
	}{
		"nothing":         {func(*rig) {}, ""},
		"processors":      {func(r *rig) { r.processor(1, 10); r.processor(2, 25); r.processor(768, 100) }, "cpu_ratio=0.45"},
		"not a load":      {func(r *rig) { r.processor(1, 10); r.processor(2, 101) }, "cpu_ratio=0.1"},
		"memory":          {func(r *rig) { r.memory(1, "RAM", 3, 4); r.memory(2, "RAM (Cache)", 1, 4) }, "mem_used_ratio=0.75"},
		"in a disk":       {func(r *rig) { r.memory(1, "tmpfs, mounted on /dev/shm", 0, 9); r.memory(2, "RAM", 1, 4) }, "mem_used_ratio=0.25"},
		"no memory":       {func(r *rig) { r.memory(1, "RAM", 0, 0) }, ""},
		"more than all":   {func(r *rig) { r.memory(1, "RAM", 5, 4) }, ""},
		"degrees":         {func(r *rig) { r.sensor(1, celsius, units, 0, 41) }, "temp_c=41"},
		"tenths":          {func(r *rig) { r.sensor(1, celsius, units, 1, 413) }, "temp_c=41.3"},
		"thousandths":     {func(r *rig) { r.sensor(1, celsius, milli, 0, 41300) }, "temp_c=41.3"},
		"the hottest":     {func(r *rig) { r.sensor(1, celsius, units, 0, 41); r.sensor(2, celsius, units, 0, 60) }, "temp_c=60"},
		"below zero":      {func(r *rig) { r.sensor(1, celsius, units, 0, -12) }, "temp_c=-12"},
		"unavailable":     {func(r *rig) { r.sensor(1, celsius, units, 0, 41); r.status(1, missing) }, ""},
		"out of range":    {func(r *rig) { r.sensor(1, celsius, units, 0, 1_000_000_000) }, ""},
		"volts":           {func(r *rig) { r.sensor(1, volts, units, 0, 48) }, ""},
		"no such scale":   {func(r *rig) { r.sensor(1, celsius, 99, 0, 41) }, ""},
		"all of a kind":   {all, "cpu_ratio=0.3,mem_used_ratio=0.5,temp_c=40"},
		"not all at once": {func(r *rig) { all(r); r.agent.Fail(snmptest.Faults{CutTo: 3}) }, "cpu_ratio=0.3,mem_used_ratio=0.5,temp_c=40"},
		"too big":         {func(r *rig) { all(r); many(r, 50); r.agent.Fail(snmptest.Faults{TooBigOver: 8}) }, "cpu_ratio=0.3,mem_used_ratio=0.5,temp_c=89"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			c.make(r)
			want := c.want
			if want != "" {
				want = "system,agent=a,device=d " + want
			}
			equal(t, "line", r.round(), want)
			equal(t, "failures", r.metric("haidang_snmp_tables_failures_total"), 0)
		})
	}
}

func all(r *rig) {
	r.processor(1, 30)
	r.memory(1, "RAM", 1, 2)
	r.sensor(1, celsius, units, 0, 40)
}

func many(r *rig, n int) {
	for i := range n {
		r.sensor(uint32(i+100), celsius, units, 0, int64(40+i))
	}
}

// Between two polls a round is that of the interfaces and nothing more.
func TestRoundsBetweenCostNothing(t *testing.T) {
	r := newRig(t)
	all(r)
	learned := r.round()
	walk := r.requests
	if learned == "" || walk < 3 {
		t.Fatalf("%d requests, line %q", walk, learned)
	}
	for i := 1; i <= 12; i++ {
		line, want := r.round(), 1
		if i%5 == 0 {
			want = 2
		}
		equal(t, "requests", r.requests, want)
		equal(t, "written", line != "", want == 2)
	}
	r.processor(2, 50)
	r.interfaces.walked = r.now // they are learned again
	equal(t, "line", r.round(), "system,agent=a,device=d cpu_ratio=0.4,mem_used_ratio=0.5,temp_c=40")
	equal(t, "walks", r.metric("haidang_snmp_tables_walks_total"), 2)
	equal(t, "polls", r.metric("haidang_snmp_tables_polls_total"), 4)
}

// An agent that has just started knows its processors and not yet their load.
func TestAProcessorWithoutALoadYet(t *testing.T) {
	r := newRig(t)
	all(r)
	r.agent.Remove(1, 3, 6, 1, 2, 1, 25, 3, 3, 1, 2)
	r.agent.Set(ber.ObjectID, ber.OID(0, 0), 1, 3, 6, 1, 2, 1, 25, 3, 3, 1, 1, 1)
	equal(t, "line", r.round(), "system,agent=a,device=d mem_used_ratio=0.5,temp_c=40")
	r.processor(1, 30)
	for range 4 {
		r.round()
	}
	equal(t, "line", r.round(), "system,agent=a,device=d cpu_ratio=0.3,mem_used_ratio=0.5,temp_c=40")
}

// A device with nothing to tell is asked once, until its interfaces are learned again.
func TestADeviceWithoutCostsNothing(t *testing.T) {
	r := newRig(t)
	r.round()
	for range 10 {
		equal(t, "lines", r.round(), "")
		equal(t, "requests", r.requests, 1)
	}
}

// Silence costs the repetitions and then the interval; what falls silent is asked for less.
func TestSilence(t *testing.T) {
	r := newRig(t)
	all(r)
	many(r, 20)
	r.round()
	r.agent.Fail(snmptest.Faults{SilentOver: 30})
	for i := 1; i <= 5; i++ {
		equal(t, "lines", r.round(), "")
	}
	equal(t, "requests", r.requests, 3)
	equal(t, "failures", r.metric("haidang_snmp_tables_failures_total"), 1)
	for i := 1; i <= 4; i++ {
		equal(t, "lines", r.round(), "")
		equal(t, "requests", r.requests, 1)
	}
	equal(t, "line", r.round(), "system,agent=a,device=d cpu_ratio=0.3,mem_used_ratio=0.5,temp_c=59")
	equal(t, "requests", r.requests, 3)
}

// Refusals, rows that go round in circles and rounds cut off come to an end.
func TestTroubleEnds(t *testing.T) {
	for name, fault := range map[string]snmptest.Faults{
		"refuses all": {Status: 16},
		"error":       {Status: ber.GenErr},
		"loops":       {Loops: true},
		"no room":     {TooBigOver: 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			all(r)
			r.agent.Fail(fault)
			r.round()
			r.agent.Fail(snmptest.Faults{})
			r.interfaces.walked = r.now
			equal(t, "line", r.round(), "system,agent=a,device=d cpu_ratio=0.3,mem_used_ratio=0.5,temp_c=40")
		})
	}
}

func TestARoundCutOffByTheNext(t *testing.T) {
	r := newRig(t)
	all(r)
	request := r.exchange(r.dialog.Begin(r.now)) // the first of the walk, never answered
	if request == nil {
		t.Fatal("there is no walk")
	}
	r.round()
	equal(t, "failures", r.metric("haidang_snmp_tables_failures_total"), 1)
	equal(t, "requests", r.requests, 1)
}

// Whatever a device answers, a round ends, and no ratio is out of its range.
func TestAnyAnswer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRig(t)
		all(r)
		names := [][]byte{ber.OID(1, 3, 6, 1, 2, 1, 25, 3, 3, 1, 2, 1), ber.OID(1, 3, 6, 1, 2, 1, 25, 2, 3, 1, 6, 1),
			ber.OID(1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 4, 1), ber.OID(1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 1, 7), {0x2b}, {0x80, 0x80}}
		request := r.dialog.Begin(r.now)
		for n := 0; request != nil; n++ {
			if n > 200 {
				t.Fatalf("the round does not end")
			}
			r.now = r.now.Add(time.Millisecond)
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				request = r.exchange(request)
			case 1:
				request = r.dialog.Silent(r.now)
			default:
				var list []byte
				for range rapid.IntRange(0, 4).Draw(t, "varbinds") {
					list = ber.AppendVarbind(list, ber.Varbind{
						Name:  rapid.SampledFrom(names).Draw(t, "name"),
						Tag:   rapid.SampledFrom([]byte{ber.Integer, ber.OctetString, ber.Gauge32, ber.Counter64, ber.NoSuchObject}).Draw(t, "tag"),
						Value: rapid.SliceOfN(rapid.Byte(), 0, 10).Draw(t, "value"),
					})
				}
				list = list[:rapid.IntRange(0, len(list)).Draw(t, "cut")]
				request = r.dialog.Answer(poll.Answer{At: r.now, Response: ber.Response{
					Status: rapid.SampledFrom([]int{0, 0, 0, 1, 5, 16}).Draw(t, "status"), Index: 1, Varbinds: list}})
			}
		}
	})
}

package gnmi_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/internal/simnet/control"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	face "github.com/haidang-noc/haidang/internal/simnet/gnmi"
	"github.com/haidang-noc/haidang/internal/simnet/mib"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
	"github.com/haidang-noc/haidang/internal/simnet/snmpd"
	"github.com/haidang-noc/haidang/plugins/gnmi"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
	"github.com/haidang-noc/haidang/plugins/snmp"
)

// simulation is a simulated network that answers gNMI and SNMP.
type simulation struct {
	*control.Script
	*nation.Network
	gnmi, snmp int // ports
}

// simulate starts a small network.
func simulate(t testing.TB) *simulation {
	t.Helper()
	c := nation.Defaults()
	provinces, err := filepath.Abs("../../configs/provinces/provinces-34.csv")
	must(t, err)
	c.Provinces, c.Devices, c.Interfaces = provinces, 170, 4
	network, err := nation.Build(c)
	must(t, err)
	script, err := control.NewScript(network, nil)
	must(t, err)
	server, err := face.Listen(face.Config{}, script.Overlay(), nil)
	must(t, err)
	answers, err := mib.NewFace(script.Overlay(), mib.Access{Community: "public"}, 1472)
	must(t, err)
	agents, err := snmpd.Listen(0, 1472, answers, prometheus.NewRegistry())
	must(t, err)
	run(t, server.Run)
	run(t, agents.Run)
	return &simulation{script, network, server.Port(), agents.Port()}
}

// run runs something until the test ends.
func run(t testing.TB, f func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// overGNMI is a configuration that asks one device, or if it is named as a target, asks another's address for it.
func (s *simulation) overGNMI(device int32, more string) sdk.Config {
	yaml := fmt.Sprintf("targets: [{device: %s, address: '%v:%d'}]\ncredentials: [{name: lab, tls: {plaintext: true}}]\n%s",
		s.Devices[device].Name, s.Address(device), s.gnmi, more)
	return sdk.Config{Agent: "a1", File: "agent.yaml", Line: 1, YAML: []byte(yaml)}
}

func (s *simulation) overSNMP(device int32) sdk.Config {
	yaml := fmt.Sprintf("targets: [{device: %s, address: '%v:%d'}]\ncredentials: [{name: lab, version: 2c, community: 'env:NATION_COMMUNITY'}]\n",
		s.Devices[device].Name, s.Address(device), s.snmp)
	return sdk.Config{Agent: "a1", File: "agent.yaml", Line: 1, YAML: []byte(yaml)}
}

// told is a line taken apart.
type told struct {
	point.Series
	fields map[string]string
	time   int64
}

func parse(t testing.TB, lines plugintest.Lines) (all []told) {
	t.Helper()
	s := point.NewScanner([]byte(strings.Join(lines, "\n")+"\n"), point.Options{})
	for s.Next() {
		l := s.Line()
		series, err := point.ParseKey(l.Key)
		must(t, err)
		one := told{Series: series, fields: map[string]string{}, time: l.Time}
		for _, f := range l.Fields {
			var e point.Encoder
			e.Begin([]byte("m"))
			e.Value("f", f.Value)
			e.End(0)
			text := string(e.Bytes())
			one.fields[string(f.Key)] = text[len("m f=") : len(text)-len(" 0\n")]
		}
		all = append(all, one)
	}
	return all
}

// find is the last line of a measurement, of an interface if that is named, that has all these fields.
func find(all []told, measurement, ifname string, fields ...string) (told, bool) {
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Measurement == measurement && (ifname == "" || all[i].Tag("ifname") == ifname) && has(all[i], fields...) {
			return all[i], true
		}
	}
	return told{}, false
}

func has(l told, fields ...string) bool {
	for _, f := range fields {
		key, value, given := strings.Cut(f, "=")
		if got, ok := l.fields[key]; !ok || given && got != value {
			return false
		}
	}
	return true
}

// linked is a port that has a link, and the link.
func (s *simulation) linked(t testing.TB) (nation.Port, string) {
	t.Helper()
	for _, l := range s.Links {
		if l.HasB() {
			return l.A, l.Name
		}
	}
	t.Fatal("no link has two ends")
	return nation.Port{}, ""
}

// An interface is the same entity with the same facts, whether gNMI tells of it or SNMP.
func TestInterfacesAreTheSameAsOverSNMP(t *testing.T) {
	t.Setenv("NATION_COMMUNITY", "public")
	sim := simulate(t)
	port, link := sim.linked(t)
	for _, faults := range [][]fault.Fault{nil, {{Kind: fault.LinkDown, Link: link}}} {
		must(t, sim.Add(faults, time.Now().Add(-time.Minute)))
		lines, err := plugintest.Once(t, gnmi.New(), sim.overGNMI(port.Device, ""))
		must(t, err)
		polled, err := plugintest.Once(t, snmp.New(), sim.overSNMP(port.Device))
		must(t, err)
		streamed, asked := parse(t, lines), parse(t, polled)
		for i := range sim.Ports(port.Device) {
			name := string(sim.IfName(nation.Port{Device: port.Device, Index: i}))
			a, ok := find(streamed, "interface", name)
			b, also := find(asked, "interface", name)
			if !ok || !also {
				t.Fatalf("%s: gNMI tells of it: %v, SNMP: %v", name, ok, also)
			}
			if fmt.Sprint(a.Series) != fmt.Sprint(b.Series) {
				t.Errorf("the series are %v and %v", a.Series, b.Series)
			}
			for field, want := range b.fields {
				got, ok := a.fields[field]
				exact := field == "admin" || field == "oper" || field == "speed_mbps" || field == "interval_s"
				switch {
				case field == "uptime_cs" || field == "discontinuity_cs" || field == "speed_mbps" && got == "": // OpenConfig has none, or not this speed
				case !ok || exact && got != want || got[len(got)-1] != want[len(want)-1]:
					t.Errorf("%s: %s is %q over gNMI and %q over SNMP", name, field, got, want)
				}
			}
		}
		if _, ok := find(streamed, "reach", "", "up=true", "rtt_ms"); !ok {
			t.Errorf("no reach in %v", lines)
		}
	}
}

// A link that fails is told at once: the line that SNMP would write, and the event.
func TestALinkThatFailsIsToldAtOnce(t *testing.T) {
	sim := simulate(t)
	port, link := sim.linked(t)
	name := string(sim.IfName(port))
	var cut, back bool
	lines := plugintest.Run(t, gnmi.New(), sim.overGNMI(port.Device, ""), func(lines plugintest.Lines) bool {
		all := parse(t, lines)
		_, up := find(all, "interface", name, "oper=1i", "admin=1i", "in_octets")
		_, failed := find(all, "state", name, "up=false")
		_, restored := find(all, "state", name, "up=true")
		switch {
		case up && !cut:
			cut = true
			must(t, sim.Add([]fault.Fault{{ID: "cut", Kind: fault.LinkDown, Link: link}}, time.Now()))
		case failed && !back:
			back = true
			must(t, sim.End("cut", time.Now()))
		}
		return restored
	})
	all := parse(t, lines)
	down, ok := find(all, "interface", name, "oper=2i", "admin=1i", "interval_s=60i")
	event, _ := find(all, "state", name, "up=false")
	if !ok || down.time != event.time || event.Tag("source") != "gnmi" {
		t.Errorf("the failure is %v, its event %v", down, event)
	}
}

// A port that is switched off is out of service, and no failure.
func TestAPortThatIsSwitchedOffIsNoFailure(t *testing.T) {
	sim := simulate(t)
	port, _ := sim.linked(t)
	name := string(sim.IfName(port))
	shut := false
	lines := plugintest.Run(t, gnmi.New(), sim.overGNMI(port.Device, "mode: stream\n"), func(lines plugintest.Lines) bool {
		all := parse(t, lines)
		if _, up := find(all, "interface", name, "oper=1i"); up && !shut {
			shut = true
			must(t, sim.Add([]fault.Fault{{Kind: fault.AdminDown, Device: sim.Devices[port.Device].Name, IfName: name}}, time.Now()))
		}
		_, off := find(all, "interface", name, "admin=2i", "oper=2i")
		return off
	})
	if event, told := find(parse(t, lines), "state", name); told {
		t.Errorf("an event: %v", event)
	}
}

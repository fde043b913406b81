package syslog_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/simnet/control"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
	simnet "github.com/haidang-noc/haidang/internal/simnet/syslog"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

// buildNation is a small network with its inventory in dir.
func buildNation(t *testing.T, dir string) *control.Script {
	t.Helper()
	c := nation.Defaults()
	c.Provinces, c.Only, c.Devices = "../../configs/provinces/provinces-34.csv", []string{"01"}, 200
	n, err := nation.Build(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.WriteInventory(dir, 1161); err != nil {
		t.Fatal(err)
	}
	s, err := control.NewScript(n, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// talkative are the makers whose devices send messages about links.
func talkative() []string { return []string{"cisco", "huawei", "nokia", "zte"} }

// cuts are one link of each talkative maker, and the states that the input has to make of their failure: of the ports that links.csv
// and the SNMP input have.
func cuts(n *nation.Overlay) (links []string, states []string) {
	for _, vendor := range talkative() {
		for i := range n.Links {
			l := &n.Links[i]
			if n.Devices[l.A.Device].Vendor != vendor || slices.Contains(links, l.Name) {
				continue
			}
			links = append(links, l.Name)
			for _, end := range []nation.Port{l.A, l.B} {
				if end.Device >= 0 && slices.Contains(talkative(), n.Devices[end.Device].Vendor) {
					states = append(states, fmt.Sprintf("state,agent=a1,device=%s,ifname=%s,source=syslog up=false", n.Devices[end.Device].Name, n.IfName(end)))
				}
			}
			break
		}
	}
	return links, states
}

// Links that are cut in the simulated network are told by devices of every maker, and become the states of the same ports.
func TestTheSimulatedNationTells(t *testing.T) {
	dir := t.TempDir()
	script := buildNation(t, dir)
	links, want := cuts(script.Overlay().Load())
	if len(links) != len(talkative()) {
		t.Fatalf("links of %v only", links)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	lines := trial{dir, "inventory: " + filepath.Join(dir, "devices.csv") + "\n", []string{"udp://127.0.0.1:0"}, 2 * len(want)}.run(t, func(addrs []string) {
		err := simnet.Start(simnet.Config{Target: addrs[0]}, script.Overlay(), prometheus.NewRegistry(), func(_ string, face func(context.Context) error) {
			go func() { _ = face(ctx) }() // ends with the test
		})
		if err != nil {
			t.Error(err)
		}
		faults := make([]fault.Fault, 0, len(links))
		for _, link := range links {
			faults = append(faults, fault.Fault{Kind: fault.LinkDown, Link: link})
		}
		if err := script.Add(faults, time.Now()); err != nil {
			t.Error(err)
		}
	})
	var got plugintest.Lines
	for _, line := range lines.WithoutTimes() {
		if strings.HasPrefix(line, "state,") {
			got = append(got, line)
		}
	}
	slices.Sort(want)
	if got = got.Sorted(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

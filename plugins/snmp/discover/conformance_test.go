//go:build conformance

package discover

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/simnet/recording"
	"github.com/haidang-noc/haidang/internal/simnet/snmpd"
	"github.com/haidang-noc/haidang/plugins/snmp/engine"
)

// Every recorded device is found, as what it was; of its neighbours, all that the recording holds; and every port at which it
// has one has a name.
func TestConformanceDiscovery(t *testing.T) {
	shared := os.Getenv("SHARED")
	if shared == "" {
		t.Fatal("SHARED is not set: want the folder with data/snmprec")
	}
	dir := filepath.Join(shared, "data", "snmprec")
	all, err := recording.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	first := netip.MustParseAddr("127.79.0.1")
	server, err := snmpd.Listen(0, snmpd.LongestAnswer, recording.NewFace(all, first, ""), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	found := find(t, server.Port(), len(all))
	devices, neighbours, want, ports := 0, 0, 0, 0
	for i, r := range all {
		d := found[first]
		first = first.Next()
		if d == nil {
			t.Errorf("%s was not found", r.Name)
			continue
		}
		devices++
		if d.Addr.Addr() != first.Prev() {
			continue
		}
		rows := neighbourRows(t, filepath.Join(dir, all[i].Name+".snmprec"))
		if len(d.Neighbours) != rows || d.Partial {
			t.Errorf("%s: %d neighbours, the recording holds %d (partial: %v)", r.Name, len(d.Neighbours), rows, d.Partial)
		}
		neighbours, want = neighbours+len(d.Neighbours), want+rows
		for _, n := range d.Neighbours {
			if d.ports[n.Port].name() != "" {
				ports++
			} else if n.Port != NoPort {
				t.Logf("%s: port %d has no name: %+v", r.Name, n.Port, d.ports[n.Port])
			}
		}
	}
	fmt.Printf("discovery of recordings: %d of %d devices, %d of %d neighbours, %d of %d ports named\n", devices, len(all), neighbours, want, ports, neighbours)
}

func find(t *testing.T, port, n int) map[netip.Addr]*Device {
	t.Helper()
	r, err := ParseRange([]string{"127.79.0.0/24"})
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(engine.Config{Timeout: time.Second, Window: 1024, Lanes: 1}, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	rules := DefaultRules()
	rules.Port = port
	devices, err := Find(t.Context(), Config{Range: r, Rules: &rules, Credentials: []Credential{{Name: "any", Community: "any"}}, Ask: e.Once, Retries: 2,
		Profile: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	out := map[netip.Addr]*Device{}
	for _, d := range devices {
		out[d.Addr.Addr()] = d
		for _, a := range d.Others { // recordings of one device
			t.Logf("%v is %v, too: %s", d.Addr, a, d.SysName)
			out[a.Addr()] = d
		}
	}
	return out
}

// neighbourRows counts rows of LLDP's table and of CDP's, those at the same port once.
func neighbourRows(t *testing.T, path string) int {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lldp, cdp := map[string]string{}, map[string]string{}
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		oid, _, _ := strings.Cut(s.Text(), "|")
		for _, column := range []string{"4", "5", "6", "7", "8", "9"} {
			if index, ok := strings.CutPrefix(oid, "1.0.8802.1.1.2.1.4.1.1."+column+"."); ok {
				lldp[index] = ""
				if at := strings.Split(index, "."); len(at) == 3 {
					lldp[index] = at[1]
				}
			}
		}
		for _, column := range []string{"6", "7"} {
			if index, ok := strings.CutPrefix(oid, "1.3.6.1.4.1.9.9.23.1.2.1.1."+column+"."); ok {
				cdp[index], _, _ = strings.Cut(index, ".")
			}
		}
	}
	n := len(lldp)
	for _, port := range cdp {
		known := false
		for _, p := range lldp {
			known = known || p == port
		}
		if !known {
			n++
		}
	}
	return n
}

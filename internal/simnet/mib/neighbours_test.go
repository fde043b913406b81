package mib_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gosnmp/gosnmp"

	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

const (
	lldp    = ".1.0.8802.1.1.2.1"
	lldpRem = lldp + ".4.1.1"
	cdp     = ".1.3.6.1.4.1.9.9.23.1.2.1.1"
)

// objects is how many a device has below a name, by GETBULK and GETNEXT alike.
func objects(t *testing.T, c *gosnmp.GoSNMP, below string) map[string]string {
	t.Helper()
	all := map[string]string{}
	bulk, err := c.BulkWalkAll(below)
	if err != nil {
		t.Fatal(err)
	}
	next, err := c.WalkAll(below)
	if err != nil || len(next) != len(bulk) {
		t.Fatalf("%d objects by GETBULK, %d by GETNEXT: %v", len(bulk), len(next), err)
	}
	for i, v := range bulk {
		if next[i].Name != v.Name {
			t.Fatalf("%s by GETBULK, %s by GETNEXT", v.Name, next[i].Name)
		}
		text, _ := v.Value.([]byte)
		all[v.Name] = string(text)
	}
	return all
}

// Every link inside the network is known at both of its ends, by LLDP or, where there is none, by CDP; what the far end
// is called is what it calls itself.
func TestNeighbours(t *testing.T) {
	s := start(t)
	seen := 0
	for d := range s.Devices {
		d := int32(d)
		c := s.client(t, d, gosnmp.Version2c)
		names, ports := objects(t, c, lldpRem), map[string]string{}
		prefix, name, port := lldpRem+".9.0.", lldpRem+".9.0.", lldpRem+".7.0."
		if s.Devices[d].Vendor == "cisco" {
			if len(names) > 0 {
				t.Fatalf("%s speaks LLDP", s.Devices[d].Name)
			}
			names = objects(t, c, cdp)
			prefix, name, port = cdp+".6.", cdp+".6.", cdp+".7."
		}
		for p := range s.Ports(d) {
			far, ok := s.Far(nation.Port{Device: d, Index: p})
			suffix := strconv.Itoa(int(p)+1) + ".1"
			if _, there := names[name+suffix]; there != ok {
				t.Fatalf("%s port %d: a neighbour is known: %v, there is one: %v", s.Devices[d].Name, p, there, ok)
			}
			if !ok {
				continue
			}
			seen++
			if names[name+suffix] != s.Devices[far.Device].Name {
				t.Errorf("%s port %d: %q, want %q", s.Devices[d].Name, p, names[name+suffix], s.Devices[far.Device].Name)
			}
			ports[suffix] = names[port+suffix]
			if s.Devices[d].Vendor == "cisco" {
				continue
			}
			if local := objects(t, s.client(t, far.Device, gosnmp.Version2c), lldp+".3.7.1.3"); len(local) > 0 && local[lldp+".3.7.1.3."+strconv.Itoa(int(far.Index)+1)] != ports[suffix] {
				t.Errorf("%s port %d: far port %q, which calls itself %q", s.Devices[d].Name, p, ports[suffix], local[lldp+".3.7.1.3."+strconv.Itoa(int(far.Index)+1)])
			}
		}
		if n := strings.Count(strings.Join(slices.Collect(maps.Keys(names)), " "), prefix); n != int(s.Neighbours(d)) {
			t.Errorf("%s: %d neighbours, want %d", s.Devices[d].Name, n, s.Neighbours(d))
		}
	}
	inside := 0
	for i := range s.Links {
		if s.Links[i].HasB() {
			inside++
		}
	}
	if seen != 2*inside || inside == 0 {
		t.Errorf("%d link ends are known, want %d", seen, 2*inside)
	}
}

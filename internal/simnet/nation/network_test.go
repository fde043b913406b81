package nation_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

const registry = "../../../configs/provinces/provinces-34.csv"

func build(t testing.TB, change func(*nation.Config)) *nation.Network {
	t.Helper()
	cfg := nation.Defaults()
	cfg.Provinces = registry
	if change != nil {
		change(&cfg)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	n, err := nation.Build(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSizes(t *testing.T) {
	cases := map[string]func(*nation.Config){
		"three provinces, 60 devices": func(c *nation.Config) { c.Devices, c.Only = 60, []string{"01", "48", "79"} },
		"34 provinces, 600 devices":   nil,
		"63 provinces, 2000 devices": func(c *nation.Config) {
			c.Devices, c.Provinces = 2000, "../../../configs/provinces/provinces-63.csv"
		},
		"83000 devices": func(c *nation.Config) { c.Devices = 83_000 },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			n := build(t, change)
			if len(n.Devices) != n.Config().Devices {
				t.Errorf("%d devices, want %d", len(n.Devices), n.Config().Devices)
			}
			systems := map[string]int{}
			for i, d := range n.Devices {
				systems[d.System]++
				if at, ok := n.DeviceAt(asNumber(n, int32(i))); !ok || at != int32(i) {
					t.Fatalf("the address of %s belongs to %d, %v", d.Name, at, ok)
				}
			}
			if len(systems) != 10 {
				t.Errorf("systems %v, want all ten", systems)
			}
			checkLinks(t, n)
		})
	}
}

func asNumber(n *nation.Network, device int32) uint32 {
	b := n.Address(device).As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

// checkLinks looks for names used twice, ports used twice and interfaces with one name.
func checkLinks(t *testing.T, n *nation.Network) {
	t.Helper()
	ports, names := map[nation.Port]string{}, map[string]bool{}
	for i, l := range n.Links {
		if names[l.Name] {
			t.Errorf("two links named %s", l.Name)
		}
		names[l.Name] = true
		for _, p := range []nation.Port{l.A, l.B} {
			if p.Device < 0 {
				continue
			}
			if other, taken := ports[p]; taken {
				t.Errorf("links %s and %s both end on %v", other, l.Name, p)
			}
			ports[p] = l.Name
			if n.LinkOf(p) != int32(i) {
				t.Errorf("port %v does not know its link %s", p, l.Name)
			}
		}
	}
	for d := range n.Devices {
		seen := map[string]bool{}
		for i := range n.Ports(int32(d)) {
			name := string(n.IfName(nation.Port{Device: int32(d), Index: i}))
			if seen[name] {
				t.Errorf("%s has two interfaces named %s", n.Devices[d].Name, name)
			}
			seen[name] = true
		}
	}
}

func TestTooFewDevices(t *testing.T) {
	cfg := nation.Defaults()
	cfg.Provinces, cfg.Devices = registry, 60
	if _, err := nation.Build(cfg); err == nil {
		t.Error("60 devices were enough for 34 provinces")
	}
}

func TestSameSeedSameNetwork(t *testing.T) {
	a, b := build(t, nil), build(t, nil)
	if d := cmp.Diff(a.Devices, b.Devices, cmp.AllowUnexported(nation.Device{})); d != "" {
		t.Error(d)
	}
	at := fault.TickOf(time.Date(2026, 10, 5, 12, 0, 0, 0, nation.Local))
	for d := range a.Devices {
		if x, y := read(t, a, nil, int32(d), at), read(t, b, nil, int32(d), at); x.Counters(0) != y.Counters(0) {
			t.Fatalf("device %d differs", d)
		}
	}
	c := build(t, func(c *nation.Config) { c.Seed = 2 })
	x, y := read(t, a, nil, 50, at), read(t, c, nil, 50, at)
	if x.Counters(0) == y.Counters(0) {
		t.Error("another seed gives the same counters")
	}
}

func overlay(t testing.TB, n *nation.Network, faults ...fault.Fault) *nation.Overlay {
	t.Helper()
	o, err := n.Overlay(faults)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func read(t testing.TB, n *nation.Network, o *nation.Overlay, device int32, at fault.Tick) *nation.Reading {
	t.Helper()
	if o == nil {
		o = overlay(t, n)
	}
	var r nation.Reading
	c := n.Clock(at)
	r.Read(o, device, &c)
	return &r
}

// Counters only grow between resets, by no more than the interface can carry, whatever goes wrong.
func TestCountersGrow(t *testing.T) {
	n := build(t, func(c *nation.Config) { c.Devices, c.Only = 60, []string{"01", "48", "79"} })
	begin := time.Date(2026, 10, 1, 0, 0, 0, 0, nation.Local)
	targets := n.Targets()
	rapid.Check(t, func(t *rapid.T) {
		random := fault.Random{Seed: rapid.Uint64().Draw(t, "seed"), From: fault.Time{Time: begin}, To: fault.Time{Time: begin.AddDate(0, 1, 0)},
			Count: map[fault.Kind]int{fault.Congestion: 20, fault.LinkDown: 20, fault.Dead: 3, fault.AdminDown: 5}}
		o, err := n.Overlay(random.Draw(targets))
		if err != nil {
			t.Fatal(err)
		}
		d := int32(rapid.IntRange(0, len(n.Devices)-1).Draw(t, "device"))
		port := int32(rapid.IntRange(0, int(n.Ports(d))-1).Draw(t, "port"))
		from := fault.TickOf(begin) + fault.Tick(rapid.Int64Range(0, int64(31*fault.Day)).Draw(t, "from"))
		long := fault.Tick(rapid.Int64Range(0, int64(3*fault.Day)).Draw(t, "long"))
		clock := n.Clock(from)
		var a, b nation.Reading
		a.Read(o, d, &clock)
		clock = n.Clock(from + long)
		b.Read(o, d, &clock)
		x, y := a.Counters(port), b.Counters(port)
		most := uint64(n.SpeedMbps(nation.Port{Device: d, Index: port})) * 1250 * uint64(long)
		for _, c := range [][2]uint64{{x.InOctets, y.InOctets}, {x.OutOctets, y.OutOctets}} {
			if c[1] < c[0] || c[1]-c[0] > most {
				t.Fatalf("%s port %d: %d then %d after %d ticks, at most %d more", n.Devices[d].Name, port, c[0], c[1], long, most)
			}
		}
	})
}

// The b end of a link counts in what the a end counts out, also through faults.
func TestBothEndsAgree(t *testing.T) {
	n := build(t, nil)
	begin := time.Date(2026, 10, 1, 0, 0, 0, 0, nation.Local)
	link, err := n.FindLink("ring-north-arm-1")
	if err != nil {
		t.Fatal(err)
	}
	l := n.Links[link]
	o := overlay(t, n,
		fault.Fault{Kind: fault.Congestion, Link: l.Name, From: fault.Time{Time: begin}, To: fault.Time{Time: begin.AddDate(0, 0, 9)}, Factor: 3, Drop: 0.01, Daily: &fault.Hours{From: 8, To: 20}},
		fault.Fault{Kind: fault.LinkDown, Link: l.Name, From: fault.Time{Time: begin.Add(36 * time.Hour)}, To: fault.Time{Time: begin.Add(40 * time.Hour)}})
	diff := func(p nation.Port, from, to fault.Tick) (in, out, dropped uint64) {
		x, y := read(t, n, o, p.Device, from).Counters(p.Index), read(t, n, o, p.Device, to).Counters(p.Index)
		return y.InOctets - x.InOctets, y.OutOctets - x.OutOctets, y.OutDiscards - x.OutDiscards
	}
	for hour := range 24 * 10 {
		from := fault.TickOf(begin) + fault.Tick(hour)*fault.Hour
		inA, outA, dropA := diff(l.A, from, from+fault.Hour)
		inB, outB, _ := diff(l.B, from, from+fault.Hour)
		if inA != outB || outA != inB {
			t.Fatalf("hour %d: a counts %d in, %d out; b %d in, %d out", hour, inA, outA, inB, outB)
		}
		down, busy := hour >= 36 && hour < 40, hour%24 >= 8 && hour%24 < 20 && hour < 9*24
		if (inA == 0) != down {
			t.Errorf("hour %d: %d octets, link down: %v", hour, inA, down)
		}
		if busy && !down && dropA < outA/800/200 {
			t.Errorf("hour %d: congested, %d octets, %d dropped", hour, outA, dropA)
		}
	}
}

// Between two instants a counter advances by the sum of what it advances between.
func TestTrafficAddsUp(t *testing.T) {
	n := build(t, nil)
	at := fault.TickOf(time.Date(2026, 10, 3, 7, 11, 13, 0, nation.Local))
	o := overlay(t, n)
	total := func(d int32, at fault.Tick) uint64 { return read(t, n, o, d, at).Counters(0).InOctets }
	for d := range int32(len(n.Devices)) {
		var sum uint64
		for i := range fault.Tick(50) {
			sum += total(d, at+(i+1)*7*fault.Minute) - total(d, at+i*7*fault.Minute)
		}
		if all := total(d, at+50*7*fault.Minute) - total(d, at); sum != all {
			t.Fatalf("device %d: parts %d, whole %d", d, sum, all)
		}
	}
}

func TestFaultsReachNeighbours(t *testing.T) {
	n := build(t, nil)
	agg, err := n.Find("ha-noi-agg-001")
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 10, 7, 10, 0, 0, 0, nation.Local)
	o := overlay(t, n, fault.Fault{Kind: fault.Reboot, Device: "ha-noi-agg-001", From: fault.Time{Time: from}, To: fault.Time{Time: from.Add(time.Minute)}})
	during, after := fault.TickOf(from)+30*fault.Second, fault.TickOf(from)+2*fault.Minute
	for i, d := range n.Devices {
		behind := int32(i) == agg || d.Parent == agg
		if got := read(t, n, o, int32(i), during).Answers(); got == behind {
			t.Errorf("%s answers: %v", d.Name, got)
		}
		if !read(t, n, o, int32(i), after).Answers() {
			t.Errorf("%s does not answer again", d.Name)
		}
	}
	if up := read(t, n, o, agg, after).Uptime(); up != uint32(fault.Minute) {
		t.Errorf("uptime %d after the reboot", up)
	}
	core := n.Devices[agg].Parent
	for i := range n.Ports(core) {
		if link := n.LinkOf(nation.Port{Device: core, Index: i}); link >= 0 && n.Links[link].A.Device == agg {
			if _, oper := read(t, n, o, core, during).Status(i); oper != nation.StatusDown {
				t.Error("the core's port to the dead router is up")
			}
			return
		}
	}
	t.Fatal("the router has no uplink")
}

func TestUnknownNamesAreErrors(t *testing.T) {
	n := build(t, nil)
	now := fault.Time{Time: time.Now()}
	for _, f := range []fault.Fault{
		{Kind: fault.Dead, Device: "nowhere", From: now}, {Kind: fault.LinkDown, Link: "nowhere", From: now},
		{Kind: fault.AgentStop, Agent: "nobody", From: now}, {Kind: fault.AdminDown, Device: "vn2-p-01", IfName: "none", From: now},
		{Kind: "earthquake", Device: "vn2-p-01", From: now},
	} {
		if _, err := n.Overlay([]fault.Fault{f}); err == nil {
			t.Errorf("%+v was accepted", f)
		}
	}
}

func TestInventory(t *testing.T) {
	n := build(t, func(c *nation.Config) {
		c.Agents = 2
		c.Windows = []nation.Window{{ID: "MW-1", Scope: "province:01", Start: c.Since, End: fault.Time{Time: c.Since.Add(time.Hour)}, Reason: "nâng cấp"}}
	})
	dir := t.TempDir()
	if err := n.WriteInventory(dir, 1161); err != nil {
		t.Fatal(err)
	}
	heads := map[string]string{
		"devices.csv":     "device,address,province,system,site,parent,vendor,role,subscribers,capacity_mbps,primary_method,agent,profile,valid_from,valid_to",
		"links.csv":       "link,a_device,a_ifname,b_device,b_ifname,class,capacity_mbps,valid_from,valid_to,a_members,min_links",
		"maintenance.csv": "id,scope,start,end,created_at,approved_by,approved_at,reason,freeze_override",
	}
	rows := map[string]int{"devices.csv": len(n.Devices), "links.csv": len(n.Links), "maintenance.csv": 1}
	for name, head := range heads {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := bytes.Cut(text, []byte("\n"))
		if string(first) != head {
			t.Errorf("%s begins %q", name, first)
		}
		all, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil || len(all) != rows[name]+1 {
			t.Errorf("%s: %d rows, want %d: %v", name, len(all)-1, rows[name], err)
		}
	}
}

// Every system with redundancy is there, and every member of it.
func TestComposites(t *testing.T) {
	n := build(t, nil)
	seen := map[string]bool{}
	for _, c := range n.Composites() {
		for _, m := range c.Members {
			kind, key, _ := strings.Cut(m, ":")
			var err error
			switch kind {
			case "link":
				_, err = n.FindLink(key)
			case "device":
				_, err = n.Find(key)
			default:
				if !seen[key] {
					t.Errorf("%s has the member %s, which does not stand before it", c.Name, m)
				}
			}
			if err != nil {
				t.Errorf("%s: %v", c.Name, err)
			}
		}
		seen[c.Name] = true
	}
	for _, name := range []string{"ring-north", "ring-central", "ring-south", "backbone-1", "backbone-2", "backbone", "vn2-core", "submarine"} {
		if !seen[name] {
			t.Errorf("there is no %s", name)
		}
	}
}

// Cells have names and objects of their own, and only base stations have any.
func TestCells(t *testing.T) {
	n := build(t, func(c *nation.Config) { c.Cells = 4 })
	names, objects := map[string]bool{}, map[string]bool{}
	for i, d := range n.Devices {
		cells := n.Cells(int32(i))
		if radio := d.Role == "enb" || d.Role == "gnb"; radio != (len(cells) == 4) {
			t.Fatalf("%s, a %s, has %d cells", d.Name, d.Role, len(cells))
		}
		for _, c := range cells {
			for _, o := range append(c.Objects, c.Name) {
				if names[c.Name] || objects[o] {
					t.Errorf("%s: %s comes twice", c.Name, o)
				}
				objects[o] = true
			}
			names[c.Name] = true
		}
	}
}

package alarm

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
)

// family is a gateway g with one device d behind it, and one behind that, e, which nobody polls.
func family() *network {
	always := model.Validity{To: model.Forever}
	return newNetwork(inventory.NewIndex(&model.Inventory{Devices: []model.Device{
		{Name: "d", Parent: "g", Validity: always}, {Name: "e", Parent: "d", Validity: always},
		{Name: "f", Parent: "e", Validity: always}, {Name: "g", Validity: always}}}), began, nil)
}

// What the polls of a device and of its gateway, a minute apart and the gateway's 20 s later, make of it.
// Without tells that the device has no alarm yet; a gateway that is ! was never polled.
func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		what, device, gateway, want string
	}{
		{"alone", "++--", "++++", "root"},
		{"with its gateway", "++--", "++--", "symptom"},
		{"its gateway is in doubt", "++--", "+++-", "waits"},
		{"its gateway's failure was chance", "++--", "++-+", "root"},
		{"its gateway was not polled since", "++--", "++", "waits"},
		{"its gateway is silent for long", "+     --", "+", "root"},
		{"its gateway was never polled", "++--", "", "root"},
		{"the gateway is back, the device was not polled since", "+----", "+--- ++", "waits"},
		{"the gateway is back, the device has a minute more", "+----", "+---+", "waits"},
		{"the gateway is back for longer", "+------", "+---++", "root"},
		{"the gateway fell long after it", "++------", "+++++---", "symptom"},
	} {
		n := family()
		n.learn(status("d", polled(began, c.device)), never)
		if c.gateway != "" {
			n.learn(status("g", polled(began+20, c.gateway)), never)
		}
		f := n.diagnose(func(thing) bool { return false })
		if len(f) == 0 || names[verdictOf(f, "d").verdict] != c.want {
			t.Errorf("%s: %+v, want %s", c.what, f, c.want)
		}
	}
}

var names = map[verdict]string{root: "root", symptom: "symptom", waits: "waits"}

func never(*model.Link) bool { return false }

func verdictOf(all []finding, name string) finding {
	for _, f := range all {
		if f.Name == name {
			return f
		}
	}
	return finding{}
}

// A device that was down and told long before its gateway fell keeps its alarm. What is behind it is
// still its own.
func TestWhoWasFirst(t *testing.T) {
	n := family()
	n.learn(status("g", polled(began+20, "++++++---")), never)
	n.learn(status("d", polled(began, "++-------")), never)
	n.learn(status("f", polled(began+5, "++-------")), never) // e between them was never polled
	all := n.diagnose(func(t thing) bool { return t.Name == "d" })
	if d := verdictOf(all, "d"); d.verdict != root {
		t.Errorf("d: %+v", d)
	}
	if f := verdictOf(all, "f"); f.verdict != symptom || f.root.Name != "d" {
		t.Errorf("f: %+v", f)
	}
}

// play holds rounds over one device's polls, one a minute, and lists what happens by minute.
func play(c Config, polls string) (out []string) {
	n, b := family(), newBook(c)
	for i := range polls {
		now := began + int64(i)*60
		if m := polled(began, polls[:i+1]); m.Seen() != 0 {
			n.learn(status("g", m), never)
		}
		r := round{book: b, net: n, now: time.Unix(now, 0)}
		r.run()
		for _, ev := range b.events {
			if ev.Kind != Counted {
				out = append(out, string(ev.Kind)+" "+time.Unix(now-began, 0).UTC().Format("04"))
			}
		}
		clear(b.drafts)
		b.events = nil
		b.forget(r.now)
	}
	return out
}

// The life of an alarm, by hold-downs and flapping.
func TestLife(t *testing.T) {
	quick, slow, nervous := config(), config(), config()
	slow.RaiseAfter, slow.ClearAfter = minutes(3), minutes(2)
	nervous.ClearAfter, nervous.FlapCount, nervous.FlapWindow, nervous.FlapQuiet = minutes(3), 3, minutes(20), minutes(5)
	for _, c := range []struct {
		what   string
		config Config
		polls  string
		want   []string
	}{
		{"two failures", quick, "++--++", []string{"raised 03", "cleared 04"}},
		{"one failure", quick, "++-+-+", nil},
		{"silence is no answer", quick, "+--     +", []string{"raised 02", "cleared 08"}},
		{"hold-down both ways", slow, "+-----+++", []string{"raised 04", "rose 06", "cleared 08"}},
		{"short, with hold-down", slow, "+---++++", nil},
		{"back before it is cleared", slow, "+------+--+++", []string{"raised 04", "rose 07", "fell 09", "rose 10", "cleared 12"}},
		{"flapping", nervous, "+--+--+--+++++++",
			[]string{"raised 02", "rose 03", "fell 05", "rose 06", "fell 08", "flapping 08", "rose 09", "cleared 14"}},
		{"flapping through several alarms", nervous, "+--++++--++++--+++++++",
			[]string{"raised 02", "rose 03", "cleared 06", "raised 08", "rose 09", "cleared 12", "raised 14", "rose 15", "cleared 20"}},
	} {
		if diff := cmp.Diff(c.want, play(c.config, c.polls)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.what, diff)
		}
	}
}

// links is a link l between a and b, and a device a2 that took a's place.
func linked() *network {
	always := model.Validity{To: model.Forever}
	return newNetwork(inventory.NewIndex(&model.Inventory{
		Devices: []model.Device{{Name: "a", Validity: always}, {Name: "b", Validity: always}},
		Links:   []model.Link{{Name: "l", A: model.Port{Device: "a", IfName: "1"}, B: model.Port{Device: "b", IfName: "1"}, Validity: always}},
	}), began, nil)
}

func port(device string, m kpi.Machine) partition.Status {
	return partition.Status{Entity: partition.Entity{Device: device, IfName: "1"}, Seen: m.Seen(), Machine: m}
}

// A notification is an alarm at once; when the device at the end turns out to be dead, it is the device's.
func TestLinks(t *testing.T) {
	n := linked()
	n.learn(status("a", polled(began, "++")), never)
	n.learn(status("b", polled(began, "++")), never)
	trap := kpi.Machine{}.Step(began+70, kpi.ObsDownNow, 0)
	n.learn(port("b", trap), never)
	judge := func() finding {
		all := n.diagnose(func(thing) bool { return false })
		return verdictOf(all, "l")
	}
	if f := judge(); f.verdict != root || f.since != began+70 {
		t.Errorf("after the trap: %+v", f)
	}
	n.learn(status("a", polled(began, "++-")), never)
	if f := judge(); f.verdict != waits {
		t.Errorf("a is in doubt: %+v", f)
	}
	n.learn(status("a", polled(began, "++--")), never)
	if f := judge(); f.verdict != symptom || f.root != (thing{DeviceDown, "a"}) {
		t.Errorf("a is dead: %+v", f)
	}
	n.learn(status("a", polled(began, "++--+")), never)
	if f := judge(); f.verdict != waits {
		t.Errorf("a is back, the port was not seen since: %+v", f)
	}
	n.learn(port("b", trap.Step(began+310, kpi.ObsDown, 60)), never)
	if f := judge(); f.verdict != root {
		t.Errorf("the port is down all the same: %+v", f)
	}
	n.learn(port("a", kpi.Machine{}.Step(began+311, kpi.ObsExcluded, 60)), never)
	if f := judge(); f.Name != "" {
		t.Errorf("a's port was shut down by intent: %+v", f)
	}
	n.learn(port("a", kpi.Machine{}.Step(began+371, kpi.ObsUp, 60)), never)
	if f := judge(); f.verdict != root {
		t.Errorf("opened again: %+v", f)
	}
	n.forget(0)
	if f := judge(); f.Name != "" || len(n.ports) > 0 {
		t.Errorf("forgotten: %+v", f)
	}
}

// What leaves the inventory, or service by intent, is cleared; what is merely silent is not.
func TestNotEverythingThatIsNotDownIsUp(t *testing.T) {
	n, b := linked(), newBook(config())
	n.learn(status("a", polled(began, "++--")), never)
	n.learn(port("b", kpi.Machine{}.Step(began, kpi.ObsDownNow, 60)), never)
	n.learn(status("b", polled(began, "++++")), never)
	look := func(what string, want ...string) {
		t.Helper()
		r := round{book: b, net: n, now: time.Unix(began+1000, 0)}
		r.run()
		var got []string
		for _, ev := range b.events {
			if ev.Kind != Counted {
				got = append(got, string(ev.Kind)+" "+ev.Alarm.Name+" "+ev.Alarm.Reason)
			}
		}
		clear(b.drafts)
		b.events = nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	look("a is dead, the link beneath it", "raised a ")
	n = newNetwork(n.inv, began, n)
	look("nothing is known")
	n.learn(status("a", polled(began, "++--+")), never)
	look("a is back", "cleared a up")
	n.learn(port("b", kpi.Machine{}.Step(began+1000, kpi.ObsDownNow, 60)), never)
	look("the link is down", "raised l ")
	n.learn(port("a", kpi.Machine{}.Step(began+1000, kpi.ObsExcluded, 60)), never)
	look("by intent", "cleared l excluded")
	n.learn(status("a", polled(began+600, "--")), never)
	look("a again", "raised a ")
	n = newNetwork(inventory.NewIndex(&model.Inventory{}), began, n)
	look("there is no a", "cleared a out_of_inventory")
}

// An agent that is lost is one alarm. Its devices are unknown, beneath it; what a living agent does not
// report is an alarm of its own.
func TestAgents(t *testing.T) {
	always := model.Validity{To: model.Forever}
	n := newNetwork(inventory.NewIndex(&model.Inventory{Devices: []model.Device{
		{Name: "a", Agent: "x", Province: "01", Validity: always}, {Name: "b", Agent: "x", Province: "48", Validity: always},
		{Name: "c", Agent: "y", Province: "01", Validity: always}}}), began, nil)
	b := newBook(config())
	n.owned[0] = true
	n.expect(began, 1)
	look := func(what string, after int64, want ...string) {
		t.Helper()
		n.clocks[0] = began + after
		n.listen(60)
		r := round{book: b, net: n, now: time.Unix(began+after, 0)}
		r.run()
		got := []string{}
		for _, ev := range b.events {
			if ev.Kind != Counted {
				got = append(got, string(ev.Kind)+" "+string(ev.Alarm.Cause)+" "+ev.Alarm.Name)
			}
		}
		clear(b.drafts)
		b.events = nil
		if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	hear := func(after int64, agents ...string) {
		for _, a := range agents {
			n.heard(partition.News{Agents: map[string]partition.Heartbeat{a: {At: began + after, Until: began + after + 150}}})
		}
	}
	poll := func(after int64, devices ...string) {
		for _, d := range devices {
			n.learn(status(d, kpi.Machine{}.Step(began+after, kpi.ObsUp, 60)), never)
		}
	}
	hear(0, "x")
	poll(0, "a", "b", "c")
	look("y was not heard yet", 100)
	hear(120, "x")
	look("nor is it now", 151, "raised agent_lost y")
	poll(160, "a")
	hear(180, "x")
	look("b is not reported", 220)
	hear(240, "x")
	look("for longer than may be", 250, "raised devices_silent x")
	if a := b.open[thing{DevicesSilent, "x"}]; a.Severity != Indeterminate || a.Beneath.Devices != 1 || a.Provinces[0] != "48" {
		t.Errorf("silent: %+v", *a)
	}
	look("now x is lost, too", 400, "raised agent_lost x", "suppressed devices_silent x")
	if a := b.open[thing{AgentLost, "x"}]; a.Beneath.Devices != 2 || len(a.Provinces) != 2 || a.Home() != "vn" {
		t.Errorf("lost: %+v", *a)
	}
	hear(410, "x", "y")
	poll(410, "a", "b", "c")
	look("all are back", 420, "cleared agent_lost y", "cleared devices_silent x", "cleared agent_lost x")
	if len(b.open) > 0 {
		t.Errorf("open: %v", b.open)
	}
}

// After a restart nothing is known of an agent that the inventory does not name, nor which devices were
// its: it is still lost, and what is silent is its.
func TestALostAgentOutlivesARestart(t *testing.T) {
	always := model.Validity{To: model.Forever}
	inv := inventory.NewIndex(&model.Inventory{Devices: []model.Device{{Name: "a", Validity: always}, {Name: "b", Validity: always}}})
	b := newBook(config())
	look := func(n *network, after int64) {
		n.owned[0], n.clocks[0] = true, began+after
		n.listen(60)
		r := round{book: b, net: n, now: time.Unix(began+after, 0)}
		r.run()
		clear(b.drafts)
	}
	learn := func(n *network, agent string) {
		for _, d := range []string{"a", "b"} {
			s := status(d, kpi.Machine{}.Step(began, kpi.ObsUp, 60))
			s.Agent = agent
			n.learn(s, never)
		}
	}
	n := newNetwork(inv, began, nil)
	learn(n, "x")
	n.heard(partition.News{Agents: map[string]partition.Heartbeat{"x": {At: began, Until: began + 150}}})
	look(n, 200)
	lost := b.open[thing{AgentLost, "x"}]
	if lost == nil || lost.Beneath.Devices != 2 || len(b.open) != 1 {
		t.Fatalf("%v", b.open)
	}
	n = newNetwork(inv, began, nil)
	look(n, 205)
	n.miss("x", lost.Since.Unix(), 1)
	learn(n, "")
	look(n, 210)
	if again := b.open[thing{AgentLost, "x"}]; again == nil || again.ID != lost.ID || again.Beneath.Devices != 2 || len(b.open) != 1 {
		t.Fatalf("after the restart: %v", b.open)
	}
	n.heard(partition.News{Agents: map[string]partition.Heartbeat{"x": {At: began + 220, Until: began + 370}}})
	look(n, 220)
	if len(b.open) != 1 || b.open[thing{DevicesSilent, unnamed}] == nil {
		t.Fatalf("x is back, its devices are not: %v", b.open)
	}
}

package alarm

import (
	"fmt"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
)

// country is n devices below one backbone node: cores, aggregation, access.
func country(n int) *inventory.Index {
	always := model.Validity{To: model.Forever}
	inv := &model.Inventory{}
	for i := range n {
		d := model.Device{Name: name(i), Province: "01", System: "man-e", PrimaryMethod: "snmp", Agent: "a1", Validity: always}
		if i > 0 {
			d.Parent = name((i - 1) / 20)
			inv.Links = append(inv.Links, model.Link{Name: "l-" + name(i), A: model.Port{Device: name(i), IfName: "up"},
				B: model.Port{Device: d.Parent, IfName: "to-" + name(i)}, Class: model.Transport, Validity: always})
		}
		inv.Devices = append(inv.Devices, d)
	}
	return inventory.NewIndex(inv)
}

// downed is a node of a country of n devices that has just failed, with all that is behind it.
func downed(n int) (*network, *book) {
	net := newNetwork(country(n), began, nil)
	for i := range n {
		net.learn(status(name(i), polled(began+int64(i%50), "++--")), never)
	}
	return net, newBook(config())
}

// One node fails under 20,000 dependants: how long it takes to judge them, and that it is one alarm.
func BenchmarkNodeUnder20000(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		net, book := downed(20_001)
		b.StartTimer()
		r := round{book: book, net: net, now: time.Unix(began+300, 0)}
		r.run()
		if a := book.open[thing{DeviceDown, name(0)}]; len(book.open) != 1 || a.Beneath.Devices != 20_000 {
			b.Fatalf("%d alarms", len(book.open))
		}
	}
}

// A round with 20,000 things that are down already.
func BenchmarkRoundWith20000Down(b *testing.B) {
	net, book := downed(20_001)
	for b.Loop() {
		r := round{book: book, net: net, now: time.Unix(began+300, 0)}
		r.run()
		clear(book.drafts)
		book.events = nil
	}
}

// What a second of the nation costs that is well: 83,000 devices, polled every minute.
func BenchmarkQuietSecond(b *testing.B) {
	const n = 83_000
	net, book := newNetwork(country(n), began, nil), newBook(config())
	net.agents["a1"] = partition.Heartbeat{At: began, Until: began + 1<<40}
	at := began
	for b.Loop() {
		for i := int(at) % 60; i < n; i += 60 {
			m := kpi.Machine{State: kpi.Up, Since: began, Until: at + 150, LastPoll: 60}
			net.learn(partition.Status{Entity: partition.Entity{Device: name(i), Method: "snmp"}, Seen: at, Machine: m}, never)
		}
		r := round{book: book, net: net, now: time.Unix(at, 0)}
		r.run()
		if at%5 == 0 {
			net.listen(60)
		}
		at++
	}
}

// A reload: the network of 83,000 devices is drawn anew.
func BenchmarkSurvey(b *testing.B) {
	inv := country(83_000)
	for b.Loop() {
		newNetwork(inv, began, nil)
	}
}

// One node with 20,000 devices behind it is one alarm from the first failed poll to the last, whatever
// second each of them is polled at, and none is left when it is back.
func TestOneNodeIsOneAlarm(t *testing.T) {
	const n = 20_001
	net, book := newNetwork(country(n), began, nil), newBook(config())
	machines := make([]kpi.Machine, n)
	now, raised := began, 0
	minute := func(up bool) {
		obs := kpi.ObsDown
		if up {
			obs = kpi.ObsUp
		}
		for s := range 60 {
			for i := s; i < n; i += 60 {
				at := now + int64(s)
				k := (i*7919 + 17) % n // the node somewhere in the middle of the minute
				machines[k] = machines[k].Step(at, obs, 60)
				net.learn(partition.Status{Entity: partition.Entity{Device: name(k), Method: "snmp"}, Seen: at, Machine: machines[k]}, never)
			}
			if s%10 != 9 {
				continue
			}
			r := round{book: book, net: net, now: time.Unix(now+int64(s), 0)}
			r.run()
			for _, ev := range book.events {
				if ev.Kind == Raised {
					raised++
				}
			}
			clear(book.drafts)
			book.events = nil
		}
		now += 60
	}
	for _, up := range []bool{true, true, false, false, false} {
		minute(up)
	}
	if a := book.open[thing{DeviceDown, name(0)}]; raised != 1 || a == nil || a.Beneath.Devices != n-1 || a.Severity != Critical {
		t.Fatalf("%d raised: %v", raised, fmt.Sprint(a))
	}
	minute(true)
	minute(true)
	if len(book.open) > 0 || raised != 1 {
		t.Errorf("%d open, %d raised", len(book.open), raised)
	}
}

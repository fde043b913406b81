package alarm

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
)

var fan = partition.Part{Device: "d00001", Sensor: "fan", Object: "Fan tray 2"}

// Whatever the order in which the messages about a part come, and however often, the last one by its own time counts.
func TestPartsAreOfTheLastMessage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := newWorld([]int{-1, 0}, 1).net
		var last partition.PartStatus
		for range rapid.IntRange(1, 12).Draw(t, "messages") {
			s := partition.PartStatus{OK: rapid.Bool().Draw(t, "ok"), Seen: (began + rapid.Int64Range(0, 5).Draw(t, "second")) * 1e9}
			n.learnPart(fan, s)
			if s.Seen > last.Seen || s.Seen == last.Seen && !s.OK {
				last = s
			}
		}
		if p := n.parts[partName(fan)]; p.PartStatus != last {
			t.Fatalf("%+v, want %+v", p, last)
		}
	})
}

// The alarm of a part is beneath its device's while that is down, and comes forth again; planned work on the device mutes it;
// when the device is out of the inventory it is over, and when nothing is heard of it for long.
func TestPartAndItsDevice(t *testing.T) {
	w := newWorld([]int{-1, 0}, 1)
	w.pass(7)
	w.net.learnPart(fan, partition.PartStatus{Seen: w.now * 1e9})
	w.pass(1)
	a := w.only(t, partName(fan))
	if a.Kind != Part || a.Of != "d00001" || a.Severity != Minor || a.EventType != "equipmentAlarm" || a.Provinces[0] != "01" {
		t.Errorf("%+v", a)
	}
	w.dead[1] = true
	w.pass(7)
	w.only(t, "d00001")
	if b := w.book.find(a.ID); b.State != Suppressed {
		t.Errorf("%+v", b)
	}
	w.dead[1] = false
	w.pass(7)
	if b := w.only(t, partName(fan)); b.ID != a.ID {
		t.Errorf("%+v", b)
	}
	w.inv.Windows = []model.Window{{ID: "W1", Kind: model.ScopeDevice, Key: "d00001", Start: began, End: began + 1e6, ApprovedAt: began - 1}}
	w.net.inv = w.inv.WithWindows(w.inv.Windows)
	if id := w.net.window(thing{PartFailed, partName(fan)}, w.now); id != "W1" {
		t.Errorf("window %q", id)
	}
	w.net.age(w.now+7200, 3600, func(string) bool { return true })
	w.pass(1)
	if len(w.book.open) > 0 {
		t.Errorf("still open: %v", w.book.open)
	}
	w.net.learnPart(partition.Part{Device: "elsewhere"}, partition.PartStatus{Seen: w.now * 1e9})
	w.pass(1)
	if len(w.book.open) > 0 {
		t.Errorf("of a device that is not in the inventory: %v", w.book.open)
	}
}

// Parts that are well make room, those that are not do not, and what is well is forgotten after a while.
func TestPartsAreBounded(t *testing.T) {
	n := newWorld([]int{-1, 0}, 1).net
	of := func(i int, ok bool) bool {
		return n.learnPart(partition.Part{Device: "d00001", Object: time.Duration(i).String()}, partition.PartStatus{OK: ok, Seen: began * 1e9})
	}
	for i := range maxParts {
		of(i, i%2 == 0)
	}
	if !of(maxParts, false) || len(n.parts) != maxParts/2+1 {
		t.Errorf("%d parts", len(n.parts))
	}
	for i := range maxParts / 2 {
		of(2*maxParts+i, false)
	}
	if of(9*maxParts, false) || len(n.parts) != maxParts {
		t.Errorf("%d parts", len(n.parts))
	}
	clear(n.parts)
	of(1, true)
	n.age(began+remember-1, 0, func(string) bool { return false })
	if len(n.parts) != 1 {
		t.Error("forgotten early")
	}
	n.age(began+remember+1, 0, func(string) bool { return false })
	if len(n.parts) != 0 {
		t.Error("never forgotten")
	}
}

package alarm_test

import (
	"fmt"
	"testing"

	"github.com/haidang-noc/haidang/collector/alarm"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition/partitiontest"
)

// A ring over a port and a device, through real partitions: the trap of one arm is one alarm, which a kill does
// not change, the other arm makes worse, and the links that come back clear, although nobody asks for ports that are up.
func TestComposite(t *testing.T) {
	r := newRig(t)
	base := func(inv *partitiontest.Inventory) {
		inv.Composites = []model.Composite{{Name: "ring", System: "ring-north", Rule: model.Ring, Validity: model.Validity{To: model.Forever}, Members: []model.CompositeMember{
			{Scope: model.Scope{Kind: model.ScopeLink, Key: "l1"}}, {Scope: model.Scope{Kind: model.ScopeDevice, Key: "r3"}}}}}
	}
	r.Reload(base)
	r.start()
	defer func() { r.stop() }()
	r.poll(300, true, "r1", "r2", "r3")
	trap := func(up bool, ago int64) {
		r.Send(0, "", []string{fmt.Sprintf("state,agent=a1,device=r1,ifname=ge0,source=trap up=%t %d000000000", up, r.Now.Unix()-ago)})
	}
	trap(false, 290)
	r.open("redundancy_lost ring")
	first := r.only()
	if first.Protection != "unprotected" || first.Severity != alarm.Major || len(first.Provinces) != 0 {
		t.Errorf("%+v", first)
	}
	r.Settle()
	r.crash()
	r.start()
	r.poll(240, false, "r3")
	r.poll(180, false, "r3")
	r.Until(func() bool { return len(r.List(alarm.Filter{Severity: []alarm.Severity{alarm.Critical}})) == 1 })
	if a := r.only(); a.ID != first.ID || a.Protection != "down" {
		t.Errorf("%+v", a)
	}
	d, err := r.Get(t.Context(), first.ID)
	r.Must(err)
	if len(d.Dependants) != 2 || d.Dependants[0].Name != "l1" || d.Dependants[1].Name != "r3" {
		t.Errorf("%+v", d.Dependants)
	}
	trap(true, 100)
	r.Until(func() bool { return len(r.List(alarm.Filter{Severity: []alarm.Severity{alarm.Major}})) == 1 })
	r.poll(90, true, "r3")
	r.open()
	trap(false, 60)
	r.open("redundancy_lost ring")
	r.Reload(func(*partitiontest.Inventory) {})
	r.open("link_down l1")
}

// A message about a part is an alarm, told once, kept over a kill, cleared by the message that it is well; what is polled is no
// message.
func TestPart(t *testing.T) {
	r := newRig(t)
	r.start()
	defer func() { r.stop() }()
	r.poll(300, true, "r1", "r2", "r3")
	say := func(ok bool, ago int64, more string) {
		r.Send(0, "", []string{fmt.Sprintf(`sensor,agent=a1,device=r1,object=PSU\ 1,sensor=power ok=%t%s %d000000000`, ok, more, r.Now.Unix()-ago)})
	}
	say(false, 290, ",interval_s=300i")
	say(false, 280, "")
	r.open("part_failed r1/power/PSU 1")
	first := r.only()
	if first.Of != "r1" || first.Since.Unix() != r.Now.Unix()-280 {
		t.Errorf("%+v", first)
	}
	r.Settle()
	r.crash()
	r.start()
	r.open("part_failed r1/power/PSU 1")
	say(true, 285, "") // from before it failed
	say(false, 270, "")
	r.Settle()
	if a := r.only(); a.ID != first.ID || a.Occurrences != 1 {
		t.Errorf("%+v", a)
	}
	say(true, 200, "")
	r.open()
}

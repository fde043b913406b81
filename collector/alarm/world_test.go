package alarm

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/internal/conf"
)

// began is when every world begins.
const began = int64(1_790_000_000)

// world is a tree of devices that are polled, each in an interval and at a second of its own, and a link
// from each to its gateway. A device that is dead, or behind one that is, does not answer.
type world struct {
	parents []int
	every   []int64
	phase   []int64
	dead    map[int]bool
	cut     map[int]bool // links, by their lower end

	now      int64
	inv      *inventory.Index
	machines map[partition.Entity]*partition.Status
	stale    []partition.Status // told again at any time
	rows     map[int64]store.Alarm
	chance   *rand.Rand

	net      *network
	book     *book
	events   []Event
	findings []finding
}

func name(i int) string { return fmt.Sprintf("d%05d", i) }

// newWorld makes the tree; parents[i] < i, -1 for none.
func newWorld(parents []int, seed uint64, composites ...model.Composite) *world {
	w := &world{parents: parents, dead: map[int]bool{}, cut: map[int]bool{}, now: began, machines: map[partition.Entity]*partition.Status{},
		rows: map[int64]store.Alarm{}, chance: rand.New(rand.NewPCG(seed, 1))}
	always := model.Validity{To: model.Forever}
	inv := &model.Inventory{Composites: composites}
	for i, p := range parents {
		d := model.Device{Name: name(i), Province: "01", System: "man-e", PrimaryMethod: "snmp", Agent: "a1", Validity: always}
		if p >= 0 {
			d.Parent = name(p)
			inv.Links = append(inv.Links, model.Link{Name: "l-" + name(i), A: model.Port{Device: name(i), IfName: "up"},
				B: model.Port{Device: name(p), IfName: "to-" + name(i)}, Class: model.Transport, Validity: always})
		}
		inv.Devices = append(inv.Devices, d)
		w.every = append(w.every, []int64{30, 60, 60, 60, 120}[w.chance.IntN(5)])
		w.phase = append(w.phase, w.chance.Int64N(w.every[i]))
	}
	w.inv = inventory.NewIndex(inv)
	w.restart()
	return w
}

// config believes at once and clears at once.
func config() Config {
	c := DefaultConfig()
	c.ClearAfter, c.FlapCount = 0, maxFalls
	return c
}

// restart begins anew with what the store has and what the partitions know.
func (w *world) restart() {
	w.net = newNetwork(w.inv, w.now, nil)
	w.net.owned[0] = true
	w.book = newBook(config())
	for _, id := range slices.Sorted(maps.Keys(w.rows)) {
		if err := w.book.read(w.rows[id]); err != nil {
			panic(err)
		}
		w.book.lastID = max(w.book.lastID, id)
	}
	for _, s := range w.machines {
		w.net.learn(*s, w.wanted)
	}
}

func (w *world) wanted(l *model.Link) bool { return w.book.open[thing{LinkDown, l.Name}] != nil }

// reachable says whether the device answers.
func (w *world) reachable(i int) bool {
	for ; i >= 0; i = w.parents[i] {
		if w.dead[i] {
			return false
		}
	}
	return true
}

// second polls whatever is due, and judges. What is told comes in any order, and old news again.
func (w *world) second() {
	var told []partition.Status
	for i := range w.parents {
		if (w.now-began)%w.every[i] != w.phase[i] {
			continue
		}
		up := w.reachable(i)
		told = append(told, w.observe(partition.Entity{Device: name(i), Method: "snmp"}, i, up))
		if !up {
			continue
		}
		if w.parents[i] >= 0 {
			told = append(told, w.observe(partition.Entity{Device: name(i), IfName: "up"}, i, !w.cut[i] && !w.dead[w.parents[i]]))
		}
		for c, p := range w.parents {
			if p == i {
				told = append(told, w.observe(partition.Entity{Device: name(i), IfName: "to-" + name(c)}, i, !w.cut[c] && !w.dead[c]))
			}
		}
	}
	if len(w.stale) > 0 && w.chance.IntN(4) == 0 {
		old := w.stale[w.chance.IntN(len(w.stale))]
		if old.IfName == "" || w.net.ports[portBy{Port: model.Port{Device: old.Device, IfName: old.IfName}}] != nil {
			told = append(told, old)
		}
	}
	w.chance.Shuffle(len(told), func(i, j int) { told[i], told[j] = told[j], told[i] })
	for _, s := range told {
		w.net.learn(s, w.wanted)
	}
	if len(told) > 0 {
		w.judge(w.chance.IntN(8) > 0)
	}
	w.now++
}

// judge is a round; without saving it is one that crashed before the store had it.
func (w *world) judge(save bool) []finding {
	r := round{book: w.book, net: w.net, now: time.Unix(w.now, 0)}
	findings := r.run()
	w.events = append(w.events, w.book.events...)
	for id, a := range w.book.unsaved {
		row, err := encode(a)
		if err != nil {
			panic(err)
		}
		if save {
			w.rows[id] = row
		}
	}
	if save {
		clear(w.book.unsaved)
	}
	clear(w.book.drafts)
	w.book.events = nil
	return findings
}

func (w *world) observe(e partition.Entity, by int, up bool) partition.Status {
	s := w.machines[e]
	if s == nil {
		s = &partition.Status{Entity: e}
		w.machines[e] = s
	}
	obs := kpi.ObsDown
	if up {
		obs = kpi.ObsUp
	}
	s.Machine, s.Seen = s.Step(w.now, obs, w.every[by]), w.now
	w.stale = append(w.stale, *s)
	return *s
}

// pass lets minutes go by.
func (w *world) pass(minutes int) {
	for range minutes * 60 {
		w.second()
	}
}

// roots are the names of the alarms that are told.
func (w *world) roots() []string {
	out := []string{}
	for t := range w.book.open {
		if w.book.told(t) {
			out = append(out, t.Name)
		}
	}
	slices.Sort(out)
	return out
}

// status is a device's latest word, for tests of single rules.
func status(device string, m kpi.Machine) partition.Status {
	return partition.Status{Entity: partition.Entity{Device: device, Method: "snmp"}, Seen: m.Seen(), Machine: m}
}

// polled is a machine after polls a minute apart, + for an answer, - for none, beginning at from.
func polled(from int64, polls string) (m kpi.Machine) {
	for i, p := range polls {
		switch p {
		case '+':
			m = m.Step(from+int64(i)*60, kpi.ObsUp, 60)
		case '-':
			m = m.Step(from+int64(i)*60, kpi.ObsDown, 60)
		}
	}
	return m
}

func minutes(n int) conf.Duration { return conf.Duration(time.Duration(n) * time.Minute) }

func TestAQuietWorld(t *testing.T) {
	w := newWorld([]int{-1, 0, 1}, 1)
	w.pass(5)
	if len(w.events) > 0 {
		t.Errorf("%+v", w.events)
	}
}

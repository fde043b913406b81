package alarm

import (
	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
)

// network is what is known now: the inventory as it holds at one instant, and the latest word of
// everything in it. Things outside of the inventory are left out: nobody could say where they are.
type network struct {
	inv     *inventory.Index
	at      int64 // the instant of the inventory's rows
	until   int64 // when one of its rows begins or ends next
	devices []device
	byName  map[string]int32
	ports   map[portBy]*word     // those that are down, or were since somebody asked
	broken  map[*model.Link]bool // links with a port that is down
	down    map[int32]bool       // devices that are

	members  members
	composed map[string]*composed // by the latest diagnosis

	parts  map[string]*part // by the names of their alarms
	agents map[string]partition.Heartbeat
	clocks map[int]int64      // by partition: everything before is applied
	owned  map[int]bool       // partitions that are followed
	silent map[string][]int32 // by agent: devices that it does not report
	shares map[string]int     // by agent: how many devices it should report
}

// device is one row of the inventory.
type device struct {
	row     *model.Device
	parent  int32 // its gateway, or -1
	beneath int32 // devices whose gateway it is, or that of one of their gateways
	word
}

// word is the latest that is known of a device or port. Its state is kept when the hold ends: who was
// down stays down until it is seen up.
type word struct {
	seen    int64 // 0: never
	where   int   // its partition
	applied int64 // when the collector took it in, Unix nanoseconds; 0: before somebody looked
	agent   string
	kpi.Machine
}

// maxAgents bounds how many agents are followed; only an administrator may write in other names.
const maxAgents = 10_000

// maxDepth cuts chains of gateways that the inventory's checks should not have let in.
const maxDepth = 64

// newNetwork takes the inventory as it holds at an instant, and from before what it knows of the agents.
func newNetwork(inv *inventory.Index, at int64, before *network) *network {
	n := &network{inv: inv, at: at, until: model.Forever, byName: map[string]int32{}, ports: map[portBy]*word{},
		broken: map[*model.Link]bool{}, down: map[int32]bool{}, agents: map[string]partition.Heartbeat{}, parts: map[string]*part{},
		clocks: map[int]int64{}, owned: map[int]bool{}}
	if before != nil {
		n.agents, n.clocks, n.owned, n.parts = before.agents, before.clocks, before.owned, before.parts
	}
	for i := range inv.Devices {
		if row := &inv.Devices[i]; n.holds(row.Validity) {
			n.byName[row.Name] = int32(len(n.devices))
			n.devices = append(n.devices, device{row: row, parent: -1})
		}
	}
	for i := range inv.Links {
		n.holds(inv.Links[i].Validity)
	}
	n.connect()
	n.members = n.assemble()
	return n
}

// members are the composites that hold now, in the order of their file, and the links in them: of those it
// has to be known that they are up.
type members struct {
	rows  []*model.Composite
	links map[*model.Link]bool
}

func (n *network) assemble() members {
	m := members{links: map[*model.Link]bool{}}
	for i := range n.inv.Composites {
		row := &n.inv.Composites[i]
		if !n.holds(row.Validity) {
			continue
		}
		m.rows = append(m.rows, row)
		for _, part := range row.Members {
			if part.Kind != model.ScopeLink {
				continue
			}
			if l := n.linkNamed(part.Key); l != nil {
				m.links[l] = true
			}
		}
	}
	return m
}

// holds says whether a row holds, and notes when that changes.
func (n *network) holds(v model.Validity) bool {
	for _, edge := range [...]int64{v.From, v.To} {
		if edge > n.at {
			n.until = min(n.until, edge)
		}
	}
	return v.Covers(n.at)
}

func (n *network) connect() {
	for i := range n.devices {
		if p, ok := n.byName[n.devices[i].row.Parent]; ok {
			n.devices[i].parent = p
		}
	}
	for i := range n.devices {
		depth := 0
		for p := n.devices[i].parent; p >= 0; p = n.devices[p].parent {
			if depth++; depth > maxDepth {
				n.devices[i].parent = -1
				break
			}
			n.devices[p].beneath++
		}
	}
}

// portBy is a port as it was polled (method ""), or as whom it serves tells of it.
type portBy struct {
	model.Port
	method string
}

// learn takes the latest status of a device or port. An older one than is known changes nothing.
func (n *network) learn(s partition.Status, wanted func(*model.Link) bool) {
	w := word{seen: s.Seen, where: s.Partition, applied: s.Applied.UnixNano(), agent: s.Agent, Machine: s.Machine}
	if s.Applied.IsZero() {
		w.applied = 0
	}
	if s.IfName == "" {
		n.learnDevice(s, w)
		return
	}
	p := model.Port{Device: s.Device, IfName: s.IfName}
	link := n.inv.Link(p, n.at)
	if link == nil {
		return
	}
	known := n.ports[portBy{p, s.Method}]
	switch {
	case known == nil && s.State == kpi.Up && !n.broken[link] && !n.members.links[link] && !wanted(link):
		return
	case known == nil:
		n.ports[portBy{p, s.Method}] = &w
	case known.seen <= s.Seen:
		*known = w
	}
	n.judgeLink(link)
}

func (n *network) learnDevice(s partition.Status, w word) {
	i, ok := n.byName[s.Device]
	if !ok {
		return
	}
	d := &n.devices[i]
	if decides := d.row.PrimaryMethod; decides != "" && s.Method != decides || s.Seen < d.seen {
		return
	}
	if w.agent == "" {
		w.agent = d.agent
	}
	d.word = w
	if w.State == kpi.Down {
		n.down[i] = true
	} else {
		delete(n.down, i)
	}
}

// judgeLink notes whether the link is down: one of its ends is, and none is out of service by intent.
func (n *network) judgeLink(link *model.Link) {
	state, _ := n.linkWord(link)
	if state == kpi.Down {
		n.broken[link] = true
	} else {
		delete(n.broken, link)
	}
}

// linkWord is the state of a link by the last words of its ends, as in the KPIs: excluded if one is, else
// down if one is, else up if one is. Of a link that is down, the word is since the first failure.
func (n *network) linkWord(link *model.Link) (state kpi.State, w word) {
	state = kpi.Unknown
	for _, by := range [...]portBy{{link.A, ""}, {link.A, kpi.MethodService}, {link.B, ""}, {link.B, kpi.MethodService}} {
		end := n.ports[by]
		if end == nil || end.seen == 0 {
			continue
		}
		switch {
		case rankOf(end.State) > rankOf(state):
			state, w = end.State, *end
		case end.State == state && state == kpi.Down:
			w.Since, w.seen, w.applied = min(w.Since, end.Since), max(w.seen, end.seen), min(w.applied, end.applied)
		case end.State == state:
			w.Since = max(w.Since, end.Since)
		}
	}
	return state, w
}

// forget drops what is known of a partition's ports: its owner is about to tell all those that are not up.
func (n *network) forget(partition int) {
	for p, w := range n.ports {
		if w.where != partition {
			continue
		}
		delete(n.ports, p)
		if link := n.inv.Link(p.Port, n.at); link != nil {
			n.judgeLink(link)
		}
	}
}

// rankOf says which of two ends' states is the link's.
func rankOf(s kpi.State) int {
	switch s {
	case kpi.Excluded:
		return 3
	case kpi.Down:
		return 2
	case kpi.Up:
		return 1
	case kpi.Unknown, kpi.Maint:
	}
	return 0
}

// find finds a device of the present inventory, or nil.
func (n *network) find(name string) *device {
	if i, ok := n.byName[name]; ok {
		return &n.devices[i]
	}
	return nil
}

// heard takes heartbeats, clocks and changes of ownership.
func (n *network) heard(news partition.News) {
	for name, beat := range news.Agents {
		known, ok := n.agents[name]
		if beat.At > known.At && (ok || len(n.agents) < maxAgents) {
			beat.Until = max(beat.Until, known.Until)
			n.agents[name] = beat
		}
	}
	for p, clock := range news.Clocks {
		n.clocks[p] = max(n.clocks[p], clock)
	}
}

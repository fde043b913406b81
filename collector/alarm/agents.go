package alarm

import (
	"slices"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/partition"
)

// unnamed stands for the agents of devices for which no agent is known.
const unnamed = "*"

// grace is how long after the collector looks at a partition first an agent has to be heard: it may
// hold minutes of points in its spool, and sends the oldest first. Two and a half heartbeats.
const grace = 150

// diagnoseAgents finds agents that are not heard, and devices that the others do not report.
func (n *network) diagnoseAgents() []finding {
	lost := n.lostAgents()
	out := make([]finding, 0, len(lost)+len(n.silent))
	for name, since := range lost {
		out = append(out, finding{thing: thing{AgentLost, name}, verdict: root, since: since})
	}
	for name, devices := range n.silent {
		f := finding{thing: thing{DevicesSilent, name}, verdict: root, since: n.quietSince(devices)}
		out = append(out, f.under(lost))
	}
	return out
}

// under puts silent devices beneath their lost agent. Those whose agent is not known are the lost one's,
// if there is only one, and may be if there are several.
func (f finding) under(lost map[string]int64) finding {
	if _, gone := lost[f.Name]; gone {
		f.verdict, f.root = symptom, thing{AgentLost, f.Name}
		return f
	}
	if f.Name != unnamed || len(lost) == 0 {
		return f
	}
	f.verdict = waits
	if len(lost) == 1 {
		for name := range lost {
			f.verdict, f.root = symptom, thing{AgentLost, name}
		}
	}
	return f
}

// lostAgents are those whose hold ended before the monitor's own latest point in their partition, by the
// time it ended. An agent that no device depends on is not missed.
func (n *network) lostAgents() map[string]int64 {
	lost := map[string]int64{}
	for name, beat := range n.agents {
		if clock := n.clocks[beat.Partition]; n.concerns(name) && n.owned[beat.Partition] && clock > beat.Until {
			lost[name] = beat.Until
		}
	}
	return lost
}

// concerns says whether a device depends on the agent, as far as that is known.
func (n *network) concerns(agent string) bool { return n.shares[agent] > 0 || n.shares[unnamed] > 0 }

// miss notes an agent that was lost before this process began.
func (n *network) miss(agent string, since int64, partitions int) {
	if _, known := n.agents[agent]; !known {
		n.agents[agent] = partition.Heartbeat{Until: since, Partition: partition.Of(agent, partitions)}
	}
}

// expect notes the agents that the inventory names: one that is never heard is lost after a while.
func (n *network) expect(now int64, partitions int) {
	for i := range n.devices {
		name := n.devices[i].row.Agent
		if _, known := n.agents[name]; !known && name != "" {
			n.agents[name] = partition.Heartbeat{Until: now + grace, Partition: partition.Of(name, partitions)}
		}
	}
}

// listen finds the devices whose hold ended before their agent spoke last: it lives, and does not
// report them; those of a lost agent have no time more. A device without a named agent is held against its own partition's clock.
func (n *network) listen(after int64) {
	n.silent, n.shares = map[string][]int32{}, map[string]int{}
	for i := range n.devices {
		n.shares[n.agentOf(&n.devices[i])]++
	}
	lost := n.lostAgents()
	newest := int64(0)
	for _, beat := range n.agents {
		newest = max(newest, beat.At)
	}
	for _, clock := range n.clocks {
		newest = max(newest, clock)
	}
	for i := range n.devices {
		d := &n.devices[i]
		if d.seen == 0 || d.State == kpi.Down || d.Until >= newest {
			continue
		}
		agent, t := n.agentOf(d), d.Until
		if _, gone := lost[agent]; !gone {
			t += after
		}
		if n.missed(agent, t) {
			n.silent[agent] = append(n.silent[agent], int32(i))
		}
	}
}

// missed says whether the agent, or any if it is not named, would have reported something by t.
func (n *network) missed(agent string, t int64) bool {
	if agent != unnamed {
		beat := n.agents[agent]
		return beat.At > t || n.owned[beat.Partition] && n.clocks[beat.Partition] > max(beat.Until, t)
	}
	for p, clock := range n.clocks {
		if !n.owned[p] || clock < t {
			return false
		}
	}
	return len(n.clocks) > 0
}

// agentOf is the agent that should report the device: the one that the inventory names, else the one
// that reported it last.
func (n *network) agentOf(d *device) string {
	switch {
	case d.row.Agent != "":
		return d.row.Agent
	case d.agent != "":
		return d.agent
	}
	return unnamed
}

func (n *network) quietSince(devices []int32) int64 {
	since := n.devices[devices[0]].Until
	for _, i := range devices {
		since = min(since, n.devices[i].Until)
	}
	return since
}

// provincesOf are the provinces of some devices, sorted, each once.
func (n *network) provincesOf(devices []int32) []string {
	seen := map[string]bool{}
	out := []string{}
	for _, i := range devices {
		if p := n.devices[i].row.Province; p != "" && !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}

// devicesOf are the devices that an agent should report.
func (n *network) devicesOf(agent string) (out []int32) {
	for i := range n.devices {
		if n.agentOf(&n.devices[i]) == agent {
			out = append(out, int32(i))
		}
	}
	return out
}

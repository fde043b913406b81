package partition

import "hash/fnv"

// WatchdogAgent is the agent name of the synthetic points that prove the way through the collector.
const WatchdogAgent = "_watchdog"

// maxAgents bounds how many heartbeats are shown; only an administrator may write in other names.
const maxAgents = 10_000

// Of is the partition that takes the batches of a sender.
func Of(sender string, partitions int) int {
	h := fnv.New32a()
	h.Write([]byte(sender))
	return int(h.Sum32() % uint32(partitions))
}

// expectAgents shows every agent that the inventory names as never heard of, until it is: one that died
// before this process began would otherwise be missing, not late.
func (o *owner) expectAgents() {
	last := ""
	for i := range o.inv.Devices {
		if name := o.inv.Devices[i].Agent; name != "" && name != last {
			last = name
			if _, heard := o.agents[name]; !heard && Of(name, o.Store.Partitions()) == o.ID {
				o.heartbeat(name, 0)
			}
		}
	}
}

// heartbeat notes the latest time at which an agent said that it lives, by its own clock, but not a
// time that has yet to come.
func (o *owner) heartbeat(agent string, ns int64) {
	known, heard := o.agents[agent]
	if !heard && len(o.agents) >= maxAgents {
		return
	}
	latest := max(known, min(ns, o.Now().UnixNano()))
	o.agents[agent] = latest
	o.m.agentSeen.WithLabelValues(agent).Set(float64(latest) / 1e9)
}

// disown takes back what is shown of a partition that is no longer ours.
func (o *owner) disown() {
	o.m.owned.Set(0)
	o.owned(false)
	o.m.unknown.Set(0)
	o.m.days.Set(0)
	for agent := range o.agents {
		o.m.agentSeen.DeleteLabelValues(agent)
	}
}

package partition

import (
	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/internal/point"
)

// use says what a series' points are for.
type use uint8

const (
	useNone      use = iota // known or foreign measurement that no KPI reads
	useReach                // reach: a device answered, or not
	usePort                 // interface: state and counters of a link's end
	useEvent                // state: a notification
	useSystem               // system: the uptime that shows restarts
	useHeartbeat            // agent
	useWatchdog             // the monitor's own synthetic point
	useElsewhere            // the device belongs to another partition
	useTooMany              // one more device that no inventory row names than may be kept
)

// route is what was made of a raw key once, so that a steady-state line costs one map look-up.
type route struct {
	use     use
	entity  uint32
	down    kpi.Obs // useReach, useEvent: what up=false means
	home    int     // useElsewhere: the partition
	measure bool    // usePort: the port is the end at which its link's traffic is measured
	agent   string
}

// WatchdogAgent is the agent name of the synthetic points that prove the way through the collector.
const WatchdogAgent = "_watchdog"

// route decides what a series is for. home is the partition of its device.
func (o *owner) route(series point.Series, home, here int, inv *inventory.Index) route {
	device, ifname := series.Tag("device"), series.Tag("ifname")
	switch {
	case series.Measurement == "agent" && series.Tag("agent") == WatchdogAgent:
		return route{use: useWatchdog}
	case series.Measurement == "agent":
		return route{use: useHeartbeat, agent: series.Tag("agent")}
	case !needsHome(series):
		return route{}
	case home != here:
		return route{use: useElsewhere, home: home}
	case !o.known(device, inv):
		return route{use: useTooMany}
	}
	switch series.Measurement {
	case "reach":
		return route{use: useReach, down: kpi.ObsDown, entity: o.entity(entityKey{device: device, method: series.Tag("method")})}
	case "system":
		return route{use: useSystem, entity: o.entity(entityKey{device: device, method: "snmp"})}
	case "interface":
		return o.port(usePort, model.Port{Device: device, IfName: ifname}, inv)
	}
	if ifname == "" { // state of the device itself goes with the method that decides
		return route{use: useEvent, down: kpi.ObsDownNow, entity: o.entity(entityKey{device: device, method: primary(inv, device)})}
	}
	return o.port(useEvent, model.Port{Device: device, IfName: ifname}, inv)
}

// known says whether the device may be kept: it is in the inventory, or there is room for a stranger.
func (o *owner) known(device string, inv *inventory.Index) bool {
	if len(inv.DeviceRows(device)) > 0 || o.strangers[device] {
		return true
	}
	if len(o.strangers) >= o.MaxUnknown {
		return false
	}
	o.strangers[device] = true
	o.m.unknown.Set(float64(len(o.strangers)))
	return true
}

// port routes to a port only if a link ends there: all other interfaces have no KPI.
func (s *state) port(u use, p model.Port, inv *inventory.Index) route {
	ends, measure := false, false
	for l := range inv.LinksAt(p) {
		ends = true
		measure = measure || l.A == p
	}
	if !ends {
		return route{}
	}
	return route{use: u, down: kpi.ObsDownNow, entity: s.entity(entityKey{device: p.Device, ifname: p.IfName}), measure: measure}
}

// primary is the reach method that a notification about the device itself goes with.
func primary(inv *inventory.Index, device string) string {
	for _, d := range inv.DeviceRows(device) {
		if d.PrimaryMethod != "" {
			return d.PrimaryMethod
		}
	}
	return "snmp"
}

// needsHome says whether the series' device must have a partition before it can be routed.
func needsHome(series point.Series) bool {
	switch series.Measurement {
	case "reach", "system", "interface", "state":
		return series.Tag("device") != ""
	}
	return false
}

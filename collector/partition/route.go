package partition

import (
	"strings"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/internal/point"
)

// use says what a series' points are for.
type use uint8

const (
	useNone           use = iota // known or foreign measurement that no KPI reads
	useReach                     // reach: a device answered, or not
	usePort                      // interface: state and counters of a link's end
	useEvent                     // state: a notification
	useSystem                    // system: the uptime that shows restarts
	useHeartbeat                 // agent
	useWatchdog                  // the monitor's own synthetic point
	useElsewhere                 // the device belongs to another partition
	useTooMany                   // one more device that no inventory row names than may be kept
	useTooManyMethods            // one more reach method of a device than may be kept
	useTooLong                   // a name that is too long to be kept
	useCounters                  // pm: counters of a cell
	useSample                    // probe: one measurement
	usePart                      // sensor: whether a part of a device is well
	usePON                       // pon: state and counters of a PON port that is a link's end
	useOTN                       // otn: state and unavailable seconds of a channel that is a link's end
)

const (
	maxMethods = 8   // reach methods of one device
	maxName    = 512 // bytes of a device, interface or method name; a day's chunk cannot hold 1 KiB
)

// route is what was made of a raw key once, so that a steady-state line costs one map look-up.
type route struct {
	use     use
	entity  uint32
	beside  uint32  // useOTN, usePON: the same port as its counter, or whom it serves, tells of it
	down    kpi.Obs // useReach, useEvent: what up=false means
	home    int     // useElsewhere: the partition
	measure bool    // usePort: the port is the end at which its link's traffic is measured
	agent   string  // useHeartbeat: whose; useReach: that observes
	kind    string  // useCounters: lte, nr or site
}

// route decides what a series is for. home is the partition of its device.
func (o *owner) route(series point.Series, home int) route {
	device, ifname := subject(series), series.Tag("ifname")
	switch {
	case series.Measurement == "agent":
		return agentRoute(series.Tag("agent"))
	case series.Measurement == "sensor" && series.Tag("device") != "":
		return route{use: usePart}
	case !needsHome(series):
		return route{}
	case tooLong(series):
		return route{use: useTooLong}
	case home == nowhere:
		return route{use: useTooMany}
	case home != o.ID:
		return route{use: useElsewhere, home: home}
	}
	if !o.known(device) {
		o.strange(device)
	}
	switch series.Measurement {
	case "reach":
		return o.device(useReach, device, series.Tag("method"), kpi.ObsDown)
	case "system": // a start counts between two answers to the method that decides
		return o.device(useSystem, device, primary(o.inv, device), 0)
	case "pm", "probe":
		return o.reporterRoute(series)
	case "interface":
		return o.port(usePort, model.Port{Device: device, IfName: ifname}, o.inv)
	case "pon":
		r := o.port(usePON, model.Port{Device: device, IfName: series.Tag("pon")}, o.inv)
		return o.beside(r, kpi.MethodService)
	case "otn":
		return o.beside(o.port(useOTN, channelOf(series), o.inv), kpi.MethodOTN)
	}
	if ifname == "" && series.Tag("object") != "" { // of a part of the device, which has no time line: a cell, a board
		return route{}
	}
	if ifname == "" { // state of the device itself goes with the method that decides
		return o.device(useEvent, device, primary(o.inv, device), kpi.ObsDownNow)
	}
	return o.port(useEvent, model.Port{Device: device, IfName: ifname}, o.inv)
}

func agentRoute(agent string) route {
	switch agent {
	case "":
		return route{}
	case WatchdogAgent:
		return route{use: useWatchdog}
	}
	return route{use: useHeartbeat, agent: strings.ToValidUTF8(agent, "\uFFFD")}
}

func tooLong(series point.Series) bool {
	for _, tag := range [...]string{"device", "ifname", "pon", "method", "object", "sensor", "group", "target", "service"} {
		if len(series.Tag(tag)) > maxName {
			return true
		}
	}
	return len(subject(series)) > maxName
}

// device routes to a device as one method sees it.
func (s *state) device(u use, device, method string, down kpi.Obs) route {
	k := entityKey{device: device, method: method}
	if _, ok := s.index[k]; !ok && s.methods[device] >= maxMethods {
		return route{use: useTooManyMethods}
	}
	return route{use: u, down: down, entity: s.entity(k)}
}

// known says whether the device is in the inventory or was met before.
func (o *owner) known(device string) bool {
	return len(o.inv.DeviceRows(device)) > 0 || o.strangers[device] || o.isProvince(device)
}

// strange notes a device that no inventory row names.
func (o *owner) strange(device string) {
	o.strangers[device] = true
	o.m.unknown.Set(float64(len(o.strangers)))
}

// noteStrangers finds the strange ones among the entities from the given one on.
func (o *owner) noteStrangers(from int) {
	for _, k := range o.entities[from:] {
		if !o.known(k.device) {
			o.strange(k.device)
		}
	}
}

// port routes to a port only if a link ends there, or at an aggregate that it is a member of: all other interfaces have
// no KPI.
func (s *state) port(u use, p model.Port, inv *inventory.Index) route {
	ends, measure := false, false
	for l := range inv.LinksAt(p) {
		ends = true
		measure = measure || l.A == p
	}
	if !ends && !inv.Member(p) {
		return route{}
	}
	return route{use: u, down: kpi.ObsDownNow, entity: s.entity(entityKey{device: p.Device, ifname: p.IfName}), measure: measure}
}

// beside adds to a route to a port the same port by another method.
func (s *state) beside(r route, method string) route {
	if r.use != useNone {
		k := s.entities[r.entity]
		r.beside = s.entity(entityKey{device: k.device, ifname: k.ifname, method: method})
	}
	return r
}

// primary is the reach method that decides, with which go notifications about the device itself and its uptime.
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
	case "reach", "system", "interface", "state", "pon", "otn", "pm", "probe":
		return subject(series) != ""
	}
	return false
}

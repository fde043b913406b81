// Package fault is the script of what goes wrong in the simulated network: which target, what, and
// when. It knows no topology; package nation works out what a fault means for its neighbours.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
)

// Kind says what goes wrong.
type Kind string

// The kinds of fault, by what they hit.
const (
	// Whole devices.
	Dead         Kind = "dead"          // no power: answers nothing, its links are down at both ends
	Reboot       Kind = "reboot"        // dead until To, then sysUpTime and counters begin at 0
	CounterReset Kind = "counter_reset" // counters begin at 0 at From, sysUpTime goes on (a line card was reloaded)

	// How a device answers.
	Loss           Kind = "loss"            // each request is lost with probability Ratio
	Latency        Kind = "latency"         // answers come Delay later
	Slow           Kind = "slow"            // each value takes Delay to work out; requests wait for each other
	SingleThreaded Kind = "single_threaded" // an answer takes Delay, and what comes in meanwhile is dropped
	Truncate       Kind = "truncate"        // answers are cut in half
	TooBig         Kind = "too_big"         // answers longer than Bytes are refused with tooBig
	Reindex        Kind = "reindex"         // ifIndex means another interface than before

	// Lies. Each answer is one with probability Ratio; without a Ratio each is.
	WrongSource Kind = "wrong_source" // answers come from another address
	WrongPort   Kind = "wrong_port"   // answers come from another port
	WrongID     Kind = "wrong_id"     // answers hold another request-id
	WrongNames  Kind = "wrong_names"  // answers are about other objects than were asked for
	CounterJump Kind = "counter_jump" // counters are off by a number that changes every minute
	UptimeStop  Kind = "uptime_stop"  // sysUpTime stands still

	// Links and interfaces.
	LinkDown   Kind = "link_down"  // ifOperStatus down at both ends, no traffic; a cut ring arm is one
	ONTsOff    Kind = "onts_off"   // of a PON, Ratio of its ONTs are not ranged (all without one)
	Errors     Kind = "errors"     // of an optical channel: its seconds are unavailable, though its ports stay up
	Congestion Kind = "congestion" // traffic is Factor times the usual, and Drop of the packets are discarded
	AdminDown  Kind = "admin_down" // the interface is shut down by intent
	PortDown   Kind = "port_down"  // the interface has no signal: its link is down, or one member of an aggregate is

	// The agent that polls.
	AgentStop Kind = "agent_stop" // no data at all from the agent's devices
)

// Fault is one line of the script: a kind, its target, and the time in which it holds.
type Fault struct {
	ID     string        `json:"id,omitempty" yaml:"id"`
	Kind   Kind          `json:"kind" yaml:"kind"`
	Device string        `json:"device,omitempty" yaml:"device"` // for a whole device, * in it stands for anything
	IfName string        `json:"ifname,omitempty" yaml:"ifname"` // with Device: the interface to shut down
	Link   string        `json:"link,omitempty" yaml:"link"`
	Agent  string        `json:"agent,omitempty" yaml:"agent"`
	From   Time          `json:"from" yaml:"from"`
	To     Time          `json:"to,omitzero" yaml:"to"` // zero: until it is taken away
	Daily  *Hours        `json:"daily,omitempty" yaml:"daily"`
	Factor float64       `json:"factor,omitempty" yaml:"factor"`
	Drop   float64       `json:"drop,omitempty" yaml:"drop"`
	Ratio  float64       `json:"ratio,omitempty" yaml:"ratio"`
	Delay  conf.Duration `json:"delay,omitzero" yaml:"delay"`
	Bytes  int           `json:"bytes,omitempty" yaml:"bytes"`
}

// Hours limits a fault to the local hours [From, To) of each day, for example 18 to 23.
type Hours struct {
	From int `json:"from" yaml:"from"`
	To   int `json:"to" yaml:"to"`
}

// target says what a kind needs to be pointed at.
type target uint8

const (
	atDevice target = iota
	atLink
	atPort
	atAgent
)

func targetOf(k Kind) (t target, known bool) {
	switch k {
	case Dead, Reboot, CounterReset, Loss, Latency, Slow, SingleThreaded, Truncate, TooBig, Reindex,
		WrongSource, WrongPort, WrongID, WrongNames, CounterJump, UptimeStop:
		return atDevice, true
	case LinkDown, Congestion, ONTsOff, Errors:
		return atLink, true
	case AdminDown, PortDown:
		return atPort, true
	case AgentStop:
		return atAgent, true
	}
	return 0, false
}

// Validate says what is wrong with the fault, apart from names that the network does not have.
func (f Fault) Validate() error {
	t, ok := targetOf(f.Kind)
	if !ok {
		return fmt.Errorf("kind %q: want one of %s", f.Kind, kinds())
	}
	given := map[target]bool{
		atDevice: f.Device != "" && f.IfName == "" && f.Link == "" && f.Agent == "",
		atPort:   f.Device != "" && f.IfName != "" && f.Link == "" && f.Agent == "",
		atLink:   f.Link != "" && f.Device == "" && f.IfName == "" && f.Agent == "",
		atAgent:  f.Agent != "" && f.Device == "" && f.IfName == "" && f.Link == "",
	}
	if !given[t] {
		needs := map[target]string{atDevice: "device", atPort: "device and ifname", atLink: "link", atAgent: "agent"}
		return fmt.Errorf("a %s fault names a %s and nothing else", f.Kind, needs[t])
	}
	return errors.Join(f.checkTime(), f.checkSize())
}

func (f Fault) checkTime() error {
	switch {
	case f.From.IsZero():
		return errors.New("from: a fault has a beginning")
	case !f.To.IsZero() && !f.To.After(f.From.Time):
		return errors.New("to: must be later than from")
	case f.Kind == Reboot && f.To.IsZero():
		return errors.New("to: a reboot ends")
	case f.Daily != nil && (f.Daily.From < 0 || f.Daily.To > 24 || f.Daily.From >= f.Daily.To):
		return errors.New("daily: want hours such as {from: 18, to: 23}")
	case f.Daily != nil && f.To.IsZero():
		return errors.New("to: a fault of certain hours of the day has a last day")
	}
	return nil
}

func (f Fault) checkSize() error {
	switch {
	case f.Kind == Congestion && (f.Factor < 0 || f.Factor > 1000 || f.Factor == 0):
		return errors.New("factor: want more than 0 and at most 1000 times the usual traffic")
	case f.Drop < 0 || f.Drop > 1:
		return errors.New("drop: want a ratio from 0 to 1")
	case f.Kind == Loss && f.Ratio == 0, f.Ratio < 0, f.Ratio > 1:
		return errors.New("ratio: want more than 0 and at most 1")
	case f.delays() && (f.Delay <= 0 || f.Delay.D() > time.Minute):
		return errors.New("delay: want more than 0 and at most 1m")
	case f.Kind == TooBig && (f.Bytes < 200 || f.Bytes > 65507):
		return errors.New("bytes: want 200 to 65507")
	}
	return nil
}

func (f Fault) delays() bool { return f.Kind == Latency || f.Kind == Slow || f.Kind == SingleThreaded }

func kinds() string {
	all := make([]string, 0, len(ordered))
	for _, k := range ordered {
		all = append(all, string(k))
	}
	return strings.Join(all, ", ")
}

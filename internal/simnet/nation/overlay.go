package nation

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
)

// Overlay is a network with faults: who answers, what is down and what was counted at any instant. It
// is immutable; a changed list of faults makes a new one.
type Overlay struct {
	*Network
	devices map[int32]*trouble
	links   map[int32]*course
	shut    map[Port][]fault.Span // administratively down
	dark    map[Port][]fault.Span // without a signal of their own
	stopped [][]fault.Span        // of agents
}

// trouble is what is wrong with one device over time.
type trouble struct {
	power  []fault.Span // dead or rebooting itself
	silent []fault.Span // answers nothing: no power here or at a gateway above
	resets []reset      // sorted
	manner []Manner
}

// reset is an instant at which counters begin at 0; boot says that sysUpTime does too.
type reset struct {
	at   fault.Tick
	boot bool
}

// Manner is a way of answering badly, while a span lasts.
type Manner struct {
	fault.Span
	Kind  fault.Kind
	Ratio float64
	Delay time.Duration
	Bytes int
}

// Strikes says whether the manner hits an answer; chance is a number from 0 up to 1 of its own for each answer.
func (m *Manner) Strikes(chance float64) bool { return m.Ratio == 0 || chance < m.Ratio }

// Overlay works out what the faults mean. An unknown name is an error.
func (n *Network) Overlay(faults []fault.Fault) (*Overlay, error) {
	o := &Overlay{Network: n, devices: map[int32]*trouble{}, links: map[int32]*course{},
		shut: map[Port][]fault.Span{}, dark: map[Port][]fault.Span{}, stopped: make([][]fault.Span, len(n.Agents))}
	changes := map[int32][]change{}
	for _, f := range faults {
		if err := o.add(f, changes); err != nil {
			return nil, fmt.Errorf("nation: fault %s: %w", f.ID, err)
		}
	}
	o.cutLinks(changes)
	for link, c := range changes {
		o.links[link] = n.course(link, c)
	}
	o.sort()
	return o, nil
}

func (o *Overlay) add(f fault.Fault, changes map[int32][]change) error {
	if err := f.Validate(); err != nil {
		return err
	}
	switch f.Kind {
	case fault.LinkDown, fault.Congestion, fault.ONTsOff, fault.Errors:
		link, err := o.FindLink(f.Link)
		if err != nil {
			return err
		}
		for _, s := range f.Spans() {
			changes[link] = append(changes[link], changeOf(f, s))
		}
	case fault.AdminDown, fault.PortDown:
		p, err := o.FindPort(f.Device, f.IfName)
		if err != nil {
			return err
		}
		into := map[fault.Kind]map[Port][]fault.Span{fault.AdminDown: o.shut, fault.PortDown: o.dark}[f.Kind]
		into[p] = append(into[p], f.Spans()...)
	case fault.AgentStop:
		a := slices.Index(o.Agents, f.Agent)
		if a < 0 {
			return fmt.Errorf("no agent %q", f.Agent)
		}
		o.stopped[a] = append(o.stopped[a], f.Spans()...)
	default:
		return o.addDevice(f)
	}
	return nil
}

// changeOf is what a fault of a link does to it.
func changeOf(f fault.Fault, s fault.Span) change {
	switch f.Kind {
	case fault.LinkDown:
		return change{Span: s, down: true}
	case fault.ONTsOff:
		return change{Span: s, factor: 1, off: cmp.Or(f.Ratio, 1)}
	case fault.Errors:
		return change{Span: s, factor: 1, errors: true}
	default: // congestion
		return change{Span: s, factor: f.Factor, drop: f.Drop}
	}
}

// addDevice adds a fault of every device that its name or pattern fits.
func (o *Overlay) addDevice(f fault.Fault) error {
	if !strings.Contains(f.Device, "*") {
		d, err := o.Find(f.Device)
		if err == nil {
			o.troubleDevice(d, f)
		}
		return err
	}
	found := false
	for i := range o.Devices {
		if fits, err := path.Match(f.Device, o.Devices[i].Name); err != nil {
			return fmt.Errorf("device %q: %w", f.Device, err)
		} else if fits {
			o.troubleDevice(int32(i), f)
			found = true
		}
	}
	if !found {
		return fmt.Errorf("no device fits %q", f.Device)
	}
	return nil
}

func (o *Overlay) troubleDevice(d int32, f fault.Fault) {
	t := o.trouble(d)
	for _, s := range f.Spans() {
		switch f.Kind {
		case fault.Dead, fault.Reboot:
			t.power = append(t.power, s)
			o.silence(d, s)
			if f.Kind == fault.Reboot {
				t.resets = append(t.resets, reset{s.To, true})
			}
		case fault.CounterReset:
			t.resets = append(t.resets, reset{s.From, false})
		default:
			t.manner = append(t.manner, Manner{s, f.Kind, f.Ratio, f.Delay.D(), f.Bytes})
		}
	}
}

func (o *Overlay) trouble(d int32) *trouble {
	t := o.devices[d]
	if t == nil {
		t = &trouble{}
		o.devices[d] = t
	}
	return t
}

// silence takes the device and all devices behind it off the air.
func (o *Overlay) silence(d int32, s fault.Span) {
	t := o.trouble(d)
	t.silent = append(t.silent, s)
	for _, child := range o.children[d] {
		o.silence(child, s)
	}
}

// cutLinks takes links down whose ends have no power, no signal or are shut down, and members of aggregates likewise.
func (o *Overlay) cutLinks(changes map[int32][]change) {
	cut := func(p Port, spans []fault.Span) {
		link, member := o.Behind(p)
		for _, s := range spans {
			if link >= 0 {
				changes[link] = append(changes[link], change{Span: s, down: member == 0, member: member})
			}
		}
	}
	for d, t := range o.devices {
		if len(t.power) == 0 {
			continue
		}
		for i := range o.Ports(d) {
			cut(Port{d, i}, t.power)
		}
	}
	for p, spans := range o.shut {
		cut(p, spans)
	}
	for p, spans := range o.dark {
		cut(p, spans)
	}
}

func (o *Overlay) sort() {
	for _, t := range o.devices {
		t.power, t.silent = fault.Union(t.power), fault.Union(t.silent)
		slices.SortFunc(t.resets, func(a, b reset) int { return int(min(max(a.at-b.at, -1), 1)) })
	}
	for p, s := range o.shut {
		o.shut[p] = fault.Union(s)
	}
	for p, s := range o.dark {
		o.dark[p] = fault.Union(s)
	}
	for a, s := range o.stopped {
		o.stopped[a] = fault.Union(s)
	}
}

// Package month writes what a month of polling the simulated network would have brought, straight as
// line protocol, and says from the model alone what a correct collector must make of it.
package month

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// Plan says when each device is polled and what a poll brings.
type Plan struct {
	Net      *nation.Overlay
	From, To fault.Tick
	Interval fault.Tick
	Quiet    bool // no device is polled
	Cells    bool // what cells count is reported, each quarter of an hour

	probes fault.Tick // between two samples of a service in a province; 0: none
	turns  []turn     // in the order in which an interval's polls happen
}

// turn is one device's place within each interval.
type turn struct {
	device int32
	phase  fault.Tick
}

// NewPlan polls every device (or only those of one agent, if its name is not empty) once per interval
// during the local month "2006-01".
func NewPlan(net *nation.Overlay, month string, interval time.Duration, agent string) (*Plan, error) {
	from, err := time.ParseInLocation("2006-01", month, nation.Local)
	if err != nil {
		return nil, fmt.Errorf("month: %q: want YYYY-MM, for example 2026-10", month)
	}
	p := &Plan{Net: net, From: fault.TickOf(from), To: fault.TickOf(from.AddDate(0, 1, 0)),
		Interval: fault.Tick(interval.Milliseconds() / 10)}
	if p.Interval < 10*fault.Second || 5*fault.Minute%p.Interval != 0 {
		return nil, fmt.Errorf("month: interval %s: want a divisor of 5m of at least 10s", interval)
	}
	if agent != "" && !slices.Contains(net.Agents, agent) {
		return nil, fmt.Errorf("month: no agent %q", agent)
	}
	for i := range net.Devices {
		id := int32(i)
		if a := net.Devices[i].Agent; agent == "" || a >= 0 && net.Agents[a] == agent {
			p.turns = append(p.turns, turn{id, net.PollPhase(id, p.Interval)})
		}
	}
	slices.SortFunc(p.turns, func(a, b turn) int {
		return cmp.Or(cmp.Compare(a.phase, b.phase), cmp.Compare(a.device, b.device))
	})
	return p, nil
}

// Probe makes a probe measure each service in each province at this interval; 0: not at all.
func (p *Plan) Probe(interval time.Duration) error {
	p.probes = fault.Tick(interval.Milliseconds() / 10)
	if p.probes < 0 || p.probes > fault.Hour || p.probes%p.Interval != 0 {
		return fmt.Errorf("month: a probe each %s: want a multiple of the interval of at most 1h", interval)
	}
	return nil
}

// Cut ends the plan with the last whole interval before an instant of its month.
func (p *Plan) Cut(end time.Time) error {
	to := fault.TickOf(end)
	if to < p.From || to > p.To {
		return fmt.Errorf("month: the end %s is not in the month", end.In(nation.Local).Format(time.RFC3339))
	}
	p.To = to - (to-p.From)%p.Interval
	return nil
}

// polled are the devices that are.
func (p *Plan) polled() map[int32]bool {
	out := make(map[int32]bool, len(p.turns))
	for _, t := range p.turns {
		out[t.device] = true
	}
	return out
}

// agentOf is an agent's name, empty for none.
func (p *Plan) agentOf(agent int32) string {
	if agent < 0 {
		return ""
	}
	return p.Net.Agents[agent]
}

// Rounds is the number of polls of each device.
func (p *Plan) Rounds() int { return int((p.To - p.From) / p.Interval) }

// at is the instant of a device's poll in a round.
func (p *Plan) at(phase fault.Tick, round int) fault.Tick {
	return p.From + fault.Tick(round)*p.Interval + phase
}

// Outcome is what a poll brings.
type Outcome uint8

// The outcomes of a poll.
const (
	Nothing  Outcome = iota // nobody polled
	Failed                  // no answer that could be used
	Answered                // a good answer
)

// outcome looks at the device at the reading's instant.
func (p *Plan) outcome(r *nation.Reading) Outcome {
	switch {
	case r.Stopped():
		return Nothing
	case !r.Answers():
		return Failed
	}
	for m := range r.Manners {
		switch m.Kind {
		case fault.Loss, fault.Truncate, fault.WrongSource, fault.WrongPort, fault.WrongID:
			if m.Strikes(p.Net.Chance(r.Device(), r.At())) {
				return Failed
			}
		default: // the answer is good
		}
	}
	return Answered
}

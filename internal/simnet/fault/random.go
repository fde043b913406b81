package fault

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
)

// Random describes faults to be drawn: how many of each kind, between From and To.
type Random struct {
	Seed  uint64       `yaml:"seed"`
	From  Time         `yaml:"from"`
	To    Time         `yaml:"to"`
	Count map[Kind]int `yaml:"count"`
}

// Targets are the names to draw from. A kind without names is not drawn.
type Targets struct {
	Devices, Links, Agents []string
	PONs, Channels         []string    // links of these kinds
	Ports                  [][2]string // device, ifname
	Members                [][2]string // of aggregates
}

// Draw makes the faults: the same ones for the same seed, counts and targets.
func (r Random) Draw(t Targets) []Fault {
	rng := rand.New(rand.NewPCG(r.Seed, 0x6661756c74)) //nolint:gosec // no secret
	var out []Fault
	for _, k := range ordered {
		for i := range r.Count[k] {
			f := Fault{ID: fmt.Sprintf("random-%s-%d", k, i+1), Kind: k}
			if t.name(&f, rng) {
				r.place(&f, rng)
				out = append(out, f)
			}
		}
	}
	return out
}

// ordered fixes the order of drawing, which a map has not.
var ordered = [...]Kind{Dead, Reboot, CounterReset, Loss, Latency, Truncate, TooBig, Reindex, WrongSource,
	LinkDown, Congestion, AdminDown, AgentStop,
	Slow, SingleThreaded, WrongPort, WrongID, WrongNames, CounterJump, UptimeStop, PortDown, ONTsOff, Errors} // behind the others, whose draws stay what they were

func (t Targets) name(f *Fault, rng *rand.Rand) bool {
	pick := func(names []string) string {
		if len(names) == 0 {
			return ""
		}
		return names[rng.IntN(len(names))]
	}
	links, ports := t.Links, t.Ports
	switch f.Kind {
	case PortDown:
		ports = t.Members
	case ONTsOff:
		links = t.PONs
	case Errors:
		links = t.Channels
	default: // of any
	}
	at, _ := targetOf(f.Kind)
	switch at {
	case atDevice:
		f.Device = pick(t.Devices)
	case atLink:
		f.Link = pick(links)
	case atAgent:
		f.Agent = pick(t.Agents)
	case atPort:
		if len(ports) > 0 {
			p := ports[rng.IntN(len(ports))]
			f.Device, f.IfName = p[0], p[1]
		}
	}
	return f.Device+f.Link+f.Agent != ""
}

// place draws when the fault begins, how long it lasts and how bad it is.
func (r Random) place(f *Fault, rng *rand.Rand) {
	between := func(lo, hi time.Duration) time.Duration {
		return lo + time.Duration(rng.Int64N(int64(hi-lo))).Truncate(10*time.Millisecond)
	}
	length := between(30*time.Second, 4*time.Hour)
	switch f.Kind {
	case Reboot:
		length = between(20*time.Second, 10*time.Minute)
	case Congestion:
		length = between(24*time.Hour, 20*24*time.Hour)
		f.Daily = &Hours{From: 17 + rng.IntN(3), To: 22 + rng.IntN(3)}
		f.Factor = 1.5 + rng.Float64()*4
	case ONTsOff:
		f.Ratio = float64(1+rng.IntN(2)) / 2
	case Loss:
		f.Ratio = 0.05 + 0.9*rng.Float64()
	case Latency:
		f.Delay = conf.Duration(between(100*time.Millisecond, 3*time.Second))
	case Slow:
		f.Delay = conf.Duration(time.Millisecond + time.Duration(rng.Int64N(int64(20*time.Millisecond))))
	case SingleThreaded:
		f.Delay = conf.Duration(between(20*time.Millisecond, 500*time.Millisecond))
	case WrongPort, WrongID, WrongNames:
		f.Ratio = 0.05 + 0.9*rng.Float64()
	case TooBig:
		f.Bytes = 484
	default: // nothing but the time is drawn
	}
	begin := r.From.Add(time.Duration(rng.Int64N(max(int64(r.To.Sub(r.From.Time)), 1))).Truncate(10 * time.Millisecond))
	f.From, f.To = Time{begin}, Time{begin.Add(length)}
}

// Validate says what is wrong with the description.
func (r Random) Validate() error {
	if len(r.Count) > 0 && !r.To.After(r.From.Time) {
		return fmt.Errorf("random_faults: to must be later than from")
	}
	for k, n := range r.Count {
		if _, ok := targetOf(k); !ok || n < 0 {
			return fmt.Errorf("random_faults: count: %s: %d: want a number of one of %s", k, n, kinds())
		}
	}
	return nil
}

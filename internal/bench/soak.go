package bench

import (
	"crypto/sha256"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/haidang-noc/haidang/internal/bench/proc"
)

const (
	soakDevices = 83_000 // --scale 0.1 makes it a tenth
	soakEvery   = time.Minute
	soakLearn   = 10 * time.Minute // at most, until all devices are learned
)

// shorterIntervals are tried after the soak, until one does not hold.
var shorterIntervals = [...]time.Duration{30, 20, 15, 10, 8, 6, 5, 4}

// soak polls the whole nation for many minutes and watches what is late, and what it costs; then it looks for the
// shortest interval that still holds.
func (c Config) soak() (Part, error) {
	devices := c.scaled(soakDevices)
	p := Part{Title: fmt.Sprintf("%d devices every %s, minute by minute", devices, soakEvery), Columns: soakColumns()}
	dir, err := os.MkdirTemp("", "haidang-bench-")
	if err != nil {
		return p, err
	}
	defer os.RemoveAll(dir)
	sim, err := c.startSimnet(dir, devices)
	if err != nil {
		return p, err
	}
	defer sim.Stop()
	s := soaking{Config: c, dir: dir, devices: devices, programs: map[string]int{simulator: sim.PID()}}
	stop, err := s.receive()
	if err != nil {
		return p, err
	}
	defer stop()
	if err := s.watched(&p); err != nil {
		return p, err
	}
	return p, s.shortest(&p)
}

const (
	simulator = "haidang-simnet"
	collector = "haidang-collector"
	agent     = "haidang-agent"
	input     = "haidang-input-snmp"
)

func soakColumns() []string {
	return []string{"rounds", "skipped", "incomplete", "down", "repeats", "late p50 ms", "late p99 ms", "late max ≤ ms",
		"input cores", "agent cores", "simnet cores", "collector cores", "input MB", "agent MB", "collector MB"}
}

// soaking is a soak under way.
type soaking struct {
	Config
	dir      string
	devices  int
	url      string // where the agent ships to
	programs map[string]int
}

// receive starts what takes the agent's batches.
func (s *soaking) receive() (stop func(), err error) {
	if !s.Live {
		sink, err := newSink()
		if err != nil {
			return nil, err
		}
		s.url = sink.url()
		return sink.close, nil
	}
	principals := fmt.Sprintf("principals:\n  - {name: bench-0, role: agent, token_sha256: \"%x\", inventory: true}\n", sha256.Sum256([]byte(sinkToken)))
	for name, text := range map[string]string{"principals.yaml": principals,
		"maintenance.csv": "id,scope,start,end,created_at,approved_by,approved_at,reason\n"} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	server, url, err := s.serve(s.dir)
	if err != nil {
		return nil, err
	}
	s.url, s.programs[collector] = url, server.PID()
	return server.Stop, nil
}

// poll starts an agent and waits until it has learned all devices and gone round once more.
func (s *soaking) poll(every time.Duration) (*runningAgent, error) {
	a, err := s.startAgent(s.dir, s.url, every, dialects()[0])
	if err != nil {
		return nil, err
	}
	err = a.Until("learning", soakLearn, func() (bool, error) {
		m, err := scrape(a.metrics)
		return err == nil && m.sum("haidang_snmp_tables_walks_total", "") >= float64(s.devices), nil
	})
	if err == nil {
		<-time.After(every)
		var own map[string]int
		own, err = a.programs()
		s.programs[agent], s.programs[input] = own[agent], own[input]
	}
	if err != nil {
		s.end(a)
		return nil, err
	}
	return a, nil
}

// end stops an agent and takes away what it has left.
func (s *soaking) end(a *runningAgent) {
	a.Stop()
	_ = os.RemoveAll(filepath.Join(s.dir, "spool"))
}

// watched is the soak itself.
func (s *soaking) watched(p *Part) error {
	began := time.Now()
	a, err := s.poll(soakEvery)
	if err != nil {
		return err
	}
	defer s.end(a)
	s.say("soak: %d devices are learned after %s; %d minutes to go", s.devices, time.Since(began).Round(time.Second), s.Minutes)
	first, err := s.look(a)
	if err != nil {
		return err
	}
	last := first
	for minute := 1; minute <= s.Minutes; minute++ {
		<-time.After(time.Until(first.at.Add(time.Duration(minute) * time.Minute)))
		now, err := s.look(a)
		if err != nil {
			return err
		}
		row := now.since(last, fmt.Sprintf("minute %d", minute))
		p.Rows = append(p.Rows, row)
		s.say("soak: %s: %s", row.Name, told(p.Columns, row))
		last = now
	}
	p.Rows = append(p.Rows, last.since(first, "all"))
	want, got := s.devices*s.Minutes, last.rounds()-first.rounds()
	p.Notes = append(p.Notes, fmt.Sprintf("Of %d rounds that were due %.0f were polled and %.0f skipped; a round at either edge of the time may count on the other side.",
		want, got, last.sum(skippedRounds, "")-first.sum(skippedRounds, "")))
	return nil
}

// shortest tries shorter intervals, each for three rounds or half a minute, until one does not hold.
func (s *soaking) shortest(p *Part) error {
	holds := soakEvery
	for _, seconds := range shorterIntervals {
		every := seconds * time.Second
		a, err := s.poll(every)
		if err != nil {
			return err
		}
		before, err := s.look(a)
		if err == nil {
			<-time.After(max(3*every, 30*time.Second))
			var after sight
			if after, err = s.look(a); err == nil {
				row := after.since(before, "every "+every.String())
				p.Rows = append(p.Rows, row)
				s.say("soak: %s: %s", row.Name, told(p.Columns, row))
				if row.Values[1] > 0 {
					s.end(a)
					break
				}
				holds = every
			}
		}
		s.end(a)
		if err != nil {
			return err
		}
	}
	p.Notes = append(p.Notes, fmt.Sprintf("The shortest interval tried at which no round was skipped is %s.", holds))
	return nil
}

const skippedRounds = "haidang_snmp_rounds_skipped_total"

// sight is what all programs have done and hold at a time.
type sight struct {
	metrics
	at  time.Time
	cpu map[string]proc.CPU
	rss map[string]int64
}

func (s *soaking) look(a *runningAgent) (v sight, err error) {
	v = sight{at: time.Now(), cpu: map[string]proc.CPU{}, rss: map[string]int64{}}
	if v.metrics, err = scrape(a.metrics); err != nil {
		return v, err
	}
	for name, pid := range s.programs {
		if v.cpu[name], err = proc.Used(pid); err != nil {
			return v, err
		}
		if v.rss[name], err = proc.RSS(pid); err != nil {
			return v, err
		}
	}
	return v, nil
}

func (v sight) rounds() float64 { return v.sum("haidang_snmp_rounds_total", "") }

// since is what happened since before, in the order of soakColumns.
func (v sight) since(before sight, name string) Row {
	more := func(name, labels string) float64 { return v.sum(name, labels) - before.sum(name, labels) }
	cores := func(name string) float64 {
		return v.cpu[name].Minus(before.cpu[name]).Total().Seconds() / v.at.Sub(before.at).Seconds()
	}
	late := lateness(before.metrics, v.metrics)
	return Row{Name: name, Values: []float64{
		v.rounds() - before.rounds(), more(skippedRounds, ""), more("haidang_snmp_rounds_incomplete_total", ""),
		more("haidang_snmp_rounds_total", `result="down"`), more("haidang_snmp_retransmissions_total", ""),
		late.quantile(0.5), late.quantile(0.99), late.quantile(1),
		cores(input), cores(agent), cores(simulator), cores(collector),
		float64(v.rss[input]) / 1e6, float64(v.rss[agent]) / 1e6, float64(v.rss[collector]) / 1e6,
	}}
}

// told is a row as one line of progress.
func told(columns []string, r Row) (text string) {
	for i, c := range columns {
		if v := r.Values[i]; v != 0 && !math.IsNaN(v) {
			text += fmt.Sprintf("%s %s  ", c, brief(v))
		}
	}
	return text
}

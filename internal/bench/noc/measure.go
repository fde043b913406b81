package noc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// Result is what was found; times in milliseconds.
type Result struct {
	Devices, Behind int
	Fault           []float64 // from the write request of the second failed poll to the row on a board's page
	NodeRoot        float64   // from that of a backbone node, to its alarm
	NodeAll         float64   // from the last of those of all behind it, to an alarm that counts them all
	Roots           int       // critical and major alarms that the node's failure made
	Page            float64   // the board's first page of the collector, median
	PageBytes       int
	Scrape          []float64 // of /metrics
	ScrapeBytes     int
	Series          int
	Paint           Paint
}

// Paint is what a browser says of the first page.
type Paint struct {
	FirstMs, Bytes float64
	Requests       float64
	Missing        string // why nothing was measured
}

// Measure runs a collector with the shipped configuration under the polls of so many devices a minute.
func Measure(bin, configs string, devices, faults int, say func(string, ...any)) (r Result, err error) {
	dir, err := os.MkdirTemp("", "haidang-bench-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	units, err := codes(configs)
	if err != nil {
		return r, err
	}
	s, err := start(newNation(devices, units), dir, bin, configs)
	if err != nil {
		return r, err
	}
	defer s.Stop()
	r.Devices = devices
	say("noc: every device answers")
	if err := s.all(); err != nil {
		return r, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	var p poller
	go func() { ended <- p.run(ctx, s) }()
	defer func() {
		cancel()
		err = errors.Join(err, <-ended)
	}()
	for _, step := range []struct {
		name string
		do   func() error
	}{{"faults", func() error { return s.faults(&r, &p, faults) }}, {"metrics", func() error { return s.metrics(&r) }}, {"pages", func() error { return s.pages(&r) }},
		{"browser", func() error { r.Paint = s.paint(); return nil }}, {"a backbone node", func() error { return s.node(&r, &p) }}} {
		say("noc: %s", step.name)
		if err := step.do(); err != nil {
			return r, fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return r, nil
}

// all lets every device answer once, and waits until that has come through.
func (s *site) all() error {
	at := time.Now()
	for chunk := range slices.Chunk(sequence(len(s.devices)), 5000) {
		if err := s.write(s.polls(at, true, chunk...)); err != nil {
			return err
		}
	}
	return s.Until("the first polls are applied", patience, func() (bool, error) {
		text, err := s.get("/metrics")
		return sum(text, "haidang_devices_unseen{") == 0 && strings.Contains(text, "haidang_devices_unseen{"), err
	})
}

// poller lets every device answer once a minute, in ten parts a second, but for those that are taken from it.
type poller struct {
	mu    sync.Mutex
	taken map[int]bool
}

func (p *poller) take(devices ...int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken == nil {
		p.taken = map[int]bool{}
	}
	for _, i := range devices {
		p.taken[i] = true
	}
}

func (p *poller) due(s *site, step int) (out []int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := step % 600; i < len(s.devices); i += 600 {
		if !p.taken[i] {
			out = append(out, i)
		}
	}
	return out
}

func (p *poller) run(ctx context.Context, s *site) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for step := 0; ; step++ {
		if text := s.polls(time.Now(), true, p.due(s, step)...); len(text) > 0 {
			if err := s.write(text); err != nil {
				return err
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// faults lets access devices fail, one after the other, each with a gateway that answers, and waits for each on the board.
func (s *site) faults(r *Result, p *poller, n int) error {
	ctx, cancel := context.WithCancel(context.Background())
	pages := make(chan shown)
	ended := make(chan error, 1)
	go func() {
		ended <- s.watch(ctx, "/", func(text string, at time.Time) {
			select {
			case pages <- shown{text, at}:
			case <-ctx.Done():
			}
		})
	}()
	defer func() { cancel(); <-ended }()
	for k := range n {
		victim := (len(s.devices)-1)/backbones*backbones + 1 - (k+1)*2*backbones // behind the second node: the first one fails later
		p.take(victim)
		now := time.Now()
		if err := s.write(s.polls(now.Add(-time.Second), false, victim)); err != nil {
			return err
		}
		text := append(s.polls(now, false, victim), s.polls(now, true, s.devices[victim].parent)...)
		from := time.Now()
		if err := s.write(text); err != nil {
			return err
		}
		took, err := arrives(pages, ended, s.devices[victim].name, from)
		if err != nil {
			return err
		}
		r.Fault = append(r.Fault, took)
	}
	slices.Sort(r.Fault)
	return nil
}

// shown is a page as it was fetched.
type shown struct {
	text string
	at   time.Time
}

// arrives waits for a page that names the device.
func arrives(pages <-chan shown, ended <-chan error, name string, from time.Time) (float64, error) {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		select {
		case page := <-pages:
			if strings.Contains(page.text, ">"+name+"<") {
				return ms(page.at.Sub(from)), nil
			}
		case err := <-ended:
			return 0, fmt.Errorf("the stream has ended: %w", err)
		case <-deadline.C:
			return 0, fmt.Errorf("%s is not on the board after %s", name, patience)
		}
	}
}

func (s *site) metrics(r *Result) error {
	for range 20 {
		from := time.Now()
		text, err := s.get("/metrics")
		if err != nil {
			return err
		}
		r.Scrape = append(r.Scrape, ms(time.Since(from)))
		r.ScrapeBytes, r.Series = len(text), 0
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "#") {
				r.Series++
			}
		}
	}
	slices.Sort(r.Scrape)
	return nil
}

func (s *site) pages(r *Result) error {
	var took []float64
	for range 20 {
		from := time.Now()
		text, err := s.get("/")
		if err != nil {
			return err
		}
		took = append(took, ms(time.Since(from)))
		r.PageBytes = len(text)
	}
	slices.Sort(took)
	r.Page = took[len(took)/2]
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

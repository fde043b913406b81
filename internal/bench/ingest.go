package bench

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/haidang-noc/haidang/internal/bench/load"
	"github.com/haidang-noc/haidang/internal/bench/proc"
)

// ingestCase is one way to take in one load.
type ingestCase struct {
	system   string
	encoding string
	shape    load.Shape
	start    func(dir string, l load.Load) (*server, error) // nil: a floor
	floor    func(bodies []load.Request) error
}

func (c Config) ingestCases() (all []ingestCase) {
	for i, shape := range load.Shapes() {
		haidang := ingestCase{system: "haidang-collector", shape: shape, start: c.startCollector}
		victoria := ingestCase{system: "VictoriaMetrics", shape: shape, start: c.startVictoria}
		all = append(all, victoria.as(plain), haidang.as(zstd))
		if i == 0 {
			all = append(all, victoria.as(gzipd), haidang.as(plain),
				ingestCase{system: "floor: decode, find newlines", encoding: zstd, shape: shape, floor: floorNewlines},
				ingestCase{system: "floor: decode, point.Scanner", encoding: zstd, shape: shape, floor: floorScanner})
		}
	}
	return slices.DeleteFunc(all, func(k ingestCase) bool { return k.system == "VictoriaMetrics" && c.Victoria == "" })
}

func (k ingestCase) as(encoding string) ingestCase {
	k.encoding = encoding
	return k
}

// ingested is what one run of a case cost.
type ingested struct {
	cpu       proc.CPU
	wall      time.Duration
	peak      int64
	disk      int64
	lines     int
	textBytes int
}

// ingest takes every case's turn in every run, so that what else the machine does meets all of them.
func (c Config) ingest() (Part, error) {
	cases := c.ingestCases()
	l := load.Load{Interfaces: 12_500, Rounds: c.scaled(100), PerRequest: 5000, Senders: 4}
	runs := make([][]ingested, len(cases))
	for n := range c.Runs {
		for i, k := range cases {
			l.Shape, l.Start = k.shape, time.Now().Unix()-int64(l.Rounds)*60
			got, err := k.run(l)
			if err != nil {
				return Part{}, fmt.Errorf("%s, %s: %w", k.system, k.encoding, err)
			}
			runs[i] = append(runs[i], got)
			c.say("ingest %d/%d  %-30s %-9s %-11s %5.2f CPU s  %5.2f s", n+1, c.Runs, k.system, k.encoding, k.shape.Name,
				got.cpu.Total().Seconds(), got.wall.Seconds())
		}
	}
	return ingestPart(cases, runs, l), nil
}

func (k ingestCase) run(l load.Load) (got ingested, err error) {
	requests := l.Requests()
	for _, r := range requests {
		got.lines += r.Lines
		got.textBytes += len(r.Text)
	}
	if requests, err = encode(requests, k.encoding); err != nil {
		return got, err
	}
	if k.floor != nil {
		before, start := proc.Self(), time.Now()
		err = k.floor(requests)
		got.cpu, got.wall = proc.Self().Minus(before), time.Since(start)
		return got, err
	}
	dir, err := os.MkdirTemp("", "haidang-bench-")
	if err != nil {
		return got, err
	}
	defer os.RemoveAll(dir)
	s, err := k.start(dir, l)
	if err != nil {
		return got, err
	}
	defer s.Stop()
	return got, got.measure(s, k.encoding, requests, l)
}

// measure pushes everything and waits until it is where it is safe.
func (g *ingested) measure(s *server, encoding string, requests []load.Request, l load.Load) error {
	before, err := proc.Used(s.PID())
	if err != nil {
		return err
	}
	start := time.Now()
	if err := push(s.write, encoding, requests); err != nil {
		return err
	}
	g.wall = time.Since(start)
	if err := s.settled(l); err != nil {
		return err
	}
	after, err := proc.Used(s.PID())
	if err != nil {
		return err
	}
	g.cpu, g.disk = after.Minus(before), proc.DiskBytes(s.dir)
	g.peak, err = proc.PeakRSS(s.PID())
	return err
}

func ingestPart(cases []ingestCase, runs [][]ingested, l load.Load) Part {
	p := Part{Title: "Taking in line protocol",
		Columns: []string{"M samples/CPU s", "× VM plain", "MB/CPU s", "CPU s", "system %", "push s", "peak MB", "disk MB"}}
	p.Notes = append(p.Notes, fmt.Sprintf("%d lines of %d fields (%d bytes each in shape generic), %d series, %d lines a request",
		l.Lines(), load.Fields, runs[0][0].textBytes/runs[0][0].lines, l.Interfaces*load.Fields, l.PerRequest))
	peer := map[string]float64{}
	for i, k := range cases {
		speed := func(g ingested) float64 { return float64(g.lines*load.Fields) / g.cpu.Total().Seconds() / 1e6 }
		if k.system == "VictoriaMetrics" && k.encoding == plain {
			peer[k.shape.Name] = median(runs[i], speed)
		}
		p.Rows = append(p.Rows, Row{Name: fmt.Sprintf("%-11s %-8s %s", k.shape.Name, k.encoding, k.system), Spread: spread(runs[i], speed),
			Values: []float64{median(runs[i], speed), ratio(median(runs[i], speed), peer[k.shape.Name]),
				median(runs[i], func(g ingested) float64 { return float64(g.textBytes) / 1e6 / g.cpu.Total().Seconds() }),
				median(runs[i], func(g ingested) float64 { return g.cpu.Total().Seconds() }),
				median(runs[i], func(g ingested) float64 { return 100 * g.cpu.System.Seconds() / g.cpu.Total().Seconds() }),
				median(runs[i], func(g ingested) float64 { return g.wall.Seconds() }),
				median(runs[i], func(g ingested) float64 { return float64(g.peak) / 1e6 }),
				median(runs[i], func(g ingested) float64 { return float64(g.disk) / 1e6 })}})
	}
	return p
}

package month

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/probe"
)

// Sink takes batches, numbered from 1. It is called by one goroutine.
type Sink interface {
	Put(ctx context.Context, number uint64, b point.Batch) error
	// Flush returns when every batch put is where it belongs.
	Flush(ctx context.Context) error
}

// Options say how the month is written.
type Options struct {
	Heartbeats bool
	Disorder   uint64 // seed; 0: in order of time, each line once
}

// batchBytes is the text in a batch, as far as lines allow.
const batchBytes = 1 << 20

// Totals is what was written.
type Totals struct{ Points, Raw, Compressed, Batches int }

// Write writes the plan's month to the sink.
func Write(ctx context.Context, p *Plan, o Options, sink Sink) (Totals, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if o.Disorder != 0 {
		sink = newDisorder(sink, o.Disorder)
	}
	var t Totals
	for c := range chunks(ctx, p, o) {
		got := <-c
		if got.err != nil {
			return t, got.err
		}
		for _, b := range got.batches {
			t.Points, t.Raw = t.Points+b.Points, t.Raw+b.Raw
			t.Compressed, t.Batches = t.Compressed+len(b.Frames), t.Batches+1
			if err := sink.Put(ctx, uint64(t.Batches), b); err != nil {
				return t, err
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return t, fmt.Errorf("month: %w", err)
	}
	return t, sink.Flush(ctx)
}

// chunk is a number of rounds, written.
type chunk struct {
	batches []point.Batch
	err     error
}

// chunks writes rounds on all processors and hands them over in order. The channel is closed after the
// last chunk or when ctx is done.
func chunks(ctx context.Context, p *Plan, o Options) <-chan chan chunk {
	all, per, series, sites := makeKeys(p), roundsPerChunk(p), probeSeriesOf(p), sitesOf(p)
	workers := runtime.GOMAXPROCS(0)
	jobs, out := make(chan job), make(chan chan chunk, workers)
	for range workers {
		go work(&lines{plan: p, keys: all, agents: agentKeys(p, o), series: series, model: probe.New(p.Net.Network), sites: sites}, jobs)
	}
	go func() {
		defer close(jobs)
		defer close(out)
		for first := 0; first < p.Rounds(); first += per {
			j := job{first, min(first+per, p.Rounds()), o.Disorder, make(chan chunk, 1)}
			select {
			case jobs <- j:
			case <-ctx.Done():
				return
			}
			select {
			case out <- j.done:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// roundsPerChunk makes chunks that are worth handing over.
func roundsPerChunk(p *Plan) int { return max(1, 10_000/max(len(p.turns), 1)) }

// agentKeys are the heartbeat series of the agents whose devices are polled.
func agentKeys(p *Plan, o Options) [][]byte {
	if !o.Heartbeats {
		return nil
	}
	out := make([][]byte, len(p.Net.Agents))
	for _, t := range p.turns {
		if a := p.Net.Devices[t.device].Agent; a >= 0 && out[a] == nil {
			out[a] = point.AppendKey(nil, "agent", point.Tag{Key: "agent", Value: p.Net.Agents[a]})
		}
	}
	return out
}

type job struct {
	first, end int // rounds
	disorder   uint64
	done       chan chunk
}

func work(l *lines, jobs <-chan job) {
	packer, err := point.NewPacker()
	for j := range jobs {
		if err != nil {
			j.done <- chunk{err: err}
			continue
		}
		j.done <- l.chunk(j, packer)
	}
}

// chunk writes the job's rounds and packs them into batches.
func (l *lines) chunk(j job, packer *point.Packer) (c chunk) {
	cut := cutter{packer: packer, limit: batchBytes}
	if j.disorder != 0 {
		cut.rng = rand.New(rand.NewPCG(j.disorder, uint64(j.first))) //nolint:gosec // no secret
	}
	for round := j.first; round < j.end; round++ {
		l.heartbeats(round)
		l.probes(round)
		l.polls(round, &cut)
		l.cells(round, &cut)
	}
	cut.add(&l.enc)
	cut.end()
	return chunk{cut.batches, cut.err}
}

// polls writes a round of polling.
func (l *lines) polls(round int, cut *cutter) {
	for i := range l.plan.turns {
		if l.plan.Quiet {
			return
		}
		l.poll(i, round)
		cut.spill(&l.enc)
	}
}

// cutter packs text into batches.
type cutter struct {
	packer  *point.Packer
	limit   int
	rng     *rand.Rand // nil: in order
	batches []point.Batch
	err     error
}

// spill takes the encoder's lines if they are worth a frame.
func (c *cutter) spill(e *point.Encoder) {
	if len(e.Bytes()) >= point.FrameBytes/2 {
		c.add(e)
	}
}

// add takes the encoder's lines and resets it.
func (c *cutter) add(e *point.Encoder) {
	if c.err == nil && c.rng == nil {
		c.err = c.packer.Add(e.Bytes(), e.Lines())
	} else if c.err == nil {
		c.scatter(e.Bytes())
	}
	e.Reset()
	if c.packer.Raw() >= c.limit {
		c.end()
	}
}

// end ends the batch.
func (c *cutter) end() {
	if c.packer.Raw() > 0 {
		c.batches = append(c.batches, c.packer.Take())
	}
}

// Span is the plan's month as Unix seconds.
func (p *Plan) Span() (from, to int64) {
	return int64(p.From / fault.Second), int64(p.To / fault.Second)
}

package month

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"

	"github.com/haidang-noc/haidang/internal/point"
)

// What a network may do to a month without changing its numbers: lines change places, come twice in
// different batches, batches have any size; batches overtake each other and come again. All of it
// follows from a seed.
const (
	lineTwice   = 0.02 // of lines
	batchTwice  = 0.05 // of batches
	mostWaiting = 24   // batches that may overtake one; a spool never has 64 in flight
)

// scatter adds lines in a random order, some of them twice, and cuts batches anywhere.
func (c *cutter) scatter(text []byte) {
	all := bytes.SplitAfter(text, []byte("\n"))
	all = all[:len(all)-1] // what follows the last newline is empty
	for _, line := range all {
		if c.rng.Float64() < lineTwice {
			all = append(all, line)
		}
	}
	c.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	left := 0
	for _, line := range all {
		if left--; left < 0 {
			c.end()
			left = c.rng.IntN(3000)
		}
		if c.err = c.packer.Add(line, 1); c.err != nil {
			return
		}
	}
}

// disorder is a sink that lets batches overtake each other and repeats some.
type disorder struct {
	next    Sink
	rng     *rand.Rand
	waiting []numbered // in the order in which they came
}

type numbered struct {
	number uint64
	point.Batch
}

func newDisorder(next Sink, seed uint64) *disorder {
	return &disorder{next: next, rng: rand.New(rand.NewPCG(seed, 0x646973))} //nolint:gosec // no secret
}

// Put holds the batch back for a while and passes on another.
func (d *disorder) Put(ctx context.Context, number uint64, b point.Batch) error {
	d.waiting = append(d.waiting, numbered{number, b})
	if len(d.waiting) < mostWaiting {
		return nil
	}
	return d.pass(ctx, number)
}

// pass passes on any of the waiting batches, but the oldest if it has waited long.
func (d *disorder) pass(ctx context.Context, newest uint64) error {
	i := d.rng.IntN(len(d.waiting))
	if d.waiting[0].number+2*mostWaiting <= newest {
		i = 0
	}
	b := d.waiting[i]
	if i == 0 || d.rng.Float64() >= batchTwice {
		d.waiting = slices.Delete(d.waiting, i, i+1)
	}
	return d.next.Put(ctx, b.number, b.Batch)
}

// Flush passes on what is held back.
func (d *disorder) Flush(ctx context.Context) error {
	for len(d.waiting) > 0 {
		if err := d.pass(ctx, d.waiting[0].number); err != nil {
			return err
		}
	}
	return d.next.Flush(ctx)
}

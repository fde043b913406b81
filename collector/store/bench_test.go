package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
)

func noise(n int) []byte {
	data := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{}).Read(data)
	return data
}

// One checkpoint of a partition that touched every hour of 40 open days, in blocks of 4 and 20 KiB.
func BenchmarkCommit1000Blocks(b *testing.B) {
	for _, kb := range []int{4, 20} {
		b.Run(fmt.Sprintf("%dKB", kb), func(b *testing.B) {
			s := openNew(b)
			c := Checkpoint{Lease: acquire(b, s, 0, "a"), Spools: noise(16 << 10)}
			data := noise(kb << 10)
			for i := range 1000 {
				c.Blocks = append(c.Blocks, Block{Day: int32(i / 25), Hour: uint8(i % 25), Data: data})
			}
			b.SetBytes(int64(1000 * kb << 10))
			for b.Loop() {
				c.LogSeq++
				commit(b, s, c)
			}
		})
	}
}

// The least a checkpoint costs: position and one block.
func BenchmarkCommitOneBlock(b *testing.B) {
	s := openNew(b)
	c := Checkpoint{Lease: acquire(b, s, 0, "a"), Blocks: []Block{{Data: noise(4 << 10)}}}
	for b.Loop() {
		c.LogSeq++
		commit(b, s, c)
	}
}

// A closed month of 4 partitions, chunks of 256 KiB.
func BenchmarkReadMonth(b *testing.B) {
	s := openNew(b)
	data := noise(256 << 10)
	for p := range 4 {
		c := Checkpoint{Lease: acquire(b, s, p, "a")}
		for day := range int32(31) {
			c.Days = append(c.Days, DayChunk{Day: day, Data: data, Revision: 1})
		}
		commit(b, s, c)
	}
	b.SetBytes(4 * 31 * 256 << 10)
	for b.Loop() {
		n := 0
		err := s.View(context.Background(), func(v *View) error {
			return v.Chunks(0, 31, func(c DayChunk) error { n += len(c.Data); return nil })
		})
		if n != 4*31*256<<10 || err != nil {
			b.Fatal(n, err)
		}
	}
}

// The first sight of 83,000 devices, as many at a time as one message may hold.
func BenchmarkClaim(b *testing.B) {
	const batch = 1000
	s := openNew(b)
	names := make([]string, batch)
	n := 0
	for b.Loop() {
		for i := range names {
			n++
			names[i] = fmt.Sprintf("hni-enodeb-%06d", n)
		}
		if _, err := s.Claim(context.Background(), n%4, names); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(batch*float64(b.N)/b.Elapsed().Seconds(), "devices/s")
}

package spool

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/haidang-noc/haidang/internal/point"
)

var blockSizes = []int{256, 4 << 10, 32 << 10, 256 << 10}

func block(size int) point.Batch {
	return point.Batch{Frames: make([]byte, size), Points: size / 30, Raw: size * 8}
}

// The floor: the same bytes into a plain file, one fsync per block.
func BenchmarkFloorWriteSync(b *testing.B) {
	for _, size := range blockSizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			f, err := os.Create(filepath.Join(b.TempDir(), "plain"))
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			data := make([]byte, size)
			b.SetBytes(int64(size))
			for b.Loop() {
				if _, err := f.Write(data); err != nil {
					b.Fatal(err)
				}
				if err := f.Sync(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, size := range blockSizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := openDir(b, func(c *Config) { c.MaxBytes = 256 << 20 })
			data := block(size)
			b.SetBytes(int64(size))
			for b.Loop() {
				if _, err := s.Append(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Sixteen writers share fsyncs: what one block costs when inputs are busy.
func BenchmarkAppendParallel(b *testing.B) {
	for _, size := range blockSizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := openDir(b, func(c *Config) { c.MaxBytes = 256 << 20 })
			data := block(size)
			b.SetBytes(int64(size))
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := s.Append(data); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// The spool's own cost, with a disk that needs no time.
func BenchmarkAppendUnsynced(b *testing.B) {
	for _, size := range blockSizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := openDir(b, func(c *Config) { c.MaxBytes, c.Sync = 256<<20, SyncInterval })
			data := block(size)
			b.SetBytes(int64(size))
			for b.Loop() {
				if _, err := s.Append(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for _, size := range blockSizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := openDir(b, func(c *Config) { c.MaxBytes, c.Sync = 256<<20, SyncInterval })
			b.SetBytes(int64(size))
			for b.Loop() {
				r, err := poll(s)
				if err != nil {
					b.StopTimer()
					refill(b, s, size)
					b.StartTimer()
					continue
				}
				s.Commit(r.Sequence)
			}
		})
	}
}

func refill(b *testing.B, s *Spool, size int) {
	b.Helper()
	for range 64 << 20 / size {
		if _, err := s.Append(block(size)); err != nil {
			b.Fatal(err)
		}
	}
	s.upkeep()
}

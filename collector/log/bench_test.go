package log

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/haidang-noc/haidang/internal/point"
)

func benchConfig(b *testing.B) Config {
	return Config{Partitions: 1, MaxBytes: 20 << 30, Dir: b.TempDir(), MinFree: 1}
}

// benchMessage has frames that do not compress further, as zstd's do not.
func benchMessage(size int) Message {
	frames := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(frames)
	return Message{Principal: "agent", Batch: point.Batch{Frames: frames, Points: 1000, Raw: 8 * size}}
}

// The floor of BenchmarkPublish: append to a file and sync, one message after another.
func BenchmarkWriteSync(b *testing.B) {
	for _, kb := range []int{100, 500} {
		b.Run(fmt.Sprintf("%dKB", kb), func(b *testing.B) {
			f, err := os.Create(filepath.Join(b.TempDir(), "floor"))
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			m := benchMessage(kb << 10)
			b.SetBytes(int64(kb << 10))
			for b.Loop() {
				if _, err := f.Write(m.Batch.Frames); err != nil {
					b.Fatal(err)
				}
				if err := f.Sync(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPublish(b *testing.B) {
	for _, kb := range []int{100, 500} {
		for _, callers := range []int{1, 4, 16} {
			b.Run(fmt.Sprintf("%dKB/%dcallers", kb, callers), func(b *testing.B) {
				l := open(b, benchConfig(b))
				m := benchMessage(kb << 10)
				b.SetBytes(int64(kb << 10))
				b.ReportAllocs()
				publishParallel(b, l, m, callers)
			})
		}
	}
}

func publishParallel(b *testing.B, l *Log, m Message, callers int) {
	var n atomic.Int64
	done := make(chan error, callers)
	b.ResetTimer()
	for range callers {
		go func() {
			for n.Add(1) <= int64(b.N) {
				if err := l.Publish(b.Context(), 0, m); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range callers {
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	for _, kb := range []int{10, 100, 500} {
		b.Run(fmt.Sprintf("%dKB", kb), func(b *testing.B) {
			const messages = 200
			l := open(b, benchConfig(b))
			m := benchMessage(kb << 10)
			for range messages {
				if err := l.Publish(b.Context(), 0, m); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(kb << 10 * messages))
			b.ReportAllocs()
			for b.Loop() {
				err := l.Read(b.Context(), 0, 1, func(seq uint64, _ Message) error {
					if seq == messages {
						return errStop
					}
					return nil
				})
				if !errors.Is(err, errStop) {
					b.Fatal(err)
				}
			}
		})
	}
}

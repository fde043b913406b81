package partition_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/log"
	"github.com/haidang-noc/haidang/collector/partition/partitiontest"
	"github.com/haidang-noc/haidang/internal/point"
)

// All streams of three partitions are full: each holds batches of the next one's device, which it has to pass on before
// it may forget them, and as many relays as it may. They empty each other, also if the collector dies again and
// again while they do, and every point is there then.
func TestStreamsThatAreFullInACycleAreEmptied(t *testing.T) {
	for _, crashes := range []int{0, 2} {
		t.Run(fmt.Sprintf("%d crashes", crashes), func(t *testing.T) {
			f := &filler{Site: partitiontest.New(t, 3), noise: noise()}
			f.QueueBytes = 3 * log.MinShare
			f.claim()
			own, relayed := f.fillAll()
			r := rand.New(rand.NewPCG(8, 9))
			for i := range crashes {
				f.Run()
				some := float64(1 + r.IntN(own/2/(i+1)))
				f.Until(func() bool { return f.Value("haidang_partition_lines_total", "") >= some })
				f.Crash()
				f.Open()
			}
			f.Run()
			f.Settle()
			if n := f.Value("haidang_partition_passed_on_lines_total", ""); crashes == 0 && int(n) != own {
				t.Errorf("%v lines passed on, want %d", n, own)
			}
			if n := f.Value("haidang_partition_lines_total", "observation"); crashes == 0 && int(n) != own+relayed {
				t.Errorf("%v observations, want %d", n, own+relayed)
			}
			got := f.Chunks()
			f.Stop()
			same(t, "after it all", got, once(t, f.said))
		})
	}
}

// once is what the lines give in one partition that has room.
func once(t *testing.T, lines []string) []string {
	s := partitiontest.New(t, 1)
	s.Start()
	defer s.Stop()
	s.Send(0, "", lines)
	s.Settle()
	return s.Chunks()
}

// noise does not get smaller when it is packed.
func noise() string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	r := rand.New(rand.NewPCG(3, 4))
	var b strings.Builder
	for range 200_000 {
		b.WriteByte(letters[r.IntN(len(letters))])
	}
	return b.String()
}

// filler fills the streams of a site while nobody reads them.
type filler struct {
	*partitiontest.Site
	noise string
	said  []string // all lines, without noise
}

// device is the one that partition p owns.
func device(p int) string { return fmt.Sprintf("r%d", p+1) }

// claim gives each partition its device.
func (f *filler) claim() {
	f.Start()
	for p := range f.Partitions {
		f.said = append(f.said, reach(device(p), true, midnight(), 60))
		f.Send(p, "", f.said[p:])
	}
	f.Settle()
	f.Stop()
	f.Open()
}

// fillAll fills every stream and says how many lines those of the partitions hold, and those of relays.
func (f *filler) fillAll() (own, relayed int) {
	for p := range f.Partitions {
		next, before := (p+1)%f.Partitions, (p+f.Partitions-1)%f.Partitions
		own += f.fill(p, fmt.Sprintf("%032d/%%d", p), device(next))
		relayed += f.fill(f.Queue.Relays(p), fmt.Sprintf("%032d/%%d/%d", 100+p, before), device(p))
	}
	return own, relayed
}

// fill publishes batches of up to some MiB, one line each in the end, until no more is taken, and says how many lines that were.
func (f *filler) fill(stream int, id, device string) (lines int) {
	for size, seq := 16, 1; size > 0; {
		batch, said := f.batch(device, size)
		err := f.Queue.Publish(context.Background(), stream, log.Message{ID: fmt.Sprintf(id, seq), Principal: "a1", Relayed: stream >= f.Partitions, Batch: batch})
		if errors.Is(err, log.ErrFull) {
			size /= 2
			continue
		}
		f.Must(err)
		f.said = append(f.said, said...)
		lines += size
		seq++
	}
	return lines
}

// batch is lines of the minutes that follow.
func (f *filler) batch(device string, lines int) (b point.Batch, said []string) {
	packer, err := point.NewPacker()
	f.Must(err)
	for i := range lines {
		line := reach(device, true, midnight()+60*int64(len(f.said)+i), 60)
		said = append(said, line)
		f.Must(packer.Add([]byte(strings.Replace(line, " up=", ` noise="`+f.noise+`",up=`, 1)+"\n"), 1))
	}
	return packer.Take(), said
}

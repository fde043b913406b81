package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Tests that need a process to kill or to stop start this test binary again as that process.
const childEnv = "HAIDANG_STORE_TEST_CHILD"

func TestMain(m *testing.M) {
	if owner := os.Getenv(childEnv); owner != "" {
		if err := commitForEver(os.Args[1], owner); err != nil && !errors.Is(err, ErrFenced) {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println("fenced")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const childTTL = 300 * time.Millisecond

// commitForEver commits one generation after the other, prints each that is durable, and ends when
// it is fenced.
func commitForEver(path, owner string) error {
	ctx := context.Background()
	s, err := Open(ctx, Config{Path: path, Partitions: 4}, nil)
	if err != nil {
		return err
	}
	l, ok, err := s.Acquire(ctx, 0, owner, childTTL)
	if err != nil || !ok {
		return errors.Join(err, errors.New("not acquired"))
	}
	seq, _, err := s.Load(ctx, 0)
	for err == nil {
		seq++
		if err = s.Commit(ctx, generation(l, seq)); err == nil {
			fmt.Println(seq)
			err = s.Renew(ctx, l, childTTL)
		}
	}
	return err
}

// generation is a checkpoint in which everything says the same number and who wrote it.
func generation(l Lease, seq uint64) Checkpoint {
	data := fmt.Appendf(nil, "%d of %s", seq, l.Owner)
	c := Checkpoint{Lease: l, LogSeq: seq, Spools: data, Drop: []int32{int32(seq - 1)}}
	for hour := range uint8(WholeDay + 1) {
		c.Blocks = append(c.Blocks, Block{Day: int32(seq), Hour: hour, Data: data}, Block{Day: -1, Hour: hour, Data: data})
	}
	c.Days = []DayChunk{{Day: -1, Data: data, Revision: int(seq), Split: true, Parts: []DayPart{{Shard: ReportsPart, Data: data}, {Shard: int(seq % 64), Digest: 1 << 63, Data: data}}}}
	c.Lines = []MonthLine{{Month: -9, Made: string(data), Data: data}}
	return c
}

// checkGeneration fails unless all of the store says the same, and returns the number.
func checkGeneration(t *testing.T, s *Store) uint64 {
	t.Helper()
	var seq uint64
	err := s.View(t.Context(), func(v *View) error {
		var spools []byte
		if err := v.tx.QueryRow(`SELECT log_seq, spools FROM position WHERE partition = 0`).Scan(&seq, &spools); err != nil {
			return err
		}
		want := string(spools)
		if number, _, _ := strings.Cut(want, " "); number != strconv.FormatUint(seq, 10) {
			t.Errorf("spools of %q at %d", want, seq)
		}
		blocks := 0
		err := v.Blocks(-1, 1<<30, func(b Block) error {
			blocks++
			if string(b.Data) != want || b.Day != -1 && b.Day != int32(seq) {
				t.Errorf("block of %q, day %d in generation %q", b.Data, b.Day, want)
			}
			return nil
		})
		if blocks != 2*(WholeDay+1) {
			t.Errorf("%d blocks", blocks)
		}
		return errors.Join(err, checkSummary(t, v, want, int(seq%64)), v.Chunks(-1, 0, func(c DayChunk) error {
			if string(c.Data) != want || c.Revision != int(seq) || !c.Split {
				t.Errorf("chunk of %q, revision %d in generation %q", c.Data, c.Revision, want)
			}
			return nil
		}))
	})
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

// checkSummary fails unless the parts of the closed day and the month's time lines are of that generation.
func checkSummary(t *testing.T, v *View, want string, shard int) error {
	parts, err := v.Digests(-1, 0)
	if err != nil {
		return err
	}
	if len(parts) != 2 || parts[1].Shard != shard || parts[1].Digest != 1<<63 {
		t.Errorf("generation %q has parts %+v, want the reports and shard %d", want, parts, shard)
	}
	data, err := v.Part(-1, 0, shard)
	if err != nil || string(data) != want {
		t.Errorf("part of %q in generation %q: %v", data, want, err)
	}
	line, err := v.MonthLine(-9, 0)
	if line.Made != want || string(line.Data) != want {
		t.Errorf("time lines of %q in generation %q", line.Made, want)
	}
	return err
}

type committer struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
}

func startCommitter(t *testing.T, path, owner string) committer {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, path)
	cmd.Env = append(os.Environ(), childEnv+"="+owner)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return committer{cmd, bufio.NewScanner(out)}
}

// next waits for the next durable generation; ok is false when the process has ended.
func (c committer) next() (seq uint64, text string, ok bool) {
	ok = c.lines.Scan()
	seq, _ = strconv.ParseUint(c.lines.Text(), 10, 64)
	return seq, c.lines.Text(), ok
}

func TestKilledCommitIsAllOrNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	for range 15 {
		c := startCommitter(t, path, "a")
		var durable uint64
		for range 1 + rand.IntN(5) {
			durable, _, _ = c.next()
		}
		// At a random moment within the next commit.
		<-time.After(time.Duration(rand.IntN(3000)) * time.Microsecond)
		if err := c.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for {
			seq, _, ok := c.next()
			if !ok {
				break
			}
			durable = max(durable, seq)
		}
		_ = c.cmd.Wait()
		s := open(t, path)
		if got := checkGeneration(t, s); got < durable || got > durable+1 {
			t.Fatalf("store is at %d, %d was durable", got, durable)
		}
	}
}

// The owner is stopped, its lease runs out and another takes over. When it goes on it finds itself
// fenced and has changed nothing.
func TestStoppedOwnerIsFenced(t *testing.T) {
	s := openNew(t)
	if _, err := s.w.Exec(`PRAGMA busy_timeout(100)`); err != nil { // see takeOver
		t.Fatal(err)
	}
	for round := range 5 {
		c := startCommitter(t, s.path, "old"+strconv.Itoa(round))
		for range 3 {
			if _, _, ok := c.next(); !ok {
				t.Fatal("owner ended")
			}
		}
		heir := takeOver(t, s, c)
		seq := checkGeneration(t, s) + 1
		commit(t, s, generation(heir, seq))
		signalTo(t, c, syscall.SIGCONT)
		last := ""
		for _, text, ok := c.next(); ok; _, text, ok = c.next() {
			last = text
		}
		if err := c.cmd.Wait(); err != nil || last != "fenced" {
			t.Fatalf("old owner ended with %q: %v", last, err)
		}
		checkGeneration(t, s)
		if _, spools, err := s.Load(t.Context(), 0); string(spools) != string(generation(heir, seq).Spools) || err != nil {
			t.Fatalf("store is at %s, the heir committed %d: %v", spools, seq, err)
		}
		if err := s.Release(t.Context(), heir); err != nil {
			t.Fatal(err)
		}
	}
}

// takeOver stops the owner and acquires its partition as soon as the lease lets it. An owner that
// was stopped in the middle of a transaction holds the file's lock, so it is let go and stopped anew.
func takeOver(t *testing.T, s *Store, c committer) Lease {
	t.Helper()
	signalTo(t, c, syscall.SIGSTOP)
	deadline := time.Now().Add(5 * time.Minute)
	for time.Now().Before(deadline) {
		l, ok, err := s.Acquire(t.Context(), 0, "heir", ttl)
		switch {
		case isBusy(err):
			signalTo(t, c, syscall.SIGCONT)
			c.next()
			signalTo(t, c, syscall.SIGSTOP)
		case err != nil:
			t.Fatal(err)
		case ok:
			return l
		}
	}
	t.Fatal("lease did not end")
	return Lease{}
}

func signalTo(t *testing.T, c committer, sig syscall.Signal) {
	t.Helper()
	if err := c.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}
